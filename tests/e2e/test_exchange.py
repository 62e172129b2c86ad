"""Other formats in and out by the command: real contracts, broken files, CODEOWNERS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft201909Validator
from typer.testing import CliRunner

from governance.cli.main import app
from governance.errors import GovernanceError, InvalidPolicyError
from governance.policy.exchange.codeowners.rules import matches

PROJECT = "apiVersion: governance/v1\nkind: Project\nid: shop\n"
TEAMS = """\
apiVersion: governance/v1
kind: Team
id: sales
lead: user:ana@example.org
members: {user:ana@example.org: {since: 2024-01-01}}
contacts: {github: "@acme/sales"}
"""
ORDERS = """\
apiVersion: governance/v1
kind: Dataset
id: orders
owner: team:sales
locations: {here: {path: "data/orders/*.csv"}}
"""


def _run(*command: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(command))
    if isinstance(done.exception, InvalidPolicyError):
        return 2, "\n".join(map(str, done.exception.errors))
    if isinstance(done.exception, GovernanceError):
        return done.exception.exit_code, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "governance.yaml").write_text(PROJECT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _documents(path: Path) -> dict[str, Any]:
    documents = yaml.load_all(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    return {each["id"]: each for each in documents}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "datasets"), [("adventureworks", 68), ("full-example", 2)])
def test_a_real_contract_comes_back_as_it_went(
    shop: Path, shared_data: Path, name: str, datasets: int
) -> None:
    contract = shared_data / "contracts" / f"{name}.odcs.yaml"
    if not contract.is_file():
        pytest.skip(f"{contract.name} is not among the shared data")
    first, second = shop / "policies" / "first.yaml", shop / "second.yaml"
    losses = shop / "losses.json"
    assert _run("policy", "import", "odcs", str(contract), "-o", str(first),
                "--losses", str(losses))[0] == 0  # fmt: skip
    lines = contract.read_text(encoding="utf-8").splitlines()
    remarks = json.loads(losses.read_text(encoding="utf-8"))["remarks"]
    assert len(remarks) > 50
    for each in remarks:
        # What was lost is told at the line of the contract that says it.
        assert each["file"].endswith(contract.name)
        if not each["key"].endswith("]"):
            assert each["key"].rpartition(".")[2] in lines[each["line"] - 1], each
    assert _run("policy", "lint")[0] == 0
    written = shop / "out.odcs.yaml"
    assert _run("policy", "export", "odcs", "-o", str(written))[0] == 0
    schema = json.loads((shared_data / "schemas" / "odcs.json").read_text(encoding="utf-8"))
    exported = yaml.safe_load(written.read_text(encoding="utf-8"))
    Draft201909Validator(schema).validate(json.loads(json.dumps(exported, default=str)))
    before = _documents(first)
    first.unlink()
    _, said = _run("policy", "import", "odcs", str(written), "-o", str(second),
                      "-w", str(shop), "--fail-on-loss")  # fmt: skip
    assert len(before) == datasets
    assert _documents(second) == before, said


BROKEN = {
    "an unknown key": (
        "odcs", "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n"
        "schema:\n  - name: orders\n    propertise: []\n",
        ["8:5: unknown key 'propertise'. did you mean 'properties'."],
    ),
    "an unknown type": (
        "odcs", "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n"
        "schema:\n  - name: orders\n    properties:\n      - {name: a, logicalType: strnig}\n",
        ["9:32: unknown value 'strnig'. did you mean 'string'?"],
    ),
    "a column twice": (
        "odcs", "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n"
        "schema:\n  - name: orders\n    properties:\n      - name: a\n      - name: a\n",
        ["10:15: a second 'a', the first is on line 9. rename one of the two."],
    ),
    "another version": ("odcs", "apiVersion: v2.2.0\nkind: DataContract\n", [
        "1:1: 'id' is missing. add it.", "1:1: 'status' is missing. add it.",
        "1:1: 'version' is missing. add it.", "1:13: expected version 3 of the standard",
    ]),
    "broken YAML": ("odcs", "a: [1\nb: 2\n", ["2:2: not valid YAML"]),
    "columns without a name": (
        "dbt", "version: 2\nmodels:\n  - name: orders\n    columns:\n      - {nam: email}\n"
        "      - name: [1]\n",
        ["5:9: 'name' is missing. add it.", "5:10: unknown key 'nam'. did you mean 'name'.",
         "6:15: expected text, found a list. mend the value."],
    ),
    "an anchor": ("dbt", "a: &x 1\nb: *x\n", ["1:4: the anchor '&x' is not allowed."]),
    "a contract for dbt": ("dbt", "version: 1\nkind: DataContract\n",
                           ["1:10: expected version 2", "2:1: unknown key 'kind'."]),
    "fields that are text": (
        "fides", "dataset:\n  - fides_key: shop\n    collections:\n      - name: orders\n"
        "        fields: email\n  - fides_key: shop\n    fides_kye: 1\n",
        ["5:17: expected a list, found text.", "6:16: a second 'shop', the first is on line 2.",
         "7:5: unknown key 'fides_kye'. did you mean 'fides_key'."],
    ),
    "nothing": ("fides", "", ["1:1: the file is empty."]),
    "rules that GitHub passes over": (
        "codeowners", "# who\n/data/*.csv @acme/sales\n!/x @acme/sales\n/y acme\n[Docs] @a\n"
        "/z[ab] @acme/x\n",
        ["3:1: a pattern cannot be turned round with '!'.", "4:4: 'acme' is no owner.",
         "5:1: a section, which only GitLab knows", "6:1: a pattern cannot hold a range"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_told_at_its_line_of_the_imported_file(shop: Path, name: str) -> None:
    kind, text, expected = BROKEN[name]
    source = shop / "source.txt"
    source.write_text(text, encoding="utf-8")
    code, said = _run("policy", "import", kind, "source.txt", "-o", "policies/new.yaml")
    assert code == 2
    told = said.splitlines()
    assert len(told) == len(expected), said
    for line, start in zip(told, expected, strict=True):
        assert line.startswith(f"source.txt:{start}"), said
    assert not (shop / "policies" / "new.yaml").exists()


@pytest.mark.parametrize(
    ("pattern", "hit", "missed"),
    [
        ("*", ["a", "a/b.csv"], []),
        ("*.csv", ["a.csv", "x/a.csv"], ["a.csv.gz", "csv"]),
        ("/data/*.csv", ["data/a.csv"], ["data/x/a.csv", "x/data/a.csv"]),
        ("data/", ["data/a", "x/data/a/b"], ["data", "mydata/a"]),
        ("/data/", ["data/a/b"], ["x/data/a", "data"]),
        ("/data", ["data", "data/a/b"], ["data2", "x/data"]),
        ("/data/*", ["data/a"], ["data/a/b"]),
        ("/data/**", ["data/a", "data/a/b"], ["data", "x/data/a"]),
        ("**/logs", ["logs/a", "x/y/logs/a"], ["mylogs/a"]),
        ("/a/**/b", ["a/b", "a/x/y/b"], ["a/xb", "b"]),
        ("data/a?.csv", ["data/a1.csv"], ["data/a/.csv", "data/a.csv", "x/data/a1.csv"]),
        ("/my\\ data/a.csv", ["my data/a.csv"], ["my\\ data/a.csv"]),
        ("/a.b", ["a.b"], ["aXb"]),
        ("/(x)+", ["(x)+"], ["xx"]),
    ],
)
def test_a_pattern_means_what_it_means_to_github(
    pattern: str, hit: list[str], missed: list[str]
) -> None:
    assert [path for path in [*hit, *missed] if matches(pattern, path)] == hit


@pytest.fixture
def owned(shop: Path) -> Path:
    (shop / "policies" / "team.yaml").write_text(TEAMS, encoding="utf-8")
    (shop / "policies" / "orders.yaml").write_text(ORDERS, encoding="utf-8")
    return shop / "CODEOWNERS"


def _owners(*options: str) -> tuple[int, str]:
    return _run("policy", "export", "codeowners", "-o", "CODEOWNERS", *options)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_generated_part_changes_and_nothing_else(owned: Path, end: str) -> None:
    hand = f"# by hand{end}*.md  @acme/docs{end}"
    owned.write_text(hand, encoding="utf-8", newline="")
    assert _owners("--check")[0] == 1
    assert owned.read_bytes().decode() == hand
    assert _owners()[0] == 0
    first = owned.read_bytes().decode()
    assert first.startswith(hand)
    assert first.count(end) == first.count("\n")
    rules = [line.split() for line in first.split(end) if line.startswith("/")]
    assert rules == [
        ["/data/orders/*.csv", "@acme/sales"],
        ["/policies/team.yaml", "@acme/sales"],
        ["/policies/orders.yaml", "@acme/sales"],
    ]
    owned.write_text(f"{first}# after{end}", encoding="utf-8", newline="")
    assert _owners("--check")[0] == 0
    (Path("policies") / "team.yaml").write_text(TEAMS.replace("acme/sales", "acme/trade"), "utf-8")
    code, said = _owners("--check")
    assert (code, "CODEOWNERS" in said) == (1, True), said
    assert _owners()[0] == 0
    assert owned.read_bytes().decode() == f"{first.replace('acme/sales', 'acme/trade')}# after{end}"


def test_a_later_line_that_takes_a_rule_back_fails_the_check(owned: Path) -> None:
    assert _owners()[0] == 0
    with owned.open("a", encoding="utf-8") as file:
        file.write("/policies/ @acme/anybody\n")
    code, said = _owners("--check")
    assert code == 1
    assert "CODEOWNERS:6:1: '/policies/' decides for /policies/team.yaml" in said, said


@pytest.mark.parametrize("change", ["end", "begin", "twice", "swapped"])
def test_markers_that_make_no_block_are_never_guessed_at(owned: Path, change: str) -> None:
    assert _owners()[0] == 0
    lines = owned.read_text(encoding="utf-8").splitlines()
    broken = {"end": lines[:-1], "begin": lines[1:], "twice": [*lines, *lines],
              "swapped": lines[::-1]}[change]  # fmt: skip
    owned.write_text("\n".join(broken) + "\n", encoding="utf-8")
    for options in ((), ("--check",)):
        code, said = _owners(*options)
        assert (code, "do not make one block" in said) == (2, True), said
    assert owned.read_text(encoding="utf-8").splitlines() == broken


def test_an_owner_whom_github_does_not_know_makes_no_rule(owned: Path) -> None:
    text = TEAMS.replace('contacts: {github: "@acme/sales"}\n', "")
    (Path("policies") / "team.yaml").write_text(text, encoding="utf-8")
    code, said = _owners("--check")
    assert (code, "no owner is known to GitHub" in said) == (3, True), said
