"""What verifying finds, and that it never says more than it checked."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.model.trail import Assurance, Event, Verification
from governance.trail.body import decode_body
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.merkle import leaf_hash
from governance.trail.note import Checkpoint, sign_checkpoint
from governance.trail.reading import read_entries
from governance.trail.tiles import TileStack
from governance.trail.verify import DEEP, Scope, verify

from .conftest import ORIGIN, START, Break

Open = Callable[..., Trail]
CASES = yaml.safe_load(
    (Path(__file__).parents[2] / "cases" / "trail" / "tampering.yaml").read_text(encoding="utf-8")
)


@pytest.fixture
def found(trail: Path, key: SigningKey) -> Callable[[], Verification]:
    pinned = key.public.named(ORIGIN)
    return lambda: verify(trail, pinned=pinned, pin_source="governance.yaml", scope=DEEP)


def test_an_untouched_trail_is_signed(found: Callable[[], Verification]) -> None:
    told = found()
    assert (told.level, told.problem, told.entries) == (Assurance.SIGNED, None, 12)
    assert (told.checkpoint_size, told.unsigned_tail, told.pin) == (12, 0, "governance.yaml")
    assert told.holds


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_tampering_is_found(
    tamper: Break, found: Callable[[], Verification], case: dict[str, Any]
) -> None:
    tamper(*case["sql"], keep_guards=case.get("guards") == "dropped")
    told = found()
    assert told.level is Assurance.UNVERIFIABLE and not told.holds
    assert re.search(case["says"], told.problem or "")


def test_a_complete_rehash_without_the_key_is_found(trail: Path, tamper: Break, found) -> None:
    """Rewrite an entry and everything after it, with every hash right, and sign it oneself."""
    rewritten = _rehash(trail, "user:ada", "user:eve")
    forger = load_or_create_key(trail.parent / "forger")
    with closing(sqlite3.connect(trail)) as connection:
        names = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        guards = connection.execute(names).fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        stack = TileStack()
        connection.execute("UPDATE trail_writer SET actor = 'user:eve'")
        for seq, body in enumerate(rewritten):
            stack.push(leaf_hash(body))
            row = (body, leaf_hash(body), seq)
            connection.execute("UPDATE trail_entry SET body = ?, leaf = ? WHERE seq = ?", row)
            checkpoint = Checkpoint(ORIGIN, seq + 1, stack.root())
            signed = (stack.root(), sign_checkpoint(checkpoint, forger), seq + 1)
            connection.execute(
                "UPDATE trail_checkpoint SET root = ?, note = ? WHERE size = ?", signed
            )
        for _, sql in guards:
            connection.execute(sql)
        connection.commit()
    assert found().problem == "the checkpoint of size 1 is not signed with the pinned key"
    unpinned = verify(trail, pinned=None, pin_source=None)
    assert (unpinned.level, unpinned.problem) == (Assurance.INTACT, None)


def test_a_wrong_pin_is_found(trail: Path, tmp_path: Path) -> None:
    other = load_or_create_key(tmp_path / "other").public
    told = verify(trail, pinned=other, pin_source="--pin")
    assert told.level is Assurance.UNVERIFIABLE
    assert "not signed with the pinned key" in (told.problem or "")


def test_another_log_of_the_same_key_is_found(trail: Path, key: SigningKey) -> None:
    told = verify(trail, pinned=key.public.named("governance/other"), pin_source="--pin")
    assert told.problem == "entry 0 belongs to another log"


def test_without_a_key_nothing_is_called_signed(trail: Path) -> None:
    told = verify(trail, pinned=None, pin_source=None)
    assert (told.level, told.key_id, told.pin) == (Assurance.INTACT, None, None)


def test_entries_after_the_checkpoint_are_counted_as_unsigned(trail, opened: Open, found) -> None:
    with opened(start=START + timedelta(days=1)) as writing:
        writing.append([Event("scan.started", {})] * 3)
    told = found()
    assert (told.level, told.entries) == (Assurance.SIGNED, 15)
    assert (told.checkpoint_size, told.unsigned_tail) == (12, 3)


def test_an_older_moment_verifies_alike_while_the_log_grows(
    trail: Path, opened: Open, key: SigningKey
) -> None:
    moments = [entry.ts for entry in read_entries(trail)]

    def then() -> Verification:
        return verify(trail, pinned=key.public, pin_source="p", scope=Scope(until=moments[6]))

    before = then()
    with opened(start=START + timedelta(days=1)) as writing:
        writing.append([Event("scan.started", {})] * 300)
        writing.checkpoint()
    assert then() == before
    assert before.level is Assurance.SIGNED
    assert before.entries == sum(moment <= moments[6] for moment in moments)
    early = verify(
        trail, pinned=key.public, pin_source="p", scope=Scope(until=START - timedelta(days=1))
    )
    assert (early.level, early.entries) == (Assurance.UNVERIFIABLE, 0)


@pytest.mark.parametrize("sizes", [255, 256, 257, 65_537 // 32])
def test_tiles_carry_the_tree_over_their_edges(
    opened: Open, path: Path, key: SigningKey, sizes: int
) -> None:
    with opened() as trail:
        trail.append([Event("scan.started", {})] * (sizes - 1))
        trail.checkpoint()
    with opened() as trail:  # reads the edge back from tiles
        trail.append([Event("scan.started", {})] * 300)
        trail.checkpoint()
    told = verify(path, pinned=key.public, pin_source="")
    assert (told.problem, told.entries) == (None, sizes + 300)


def test_an_edited_tile_is_found(opened: Open, path: Path, key: SigningKey) -> None:
    with opened() as trail:
        trail.append([Event("scan.started", {})] * 600)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER trail_tile_only_grows")
        connection.execute("UPDATE trail_tile SET hashes = zeroblob(64) WHERE level = 1")
        connection.execute(
            "CREATE TRIGGER trail_tile_only_grows BEFORE UPDATE ON trail_tile "
            "WHEN NEW.level <> OLD.level OR NEW.idx <> OLD.idx "
            "OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes "
            "BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END"
        )
        connection.commit()
    told = verify(path, pinned=key.public, pin_source="")
    assert told.problem == "tile 0 of level 1 differs from the entries"


@pytest.mark.parametrize("content", [b"", b"text", b"\x00" * 9999, b"SQLite format 3\x00" * 500])
def test_garbage_is_unverifiable_and_no_traceback(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "trail.db"
    path.write_bytes(content)
    told = verify(path, pinned=None, pin_source=None)
    assert told.level is Assurance.UNVERIFIABLE and told.problem


@pytest.mark.parametrize("name", ["missing.db", "."])
def test_no_file_is_unverifiable(tmp_path: Path, name: str) -> None:
    told = verify(tmp_path / name, pinned=None, pin_source=None)
    assert told.problem == "there is no trail at this path"


def test_verifying_writes_nothing(trail: Path, key: SigningKey) -> None:
    before = trail.read_bytes()
    verify(trail, pinned=key.public, pin_source="")
    assert trail.read_bytes() == before
    assert [file.name for file in trail.parent.iterdir()] == ["trail.db"]


def test_a_copy_verifies_anywhere(trail: Path, key: SigningKey, tmp_path: Path) -> None:
    copy = tmp_path / "what? #1.db"
    with closing(sqlite3.connect(trail)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    assert verify(copy, pinned=key.public, pin_source="").level is Assurance.SIGNED
    shutil.copy(trail, copy)
    assert verify(copy, pinned=key.public, pin_source="").level is Assurance.SIGNED


def _rehash(trail: Path, old: str, new: str) -> list[bytes]:
    with closing(sqlite3.connect(trail)) as connection:
        bodies = [row[0] for row in connection.execute("SELECT body FROM trail_entry ORDER BY seq")]
    previous, rewritten = bytes(32), []
    for body in bodies:
        prev = decode_body(body).prev.hex().encode()
        changed = body.replace(prev, previous.hex().encode()).replace(old.encode(), new.encode())
        rewritten.append(changed)
        previous = leaf_hash(changed)
    return rewritten
