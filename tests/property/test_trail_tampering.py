"""Change any byte: it is found, or nothing that anybody reads has changed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.errors import TrailError
from governance.model.trail import Assurance, Entry, Event
from governance.trail.keys import PublicKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.reading import read_entries
from governance.trail.verify import verify


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PublicKey]:
    """Return a trail of four entries, and its key."""
    folder = tmp_path_factory.mktemp("small")
    key = load_or_create_key(folder / "keys")
    with Trail.open(
        folder / "trail.db",
        key=key,
        origin="governance/acme",
        actor="user:ada",
        run="r1",
        clock=lambda: datetime(2026, 11, 23, tzinfo=UTC),
    ) as trail:
        trail.append([Event("scan.started", {}), Event("dataset.examined", {"asset": "a"})])
        trail.append([Event("scan.finished", {"exit_code": 0})])
        trail.checkpoint()
    return folder / "trail.db", key.public


def test_every_byte_of_a_body_counts(small: tuple[Path, PublicKey], tmp_path: Path) -> None:
    original, key = small
    copy = tmp_path / "trail.db"
    copy.write_bytes(original.read_bytes())
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY")
        query = "SELECT sql FROM sqlite_schema WHERE name = 'trail_entry_no_update'"
        (guard,) = connection.execute(query).fetchone()
        (body,) = connection.execute("SELECT body FROM trail_entry WHERE seq = 2").fetchone()
        for at in range(len(body)):
            changed = body[:at] + bytes([body[at] ^ (1 << at % 8)]) + body[at + 1 :]
            connection.execute("DROP TRIGGER trail_entry_no_update")
            connection.execute("UPDATE trail_entry SET body = ? WHERE seq = 2", (changed,))
            connection.execute(guard)
            told = verify(copy, pinned=key, pin_source="")
            assert told.problem == "entry 2 was changed: its bytes do not have its hash", at


@settings(max_examples=150)
@given(at=st.integers(0, 2**20), mask=st.integers(1, 255))
def test_every_byte_of_the_file_is_found_or_irrelevant(
    small: tuple[Path, PublicKey], tmp_path_factory: pytest.TempPathFactory, at: int, mask: int
) -> None:
    original, key = small
    content = bytearray(original.read_bytes())
    content[at % len(content)] ^= mask
    copy = tmp_path_factory.getbasetemp() / "flipped.db"
    copy.write_bytes(content)
    told = verify(copy, pinned=key, pin_source="")
    if told.problem is None:
        assert told.level is Assurance.SIGNED
        assert _read(copy) == _read(original)
    else:
        assert told.level is Assurance.UNVERIFIABLE


@pytest.mark.slow
def test_each_byte_of_the_file_in_turn(small: tuple[Path, PublicKey], tmp_path: Path) -> None:
    """Before a release every byte; else every 211th, and every one of what SQLite itself reads."""
    original, key = small
    content, expected = original.read_bytes(), _read(original)
    copy, missed, found = tmp_path / "flipped.db", [], 0
    step = 1 if "TORTURE" in os.environ else 211
    for at in {*range(100), *range(0, len(content), step)}:
        copy.write_bytes(content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :])
        told = verify(copy, pinned=key, pin_source="")
        found += told.problem is not None
        if told.problem is None and _read(copy) != expected:
            missed.append(at)
    assert missed == []
    assert found > 20


def _read(path: Path) -> list[Entry] | str:
    try:
        return list(read_entries(path))
    except TrailError as error:
        return str(error)
