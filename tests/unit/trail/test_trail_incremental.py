"""Going on from a kept checkpoint: what is read, what is trusted, and what is still found."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from governance.model.trail import Assurance, Event, Verification
from governance.trail.keys import PublicKey, SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.outside import Outside, Pinned
from governance.trail.pruning import plan_cut
from governance.trail.verify import Scope, verify

from .conftest import START, Break
from .generated import newest

Open = Callable[..., Trail]
LATER = START + timedelta(days=1)


@pytest.fixture
def kept(trail: Path) -> Outside:
    return Outside((Pinned(newest(trail), "file", "kept"),))


@pytest.fixture
def grown(trail: Path, kept: Outside, opened: Open) -> Path:
    with opened(start=LATER) as writing:
        writing.append([Event("scan.started", {})] * 5)
        writing.checkpoint()
    return trail


def go_on(trail: Path, pinned: PublicKey, kept: Outside) -> Verification:
    scope = Scope(incremental=True)
    return verify(trail, pinned=pinned, pin_source="p", scope=scope, outside=kept)


def test_only_what_follows_is_read(grown: Path, key: SigningKey, kept: Outside) -> None:
    found = go_on(grown, key.public, kept)
    assert (found.level, found.problem) == (Assurance.ANCHORED, None)
    assert (found.entries, found.skipped, found.checkpoint_size) == (17, 12, 17)
    whole = verify(grown, pinned=key.public, pin_source="p", outside=kept)
    assert (whole.root, whole.skipped) == (found.root, 0)


def test_what_is_not_read_again_is_not_vouched_for(
    grown: Path, key: SigningKey, kept: Outside, tamper: Break
) -> None:
    """A limit that is told: ``skipped`` says how many entries were taken on trust."""
    tamper("UPDATE trail_entry SET body = x'00' WHERE seq = 3")
    assert go_on(grown, key.public, kept).skipped == 12
    assert verify(grown, pinned=key.public, pin_source="p").level is Assurance.UNVERIFIABLE


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail_entry SET leaf = zeroblob(32) WHERE seq = 3",
        "UPDATE trail_entry SET body = x'00' WHERE seq = 11",
        "UPDATE trail_entry SET body = x'00' WHERE seq = 14",
        "DELETE FROM trail_entry WHERE seq = 12",
        "DELETE FROM trail_entry WHERE seq = 5",
        "DELETE FROM trail_entry WHERE seq >= 10",
        "UPDATE trail_checkpoint SET root = zeroblob(32) WHERE size = 17",
        "DELETE FROM trail_checkpoint",
    ],
)
def test_what_bears_on_the_start_or_follows_it_is_found(
    statement: str, grown: Path, key: SigningKey, kept: Outside, tamper: Break
) -> None:
    tamper(statement)
    assert go_on(grown, key.public, kept).level is Assurance.UNVERIFIABLE


def test_keys_that_change_afterwards_are_followed(
    grown: Path, key: SigningKey, kept: Outside, opened: Open, tmp_path: Path
) -> None:
    new = load_or_create_key(tmp_path / "new")
    with opened(start=LATER) as writing:
        writing.rotate(new)
        writing.append([Event("scan.started", {})])
        writing.checkpoint()
    for pinned in (key, new):
        assert go_on(grown, pinned.public, kept).level is Assurance.ANCHORED
    stranger = load_or_create_key(tmp_path / "stranger")
    assert go_on(grown, stranger.public, kept).level is Assurance.UNVERIFIABLE


def test_a_change_of_keys_that_the_index_hides_is_found(
    grown: Path, key: SigningKey, kept: Outside, opened: Open, tamper: Break, tmp_path: Path
) -> None:
    with opened(start=LATER) as writing:
        writing.rotate(load_or_create_key(tmp_path / "new"))
    tamper("UPDATE trail_index SET type = 'scan.started' WHERE type = 'key.rotated'")
    assert go_on(grown, key.public, kept).level is Assurance.UNVERIFIABLE


def test_a_start_beyond_the_end_or_of_nothing_is_not_trusted(
    trail: Path, grown: Path, key: SigningKey, tamper: Break
) -> None:
    beyond = Outside((Pinned(newest(grown), "file", "kept"),))
    tamper(
        "DELETE FROM trail_checkpoint WHERE size > 12", "DELETE FROM trail_entry WHERE seq >= 12"
    )
    assert "cut off" in (go_on(trail, key.public, beyond).problem or "")
    assert go_on(trail, key.public, Outside()).skipped == 0


def test_the_entry_that_a_kept_checkpoint_ends_with_is_under_its_root(
    opened: Open, path: Path, key: SigningKey
) -> None:
    """Where a tile ends, the tiles alone would lead to the root."""
    with opened() as writing:
        writing.append([Event("scan.started", {"number": number}) for number in range(255)])
        writing.checkpoint()
    kept = Outside((Pinned(newest(path), "file", "kept"),))
    assert go_on(path, key.public, kept).skipped == 256
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT sql FROM sqlite_schema WHERE name = 'trail_entry_no_update'"
        (guard,) = connection.execute(query).fetchone()
        body = connection.execute("SELECT body FROM trail_entry WHERE seq = 255").fetchone()[0]
        changed = body.replace(b'"number":254', b'"number":253')
        row = (changed, hashlib.sha256(b"\x00" + changed).digest())
        connection.execute("DROP TRIGGER trail_entry_no_update")
        connection.execute("UPDATE trail_entry SET body = ?, leaf = ? WHERE seq = 255", row)
        connection.execute(guard)
        connection.commit()
    assert "entry 255 was changed" in (go_on(path, key.public, kept).problem or "")


def test_a_long_trail_is_gone_on_from_alike(opened: Open, path: Path, key: SigningKey) -> None:
    with opened() as writing:
        writing.append([Event("scan.started", {})] * 600)
        writing.checkpoint()
        kept = Outside((Pinned(newest(path), "file", "kept"),))
        writing.append([Event("scan.started", {})] * 300)
        writing.checkpoint()
    found = go_on(path, key.public, kept)
    assert (found.problem, found.skipped, found.entries) == (None, 601, 901)
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT sql FROM sqlite_schema WHERE name = 'trail_tile_only_grows'"
        (guard,) = connection.execute(query).fetchone()
        connection.execute("DROP TRIGGER trail_tile_only_grows")
        connection.execute("UPDATE trail_tile SET hashes = zeroblob(96) WHERE level = 1")
        connection.execute(guard)
        connection.commit()
    assert "not those that were pinned" in (go_on(path, key.public, kept).problem or "")


def test_a_checkpoint_at_the_very_end_of_what_was_pruned_raises_no_alarm(
    opened: Open, path: Path, key: SigningKey
) -> None:
    with opened() as writing:
        writing.append([Event("scan.started", {})] * 255)
        writing.checkpoint()
        kept = Outside((Pinned(newest(path), "file", "kept"),))
        writing.append([Event("scan.started", {})] * 10)
        writing.checkpoint()
        cut = plan_cut(path, START + timedelta(days=1), 256)
        assert cut is not None and cut.end == 256
        writing.prune(cut, "2026-11-24T00:00:00.000000Z")
    found = go_on(path, key.public, kept)
    assert (found.problem, found.pruned, found.level) == (None, 255, Assurance.ANCHORED)
