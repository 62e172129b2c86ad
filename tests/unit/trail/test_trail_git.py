"""Checkpoints in git: the trail must continue each, and a runner without the trail sees it too."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from governance.cli.main import app
from governance.errors import TrailError
from governance.model.trail import Event
from governance.trail.keys import load_or_create_key
from governance.trail.log import Trail

from .conftest import ORIGIN, START, Ticking

Run = Callable[..., Result]
PROJECT = "apiVersion: governance/v1\nkind: Project\nid: acme\n"
NOTE, PROOF = "trail/checkpoint.txt", "trail/consistency.txt"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with a pinned key, a trail, and its first checkpoint committed."""
    folder = tmp_path / "acme"
    folder.mkdir()
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "ada")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ada@example.org")
    monkeypatch.delenv("GOVERNANCE_SIGNING_KEY", raising=False)
    monkeypatch.chdir(folder)
    git(folder, "init", "-q", "-b", "main")
    write(folder, 3)
    key = load_or_create_key(folder / ".governance" / "keys").public.named(ORIGIN).text
    (folder / "governance.yaml").write_text(f'{PROJECT}trail: {{public_key: "{key}"}}\n')
    (folder / ".gitignore").write_text(".governance/\n")
    git(folder, "add", "."), git(folder, "commit", "-qm", "begin")
    assert run("audit", "checkpoint", "--git").exit_code == 0
    return folder


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def write(folder: Path, count: int, start: int = 0) -> None:
    state = folder / ".governance"
    clock = Ticking(START + timedelta(days=start))
    key = load_or_create_key(state / "keys")
    with Trail.open(
        state / "trail.db", key=key, origin=ORIGIN, actor="user:ada", run="r", clock=clock
    ) as trail:
        trail.append([Event("scan.started", {"start": start})] * count)
        trail.checkpoint()


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def lines(ended: Result) -> dict[str, str]:
    return {line[:12].strip(): line[13:] for line in ended.output.splitlines()}


def test_a_committed_checkpoint_anchors_the_trail(root: Path) -> None:
    told = lines(run("audit", "verify"))
    assert told["level"] == "ANCHORED" and told["unanchored"] == "0 entries after it"
    assert "trail/checkpoint.txt at commit" in told["anchor"] or NOTE in told["anchor"]
    assert "4 entries already" in run("audit", "checkpoint", "--git").output
    (root / "other.txt").write_text("staged"), git(root, "add", "other.txt")
    write(root, 2, start=1)
    assert run("audit", "checkpoint", "--git").exit_code == 0
    changed = git(root, "show", "--name-only", "--format=", "HEAD").split()
    assert changed == [NOTE, PROOF]
    write(root, 2, start=2)
    assert lines(run("audit", "verify"))["unanchored"] == "2 entries after it"


def test_an_older_copy_that_went_on_is_found(root: Path) -> None:
    """Whoever holds file and key brings back an older copy and writes another history."""
    database = root / ".governance" / "trail.db"
    older = root / ".governance" / "older.db"
    shutil.copy(database, older)
    write(root, 5, start=1)
    assert run("audit", "checkpoint", "--git").exit_code == 0
    shutil.copy(older, database)
    told = lines(run("audit", "verify"))
    assert told["level"] == "UNVERIFIABLE"
    assert "the trail has 4 entries, but 9 are pinned" in told["broken"]
    assert run("check").exit_code == 4
    write(root, 20, start=2)
    told = lines(run("audit", "verify"))
    assert "the first 9 entries are not those that are pinned" in told["broken"]
    checked = run("check")
    assert checked.exit_code == 4 and "not those that are pinned" in checked.output
    refused = run("audit", "checkpoint", "--git")
    assert isinstance(refused.exception, TrailError)
    assert "does not continue" in refused.exception.problem


def test_the_newest_version_of_all_counts_not_the_last(root: Path) -> None:
    """Somebody commits an older checkpoint over the newer one and rolls the trail back to it."""
    database = root / ".governance" / "trail.db"
    older = database.read_bytes()
    write(root, 5, start=1)
    assert run("audit", "checkpoint", "--git").exit_code == 0
    git(root, "checkout", "-q", "HEAD~1", "--", "trail")
    git(root, "commit", "-qm", "quietly back")
    database.write_bytes(older)
    assert "9 are pinned" in lines(run("audit", "verify"))["broken"]


def test_a_new_trail_in_its_place_is_found(root: Path) -> None:
    (root / ".governance" / "trail.db").unlink()
    write(root, 40, start=1)
    assert "are not those that are pinned" in lines(run("audit", "verify"))["broken"]


def test_incremental_reads_what_follows_the_kept_checkpoint(root: Path) -> None:
    write(root, 5, start=1)
    told = lines(run("audit", "verify", "--incremental"))
    assert told["level"] == "ANCHORED"
    assert told["entries"].startswith("5 entries checked, 4 not read again")


def test_a_runner_without_the_trail_sees_whether_the_log_only_grew(
    root: Path, tmp_path: Path
) -> None:
    git(root, "checkout", "-qb", "change")
    write(root, 5, start=1)
    assert run("audit", "checkpoint", "--git").exit_code == 0
    write(root, 5, start=2)
    assert run("audit", "checkpoint", "--git").exit_code == 0
    away = tmp_path / "away"
    (root / ".governance").rename(away)
    assert run("check", "--base", "main").exit_code != 4
    proof = (root / PROOF).read_text().splitlines()
    (root / PROOF).write_text("\n".join([proof[0], *proof[2:]]) + "\n")
    git(root, "commit", "-qam", "a proof that lacks a hash")
    assert run("check", "--base", "main").exit_code != 4  # the checkpoint did not move
    git(root, "reset", "-q", "--soft", "HEAD~2")
    git(root, "commit", "-qm", "the last step with a broken proof")
    checked = run("check", "--base", "main", "--output", "json")
    assert checked.exit_code == 4
    assert "is not shown to continue the one before" in checked.output


def test_a_checkpoint_that_was_taken_away_or_is_no_checkpoint_is_said(root: Path) -> None:
    git(root, "checkout", "-qb", "change")
    git(root, "rm", "-q", NOTE), git(root, "commit", "-qm", "away")
    (root / ".governance" / "trail.db").unlink()
    checked = run("check", "--base", "main")
    assert checked.exit_code == 4 and "was taken away" in checked.output
    (root / "trail").mkdir(exist_ok=True)
    (root / NOTE).write_text("nonsense")
    git(root, "add", "-A"), git(root, "commit", "-qm", "nonsense")
    assert run("check", "--base", "main").exit_code == 4


def _pin(root: Path, key: str) -> None:
    (root / "governance.yaml").write_text(f'{PROJECT}trail: {{public_key: "{key}"}}\n')
    git(root, "commit", "-qam", "another key is pinned")


def test_a_branch_may_rotate_the_key_and_go_on(root: Path) -> None:
    git(root, "checkout", "-qb", "change")
    write(root, 2, start=1)
    assert run("audit", "checkpoint", "--git").exit_code == 0  # by the old key alone
    assert run("audit", "key", "rotate").exit_code == 0
    _pin(root, load_or_create_key(root / ".governance" / "keys").public.named(ORIGIN).text)
    assert run("audit", "checkpoint", "--git").exit_code == 0  # by both
    write(root, 2, start=2)
    assert run("audit", "checkpoint", "--git").exit_code == 0  # by the new key alone
    (root / ".governance" / "trail.db").unlink()
    assert run("check", "--base", "main").exit_code != 4


def test_a_branch_cannot_bring_a_key_of_its_own(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge = tmp_path / "forge"
    forge.mkdir()
    git(forge, "init", "-q"), write(forge, 9)
    (forge / "governance.yaml").write_text(PROJECT)
    monkeypatch.chdir(forge)
    assert run("audit", "checkpoint", "--git").exit_code == 0
    monkeypatch.chdir(root)
    git(root, "checkout", "-qb", "change")
    (root / NOTE).write_bytes((forge / NOTE).read_bytes())
    _pin(root, load_or_create_key(forge / ".governance" / "keys").public.named(ORIGIN).text)
    (root / ".governance" / "trail.db").unlink()
    checked = run("check", "--base", "main", "--output", "json")
    assert checked.exit_code == 4
    assert "not signed with the key that the base pins" in checked.output


def test_a_kept_file_is_held_against(root: Path) -> None:
    kept = root / "kept.txt"
    kept.write_text(run("audit", "checkpoint").output)
    assert run("audit", "verify", "--checkpoint", str(kept)).exit_code == 0
    kept.write_text(kept.read_text().replace("\n4\n", "\n3\n"))
    ended = run("audit", "verify", "--checkpoint", str(kept))
    assert ended.exit_code == 4 and "not signed with the pinned key" in ended.output
    missing = run("audit", "verify", "--checkpoint", "nowhere.txt")
    assert missing.exit_code == 2 or "cannot be read" in str(missing.exception)


def test_the_policy_sets_the_minimum(root: Path) -> None:
    policy = (root / "governance.yaml").read_text()
    (root / "governance.yaml").write_text(policy.replace("}", ", minimum: witnessed}"))
    ended = run("audit", "verify")
    assert ended.exit_code == 4 and "below the minimum: witnessed" in ended.output
    assert run("audit", "verify", "--min-level", "anchored").exit_code == 0


def test_without_a_repository_git_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "governance.yaml").write_text(PROJECT)
    write(folder, 1)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert "no git repository" in str(run("audit", "checkpoint", "--git").exception)
    for option in ("--stamp", "--witness"):
        assert "nobody is named" in str(run("audit", "checkpoint", option).exception)
