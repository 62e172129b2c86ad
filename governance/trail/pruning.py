"""Dropping the bodies of old entries: whole tiles, below a signed and anchored checkpoint.

The leaf hashes stay in the tiles of level 0, so the tree, every checkpoint and every proof that was
ever given still hold. What says who may sign, what was erased, held or pruned stays whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Connection, bindparam, text

from governance.model.trail import Event
from governance.trail import postgres_guards, sqlite_guards
from governance.trail.body import Body, decode_body, format_time
from governance.trail.gaps import MAX_KEPT, newest_pruned, pruned_event
from governance.trail.privacy import commitments
from governance.trail.rows import DamagedError, read_bodies, read_leaves, read_tile
from governance.trail.statements import insert_rows
from governance.trail.storage import Where, failing_closed, reading_engine, stored_format
from governance.trail.tiles import TILE_HASHES
from governance.trail.tree import StoredTree

_ALWAYS = frozenset({"log.created", "segment.pruned", "subject.erased"})
_ALWAYS_LIKE = ("key.", "legal_hold.")
_IDLE_WRITERS = "DELETE FROM trail_writer WHERE id NOT IN (SELECT writer FROM trail_index)"


@dataclass(frozen=True, slots=True)
class Cut:
    """What pruning would drop.

    Args:
        end: The first entry after it, a multiple of 256. root: Of the entries before that.
        kept: Those before ``end`` that stay. dropped: How many go now.
        until: The time of the last entry that goes, as bodies spell it.
        commitments: Of the details that go with them.
    """

    end: int
    root: bytes
    kept: tuple[int, ...]
    dropped: int
    until: str
    commitments: tuple[bytes, ...]

    def event(self, before: str) -> Event:
        """Return what the log says of it; ``before``: the day that was asked for."""
        told = {"before": before, "until": self.until, "entries": self.dropped}
        return pruned_event(self.end, self.root, self.kept, told)


def plan_cut(where: Where, before: datetime, limit: int) -> Cut | None:
    """Return what may be dropped, or None where that is nothing.

    Args:
        before: Entries from this aware instant on stay.
        limit: What the newest anchored checkpoint covers; nothing beyond it is dropped.

    Raises:
        TrailError: If the trail cannot be read.
    """
    with failing_closed(where), reading_engine(where).connect() as connection:
        last = newest_pruned(connection)
        end = _end(connection, format_time(before), limit)
        if end <= (last.end if last else 0):
            return None
        return _cut(connection, end)


def drop(connection: Connection, cut: Cut) -> None:
    """Remove the rows, inside the caller's transaction, with the guards set aside for it.

    Raises:
        DamagedError: If what goes is not what was planned.
    """
    guards = sqlite_guards if connection.dialect.name == "sqlite" else postgres_guards
    _keep_leaves(connection, cut.end)
    with guards.set_aside(connection):
        for table in ("trail_index", "trail_entry"):
            statement = text(f"DELETE FROM {table} WHERE seq < :end AND seq NOT IN :kept")  # noqa: S608
            statement = statement.bindparams(
                bindparam("end", type_=BigInteger), bindparam("kept", expanding=True)
            )
            gone = connection.execute(statement, {"end": cut.end, "kept": cut.kept}).rowcount
        if gone != cut.dropped:
            raise DamagedError(f"{gone} entries would go, and {cut.dropped} were meant to")
        if stored_format(connection) > 1:
            connection.execute(text(_IDLE_WRITERS))


def _keep_leaves(connection: Connection, end: int) -> None:
    """Store the tiles of level 0 below ``end``: they are all that will be left of most entries."""
    for idx in range(end // TILE_HASHES):
        if read_tile(connection, 0, idx) is None:
            hashes = b"".join(read_leaves(connection, idx * TILE_HASHES, TILE_HASHES))
            insert_rows(connection, "trail_tile", ("level", "idx", "hashes"), [(0, idx, hashes)])


def _end(connection: Connection, before: str, limit: int) -> int:
    """Return where the pruned part may end: whole tiles, all older, all below ``limit``."""
    end = 0
    for seq, stored in read_bodies(connection):
        if seq >= limit or _decode(seq, stored).ts >= before:
            break
        end = seq + 1
    return end // TILE_HASHES * TILE_HASHES


def _cut(connection: Connection, end: int) -> Cut:
    kept: list[int] = []
    held: list[bytes] = []
    dropped, until = 0, ""
    for seq, stored in read_bodies(connection):
        if seq >= end:
            break
        body = _decode(seq, stored)
        if body.type in _ALWAYS or body.type.startswith(_ALWAYS_LIKE):
            kept.append(seq)
            continue
        held += commitments(body.payload)
        dropped, until = dropped + 1, body.ts
    if len(kept) > MAX_KEPT:
        raise DamagedError(f"{len(kept)} entries must stay, more than {MAX_KEPT}: choose less")
    root = StoredTree(connection).root(end)
    return Cut(end, root, tuple(kept), dropped, until, tuple(held))


def _decode(seq: int, stored: bytes) -> Body:
    try:
        return decode_body(stored)
    except ValueError as cause:
        raise DamagedError(f"entry {seq} is not readable: {cause}") from None
