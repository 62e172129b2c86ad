"""Verifying a trail: recompute everything from the bodies, believe nothing else.

The level says what was proved and is never above it; docs/trail.md says what no log can prove.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, text

from governance.errors import TrailError
from governance.model.trail import Assurance, Verification
from governance.trail.body import GENESIS, Body, decode_body, format_time, index_values, parse_time
from governance.trail.gaps import Gaps, newest_pruned
from governance.trail.keyring import KeyRing
from governance.trail.keys import PublicKey
from governance.trail.merkle import leaf_hash
from governance.trail.note import Checkpoint, parse_checkpoint
from governance.trail.rows import (
    DamagedError,
    StoredCheckpoint,
    StoredEntry,
    count_entries,
    read_checkpoints,
    read_pages,
    read_tile,
)
from governance.trail.storage import (
    Where,
    exists,
    failing_closed,
    file_problem,
    reading_engine,
    schema_problem,
)
from governance.trail.tiles import Tile, TileStack


def verify(
    path: Where,
    *,
    pinned: PublicKey | None,
    pin_source: str | None,
    until: datetime | None = None,
) -> Verification:
    """Verify a trail; never raises for what it finds in the file.

    Args:
        pinned: The key that must have signed every checkpoint; its name, if it has one, is
            the log's origin. None: signatures prove nothing, the level ends at ``INTACT``.
        pin_source: Where that key comes from, in words.
        until: Verify the log as it stood at this aware instant; later entries are not read,
            so the answer stays the same while the log grows.
    """
    check = _Check(pinned, format_time(until) if until else None)
    try:
        if not exists(path):
            raise DamagedError("there is no trail at this path")
        with failing_closed(path), reading_engine(path).connect() as connection:
            check.run(connection)
    except DamagedError as damage:
        check.problem = str(damage)
    except TrailError as error:
        check.problem = error.problem
    return check.conclude(pin_source)


@dataclass
class _Check:
    pinned: PublicKey | None
    until: str | None
    problem: str | None = None
    origin: str | None = None
    tiles: TileStack = field(default_factory=TileStack)
    pending: list[StoredCheckpoint] = field(default_factory=list)
    leaf: bytes = GENESIS
    ts: str = ""
    signed: tuple[int, str] | None = None
    checkpoints: list[StoredCheckpoint] = field(default_factory=list)
    ring: KeyRing = field(default_factory=KeyRing)
    gaps: Gaps = field(default_factory=lambda: Gaps(None))

    def run(self, connection: Connection) -> None:
        """Check everything in one pass; DamagedError at the first thing that is wrong."""
        problem = schema_problem(connection)
        if problem:
            raise DamagedError(problem)
        problem = file_problem(connection)
        if problem:
            raise DamagedError(problem)
        # NOTE: checkpoints first; what other processes append meanwhile is beyond them all.
        self.checkpoints = read_checkpoints(connection)
        self.ring = KeyRing.load(connection)
        self.gaps = Gaps(newest_pruned(connection))
        problem = self.ring.problem_with(self.pinned) if self.pinned else None
        if problem:
            raise DamagedError(problem)
        end = count_entries(connection)
        if self.checkpoints and self.checkpoints[-1].size > end:
            signed = self.checkpoints[-1].size
            raise DamagedError(f"the trail has {end} entries, but {signed} were signed: cut off")
        if self.checkpoints and self.checkpoints[0].size < 1:
            raise DamagedError("a checkpoint of no entries")
        self.pending = self.checkpoints[::-1]
        for entry in (entry for page in read_pages(connection) for entry in page):
            while self.tiles.size < entry.seq < end:
                for leaf in self.gaps.leaves(connection, self.tiles.size, entry.seq):
                    self._grow(connection, leaf)
            if entry.seq >= end or not self._take(entry):
                break
            self._grow(connection, entry.leaf)
        self._finish(connection)

    def conclude(self, pin_source: str | None) -> Verification:
        """Return what was found; a problem leaves nothing proved."""
        size = self.tiles.size
        level = Assurance.INTACT
        if self.problem is not None or size == 0:
            level = Assurance.UNVERIFIABLE
        elif self.pinned is not None and self.signed is not None:
            level = Assurance.SIGNED
        signed_size, signed_at = self.signed or (None, None)
        key = self.pinned.named(self.pinned.name or self.origin or "") if self.pinned else None
        return Verification(
            level=level,
            entries=size,
            root=self.tiles.root().hex(),
            problem=self.problem,
            checkpoint_size=signed_size,
            checkpoint_time=parse_time(signed_at) if signed_at else None,
            unsigned_tail=size - (signed_size or 0),
            key_id=key.key_id.hex() if key else None,
            pin=pin_source if key else None,
        )

    def _grow(self, connection: Connection, leaf: bytes) -> None:
        """Append one leaf, and hold the tree against what is stored of it at this size."""
        self.leaf = leaf
        for tile in self.tiles.push(leaf):
            if tile.is_full:
                self._compare_tile(connection, tile)
        if self.tiles.size == self.gaps.end:
            self.gaps.root_at(self.tiles.size, self.tiles.root())
        while self.pending and self.pending[-1].size == self.tiles.size:
            self._hold_against(self.pending.pop())

    def _take(self, stored: StoredEntry) -> bool:
        """Check one entry against the ones before it; False if it is later than asked for."""
        seq = self.tiles.size
        if stored.seq != seq:
            raise DamagedError(f"entry {seq} is missing, or entry {stored.seq} was put in")
        if leaf_hash(stored.body) != stored.leaf:
            raise DamagedError(f"entry {seq} was changed: its bytes do not have its hash")
        body = _decode(stored.body, seq)
        if self.until is not None and body.ts > self.until:
            return False
        self.origin = self.origin or (self.pinned.name if self.pinned else None) or body.log
        if body.log != self.origin:
            raise DamagedError(f"entry {seq} belongs to another log")
        if body.seq != seq or body.prev != self.leaf:
            raise DamagedError(f"entry {seq} does not follow the entry before it")
        if body.ts < self.ts:
            raise DamagedError(f"entry {seq} is dated before the entry before it")
        if stored.index != index_values(body):
            raise DamagedError(f"the search index shows something else than entry {seq} says")
        self.ring.meet(body, stored.leaf)
        self.gaps.meet(body)
        self.ts = body.ts
        return True

    def _hold_against(self, stored: StoredCheckpoint) -> None:
        size = stored.size
        expected = Checkpoint(self.origin or "", size, self.tiles.root())
        try:
            told = parse_checkpoint(stored.note)
        except ValueError as cause:
            raise DamagedError(f"the checkpoint of size {size} is unreadable: {cause}") from None
        if told != expected or stored.root != expected.root:
            raise DamagedError(f"the first {size} entries are not those that were signed")
        if self.pinned is not None:
            tenure = self.ring.at(size)
            key = (tenure.key if tenure else self.pinned).named(expected.origin)
            vouched = self.ring.vouches(self.pinned.named(expected.origin), stored.note, size)
            if vouched is False or stored.key_id != key.key_id.hex():
                raise DamagedError(
                    f"the checkpoint of size {size} is not signed with the pinned key"
                )
            if vouched is None:
                return  # signed by a key that was revoked: it proves nothing, its successor may
        self.signed = (size, self.ts)

    def _compare_tile(self, connection: Connection, tile: Tile) -> None:
        stored = read_tile(connection, tile.level, tile.idx)
        if stored is None or not stored.startswith(tile.hashes):
            raise DamagedError(f"tile {tile.idx} of level {tile.level} differs from the entries")

    def _finish(self, connection: Connection) -> None:
        size = self.tiles.size
        if size == 0:
            asked = " up to that time" if self.until else ""
            raise DamagedError(f"the trail holds no entries{asked}")
        if not self.checkpoints:
            raise DamagedError("the signatures were taken off: no checkpoint is left")
        self.gaps.check((self.signed or (0, ""))[0] if self.pinned else None)
        for level, hashes in enumerate(self.tiles.levels):
            if level and hashes:
                idx = size >> (8 * (level + 1))
                self._compare_tile(connection, Tile(level, idx, b"".join(hashes)))
        stray = "SELECT 1 FROM trail_index WHERE seq NOT IN (SELECT seq FROM trail_entry) LIMIT 1"
        if connection.execute(text(stray)).first() is not None:
            raise DamagedError("the search index shows an entry that does not exist")


def _decode(stored: bytes, seq: int) -> Body:
    try:
        return decode_body(stored)
    except ValueError as cause:
        raise DamagedError(f"entry {seq} is not readable: {cause}") from None
