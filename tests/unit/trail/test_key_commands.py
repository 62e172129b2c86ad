"""What ``governance audit key`` does to the log, to the key's file, and to who may sign."""

from __future__ import annotations

import base64
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from governance.cli.audit import app
from governance.errors import TrailError, UsageError
from governance.trail.keys import NEXT_KEY_FILE, SIGNING_KEY_FILE, load_key, prepare_next_key

Run = Callable[..., Result]
PROJECT = "apiVersion: governance/v1\nkind: Project\nid: acme\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "governance.yaml").write_text(PROJECT)
    return folder


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(root)
    for name in ("SIGNING_KEY", "NEW_SIGNING_KEY", "KEYS", "TRAIL"):
        monkeypatch.delenv(f"GOVERNANCE_{name}", raising=False)
    return lambda *words: CliRunner().invoke(app, list(words))


def _pin(ended: Result) -> str:
    return ended.output.splitlines()[0]


def _begin(run: Run) -> str:
    """Make a key and a trail of one entry; return the pin."""
    pin = _pin(run("key", "new"))
    from governance.cli.door import enter
    from governance.engine.workspace import open_workspace

    with enter().ledger(open_workspace(Path.cwd())):
        return pin


def test_a_new_key_is_private_and_prints_its_pin(run: Run, root: Path) -> None:
    ended = run("key", "new")
    assert ended.exit_code == 0 and "trail: {public_key: governance/acme+" in ended.output
    file = root / ".governance" / "keys" / SIGNING_KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert isinstance(run("key", "new").exception, UsageError)


def test_the_key_can_live_outside_of_the_trails_folder(
    run: Run, root: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("GOVERNANCE_KEYS", str(tmp_path / "elsewhere"))
    pin = _begin(run)
    assert (tmp_path / "elsewhere" / SIGNING_KEY_FILE).is_file()
    assert not (root / ".governance" / "keys").exists()
    assert run("verify", "--pin", pin).exit_code == 0


def test_a_rotation_replaces_the_file_and_asks_for_the_new_pin(run: Run, root: Path) -> None:
    old = _begin(run)
    (root / "governance.yaml").write_text(f"{PROJECT}trail: {{public_key: {old}}}\n")
    ended = run("key", "rotate")
    new = _pin(ended)
    assert new != old and f"public_key: {new}" in ended.output
    keys = root / ".governance" / "keys"
    assert load_key(keys).public.raw == base64.b64decode(new.split("+", 2)[2])[1:]
    assert not (keys / NEXT_KEY_FILE).exists()
    assert [run("verify", "--pin", pin).exit_code for pin in (old, new)] == [0, 0]
    listed = run("key", "list").output.splitlines()
    assert [line.split("  ")[0] for line in listed] == [p.split("+")[1] for p in (old, new)]
    assert "followed" in listed[0] and "signs" in listed[1]


def test_a_rotation_that_was_stopped_before_the_file_was_replaced_heals(
    run: Run, root: Path
) -> None:
    _begin(run)
    keys = root / ".governance" / "keys"
    before = (keys / SIGNING_KEY_FILE).read_bytes()
    new = prepare_next_key(keys)
    following = (keys / NEXT_KEY_FILE).read_bytes()
    assert _pin(run("key", "rotate")).endswith(base64.b64encode(b"\1" + new.public.raw).decode())
    # As it would be had the power failed between the log and the file.
    (keys / SIGNING_KEY_FILE).write_bytes(before)
    (keys / NEXT_KEY_FILE).write_bytes(following)
    (keys / NEXT_KEY_FILE).chmod(0o600)
    assert isinstance(run("verify", "--record").exception, TrailError)
    assert run("key", "rotate").exit_code == 0
    assert run("verify", "--record").exit_code == 0


def test_keys_from_the_environment_hand_over_too(run: Run, root: Path, monkeypatch) -> None:
    seeds = [base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2)]
    monkeypatch.setenv("GOVERNANCE_SIGNING_KEY", seeds[0])
    _begin(run)
    assert isinstance(run("key", "rotate").exception, UsageError)
    monkeypatch.setenv("GOVERNANCE_NEW_SIGNING_KEY", seeds[1])
    new = _pin(run("key", "rotate"))
    assert not (root / ".governance" / "keys").exists()
    assert isinstance(run("verify", "--record").exception, TrailError)
    monkeypatch.setenv("GOVERNANCE_SIGNING_KEY", seeds[1])
    monkeypatch.delenv("GOVERNANCE_NEW_SIGNING_KEY")
    assert run("verify", "--pin", new, "--record").exit_code == 0


def test_a_revoked_key_no_longer_vouches(run: Run, root: Path) -> None:
    old = _begin(run)
    new = _pin(run("key", "rotate"))
    assert isinstance(run("key", "revoke", "0" * 8, "--after", "1", "--reason", "x").exception,
                      TrailError)  # fmt: skip
    old_id = old.split("+")[1]
    assert isinstance(run("key", "revoke", old_id, "--after", "1").exception, UsageError)
    assert run("key", "revoke", old_id, "--after", "1", "--reason", "stolen").exit_code == 0
    assert run("verify", "--pin", new).exit_code == 0
    assert run("verify", "--pin", old).exit_code == 4
    assert "revoked above 1" in run("key", "list").output


def test_a_lost_key_needs_somebody_who_answers_for_the_new_one(run: Run, root: Path) -> None:
    old = _begin(run)
    (root / ".governance" / "keys" / SIGNING_KEY_FILE).unlink()
    assert isinstance(run("key", "new").exception, UsageError)
    assert isinstance(run("key", "new", "--after-loss").exception, UsageError)
    new = _pin(run("key", "new", "--after-loss", "--by", "Ada", "--reason", "disk failed"))
    assert run("verify", "--pin", new).exit_code == 0
    assert run("verify", "--pin", old).exit_code == 4
    assert "by=Ada" in run("log", "--type", "key.added").output


def test_an_address_that_holds_no_trail_is_a_usage_error(run: Run) -> None:
    assert isinstance(run("log", "--trail", "https://example.org/trail").exception, UsageError)
    assert isinstance(run("setup", "--trail", "trail.db").exception, UsageError)


def test_who_answers_for_a_key_and_why_are_erased_like_all_else(run: Run, root: Path) -> None:
    old = _begin(run).split("+")[1]
    assert run("key", "rotate").exit_code == 0
    assert run("key", "revoke", old, "--after", "1", "--reason", "laptop of Zora").exit_code == 0
    (root / ".governance" / "keys" / SIGNING_KEY_FILE).unlink()
    words = ("--by", "user:zora", "--reason", "the disk of Zora")
    new = _pin(run("key", "new", "--after-loss", *words))
    shown = run("log", "--output", "jsonl").output
    assert "user:zora" in shown and "laptop of Zora" in shown and "disk of Zora" in shown
    state = root / ".governance"
    for file in (state / "trail.db", state / "details.db", state / "keys" / "subjects.db"):
        assert b"zora" not in file.read_bytes().lower(), file
    assert run("erase", "--subject", "user:zora", "--reason", "asked").exit_code == 0
    shown = run("log", "--output", "jsonl").output
    # What somebody else wrote is theirs, and goes with them.
    assert "user:zora" not in shown and "disk of Zora" not in shown and "laptop of Zora" in shown
    assert run("verify", "--pin", new, "--deep").exit_code == 0
