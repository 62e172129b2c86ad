"""What a branch changes in the policies, in a real repository, and what it weakens."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.test_base import WAIVER, _commit, _git
from tests.e2e.test_exit_codes import DATASET, GOVERNANCE, PROJECT, TEAM

ORDERS: dict[str, Any] = yaml.load(DATASET, yaml.BaseLoader) | {
    "retention": {"max_age": "1y", "measured_by": "id", "then": "delete"},
    "residency": ["DE"],
}
POLICY: dict[str, Any] = {
    "apiVersion": "governance/v1", "kind": "Policy", "id": "exports", "owner": "team:sales",
    "severity": "high", "applies_to": {"classification": ">= internal"},
    "rules": {
        "hidden": {"require_state": "pseudonymised", "accept": ["hmac_sha256"], "in": ["here"]},
        "closed": {"deny": ["export"], "to": "team:sales"},
    },
}  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "policies").mkdir(parents=True)
    (folder / "governance.yaml").write_text(PROJECT, encoding="utf-8")
    _git(folder, "init", "-q", "-b", "main")
    _commit(folder, team=TEAM, orders=yaml.safe_dump(ORDERS), exports=yaml.safe_dump(POLICY))
    _git(folder, "checkout", "-qb", "change")
    return folder


def _diff(folder: Path, *options: str) -> tuple[int, str]:
    command = [GOVERNANCE, "policy", "diff", "--base", "main", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def _changes(folder: Path) -> dict[str, str]:
    changes = json.loads(_diff(folder, "-o", "json")[1])["changes"]
    return {f"{each['document']} {each['path']}".strip(): each["direction"] for each in changes}


def _set(**values: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for path, value in values.items():
            holder = document
            *keys, last = path.split("__")
            for key in keys:
                holder = holder[key]
            if value is None:
                del holder[last]
            else:
                holder[last] = value

    return change


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("orders", _set(classification="internal"),
         {"orders classification": "weaker", "orders fields.email.classification": "weaker"}),
        ("orders", _set(classification="restricted"),
         {"orders classification": "stronger", "orders fields.email.classification": "stronger"}),
        ("orders", _set(owner="none"), {"orders owner": "weaker"}),
        ("orders", _set(purposes=["essential", "marketing.advertising"]),
         {"orders purposes": "weaker"}),
        ("orders", _set(residency=["DE", "US"]), {"orders residency": "weaker"}),
        ("orders", _set(retention__max_age="3y"), {"orders retention.max_age": "weaker"}),
        ("orders", _set(retention__max_age="30d"), {"orders retention.max_age": "stronger"}),
        ("orders", _set(retention__then="archive"), {"orders retention.then": "weaker"}),
        ("orders", _set(fields__email=None), {"orders fields.email": "weaker"}),
        ("orders", _set(fields__email__category="user.contact"),
         {"orders fields.email.category": "weaker"}),
        ("orders", _set(title="All orders"), {"orders title": "neutral"}),
        ("exports", _set(severity="low"), {"exports severity": "weaker"}),
        ("exports", _set(rules__hidden=None), {"exports rules.hidden": "weaker"}),
        ("exports", _set(rules__hidden__require_state="anonymised"),
         {"exports rules.hidden.require_state": "stronger"}),
        ("exports", _set(rules__hidden__accept=["hmac_sha256", "mask"]),
         {"exports rules.hidden.accept": "weaker"}),
        ("exports", _set(rules__closed__deny=["export", "read"]),
         {"exports rules.closed.deny": "stronger"}),
        ("exports", _set(rules__open={"allow": ["read"], "to": "team:sales"}),
         {"exports rules.open": "weaker"}),
        ("exports", _set(rules__closed__to="service:*"), {"exports rules.closed.to": "unknown"}),
        ("exports", _set(applies_to={"classification": ">= confidential"}),
         {"exports applies_to.classification": "unknown"}),
    ],
)  # fmt: skip
def test_each_dimension_has_its_direction(
    repository: Path, name: str, change: Callable[[dict[str, Any]], None], told: dict[str, str]
) -> None:
    document = json.loads(json.dumps({"orders": ORDERS, "exports": POLICY}[name], default=str))
    change(document)
    _commit(repository, **{name: yaml.safe_dump(document)})
    assert _changes(repository) == told
    code, _ = _diff(repository, "--fail-on", "weakened")
    assert code == int(set(told.values()) <= {"weaker", "unknown"})


def test_a_new_waiver_is_weaker_and_says_who_approves(repository: Path) -> None:
    _commit(repository, waiver=WAIVER)
    code, said = _diff(repository, "--fail-on", "weakened")
    assert code == 1
    assert "weaker   Waiver no-hurry was added" in said
    assert "policies/waiver.yaml:3:1; to approve: team:sales" in said


def test_text_that_moves_changes_nothing(repository: Path) -> None:
    """A file renamed and split, keys reordered, comments and quotes: the same policies."""
    policies = repository / "policies"
    (policies / "exports.yaml").unlink()
    (policies / "orders.yaml").rename(policies / "everything.yaml")
    turned = dict(reversed(list(ORDERS.items())))
    both = [yaml.safe_dump(each, sort_keys=False, default_flow_style=True)
            for each in (turned, POLICY)]  # fmt: skip
    (policies / "everything.yaml").write_text("# moved\n" + "---\n".join(both), encoding="utf-8")
    _commit(repository)
    code, said = _diff(repository, "--fail-on", "weakened")
    assert (code, said.endswith(": no change\n")) == (0, True)
