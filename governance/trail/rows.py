"""Reading a trail's rows with nothing taken on trust: sizes capped, types checked.

Plain statements and no typed columns: in a received file any column may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from governance.trail.canonical import MAX_BYTES
from governance.trail.merkle import HASH_BYTES
from governance.trail.tiles import TILE_HASHES

_PAGE = 2_000
_LOWEST = -(2**63)
_NOTE_CHARACTERS = 65_537


class DamagedError(Exception):
    """A row that no writer of trails would have left; the message says which."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One row of ``trail_entry`` with its row of ``trail_index`` (None: there is none)."""

    seq: int
    body: bytes
    leaf: bytes
    index: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """One row of ``trail_checkpoint``."""

    size: int
    key_id: str
    root: bytes
    note: str


def count_entries(connection: Connection) -> int:
    """Return one more than the highest ``seq``; 0 for an empty trail."""
    highest = connection.exec_driver_sql("SELECT max(seq) FROM trail_entry").scalar()
    if highest is None:
        return 0
    if not isinstance(highest, int):
        raise DamagedError("an entry's number is not a number")
    return highest + 1


def read_pages(connection: Connection, first: int = _LOWEST) -> Iterator[list[StoredEntry]]:
    """Yield the entries from ``first`` in pages, in order; constant memory.

    Raises:
        DamagedError: At a row of the wrong type or size.
    """
    while True:
        rows = connection.exec_driver_sql(
            "SELECT e.seq, substr(e.body, 1, ?), substr(e.leaf, 1, ?), i.seq, "
            "substr(i.type, 1, ?), substr(i.ts, 1, ?), substr(i.run, 1, ?), "
            "substr(i.asset, 1, ?), substr(i.actor, 1, ?), substr(i.severity, 1, ?) "
            "FROM trail_entry e LEFT JOIN trail_index i ON i.seq = e.seq "
            "WHERE e.seq >= ? ORDER BY e.seq LIMIT ?",
            (MAX_BYTES + 1, HASH_BYTES + 1, *[MAX_BYTES + 1] * 6, first, _PAGE),
        ).all()
        if rows:
            yield [_entry(row) for row in rows]
        if len(rows) < _PAGE:
            return
        first = rows[-1][0] + 1


def read_bodies(connection: Connection) -> Iterator[tuple[int, bytes]]:
    """Yield every entry's number and body in order; constant memory."""
    first = _LOWEST
    while True:
        rows = connection.exec_driver_sql(
            "SELECT seq, substr(body, 1, ?) FROM trail_entry WHERE seq >= ? ORDER BY seq LIMIT ?",
            (MAX_BYTES + 1, first, _PAGE),
        ).all()
        for seq, body in rows:
            if not isinstance(body, bytes):
                raise DamagedError(f"entry {seq} is not a row of a trail")
            yield seq, body
        if len(rows) < _PAGE:
            return
        first = rows[-1][0] + 1


def read_checkpoints(connection: Connection, upto: int | None = None) -> list[StoredCheckpoint]:
    """Return the checkpoints, or those of at most ``upto`` entries, by size."""
    bound = 2**63 - 1 if upto is None else upto
    rows = connection.exec_driver_sql(
        "SELECT size, key_id, substr(root, 1, ?), substr(note, 1, ?) FROM trail_checkpoint "
        "WHERE size <= ? ORDER BY size, key_id",
        (HASH_BYTES + 1, _NOTE_CHARACTERS, bound),
    ).all()
    return [_checkpoint(row) for row in rows]


def newest_checkpoint(connection: Connection) -> StoredCheckpoint | None:
    """Return the checkpoint of the most entries, or None."""
    row = connection.exec_driver_sql(
        "SELECT size, key_id, substr(root, 1, ?), substr(note, 1, ?) FROM trail_checkpoint "
        "ORDER BY size DESC LIMIT 1",
        (HASH_BYTES + 1, _NOTE_CHARACTERS),
    ).first()
    return _checkpoint(row) if row is not None else None


def read_leaves(connection: Connection, first: int, count: int) -> list[bytes]:
    """Return ``count`` leaf hashes from entry ``first`` on; DamagedError if some are missing."""
    rows = connection.exec_driver_sql(
        "SELECT seq, substr(leaf, 1, ?) FROM trail_entry WHERE seq >= ? ORDER BY seq LIMIT ?",
        (HASH_BYTES + 1, first, count),
    ).all()
    numbers = [row[0] for row in rows]
    if numbers != list(range(first, first + count)):
        raise DamagedError(f"entries are missing from {first} on")
    return [_digest(row[1], f"the leaf of entry {row[0]}") for row in rows]


def read_tile(connection: Connection, level: int, idx: int) -> bytes | None:
    """Return the joined hashes of a stored tile, or None where there is none."""
    stored = connection.exec_driver_sql(
        "SELECT substr(hashes, 1, ?) FROM trail_tile WHERE level = ? AND idx = ?",
        (TILE_HASHES * HASH_BYTES + 1, level, idx),
    ).scalar()
    return stored if isinstance(stored, bytes) else None


def read_edge(connection: Connection, level: int, idx: int, count: int) -> list[bytes]:
    """Return the first ``count`` hashes of a tile; level 0 is read from the entries."""
    if level == 0:
        return read_leaves(connection, idx * TILE_HASHES, count)
    stored = read_tile(connection, level, idx) or b""
    if len(stored) < count * HASH_BYTES:
        raise DamagedError(f"tile {idx} of level {level} is missing or too short")
    return [stored[at : at + HASH_BYTES] for at in range(0, count * HASH_BYTES, HASH_BYTES)]


def _entry(row: Sequence[Any]) -> StoredEntry:
    seq, body, leaf, index_seq, *values = row
    if not (isinstance(seq, int) and isinstance(body, bytes)):
        raise DamagedError(f"entry {seq} is not a row of a trail")
    index = tuple(values) if index_seq is not None else None
    return StoredEntry(seq, body, _digest(leaf, f"the leaf of entry {seq}"), index)


def _checkpoint(row: Sequence[Any]) -> StoredCheckpoint:
    size, key_id, root, note = row
    if not (isinstance(size, int) and isinstance(key_id, str) and isinstance(note, str)):
        raise DamagedError("a checkpoint is not a row of a trail")
    return StoredCheckpoint(size, key_id, _digest(root, f"the root of checkpoint {size}"), note)


def _digest(value: object, name: str) -> bytes:
    if not isinstance(value, bytes) or len(value) != HASH_BYTES:
        raise DamagedError(f"{name} is not a hash")
    return value
