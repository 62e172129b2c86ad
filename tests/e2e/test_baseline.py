"""The list of known findings in a real repository: what is on it shows, and does not fail."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from governance.cli.main import app
from tests.e2e.test_exit_codes import DATASET, PROJECT, ROWS, TEAM

NAME = "governance-baseline.jsonl"
PROJECT += "nlp: {engine: none}\n"
PIPELINE = """\
apiVersion: governance/v1
kind: Pipeline
id: shop
owner: team:sales
purpose: essential
logs:
  access: {type: access, path: logs/access.jsonl, fields: {at: at, who: who, action: op, asset: on}}
"""
ACCESS = '{"at": "2026-11-20T09:00:00Z", "who": "user:ana@example.org", "op": "read", "on": "x"}\n'
UNDECLARED = DATASET.replace("  email: {category: user.contact.email}\n", "")
NOON = ("--as-of", "2026-11-23T12:00:00Z")
EMAIL = "pii-declared orders email"


def _git(folder: Path, *command: str) -> None:
    settings = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org", "-c",
                "commit.gpgsign=false")  # fmt: skip
    subprocess.run(["git", *settings, *command], cwd=folder, check=True, capture_output=True)


def _commit(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / "policies" / f"{name}.yaml").write_text(text, encoding="utf-8")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "a change", "--allow-empty")


def _run(folder: Path, *command: str) -> Result:
    return CliRunner().invoke(app, [*command, "--workspace", str(folder), *NOON])


def _said(folder: Path, *command: str) -> str:
    ended = _run(folder, *command)
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended.output


def _check(folder: Path, *options: str) -> dict[str, Any]:
    path = folder.parents[1] / "run.json"
    _run(folder, "check", "-o", f"json={path}", *options)
    return json.loads(path.read_text(encoding="utf-8"))


def _states(run: dict[str, Any]) -> dict[str, str]:
    return {f"{each['control']} {each['asset']} {each['field']}": each["finding"]["state"]
            for each in run["outcomes"] if each["status"] == "fail"}  # fmt: skip


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository in whose shop two datasets hold a column that nobody declares."""
    folder = tmp_path_factory.mktemp("baseline") / "clone" / "shop"
    for name, text in {
        "governance.yaml": PROJECT, "data/orders.csv": ROWS, "data/people.csv": ROWS,
        "logs/access.jsonl": ACCESS, ".gitignore": ".governance/\n",
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "policies").mkdir()
    _git(folder.parent, "init", "-q", "-b", "main")
    people = UNDECLARED.replace("id: orders", "id: people").replace("orders.csv", "people.csv")
    _commit(folder, team=TEAM, orders=UNDECLARED, people=people, shop=PIPELINE)
    assert "Traceback" not in _run(folder, "scan", "-j", "1").output
    return folder


@pytest.fixture
def shop(scanned: Path, tmp_path: Path) -> Path:
    """Return a copy of it, a folder inside of its repository, on a branch of its own."""
    shutil.copytree(scanned.parent, tmp_path / "clone", symlinks=True)
    folder = tmp_path / "clone" / scanned.name
    _git(folder, "checkout", "-qb", "change")
    return folder


def test_what_is_listed_shows_in_every_run_and_fails_none(shop: Path) -> None:
    before = _check(shop, "--fail-on", "low")
    assert before["run"]["exit_code"] == 1
    assert "finding" in _said(shop, "baseline", "create")
    after = _check(shop, "--fail-on", "low", "--fail-on", "gap", "--fail-on", "new")
    assert after["run"]["exit_code"] == 0
    assert set(_states(after)) == set(_states(before))
    assert set(_states(after).values()) == {"baselined"}
    assert after["summary"]["states"]["baselined"] == len(before["outcomes"]) - sum(
        before["summary"]["outcomes"][each] for each in before["summary"]["outcomes"]
        if each != "fail"
    )  # fmt: skip
    assert "there is a baseline already" in str(_run(shop, "baseline", "create").exception)


def test_a_moved_file_and_a_hundred_lines_are_no_other_finding(shop: Path) -> None:
    _said(shop, "baseline", "create")
    moved = shop / "policies" / "moved.yaml"
    (shop / "policies" / "orders.yaml").rename(moved)
    moved.write_text("# a line\n" * 100 + moved.read_text(encoding="utf-8"), encoding="utf-8")
    run = _check(shop)
    assert _states(run)[EMAIL] == "baselined"
    places = [each["finding"]["location"] for each in run["outcomes"] if each["finding"]]
    assert {"file": "policies/moved.yaml", "line": 114, "column": 1} in places


def test_what_is_mended_is_pruned_and_new_when_it_comes_back(shop: Path) -> None:
    _said(shop, "baseline", "create")
    _commit(shop, orders=DATASET)
    run = _check(shop)
    assert EMAIL not in _states(run)
    assert run["baseline"]["unmatched"] == 1
    assert "1 resolved and removed" in _said(shop, "baseline", "prune")
    _commit(shop, orders=UNDECLARED)
    back = _check(shop, "--fail-on", "high")
    assert back["run"]["exit_code"] == 1
    assert _states(back)[EMAIL] != "baselined"
    assert _states(back)["pii-declared people email"] == "baselined"
    told = _said(shop, "baseline", "update")
    assert "+ high      pii-declared orders here email" in told
    assert "1 added, 0 resolved" in told
    assert _states(_check(shop))[EMAIL] == "baselined"


def test_lists_of_two_branches_merge_without_a_conflict(shop: Path) -> None:
    _commit(shop, orders=DATASET, people=DATASET.replace("orders", "people"))
    _said(shop, "baseline", "create")
    _commit(shop)
    for branch, name in (("one", "orders"), ("two", "people")):
        _git(shop, "checkout", "-q", "change")
        _git(shop, "checkout", "-qb", branch)
        _commit(shop, **{name: UNDECLARED.replace("orders", name)})
        assert "1 added" in _said(shop, "baseline", "update")
        _commit(shop)
    _git(shop, "merge", "-q", "--no-edit", "one")
    states = _states(_check(shop))
    assert states[EMAIL] == states["pii-declared people email"] == "baselined"
    merged = (shop / NAME).read_text(encoding="utf-8")
    _said(shop, "baseline", "update")
    assert sorted((shop / NAME).read_text(encoding="utf-8").split("\n")) == sorted(
        merged.split("\n")
    )


def test_beside_a_base_a_branch_cannot_list_its_own_finding(shop: Path) -> None:
    _commit(shop, orders=DATASET)
    _git(shop, "branch", "-qf", "main")
    _commit(shop, orders=UNDECLARED)
    _said(shop, "baseline", "create")
    _commit(shop)
    run = _check(shop, "--base", "main")
    assert _states(run)[EMAIL] == "new"
    assert run["run"]["exit_code"] == 1
    assert run["baseline"] is None
    _git(shop, "branch", "-qf", "main")
    _commit(shop)
    (shop / NAME).unlink()
    run = _check(shop, "--base", "main")
    assert _states(run)[EMAIL] == "baselined"
    assert run["run"]["exit_code"] == 0


def test_a_named_list_that_is_missing_or_outside_is_an_error(shop: Path) -> None:
    project = shop / "governance.yaml"
    project.write_text(PROJECT + "gate: {baseline: known.jsonl}\n", encoding="utf-8")
    assert "known.jsonl: gate.baseline names this file" in str(_run(shop, "check").exception)
    project.write_text(PROJECT + "gate: {baseline: ../../known.jsonl}\n", encoding="utf-8")
    assert "outside of the workspace" in str(_run(shop, "check").exception)
    project.write_text(PROJECT + "gate: {baseline: known.jsonl}\n", encoding="utf-8")
    _said(shop, "baseline", "create")
    assert _states(_check(shop))[EMAIL] == "baselined"
    told = json.loads(_said(shop, "baseline", "show", "-o", "json"))
    assert {entry["standing"] for entry in told["entries"]} == {"open"}
