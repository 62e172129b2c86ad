"""Reading a trail's rows with nothing taken on trust: sizes capped, types checked.

Plain statements and no typed columns: in a received file any column may hold anything. They are
spelt so that SQLite and PostgreSQL read them alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from governance.trail.canonical import MAX_BYTES
from governance.trail.merkle import HASH_BYTES
from governance.trail.shape import IS_RARE
from governance.trail.statements import Statement, Through, ask
from governance.trail.tiles import TILE_HASHES

_PAGE = 2_000
_LOWEST = -(2**63)
_NOTE_CHARACTERS = 65_537


_HIGHEST = Statement("SELECT max(seq) FROM trail_entry")
_BODIES = Statement(
    "SELECT seq, substr(body, 1, :body) FROM trail_entry "
    "WHERE seq >= :first ORDER BY seq LIMIT :count",
    {"body": MAX_BYTES + 1},
)
_ENDING = Statement(
    "SELECT seq, substr(body, 1, :body) FROM trail_entry WHERE seq >= :first "
    "AND (substr(body, length(body) - :behind) IN :ends "
    "OR substr(body, length(body) - :back) <> :usual) ORDER BY seq LIMIT :count",
    {"body": MAX_BYTES + 1},
    listed="ends",
)
_USUAL_END = b'","v":1}'
_MARKED = Statement(
    "SELECT e.seq, substr(e.body, 1, :body), substr(e.leaf, 1, :hash) "  # noqa: S608
    "FROM trail_index i JOIN trail_entry e ON e.seq = i.seq "
    f"WHERE i.{IS_RARE} AND i.type IN :types ORDER BY e.seq",
    {"body": MAX_BYTES + 1, "hash": HASH_BYTES + 1},
    listed="types",
)
_CHECKPOINTS = Statement(
    "SELECT size, key_id, substr(root, 1, :hash), substr(note, 1, :note) FROM trail_checkpoint "
    "WHERE size <= :bound ORDER BY size, key_id",
    {"hash": HASH_BYTES + 1, "note": _NOTE_CHARACTERS},
)
_NEWEST = Statement(
    "SELECT size, key_id, substr(root, 1, :hash), substr(note, 1, :note) FROM trail_checkpoint "
    "ORDER BY size DESC LIMIT 1",
    {"hash": HASH_BYTES + 1, "note": _NOTE_CHARACTERS},
)
_LEAVES = Statement(
    "SELECT seq, substr(leaf, 1, :hash) FROM trail_entry "
    "WHERE seq >= :first ORDER BY seq LIMIT :count",
    {"hash": HASH_BYTES + 1},
)
_WRITTEN = Statement(
    "SELECT seq, body, leaf FROM trail_entry WHERE seq >= :first ORDER BY seq LIMIT :count",
)
_TILE = Statement(
    "SELECT substr(hashes, 1, :hashes) FROM trail_tile WHERE level = :level AND idx = :idx",
    {"hashes": TILE_HASHES * HASH_BYTES + 1},
)


class DamagedError(Exception):
    """A row that no writer of trails would have left; the message says which."""


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """One row of ``trail_checkpoint``."""

    size: int
    key_id: str
    root: bytes
    note: str


def count_entries(connection: Through) -> int:
    """Return one more than the highest ``seq``; 0 for an empty trail."""
    ((highest,),) = ask(connection, _HIGHEST)
    if highest is None:
        return 0
    if not isinstance(highest, int):
        raise DamagedError("an entry's number is not a number")
    return highest + 1


def read_bodies(connection: Through) -> Iterator[tuple[int, bytes]]:
    """Yield every entry's number and body in order; constant memory."""
    first = _LOWEST
    while True:
        rows = ask(connection, _BODIES, first=first, count=_PAGE)
        for seq, body in rows:
            if not isinstance(body, bytes):
                raise DamagedError(f"entry {seq} is not a row of a trail")
            yield seq, body
        if len(rows) < _PAGE:
            return
        first = rows[-1][0] + 1


def read_typed(connection: Through, types: Collection[str]) -> Iterator[tuple[int, bytes]]:
    """Yield number and body of every entry that may be of these types, in order.

    The database looks at the ends of the bodies, where the type stands, and leaves out those that
    end in another; whoever asks has to look again. A body that ends as none does is not left out.
    """
    ends = [f'"type":"{kind}'.encode() + _USUAL_END for kind in types]
    length = min(map(len, ends))
    given = {
        "behind": length - 1,
        "ends": sorted({end[-length:] for end in ends}),
        "back": len(_USUAL_END) - 1,
        "usual": _USUAL_END,
    }
    first = _LOWEST
    while True:
        rows = ask(connection, _ENDING, first=first, count=_PAGE, **given)
        for seq, body in rows:
            if not isinstance(body, bytes):
                raise DamagedError(f"entry {seq} is not a row of a trail")
            yield seq, body
        if len(rows) < _PAGE:
            return
        first = rows[-1][0] + 1


def read_marked(connection: Through, types: Collection[str]) -> list[tuple[int, bytes, bytes]]:
    """Return number, body and leaf of the entries that the search index shows as these types.

    Args:
        types: Of ``shape.RARE_TYPES`` only.

    Quick, and to be believed only where every entry is held against the index as well.
    """
    rows = ask(connection, _MARKED, types=sorted(types))
    for seq, body, leaf in rows:
        if not (isinstance(seq, int) and isinstance(body, bytes)):
            raise DamagedError(f"entry {seq} is not a row of a trail")
        _digest(leaf, f"the leaf of entry {seq}")
    return [(seq, body, leaf) for seq, body, leaf in rows]


def read_checkpoints(connection: Through, upto: int | None = None) -> list[StoredCheckpoint]:
    """Return the checkpoints, or those of at most ``upto`` entries, by size."""
    bound = 2**63 - 1 if upto is None else upto
    rows = ask(connection, _CHECKPOINTS, bound=bound)
    return [_checkpoint(row) for row in rows]


def newest_checkpoint(connection: Through) -> StoredCheckpoint | None:
    """Return the checkpoint of the most entries, or None."""
    rows = ask(connection, _NEWEST)
    return _checkpoint(rows[0]) if rows else None


def read_leaves(connection: Through, first: int, count: int) -> list[bytes]:
    """Return ``count`` leaf hashes from entry ``first`` on; DamagedError if some are missing."""
    rows = ask(connection, _LEAVES, first=first, count=count)
    numbers = [row[0] for row in rows]
    if numbers != list(range(first, first + count)):
        raise DamagedError(f"entries are missing from {first} on")
    return [_digest(row[1], f"the leaf of entry {row[0]}") for row in rows]


def read_written(connection: Through, first: int, count: int) -> list[tuple[Any, Any, Any]]:
    """Return what the database shows of ``count`` entries that were just written, and one more.

    A trigger or a fault may have changed them; so nothing is assumed of these rows.
    """
    rows = ask(connection, _WRITTEN, first=first, count=count + 1)
    return [(seq, body, leaf) for seq, body, leaf in rows]


def read_tile(connection: Through, level: int, idx: int) -> bytes | None:
    """Return the joined hashes of a stored tile, or None where there is none."""
    rows = ask(connection, _TILE, level=level, idx=idx)
    stored = rows[0][0] if rows else None
    return stored if isinstance(stored, bytes) else None


def read_edge(connection: Through, level: int, idx: int, count: int) -> list[bytes]:
    """Return the first ``count`` hashes of a tile; level 0 is read from the entries."""
    if level == 0:
        return read_leaves(connection, idx * TILE_HASHES, count)
    stored = read_tile(connection, level, idx) or b""
    if len(stored) < count * HASH_BYTES:
        raise DamagedError(f"tile {idx} of level {level} is missing or too short")
    return [stored[at : at + HASH_BYTES] for at in range(0, count * HASH_BYTES, HASH_BYTES)]


def _checkpoint(row: Sequence[Any]) -> StoredCheckpoint:
    size, key_id, root, note = row
    if not (isinstance(size, int) and isinstance(key_id, str) and isinstance(note, str)):
        raise DamagedError("a checkpoint is not a row of a trail")
    return StoredCheckpoint(size, key_id, _digest(root, f"the root of checkpoint {size}"), note)


def _digest(value: object, name: str) -> bytes:
    if not isinstance(value, bytes) or len(value) != HASH_BYTES:
        raise DamagedError(f"{name} is not a hash")
    return value
