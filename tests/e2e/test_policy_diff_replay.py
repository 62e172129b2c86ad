"""What the last scan says about a weakening: values in clear, rows due, logged accesses."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.facts.parsing import Origin, parse_records
from governance.facts.portable import dump_records
from tests.e2e.test_base import _git
from tests.e2e.test_exit_codes import DATASET, GOVERNANCE, PROJECT, TEAM
from tests.e2e.test_policy_diff import PRIVACY, _diff

pytestmark = pytest.mark.slow
AS_OF = "2026-11-23T10:00:00Z"
ORDERS: dict[str, Any] = yaml.load(DATASET, yaml.BaseLoader) | {
    "retention": {"max_age": "1y", "measured_by": "ordered", "then": "delete"},
}
ORDERS["fields"] = ORDERS["fields"] | {
    "ordered": {"category": "system.operations"},
    "gone": {"category": "user.contact.phone_number"},
}
RULES: dict[str, Any] = {
    "hidden": {"require_state": "pseudonymised", "accept": ["hmac_sha256"], "in": ["here"]},
    "reading": {"allow": ["read"], "to": "user:ana@example.org", "for": "essential"},
}
POLICY: dict[str, Any] = {
    "apiVersion": "governance/v1", "kind": "Policy", "id": "pii", "owner": "team:privacy",
    "severity": "high", "applies_to": {"category": "user.contact"}, "rules": RULES,
}  # fmt: skip
PIPELINE = """\
apiVersion: governance/v1
kind: Pipeline
id: api
owner: team:sales
purpose: essential
reads: [dataset:orders]
logs:
  access:
    type: access
    path: logs/access.jsonl
    fields: {at: ts, who: user, action: op, asset: on, purpose: why}
"""
# 40 rows: 30 in clear; of the days, 10 lie between one and three years back, 4 even longer.
ROWS = "id,email,ordered\n" + "".join(
    f"{n},{f'person{n}@example.org' if n < 30 else f'{n:064x}'},"
    f"{2026 if n < 26 else 2025 if n < 36 else 2020}-{'06' if n < 26 else '03'}-01\n"
    for n in range(40)
)
# Ana reads 5 times as she may; Bo 7 times and Eve twice as they may not.
READS = [("ana", 5), ("bo", 7), ("eve", 2)]
LOG = "".join(
    json.dumps({"ts": f"2026-11-{day:02}T09:00:00Z", "user": f"{who}@example.org", "op": "read",
                "on": "orders", "why": "essential"}) + "\n"
    for who, count in READS for day in range(1, count + 1)
)  # fmt: skip


def _write(folder: Path, orders: dict[str, Any], policy: dict[str, Any]) -> None:
    for name, document in (("orders", orders), ("pii", policy)):
        text = yaml.safe_dump(document, sort_keys=False)
        (folder / "policies" / f"{name}.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository whose main branch was scanned; its facts are committed too."""
    folder = tmp_path_factory.mktemp("replay") / "shop"
    for name, text in {
        "governance.yaml": f"{PROJECT}gate: {{facts: facts.jsonl}}\n",
        "policies/team.yaml": TEAM, "policies/privacy.yaml": PRIVACY,
        "policies/api.yaml": PIPELINE, "data/orders.csv": ROWS, "logs/access.jsonl": LOG,
        ".gitignore": ".governance/\n",
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    _write(folder, ORDERS, POLICY)
    scan = ("scan", "-q", "--as-of", AS_OF)
    for command in (scan, ("facts", "export", "-o", "facts.jsonl")):
        subprocess.run([GOVERNANCE, *command], cwd=folder, capture_output=True, check=False)
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "the shop")
    _git(folder, "checkout", "-qb", "change")
    return folder


@pytest.fixture
def branch(scanned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(scanned, tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


def _rules(**changed: Any) -> dict[str, Any]:
    kept = {name: rule for name, rule in (RULES | changed).items() if rule is not None}
    return POLICY | {"rules": kept}


def _told(*options: str) -> str:
    _git(Path(), "commit", "-qam", "a change", "--allow-empty")
    code, said = _diff("-o", "json", "--as-of", AS_OF, *options)
    assert code == 0, said
    found = json.loads(said)
    return "\n".join([*(each for change in found["changes"] for each in change["replay"]),
                      *found["notes"]])  # fmt: skip


ORDERS_KEPT = ORDERS | {"retention": ORDERS["retention"] | {"max_age": "3y"}}
REPLAYS = {
    "unprotected": (
        ORDERS, _rules(hidden=None),
        "1 dataset loses the protection of pii.hidden or a part of it, although 75 % of the "
        "values that it protects are in clear",
    ),
    "kept-longer": (ORDERS_KEPT, POLICY,
                    "10 rows of the last scan were due to be removed and may stay"),
    "for-ever": (ORDERS | {"retention": None}, POLICY,
                 "14 rows of the last scan were due to be removed and may stay"),
    "opened": (ORDERS, _rules(reading=RULES["reading"] | {"to": "team:sales"}),
               "7 accesses of the last scan that were denied become allowed"),
    "closed": (ORDERS, _rules(closed={"deny": ["read"], "to": "user:ana@example.org"}),
               "5 accesses of the last scan that were allowed become denied"),
    "undeclared": (
        ORDERS | {"fields": {k: v for k, v in ORDERS["fields"].items() if k != "email"}}, POLICY,
        "the last scan still found the column at here",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REPLAYS)
def test_what_a_change_does_is_counted_in_what_was_measured(branch: Path, name: str) -> None:
    orders, policy, expected = REPLAYS[name]
    _write(branch, {key: value for key, value in orders.items() if value is not None}, policy)
    here = _told()
    assert expected in here
    assert "person1@" not in here
    # A runner has no facts of its own: those that travel with the repository tell the same.
    shutil.rmtree(branch / ".governance")
    assert _told() == here


def test_without_facts_it_is_said_that_nothing_was_counted(branch: Path) -> None:
    shutil.rmtree(branch / ".governance")
    (branch / "facts.jsonl").unlink()
    _git(branch, "rm", "-q", "--cached", "facts.jsonl")
    _git(branch, "commit", "-qm", "no facts")
    _git(branch, "branch", "-f", "main")
    _write(branch, ORDERS_KEPT, POLICY)
    assert _told() == "nothing was replayed: no scan has left facts here"
    code, said = _diff("--facts", "elsewhere.jsonl")
    assert (code, "elsewhere.jsonl: the facts cannot be read" in said) == (3, True), said


def _directions() -> dict[str, str]:
    _git(Path(), "add", "-A")
    _git(Path(), "commit", "-qm", "a change")
    code, said = _diff("-o", "json", "--as-of", AS_OF)
    assert code == 0, said
    return {each["path"]: each["direction"] for each in json.loads(said)["changes"]}


def test_a_field_that_the_data_no_longer_has_may_go(branch: Path) -> None:
    shutil.rmtree(branch / ".governance")
    fields = {k: v for k, v in ORDERS["fields"].items() if k != "gone"}
    _write(branch, ORDERS | {"fields": fields}, POLICY)
    assert _directions()["fields.gone"] != "weaker"


@pytest.mark.parametrize("at_base", [True, False], ids=["edited", "brought"])
def test_a_change_cannot_prove_by_its_own_facts_that_a_column_is_gone(
    branch: Path, at_base: bool
) -> None:
    shutil.rmtree(branch / ".governance")
    data = (branch / "facts.jsonl").read_bytes()
    if not at_base:
        _git(branch, "rm", "-q", "facts.jsonl")
        _git(branch, "commit", "-qm", "no facts")
        _git(branch, "branch", "-f", "main")
    (branch / "facts.jsonl").write_bytes(_renamed(data, "email", "e_mail"))
    fields = {k: v for k, v in ORDERS["fields"].items() if k != "email"}
    _write(branch, ORDERS | {"fields": fields}, POLICY)
    assert _directions()["fields.email"] == "weaker"


def _renamed(data: bytes, column: str, name: str) -> bytes:
    """Return facts in which a column has another name, with digests that fit: anybody can do it."""
    records = parse_records(data, Origin("facts.jsonl", "shop", None))
    forged = []
    for record in records:
        places = tuple(
            replace(place, fields=tuple(
                replace(each, name=name if each.name == column else each.name)
                for each in place.fields
            ))
            for place in record.facts.places
        )  # fmt: skip
        forged.append(replace(record, facts=replace(record.facts, places=places)))
    return dump_records(forged, "shop")
