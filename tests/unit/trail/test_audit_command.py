"""What ``governance audit`` prints, and when it exits with 4."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from governance.cli.audit import app
from governance.errors import TrailError, UsageError
from governance.model.trail import Event
from governance.trail.keys import load_or_create_key
from governance.trail.log import Trail

from .conftest import START, Ticking

Run = Callable[..., Result]
PROJECT = "apiVersion: governance/v1\nkind: Project\nid: acme\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a workspace with a trail of four entries."""
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "governance.yaml").write_text(PROJECT)
    with _open(folder) as trail:
        trail.append([Event("scan.started", {"command": "scan", "note": "\x1b[2J\u202eevil"})])
        trail.append([Event("finding.recorded", {"asset": "a", "severity": "high"})])
        trail.checkpoint()
    with _open(folder, run="r2") as trail:
        trail.append([Event("scan.finished", {"exit_code": 1, "findings": {"high": 1}})])
        trail.checkpoint()
    return folder


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(root)
    monkeypatch.delenv("GOVERNANCE_SIGNING_KEY", raising=False)
    return lambda *words: CliRunner().invoke(app, list(words))


def test_a_sound_trail_is_success_and_says_what_that_does_not_prove(run: Run) -> None:
    ended = run("verify")
    assert ended.exit_code == 0, ended.output
    told = _table(ended)
    assert told["level"] == "SIGNED"
    assert told["entries"] == "4 entries checked"
    note = run("checkpoint").output.splitlines()
    assert bytes.fromhex(told["root"]) == base64.b64decode(note[2])
    earlier = _table(run("verify", "--until", START.isoformat()))
    assert earlier["entries"] == "1 entry checked" and earlier["root"] != told["root"]
    assert told["unsigned"] == "0 entries after it"
    assert "not pinned" in told["pin"]
    assert "cut off" in told["not proved"]


def test_a_broken_trail_exits_with_4(run: Run, root: Path, tmp_path: Path) -> None:
    path = root / ".governance" / "trail.db"
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"severity":"high"', b'"severity":"none"'))
    ended = run("verify")
    assert ended.exit_code == 4
    assert "entry 2 was changed" in _table(ended)["broken"]


def test_a_pinned_key_is_asked_for(run: Run, root: Path) -> None:
    mine = run("checkpoint", "--key").output.strip()
    (root / "governance.yaml").write_text(f"{PROJECT}trail: {{public_key: {mine}}}\n")
    ended = run("verify")
    assert (ended.exit_code, _table(ended)["pin"]) == (0, "trail.public_key in governance.yaml")
    other = load_or_create_key(root / "other").public.named("governance/acme").text
    (root / "governance.yaml").write_text(f"{PROJECT}trail: {{public_key: {other}}}\n")
    assert run("verify").exit_code == 4
    assert run("verify", "--pin", mine).exit_code == 0
    (root / "pin.txt").write_text(f"{mine}\n")
    assert run("verify", "--pin", "pin.txt").exit_code == 0


def test_policy_files_that_do_not_load_are_told(run: Run, root: Path) -> None:
    (root / "governance.yaml").write_text("kind: Nonsense\n")
    ended = run("verify")
    assert ended.exit_code == 0
    assert "do not load" in _table(ended)["note"]


def test_without_a_key_nothing_is_success(
    run: Run, root: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = root / ".governance" / "trail.db"
    ended = run("verify", "--trail", str(path), "--min-level", "intact")
    assert ended.exit_code == 4
    assert _table(ended)["level"] == "INTACT"
    assert "no key is known" in _table(ended)["note"]


def test_an_unsigned_level_is_below_the_minimum(run: Run, tmp_path: Path, monkeypatch) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    ended = run("verify")
    assert ended.exit_code == 4
    assert "no trail" in _table(ended)["broken"]


def test_verifying_is_recorded_only_when_asked(run: Run) -> None:
    assert run("verify").exit_code == 0
    assert "trail.verified" not in run("log").output
    assert run("verify", "--record").exit_code == 0
    assert "level=SIGNED" in run("log", "--type", "trail.verified").output
    assert _table(run("verify"))["entries"] == "5 entries checked"


def test_the_log_shows_the_newest_last_and_no_control_character(run: Run) -> None:
    lines = run("log").output.splitlines()
    assert [line.split()[0] for line in lines] == ["0", "1", "2", "3"]
    assert "\x1b" not in "".join(lines) and "\u202e" not in "".join(lines)
    assert "exit_code=1" in lines[-1]


def test_the_log_is_filtered(run: Run) -> None:
    def seqs(*words: str) -> list[int]:
        output = run("log", "--output", "jsonl", *words).output
        return [json.loads(line)["seq"] for line in output.splitlines() if line.startswith("{")]

    assert seqs("--run", "r2") == [3]
    assert seqs("--type", "finding.recorded", "--type", "scan.started") == [1, 2]
    assert seqs("--limit", "2") == [2, 3]
    assert seqs("--limit", "0") == [0, 1, 2, 3]
    assert seqs("--until", "2026-11-23") == [0, 1, 2, 3]
    assert seqs("--since", "2026-11-24") == []
    assert len(json.loads(run("log", "--output", "json").output)) == 4


def test_a_missing_trail_and_a_wrong_time_are_errors(run: Run) -> None:
    assert isinstance(run("log", "--trail", "nowhere.db").exception, TrailError)
    wrong = run("log", "--since", "yesterday").exception
    assert isinstance(wrong, UsageError) and wrong.where == "--since"
    Path("wrong.pub").write_text("no key")
    for pin in ("nowhere.pub", "wrong.pub", "acme+12345678+AAAA", "acme+x"):
        assert isinstance(run("verify", "--pin", pin).exception, UsageError), pin


def test_the_checkpoint_is_a_signed_note(run: Run) -> None:
    lines = run("checkpoint").output.splitlines()
    assert lines[:2] == ["governance/acme", "4"]
    assert lines[4].startswith("\u2014 governance/acme ")


def _open(folder: Path, run: str = "r1") -> Trail:
    state = folder / ".governance"
    start = START + timedelta(hours=1 if run == "r2" else 0)
    return Trail.open(
        state / "trail.db",
        key=load_or_create_key(state / "keys"),
        origin="governance/acme",
        actor="user:ada",
        run=run,
        clock=Ticking(start),
    )


def _table(ended: Result) -> dict[str, str]:
    return {line[:12].strip(): line[13:] for line in ended.output.splitlines()}
