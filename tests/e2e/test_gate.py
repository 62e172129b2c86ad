"""The gate on a runner that has no data and no facts of its own, in real repositories."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from governance.cli.main import app
from tests.e2e.test_base import UNDECLARED, _commit, _git
from tests.e2e.test_exit_codes import DATASET, PROJECT, ROWS, TEAM

GATE = PROJECT + "gate: {facts: facts.jsonl, fail_on: [high], max_facts_age: 30d}\n"
SCANNED, NOW = "2026-11-23T10:00:00Z", "2026-11-23T12:00:00Z"
LATER = "2027-03-01T12:00:00Z"
Check = Callable[..., tuple[int, dict[str, Any], str]]


def _run(*command: str) -> tuple[int, str]:
    """Run the command line in this process, in the current folder."""
    result = CliRunner().invoke(app, list(command))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        code = getattr(result.exception, "exit_code", None)
        assert code is not None, repr(result.exception)
        return code, str(result.exception)
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository whose main was scanned, with the facts beside the policies."""
    folder = tmp_path_factory.mktemp("gate") / "shop"
    (folder / "policies").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "governance.yaml").write_text(GATE, encoding="utf-8")
    (folder / "data" / "orders.csv").write_text(ROWS, encoding="utf-8")
    (folder / "policies" / "team.yaml").write_text(TEAM, encoding="utf-8")
    (folder / "policies" / "orders.yaml").write_text(DATASET, encoding="utf-8")
    (folder / ".gitignore").write_text(".governance/\ndata/orders.csv\n", encoding="utf-8")
    at = ("--workspace", str(folder))
    _run("scan", *at, "--as-of", SCANNED, "-q")
    assert _run("facts", "export", *at, "-o", str(folder / "facts.jsonl"))[0] == 0
    _git(folder, "init", "-q", "-b", "main")
    _commit(folder)
    return folder


@pytest.fixture
def runner(scanned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a clone on a branch of its own: what a runner of CI has."""
    folder = tmp_path / "clone"
    shutil.copytree(scanned, folder, ignore=shutil.ignore_patterns(".governance", "orders.csv"))
    monkeypatch.chdir(folder)
    monkeypatch.delenv("GOVERNANCE_FACTS", raising=False)
    _git(folder, "checkout", "-qb", "change")
    return folder


@pytest.fixture
def check(runner: Path, tmp_path: Path) -> Check:
    """Return a function that runs the gate and reads its document."""

    def run(*options: str, base: bool = True, at: str = NOW) -> tuple[int, dict[str, Any], str]:
        file = tmp_path / "run.json"
        file.unlink(missing_ok=True)
        beside = ("--base", "main") if base else ()
        code, said = _run("check", "--as-of", at, "-o", f"json={file}", *beside, *options)
        found = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        return code, found, said

    return run


def _new(run: dict[str, Any]) -> set[str]:
    return {f"{each['control']} {each['asset']}" for each in run["outcomes"]
            if each["status"] == "fail" and each["finding"]["state"] == "new"}  # fmt: skip


def _open(run: dict[str, Any], asset: str = "orders") -> set[str]:
    return {each["control"] for each in run["outcomes"]
            if each["asset"] == asset and each["status"] == "not_evaluated"}  # fmt: skip


def test_a_runner_answers_what_the_machine_with_the_data_answers(
    scanned: Path, check: Check
) -> None:
    def told(run: dict[str, Any]) -> list[tuple[Any, ...]]:
        return [(each["control"], each["asset"], each["status"]) for each in run["outcomes"]
                if each["asset"] != "trail"]  # fmt: skip

    _, there, _ = check("--workspace", str(scanned), base=False)
    _, here, _ = check(base=False)
    assert told(here) == told(there)
    assert here["assets"][0]["coverage"]["taken"].startswith("2026-11-23T10:00:")


def test_without_facts_nothing_that_needs_them_passes(runner: Path, check: Check) -> None:
    (runner / "facts.jsonl").unlink()
    code, run, _ = check(base=False)
    assert code == 3
    assert {"pii-declared", "protection-adequate"} & _open(run)
    passed = {each["control"] for each in run["outcomes"] if each["status"] == "pass"}
    assert "owner-declared" in passed
    assert "pii-declared" not in passed


def test_facts_that_are_too_old_do_not_count(check: Check) -> None:
    _, young, _ = check(base=False)
    code, old, _ = check(base=False, at=LATER)
    assert code == 3
    assert "pii-declared" not in _open(young)
    assert "pii-declared" in _open(old)
    reason = next(each["reason"] for each in old["outcomes"] if each["control"] == "pii-declared"
                  and each["asset"] == "orders")  # fmt: skip
    assert "98 days old; at most 30d count" in reason
    _, allowed, _ = check("--max-facts-age", "1y", base=False, at=LATER)
    assert "pii-declared" not in _open(allowed)
    _, refused, _ = check("--max-facts-age", "1y", at=LATER)
    assert "pii-declared" in _open(refused), "beside a base an option cannot be milder"


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "gitlab", "github",
                                  "github-summary", "markdown", "csv"])  # fmt: skip
def test_every_format_shows_how_old_the_facts_are(
    runner: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(runner / "summary.md"))
    _, said = _run("check", "--as-of", "2026-11-28T12:00:00Z", "-o", form)
    if form == "github-summary":
        said = (runner / "summary.md").read_text(encoding="utf-8")
    assert "5 days old" in " ".join(said.split())


def test_a_change_cannot_switch_its_gate_off(runner: Path, check: Check) -> None:
    (runner / "governance.yaml").write_text(
        PROJECT + "gate: {facts: none.jsonl, fail_on: [never]}\n", encoding="utf-8"
    )
    _commit(runner, orders=UNDECLARED)
    _, run, _ = check("--fail-on", "never")
    assert "pii-declared orders" in _new(run)
    _, late, _ = check(at=LATER)
    assert "pii-declared" in _open(late)


def test_a_change_cannot_loosen_the_cadence_that_it_breaks(runner: Path, check: Check) -> None:
    looser = GATE + "review: {cadence: 3650d}\n"
    (runner / "governance.yaml").write_text(looser, encoding="utf-8")
    _commit(runner, orders=DATASET.replace("on: 2026-11-01", "on: 2020-11-01"))
    assert "reviewed-in-time orders" in _new(check()[1])


def test_facts_that_a_change_edits_take_no_finding_away(runner: Path, check: Check) -> None:
    lines = (runner / "facts.jsonl").read_bytes().splitlines(keepends=True)
    from governance.facts.parsing import Origin, parse_records
    from governance.facts.portable import dump_records
    from tests.unit.facts.records import dataset

    clean = dataset("orders", rows=3)
    facts = clean.facts
    read = facts.places[0]
    without = type(read)("here", "data/orders.csv", read.coverage, ())
    forged = type(clean)(type(facts)(facts.asset, (without,)), "forged", clean.taken)
    (runner / "facts.jsonl").write_bytes(dump_records([forged], "shop"))
    assert parse_records((runner / "facts.jsonl").read_bytes(), Origin("f", "shop"))
    _commit(runner, orders=UNDECLARED)
    _, run, _ = check()
    assert "pii-declared orders" in _new(run)
    assert any("no pinned key signed them" in note for note in run["notes"])
    (runner / "facts.jsonl").write_bytes(b"".join(lines))


def test_a_change_cannot_bring_the_state_of_a_machine(
    scanned: Path, runner: Path, check: Check
) -> None:
    """Facts in .governance/ are this machine's own, unless the checkout brought them."""
    state = runner / ".governance"
    state.mkdir()
    shutil.copyfile(scanned / ".governance" / "facts.db", state / "facts.db")
    assert check()[1]["assets"]
    _git(runner, "add", "-f", ".governance/facts.db")
    _commit(runner)
    code, run, said = check()
    assert (code, run, "facts.db: it is part of the commit" in said) == (3, {}, True), said


def test_only_what_the_pinned_key_signed_counts_where_one_is_pinned(
    scanned: Path, runner: Path, check: Check
) -> None:
    from governance.trail.keys import load_key

    key = load_key(scanned / ".governance" / "keys")
    assert key is not None
    pinned = GATE + f'trail: {{public_key: "{key.public.named("governance/shop").text}"}}\n'
    (runner / "governance.yaml").write_text(pinned, encoding="utf-8")
    _, signed, _ = check(base=False)
    assert "pii-declared" not in _open(signed)
    text = (runner / "facts.jsonl").read_text(encoding="utf-8")
    start = text.index('"signature":"') + len('"signature":"')
    (runner / "facts.jsonl").write_text(f"{text[:start]}AAAA{text[start + 4 :]}", encoding="utf-8")
    code, forged, _ = check(base=False)
    assert code == 3
    assert _open(forged)


def test_data_that_is_no_longer_declared_does_not_disappear(runner: Path, check: Check) -> None:
    (runner / "policies" / "orders.yaml").unlink()
    _commit(runner)
    _, run, _ = check()
    assert "no-shadow-data data/orders.csv" in _new(run)


PEOPLE = "name,email,note\n" + "".join(
    f"Person {number},person{number}@example.org,hello\n" for number in range(40)
)


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (open, ("was-run", "w"))


@dataclass(frozen=True)
class Brought:
    """What the gate said of a change that adds files of all kinds."""

    folder: Path
    code: int
    run: dict[str, Any]
    said: str

    @property
    def unread(self) -> dict[str, str]:
        """Why each place was not read."""
        return {each["id"]: each["coverage"]["reason"] for each in self.run["assets"]
                if each["coverage"] and each["coverage"]["status"] == "skipped"}  # fmt: skip


@pytest.fixture(scope="module")
def brought(scanned: Path, tmp_path_factory: pytest.TempPathFactory) -> Brought:
    """Return what the gate says of files of all kinds; the checkout must be as it was."""
    folder = tmp_path_factory.mktemp("brought") / "clone"
    shutil.copytree(scanned, folder, ignore=shutil.ignore_patterns(".governance", "orders.csv"))
    _git(folder, "checkout", "-qb", "change")
    files = {
        "data/people.csv": PEOPLE.encode(),
        "export.dat": PEOPLE.encode(),
        "notes.dat": b"nothing to see\n" * 9,
        "README.md": b"write to ana@example.org\n",
        "data/broken.parquet": b"PAR1 and no more PAR1",
        "data/large.csv": b"version https://git-lfs.example.org/spec/v1\noid sha256:00\n",
        "model.bin": pickle.dumps(_Bomb()),
        "weights.safetensors": b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    _commit(folder)
    before = _states(folder)
    file = folder.parent / "run.json"
    at = ("--workspace", str(folder), "--facts", str(folder / "facts.jsonl"), "--as-of", NOW)
    code, said = _run("check", *at, "--base", "main", "-o", f"json={file}", "-o", "text")
    assert _states(folder) == before
    return Brought(folder, code, json.loads(file.read_text(encoding="utf-8")), said)


def _states(folder: Path) -> tuple[bytes, list[str]]:
    """Return what git and the file system tell of a checkout."""
    status = subprocess.run(["git", "status", "--porcelain", "--ignored"], cwd=folder,
                            capture_output=True, check=True).stdout  # fmt: skip
    return status, sorted(str(path) for path in folder.rglob("*") if ".git" not in path.parts)


def test_personal_data_that_a_change_adds_fails_the_gate(brought: Brought) -> None:
    assert brought.code != 0
    assert {"pii-declared data/people.csv", "pii-declared export.dat"} <= _new(brought.run)
    assert "person7@example.org" not in json.dumps(brought.run) + brought.said


def test_texts_and_pages_without_data_are_left_alone(brought: Brought) -> None:
    told = {each["asset"] for each in brought.run["outcomes"]}
    assert not told & {"notes.dat", "README.md"}


def test_what_cannot_be_read_is_told(brought: Brought) -> None:
    assert brought.code == 3
    assert "damaged" in brought.unread["data/broken.parquet"]
    assert "Git LFS" in brought.unread["data/large.csv"]


def test_a_model_file_is_told_and_never_loaded(brought: Brought) -> None:
    for name in ("model.bin", "weights.safetensors"):
        assert "nothing of it is loaded" in brought.unread[name]
    assert not (brought.folder / "was-run").exists()


def test_declared_data_in_the_change_is_measured_anew(runner: Path, check: Check) -> None:
    (runner / "data" / "orders.csv").write_text(
        "id,email,iban\n" + "".join(f"{n},a{n}@example.org,DE89370400440532013000\n"
                                    for n in range(30)), encoding="utf-8"
    )  # fmt: skip
    _git(runner, "add", "-f", "data/orders.csv")
    _commit(runner)
    _, run, _ = check()
    found = {each["field"] for each in run["outcomes"] if each["control"] == "pii-declared"
             and each["asset"] == "orders" and each["status"] == "fail"}  # fmt: skip
    assert "iban" in found
    assert next(each["coverage"]["rows"] for each in run["assets"] if each["id"] == "orders") == 30


def test_resolved_and_not_evaluated_are_two_things(runner: Path, check: Check) -> None:
    _git(runner, "checkout", "-q", "main")
    _commit(runner, orders=UNDECLARED)
    _git(runner, "checkout", "-qb", "mending")
    _commit(runner, orders=DATASET)
    _, run, _ = check()
    assert [each["control"] for each in run["comparison"]["resolved"]] == ["pii-declared"]
    _commit(runner, orders=UNDECLARED.replace("data/orders.csv", "data/moved.csv"))
    code, run, _ = check()
    assert code == 3
    assert not run["comparison"]["resolved"]
    assert "pii-declared" in {each["control"] for each in run["comparison"]["unclear"]}


@pytest.mark.parametrize("named", ["missing.jsonl", "ftp://x/y", "governance.yaml", "."])
def test_facts_that_were_named_and_are_none_are_a_clear_error(check: Check, named: str) -> None:
    code, run, said = check("--facts", named)
    assert code in (2, 3)
    assert run == {}
    assert "facts" in said
