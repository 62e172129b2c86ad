"""The pre-merge gate in a real repository: what a branch adds fails, what was there is shown."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_exit_codes import DATASET, GOVERNANCE, PROJECT, ROWS, TEAM

WAIVER = """\
apiVersion: governance/v1
kind: Waiver
id: no-hurry
target: {dataset: orders, field: email}
control: pii-declared
reason: we will look at it later
author: user:author@example.org
approved_by: [user:ana@example.org]
opened: 2026-11-01
expires: 2027-01-01
"""
UNDECLARED = DATASET.replace("  email: {category: user.contact.email}\n", "")


def _git(folder: Path, *command: str) -> None:
    settings = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org",
                "-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always")  # fmt: skip
    subprocess.run(["git", *settings, *command], cwd=folder, check=True, capture_output=True)


def _commit(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / "policies" / f"{name}.yaml").write_text(text, encoding="utf-8")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "a change", "--allow-empty")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository whose main was scanned."""
    folder = tmp_path_factory.mktemp("base") / "shop"
    (folder / "policies").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "governance.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "data" / "orders.csv").write_text(ROWS, encoding="utf-8")
    (folder / ".gitignore").write_text(".governance/\nrun.json\n", encoding="utf-8")
    _git(folder, "init", "-q", "-b", "main")
    _commit(folder, team=TEAM, orders=DATASET)
    subprocess.run([GOVERNANCE, "scan", "-q"], cwd=folder, capture_output=True, check=False)
    return folder


@pytest.fixture
def repository(scanned: Path, tmp_path: Path) -> Path:
    """Return a branch of a copy of that repository."""
    folder = tmp_path / "shop"
    shutil.copytree(scanned, folder)
    _git(folder, "checkout", "-qb", "change")
    return folder


def _check(folder: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    command = [GOVERNANCE, "check", "-o", "json=run.json", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    path = folder / "run.json"
    document = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return done.returncode, document, done.stderr


def _states(run: dict[str, Any]) -> dict[str, str]:
    return {f"{each['control']} {each['field']}": each["finding"]["state"]
            for each in run["outcomes"] if each["status"] == "fail"}  # fmt: skip


def _note(run: dict[str, Any]) -> str:
    return next(note for note in run["notes"] if note.startswith("beside the base"))


def test_a_protection_that_a_branch_takes_away_is_new(repository: Path) -> None:
    _commit(repository, orders=UNDECLARED)
    _, run, _ = _check(repository, "--base", "main")
    assert _states(run)["pii-declared email"] == "new"
    assert "1 new" in _note(run)


def test_what_was_there_before_is_existing_and_does_not_count(repository: Path) -> None:
    _git(repository, "checkout", "-q", "main")
    _commit(repository, orders=UNDECLARED)
    _git(repository, "checkout", "-qb", "later")
    _commit(repository)
    _, alone, _ = _check(repository)
    code, run, said = _check(repository, "--base", "main")
    assert _states(run)["pii-declared email"] == "existing"
    assert "0 new, " in _note(run)
    assert alone["run"]["exit_code"] != 0
    assert "new finding" not in said
    assert code in (0, 3)


def test_what_a_branch_mends_is_told_as_resolved(repository: Path) -> None:
    _git(repository, "checkout", "-q", "main")
    _commit(repository, orders=UNDECLARED)
    _git(repository, "checkout", "-qb", "mending")
    _commit(repository, orders=DATASET)
    _, run, _ = _check(repository, "--base", "main")
    assert "1 resolved" in _note(run)
    assert "resolved: pii-declared orders here email" in run["notes"]


def test_a_branch_cannot_waive_its_own_finding(repository: Path) -> None:
    _commit(repository, orders=UNDECLARED, waiver=WAIVER)
    _, run, _ = _check(repository, "--base", "main")
    assert _states(run)["pii-declared email"] == "new"
    _, alone, _ = _check(repository)
    assert "pii-declared email" not in _states(alone)


def test_the_base_is_where_the_branch_left_not_where_main_is_now(repository: Path) -> None:
    _commit(repository, orders=UNDECLARED)
    _git(repository, "checkout", "-q", "main")
    (repository / "README.md").write_text("meanwhile\n", encoding="utf-8")
    _commit(repository, orders=UNDECLARED)
    _git(repository, "checkout", "-q", "change")
    _, run, _ = _check(repository, "--base", "main")
    assert _states(run)["pii-declared email"] == "new"


def test_no_file_of_the_checkout_is_touched(repository: Path) -> None:
    _commit(repository, orders=UNDECLARED)
    (repository / "policies" / "team.yaml").write_text(TEAM + "# not committed\n", encoding="utf-8")
    before = subprocess.run(["git", "status", "--porcelain"], cwd=repository, check=True,
                            capture_output=True).stdout  # fmt: skip
    _check(repository, "--base", "main")
    after = subprocess.run(["git", "status", "--porcelain"], cwd=repository, check=True,
                           capture_output=True).stdout  # fmt: skip
    assert after == before == b" M policies/team.yaml\n"


def test_a_shallow_clone_is_told_what_to_fetch(repository: Path) -> None:
    _commit(repository, orders=UNDECLARED)
    clone = repository.parent / "clone"
    _git(repository.parent, "clone", "-q", "--depth=1", "--branch=change", f"file://{repository}",
         "clone")  # fmt: skip
    (clone / ".governance").mkdir()
    facts = (repository / ".governance" / "facts.db").read_bytes()
    (clone / ".governance" / "facts.db").write_bytes(facts)
    code, _, said = _check(clone, "--base", "origin/main")
    assert code == 2
    assert "git fetch --unshallow origin main" in said


@pytest.mark.parametrize("ref", ["origin/nothing", "--output=x", "", "main; touch x"])
def test_a_ref_that_is_none_is_an_error_with_a_remedy(repository: Path, ref: str) -> None:
    code, _, said = _check(repository, f"--base={ref}")
    assert code == 2
    assert "--base: " in said
    assert "git fetch" in said
    assert not (repository / "x").exists()


def test_outside_of_a_repository_there_is_no_base(repository: Path) -> None:
    (repository / ".git").rename(repository / "elsewhere")
    code, _, said = _check(repository, "--base", "main")
    assert code == 2
    assert "this is no git repository" in said


DATED = "id,email,day\n1,ana@example.org,2020-01-02\n2,bo@example.org,2020-02-03\n"
PROMISED = DATASET.replace(
    "reviews:",
    "  day: {category: system.operations}\n"
    "retention: {max_age: 30d, measured_by: day, then: delete}\nreviews:",
)
RULES = """\
apiVersion: governance/v1
kind: Policy
id: guard
title: What guards addresses
owner: team:sales
severity: high
applies_to: {dataset: orders, field: email, may_be_empty: true}
rules:
  address: {require_state: pseudonymised, accept: [hmac_sha256, drop]}
"""


@pytest.fixture(scope="module")
def promised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a scanned repository whose data break a retention and a rule."""
    folder = tmp_path_factory.mktemp("promised") / "shop"
    (folder / "policies").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "governance.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "data" / "orders.csv").write_text(DATED, encoding="utf-8")
    (folder / ".gitignore").write_text(".governance/\nrun.json\n", encoding="utf-8")
    _git(folder, "init", "-q", "-b", "main")
    _commit(folder, team=TEAM, orders=PROMISED, guard=RULES)
    subprocess.run([GOVERNANCE, "scan", "-q"], cwd=folder, capture_output=True, check=False)
    return folder


@pytest.mark.parametrize(
    ("files", "control"),
    [
        ({"orders": PROMISED.replace("30d", "30y")}, "retention-kept"),
        ({"guard": RULES.replace("field: email", "field: none-*")}, "technique-applied"),
    ],
)
def test_what_a_branch_no_longer_asks_for_is_not_resolved(
    promised: Path, tmp_path: Path, files: dict[str, str], control: str
) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(promised, folder)
    _git(folder, "checkout", "-qb", "softer")
    _commit(folder, **files)
    _, run, _ = _check(folder, "--base", "main")
    beside = run["comparison"]
    assert [each["control"] for each in beside["unasked"]] == [control]
    assert not beside["resolved"]
    assert any("governance policy diff --base main" in note for note in run["notes"])


def test_a_limit_that_is_not_the_cause_leaves_a_mended_finding_resolved(
    promised: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(promised, folder)
    hidden = PROMISED.replace("  email: {category: user.contact.email}\n", "")
    _commit(folder, orders=hidden)
    _git(folder, "checkout", "-qb", "mending")
    _commit(folder, orders=PROMISED.replace("30d", "20d"))
    _, run, _ = _check(folder, "--base", "main")
    assert [each["control"] for each in run["comparison"]["resolved"]] == ["pii-declared"]
    assert not run["comparison"]["unasked"]


def test_what_was_not_evaluated_at_the_base_is_told_as_such(repository: Path) -> None:
    _commit(repository)
    code, run, _ = _check(repository, "--base", "main")
    assert code == 3
    assert any(note.startswith("all ") and "at the base as well" in note for note in run["notes"])
