"""What a branch changes in the policies, in a real repository, and the gate that asks owners."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from governance.cli.main import app
from governance.errors import GovernanceError
from governance.trail.reading import read_entries
from tests.e2e.test_base import WAIVER, _commit, _git
from tests.e2e.test_exit_codes import DATASET, GOVERNANCE, PROJECT, TEAM

ORDERS: dict[str, Any] = yaml.load(DATASET, yaml.BaseLoader) | {
    "retention": {"max_age": "1y", "measured_by": "id", "then": "delete"},
    "residency": ["DE"],
}
POLICY: dict[str, Any] = {
    "apiVersion": "governance/v1", "kind": "Policy", "id": "exports", "owner": "team:privacy",
    "severity": "high", "applies_to": {"classification": ">= internal"},
    "rules": {
        "hidden": {"require_state": "pseudonymised", "accept": ["hmac_sha256"], "in": ["here"]},
        "closed": {"deny": ["export"], "to": "team:sales"},
    },
}  # fmt: skip
PRIVACY = """\
apiVersion: governance/v1
kind: Team
id: privacy
lead: user:kim@example.org
members:
  user:kim@example.org: {since: 2024-01-01, accounts: ["github:Kim-P"]}
  user:old@example.org: {since: 2024-01-01, until: 2025-01-01}
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    (folder / "policies").mkdir(parents=True)
    (folder / "governance.yaml").write_text(PROJECT, encoding="utf-8")
    _git(folder, "init", "-q", "-b", "main")
    _commit(folder, team=TEAM, privacy=PRIVACY, orders=yaml.safe_dump(ORDERS),
            exports=yaml.safe_dump(POLICY))  # fmt: skip
    _git(folder, "checkout", "-qb", "change")
    monkeypatch.chdir(folder)
    return folder


def _diff(*options: str) -> tuple[int, str]:
    """Run the command in this process; an error of ours is its exit code and its text."""
    done = CliRunner().invoke(app, ["policy", "diff", "--base", "main", *options])
    if isinstance(done.exception, GovernanceError):
        return done.exception.exit_code, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout


def _document(*options: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_diff("-o", "json", *options)[1])
    return document


def _longer(folder: Path, max_age: str = "3y") -> None:
    changed = ORDERS | {"retention": ORDERS["retention"] | {"max_age": max_age}}
    _commit(folder, orders=yaml.safe_dump(changed))


def _approvals(path: Path, *given: dict[str, Any], **more: Any) -> str:
    document = {"schema": "governance/approvals/v1", "approvals": list(given), **more}
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def _by(who: str, **binding: Any) -> dict[str, Any]:
    return {"approver": who, "at": "2026-01-01T10:00:00Z", **binding}


def test_a_weakened_protection_fails_and_names_its_owner(repository: Path) -> None:
    weaker = POLICY | {"rules": {"closed": POLICY["rules"]["closed"]}}
    _commit(repository, exports=yaml.safe_dump(weaker))
    code, said = _diff("--fail-on", "weakened")
    assert code == 1
    assert "weaker   Policy exports removes the rule hidden" in said
    assert "is no longer protected by the rule exports.hidden" in said.replace("are", "is")
    assert "policies/exports.yaml:" in said
    assert "to approve: team:sales, team:privacy" in said
    assert _diff()[0] == 0


def test_the_console_script_does_the_same(repository: Path) -> None:
    _commit(repository, waiver=WAIVER)
    command = [GOVERNANCE, "policy", "diff", "--base", "main", "--fail-on", "weakened"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "weaker   Waiver no-hurry waives pii-declared on dataset orders" in done.stdout
    assert "policies/waiver.yaml:3:1; to approve: team:sales, team:privacy" in done.stdout


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
    code, said = _diff("--fail-on", "weakened")
    assert (code, said.endswith(": no change\n")) == (0, True)


def test_what_is_unknown_fails_unless_somebody_says_otherwise(repository: Path) -> None:
    policy = POLICY | {"applies_to": {"classification": ">= confidential"}}
    _commit(repository, exports=yaml.safe_dump(policy))
    code, said = _diff("--fail-on", "weakened")
    assert (code, "unknown  Policy exports changes" in said) == (1, True)
    assert _diff("--fail-on", "weakened", "--unknown-passes")[0] == 0


def test_approvals_of_every_party_let_a_weakening_pass(repository: Path, tmp_path: Path) -> None:
    weaker = POLICY | {"rules": {"closed": POLICY["rules"]["closed"]}}
    _commit(repository, exports=yaml.safe_dump(weaker))
    name = _document()["changes"][0]["id"]
    ana = _by("user:ana@example.org", change=name)
    kim = _by("github:kim-p", change=name)
    path = tmp_path / "approvals.json"
    _amended_by_eve(repository)
    some = _document("--approvals", _approvals(path, ana))
    assert (some["passes"], some["changes"][0]["missing"]) == (False, ["team:privacy"])
    code, said = _diff("--fail-on", "weakened", "--approvals", _approvals(path, ana, kim))
    assert code == 0, said
    assert "approved by user:ana@example.org, user:kim@example.org" in said


def _amended_by_eve(folder: Path) -> None:
    """Make the last commit Eve's, as author and as committer."""
    names = {"GIT_COMMITTER_NAME": "Eve", "GIT_COMMITTER_EMAIL": "eve@example.org"}
    command = ["git", "-c", "commit.gpgsign=false", "commit", "-q", "--amend", "--no-edit",
               "--author=Eve <eve@example.org>"]  # fmt: skip
    subprocess.run(command, cwd=folder, env=os.environ | names, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (_by("user:ana@example.org", change="0123456789abcdef"), "names no change here"),
        (_by("user:old@example.org"), ""),
        (_by("user:eve@example.org"), ""),
        (_by("user:kim@example.org"), ""),
        (_by("github:somebody"), "no member of a team has this account"),
        (_by("user:ana@example.org") | {"at": "2999-01-01T00:00:00Z"}, "dated in the future"),
        (_by("user:ana@example.org", commit="0" * 40), "of another commit"),
    ],
)  # fmt: skip
def test_an_approval_that_is_not_the_owners_does_not_count(
    repository: Path, tmp_path: Path, given: dict[str, Any], why: str
) -> None:
    _longer(repository)
    _amended_by_eve(repository)
    if "change" not in given and "commit" not in given:
        given = given | {"change": _document()["changes"][0]["id"]}
    path = _approvals(tmp_path / "approvals.json", given)
    code, said = _diff("--fail-on", "weakened", "--approvals", path)
    assert (code, why in said) == (1, True), said


def test_authors_do_not_approve_unless_the_base_lets_them(repository: Path, tmp_path: Path) -> None:
    _longer(repository)
    name = _document()["changes"][0]["id"]
    path = _approvals(tmp_path / "approvals.json", _by("user:ana@example.org", change=name))
    code, said = _diff("--fail-on", "weakened", "--approvals", path)
    assert (code, "wrote a part of the change" in said) == (1, True)
    text = f"{PROJECT}approval: {{author_may_approve: true}}\n"
    (repository / "governance.yaml").write_text(text, encoding="utf-8")
    _commit(repository)
    given = [_by("user:ana@example.org", change=each["id"]) for each in _document()["changes"]]
    path = _approvals(tmp_path / "approvals.json", *given)
    assert _diff("--fail-on", "weakened", "--approvals", path)[0] == 1


def test_an_approval_is_of_the_change_and_of_the_commit_it_was_given_for(
    repository: Path, tmp_path: Path
) -> None:
    _longer(repository)
    _amended_by_eve(repository)
    found = _document()
    path = tmp_path / "approvals.json"
    by_id = _approvals(path, _by("user:ana@example.org", changes=[found["id"]]))
    assert _document("--approvals", by_id)["passes"]
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, text=True,
                          capture_output=True, check=True).stdout.strip()  # fmt: skip
    by_commit = _approvals(path, _by("user:ana@example.org", commit=head))
    assert _document("--approvals", by_commit)["passes"]
    (repository / "README.md").write_text("more\n", encoding="utf-8")
    _commit(repository)
    _amended_by_eve(repository)
    assert not _document("--approvals", by_commit)["passes"]
    by_id = _approvals(path, _by("user:ana@example.org", changes=[found["id"]]))
    assert _document("--approvals", by_id)["passes"]
    _longer(repository, "4y")
    assert not _document("--approvals", by_id)["passes"]


def test_a_member_who_left_since_approves_nothing(repository: Path, tmp_path: Path) -> None:
    _longer(repository)
    _amended_by_eve(repository)
    name = _document()["changes"][0]["id"]
    path = _approvals(tmp_path / "approvals.json", _by("user:bo@example.org", change=name))
    assert _document("--approvals", path)["passes"]
    _git(repository, "checkout", "-q", "main")
    _commit(repository, team=TEAM.replace("  user:bo@example.org: {since: 2024-01-01}\n", ""),
            orders=yaml.safe_dump(ORDERS | {"steward": "user:ana@example.org"}))  # fmt: skip
    _git(repository, "checkout", "-q", "change")
    assert not _document("--approvals", path)["passes"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is no JSON"),
        ("[]", "does not say 'schema'"),
        ('{"schema": "governance/approvals/v1"}', "'approvals' is no list"),
        ('{"schema": "governance/approvals/v1", "approvals": [{"approver": "team:sales"}]}',
         "names no approver"),
        ('{"schema": "governance/approvals/v1", "approvals": [{"approver": "user:a", '
         '"at": "2026-01-01T00:00:00Z"}]}', "is bound to nothing"),
        ('{"schema": "governance/approvals/v1", "approvals": [{"approver": "user:a", '
         '"at": "2026-01-01", "change": "0123456789abcdef"}]}', "no instant with its offset"),
        ('{"schema": "governance/approvals/v1", "approvals": [{"approver": "user:a", "aprover": 1}'
         "]}", "unknown key 'aprover'"),
    ],
)  # fmt: skip
def test_approvals_that_are_none_are_refused(
    repository: Path, tmp_path: Path, text: str, why: str
) -> None:
    path = tmp_path / "approvals.json"
    path.write_text(text, encoding="utf-8")
    code, said = _diff("--approvals", str(path))
    assert (code, why in said) == (2, True), said


def test_a_change_cannot_bring_its_own_approvals(repository: Path) -> None:
    _longer(repository)
    given = _by("user:ana@example.org", change="0123456789abcdef")
    _approvals(repository / "approvals.json", given)
    _commit(repository)
    code, said = _diff("--approvals", "approvals.json")
    assert (code, "is part of the commit that it would approve" in said) == (2, True)


def test_each_decision_is_in_the_trail_and_none_is_told_without(
    repository: Path, tmp_path: Path
) -> None:
    _longer(repository)
    trail = tmp_path / "trail.db"
    assert _diff("--fail-on", "weakened", "--trail", str(trail))[0] == 1
    log = CliRunner().invoke(app, ["audit", "log", "--trail", str(trail)])
    assert "gate.decided" in log.stdout
    (entry,) = [e for e in read_entries(trail) if e.type == "gate.decided"]
    sentence = "Dataset orders changes the longest age of rows of the retention from 1y to 3y"
    assert [each["sentence"] for each in entry.payload["changes"]] == [sentence]
    trail.write_bytes(b"no trail")
    code, said = _diff("--fail-on", "weakened", "--trail", str(trail))
    assert (code, "weaker" in said) == (4, False)


def test_a_base_without_a_workspace_is_not_compared(repository: Path) -> None:
    (repository / "governance.yaml").unlink()
    _commit(repository)
    _git(repository, "branch", "before")
    (repository / "governance.yaml").write_text(PROJECT, encoding="utf-8")
    _commit(repository)
    done = CliRunner().invoke(app, ["policy", "diff", "--base", "before"])
    assert isinstance(done.exception, GovernanceError)
    assert done.exception.exit_code == 3


def test_a_file_behind_a_link_is_compared(repository: Path) -> None:
    _git(repository, "checkout", "-q", "main")
    policies = repository / "policies"
    (repository / "kept").mkdir()
    (policies / "exports.yaml").rename(repository / "kept" / "exports.txt")
    (policies / "exports.yaml").symlink_to("../kept/exports.txt")
    _commit(repository)
    _git(repository, "checkout", "-qb", "linked")
    text = yaml.safe_dump(POLICY | {"severity": "low"})
    (repository / "kept" / "exports.txt").write_text(text, encoding="utf-8")
    _commit(repository)
    assert [each["direction"] for each in _document()["changes"]] == ["weaker"]


def test_a_summary_for_a_pull_request_holds_no_markup_of_others(repository: Path) -> None:
    title = "<img src=x> @team [a](https://example.org) | b"
    _commit(repository, orders=yaml.safe_dump(ORDERS | {"title": title}))
    text = _diff("-o", "markdown")[1]
    assert "<img" not in text
    assert "@team" not in text
    assert "[a]" not in text
