"""The right edge of the log, and how it grows inside a locked transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, cast, func, select

from governance.model.trail import Event
from governance.trail.body import GENESIS, Body, BodyWriter, decode_body
from governance.trail.canonical import storable
from governance.trail.indexing import Said, Writer, insert_index
from governance.trail.keys import PublicKey
from governance.trail.merkle import leaf_hash
from governance.trail.note import Checkpoint, is_signed_by, parse_checkpoint
from governance.trail.rows import (
    DamagedError,
    StoredCheckpoint,
    count_entries,
    newest_checkpoint,
    read_edge,
    read_leaves,
    read_written,
)
from governance.trail.schema import TrailTable
from governance.trail.shape import FORMAT
from governance.trail.statements import insert_rows
from governance.trail.stream import read_one
from governance.trail.tiles import Tile, TileStack

_ENTRY_COLUMNS = ("seq", "body", "leaf")
_TABLES = TrailTable.metadata.tables


@dataclass(frozen=True, slots=True)
class Identity:
    """What every entry of one opening says: which log, who, in which run."""

    origin: str
    writer: BodyWriter


@dataclass(frozen=True, slots=True)
class Writing:
    """Events to write at one instant."""

    identity: Identity
    ts: str
    events: Sequence[Event]


@dataclass(slots=True)
class Head:
    """Where the log ends: its size and edge hashes, and the last entry's leaf and time.

    Args:
        form: The format in which it is stored. writer: This opening's row in the index, if any.
    """

    tiles: TileStack
    leaf: bytes
    ts: str
    form: int = FORMAT
    writer: int = 0

    @classmethod
    def empty(cls, form: int = FORMAT) -> Head:
        """Return the head of a log without entries."""
        return cls(TileStack(), GENESIS, "", form)

    @property
    def size(self) -> int:
        return self.tiles.size

    def follow(self, connection: Connection) -> Head:
        """Return a copy, grown by what other processes appended since.

        Raises:
            DamagedError: If the file no longer continues what was seen before.
        """
        last = self.size - 1
        if read_leaves(connection, last, 1) != [self.leaf]:
            raise DamagedError(f"entry {last} is not the one that was there before")
        head = replace(self, tiles=self.tiles.copy())
        count = count_entries(connection)
        if count > head.size:
            for leaf in read_leaves(connection, head.size, count - head.size):
                head.tiles.push(leaf)
            head._read_last(connection)
        return head

    def _read_last(self, connection: Connection) -> None:
        last = read_one(connection, self.size - 1)
        if last is None or leaf_hash(last[1]) != last[2]:
            raise DamagedError(f"entry {self.size - 1} does not have the hash beside it")
        _, stored, self.leaf = last
        self.ts = _decode(stored, self.size - 1).ts


def load_head(connection: Connection, form: int, key: PublicKey, origin: str) -> Head:
    """Return the head of a stored log, checked against its newest checkpoint.

    Raises:
        DamagedError: If it is another log, signed with another key, cut, or changed.
    """
    count = count_entries(connection)
    newest = newest_checkpoint(connection)
    if count == 0 or newest is None:
        raise DamagedError("the trail lost its entries or its signatures")
    first = read_one(connection, 0)
    genesis = _decode(first[1], 0) if first else None
    if genesis is None or genesis.seq != 0:
        raise DamagedError("entry 0 is missing")
    if genesis.log != origin:
        raise DamagedError("this is the trail of another project")
    if newest.size > count:
        raise DamagedError(f"the trail has {count} entries, but {newest.size} were signed")
    if newest.key_id != key.named(origin).key_id.hex():
        raise DamagedError("the trail continues under another signing key")
    head = Head(TileStack.load(newest.size, partial(read_edge, connection)), GENESIS, "", form)
    _check_signed(newest, Checkpoint(origin, newest.size, head.tiles.root()), key)
    for leaf in read_leaves(connection, newest.size, count - newest.size):
        head.tiles.push(leaf)
    head._read_last(connection)
    return head


def write_entries(connection: Connection, head: Head, writing: Writing) -> None:
    """Insert the entries and what is derived from them, and read them back.

    ``head`` grows with them. The caller holds the lock and commits.

    Raises:
        ValueError: If an event is outside the format.
        DamagedError: If what is read back is not what was written.
    """
    first, writer, ts = head.size, writing.identity.writer, writing.ts
    rows: list[tuple[int, bytes, bytes]] = []
    said: list[Said] = []
    leaf = head.leaf
    for seq, event in enumerate(writing.events, first):
        stored = writer.spell(seq, leaf.hex(), ts, event)
        leaf = leaf_hash(stored)
        rows.append((seq, stored, leaf))
        asset, severity = _text(event.payload, "asset"), _text(event.payload, "severity")
        said.append((seq, event.type, ts, asset, severity))
    insert_rows(connection, "trail_entry", _ENTRY_COLUMNS, rows)
    who = Writer(writer.run, writer.actor.ref)
    head.writer = insert_index(connection, head.form, who, head.writer, said)
    for tile in head.tiles.extend([row[2] for row in rows]):
        # NOTE: since format 2 the leaves beside the entries are the tiles of level 0.
        if tile.level or head.form == 1:
            _store_tile(connection, tile)
    head.leaf, head.ts = leaf, ts
    if read_written(connection, first, len(rows)) != rows:
        raise DamagedError(f"an entry from {first} on reads back differently from what was sent")


def _text(payload: Mapping[str, Any], key: str) -> str | None:
    value = payload.get(key)
    return storable(value) if isinstance(value, str) else None


def _store_tile(connection: Connection, tile: Tile) -> None:
    table = _TABLES["trail_tile"]
    if not tile.grown:
        row = {"level": tile.level, "idx": tile.idx, "hashes": tile.hashes}
        connection.execute(table.insert(), row)
        return
    if connection.dialect.name == "postgresql":
        # The role that writes may not update; the owner's function only lets a tile grow.
        grow = func.trail_grow_tile(
            cast(tile.level, Integer), cast(tile.idx, BigInteger), cast(tile.hashes, LargeBinary)
        )
        found = connection.execute(select(grow)).scalar()
        _require_tile(tile, found)
        return
    same = (table.c.level == tile.level) & (table.c.idx == tile.idx)
    changed = connection.execute(table.update().where(same).values(hashes=tile.hashes))
    _require_tile(tile, changed.rowcount)


def _require_tile(tile: Tile, changed: int | None) -> None:
    if changed != 1:
        raise DamagedError(f"tile {tile.idx} of level {tile.level} is missing")


def _check_signed(stored: StoredCheckpoint, expected: Checkpoint, key: PublicKey) -> None:
    try:
        same = parse_checkpoint(stored.note) == expected
    except ValueError:
        same = False
    if not same:
        raise DamagedError(f"the entries differ from the checkpoint of size {stored.size}")
    if not is_signed_by(stored.note, key.named(expected.origin)):
        raise DamagedError(f"the checkpoint of size {stored.size} is not signed with this key")


def _decode(body: bytes, seq: int) -> Body:
    try:
        return decode_body(body)
    except ValueError as cause:
        raise DamagedError(f"entry {seq} is not readable: {cause}") from None
