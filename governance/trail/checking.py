"""Going through a trail once, entry by entry: what fits together, and up to where it is signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from itertools import repeat

from governance.trail.body import GENESIS, Body, decode_body, index_values
from governance.trail.course import Course
from governance.trail.gaps import PRUNED, Gaps, newest_pruned
from governance.trail.indexing import Values, has_strays, read_index
from governance.trail.keyring import KEY_TYPES, KeyRing
from governance.trail.merkle import leaf_hash
from governance.trail.note import Checkpoint, is_only_signed_by, parse_checkpoint
from governance.trail.proofs import included_root, prove_inclusion
from governance.trail.rows import (
    DamagedError,
    StoredCheckpoint,
    count_entries,
    newest_checkpoint,
    read_edge,
    read_tile,
)
from governance.trail.shape import FORMAT
from governance.trail.spelling import log_mark, time_in_place
from governance.trail.statements import Through
from governance.trail.storage import file_problem, schema_problem, stored_format
from governance.trail.stream import Plain, has_marked, iterate_checkpoints, read_one, read_plain
from governance.trail.tiles import Tile, TileStack, read_node

_LOWEST, _NEVER = -(2**63), 2**63
_TYPES = (*sorted(KEY_TYPES), PRUNED)
_MARKED = tuple(f'"type":"{kind}","v":1}}'.encode() for kind in (*sorted(KEY_TYPES), PRUNED))
"""The ends of entries that are always read as a whole: they say which keys count, which gaps."""


@dataclass
class Passage:
    """One passage through a trail; what it holds was checked when ``run`` returns.

    Args:
        leaf: The hash of the last entry. time: Its time, as the body spells it.
        skipped: How many entries a trusted checkpoint stood for.
        signed: Size and time of the newest checkpoint that holds.
    """

    course: Course
    origin: str | None = None
    tiles: TileStack = field(default_factory=TileStack)
    leaf: bytes = GENESIS
    time: bytes = b""
    skipped: int = 0
    signed: tuple[int, str] | None = None
    ring: KeyRing = field(default_factory=KeyRing)
    gaps: Gaps = field(default_factory=lambda: Gaps(None))
    _form: int = FORMAT
    _count: int = 0
    _mark: bytes = b""
    _leaves: list[bytes] = field(default_factory=list)
    _stop: int = 0
    _pending: Iterator[StoredCheckpoint] = field(default_factory=lambda: iter(()))
    _next: StoredCheckpoint | None = None

    def run(self, connection: Through) -> None:
        """Check everything in one pass; DamagedError at the first thing that is wrong."""
        _check_file(connection, self.course)
        self._form = stored_format(connection)
        # NOTE: the newest checkpoint first; what others append meanwhile is beyond it.
        newest = newest_checkpoint(connection)
        signed, end = newest.size if newest else 0, count_entries(connection)
        if signed > end:
            raise DamagedError(f"the trail has {end} entries, but {signed} were signed: cut off")
        self._learn(connection, end)
        self._begin(connection, end)
        stored = iterate_checkpoints(connection, self.skipped - 1)
        self._pending = (checkpoint for checkpoint in stored if checkpoint.size <= signed)
        self._next = next(self._pending, None)
        if self._next is not None and self._next.size < 1:
            raise DamagedError("a checkpoint of no entries")
        self._arrive()
        self._walk(connection, signed, end)
        self._finish(connection, has_signatures=newest is not None)

    def is_vouched(self, note: str, size: int) -> bool | None:
        """Return whether the pinned key answers for a note; without one, nothing is asked.

        None: the key of that time signed it, and its word no longer counts.
        """
        pinned = self.course.pinned
        return pinned is None or self.ring.vouches(pinned.named(self.origin or ""), note, size)

    def _learn(self, connection: Through, end: int) -> None:
        """Learn which keys sign and which entries may be missing; the passage confirms both.

        After a start that the pinned key alone signed, nothing of that is needed, unless what
        follows tells of keys or gaps: a long index need not be searched.
        """
        start, pinned = self.course.start, self.course.pinned
        if start and pinned and 0 < start.size <= end:
            is_plain = is_only_signed_by(self.course.note, pinned)
            if is_plain and not has_marked(connection, _TYPES, start.size):
                return
        self.ring = KeyRing.load(connection)
        self.gaps = Gaps(newest_pruned(connection))
        problem = self.ring.problem_with(self.course.pinned) if self.course.pinned else None
        if problem:
            raise DamagedError(problem)

    def _begin(self, connection: Through, end: int) -> None:
        """Take up the log where the trusted checkpoint left it, or at its first entry."""
        pinned, start = self.course.pinned, self.course.start
        self.origin = (pinned.name if pinned else None) or None
        if start is None or not 0 < start.size <= end or start.size <= self.gaps.end:
            return
        self.gaps = Gaps(None)
        last = start.size - 1
        self.tiles = TileStack.load(start.size, partial(read_edge, connection))
        if self.tiles.root() != start.root:
            raise DamagedError(f"the first {start.size} entries are not those that were pinned")
        entry = read_one(connection, last)
        # NOTE: where a tile ends, the root above comes from the tiles alone, without this leaf.
        path = prove_inclusion(last, start.size, read_node(partial(read_edge, connection)))
        told = leaf_hash(entry[1]) if entry else b""
        if entry is None or included_root(told, last, start.size, path) != start.root:
            raise DamagedError(f"entry {last} was changed: its bytes do not have its hash")
        self.leaf, self.time = told, _decode(entry[1], last).ts.encode()
        self.origin, self._mark = start.origin, log_mark(start.origin)
        self._count = self.skipped = start.size

    def _walk(self, connection: Through, signed: int, end: int) -> None:
        """Check each entry, and at each size that somebody signed compare the roots.

        What no signature covers yet is read as a whole: anybody may have written it.
        """
        form = self._form if self.course.deep else None
        for page in _read(connection, self._count, form):
            for stored, shown in page:
                seq = stored[0]
                if self._count < seq < end:
                    self._pass_over(connection, seq)
                is_signed = shown is None and 0 < seq < signed
                if seq >= end or not (
                    (is_signed and self._pass(stored)) or self._take(stored, shown)
                ):
                    self._grow(connection)
                    return
                self._append(connection, stored[2])
            self._grow(connection)

    def _pass(self, stored: Plain) -> bool:
        """Return whether a signed entry's bytes have their hash and stand in their place."""
        seq, body, leaf = stored
        if seq != self._count or sha256(b"\x00" + body).digest() != leaf:
            return False
        told = time_in_place(body, self._mark, seq, self.leaf)
        if told is None or told < self.time or body.endswith(_MARKED):
            return False
        if self.course.until is not None and told > self.course.until.encode():
            return False
        self.time = told
        return True

    def _take(self, stored: Plain, shown: Values | None) -> bool:
        """Check one entry as a whole against the ones before it; False if it is too late."""
        number, content, leaf = stored
        seq = self._count
        if number != seq:
            raise DamagedError(f"entry {seq} is missing, or entry {number} was put in")
        if leaf_hash(content) != leaf:
            raise DamagedError(f"entry {seq} was changed: its bytes do not have its hash")
        body = _decode(content, seq)
        if self.course.until is not None and body.ts > self.course.until:
            return False
        if self.origin is None or not self._mark:
            self.origin = self.origin or body.log
            self._mark = log_mark(self.origin)
        if body.log != self.origin:
            raise DamagedError(f"entry {seq} belongs to another log")
        if body.seq != seq or body.prev != self.leaf:
            raise DamagedError(f"entry {seq} does not follow the entry before it")
        if body.ts.encode() < self.time:
            raise DamagedError(f"entry {seq} is dated before the entry before it")
        if shown is not None and shown != index_values(body):
            raise DamagedError(f"the search index shows something else than entry {seq} says")
        self.ring.meet(body, leaf)
        self.gaps.meet(body)
        self.time = body.ts.encode()
        return True

    def _pass_over(self, connection: Through, until: int) -> None:
        """Grow by the leaf hashes of entries whose bodies were pruned."""
        while self._count < until:
            for leaf in self.gaps.leaves(connection, self._count, until):
                self._append(connection, leaf)

    def _append(self, connection: Through, leaf: bytes) -> None:
        self.leaf = leaf
        self._leaves.append(leaf)
        self._count += 1
        if self._count == self._stop:
            self._grow(connection)
            self._arrive()

    def _grow(self, connection: Through) -> None:
        for tile in self.tiles.extend(self._leaves):
            if tile.is_full:
                # NOTE: since format 2 leaves are told again only where their entries are gone.
                _compare_tile(connection, tile, may_lack=self._form > 1 and tile.level == 0)
        self._leaves = []

    def _arrive(self) -> None:
        """Hold the tree against whatever was said about this size, and look for the next one."""
        size = self.tiles.size
        while self._next is not None and self._next.size == size:
            self._hold_against(self._next)
            self._next = next(self._pending, None)
        self.gaps.root_at(size, self.tiles.root())
        ahead = (self._next.size if self._next else 0, self.gaps.end)
        self._stop = min((stop for stop in ahead if stop > size), default=_NEVER)

    def _hold_against(self, stored: StoredCheckpoint) -> None:
        size = stored.size
        expected = Checkpoint(self.origin or "", size, self.tiles.root())
        try:
            told = parse_checkpoint(stored.note)
        except ValueError as cause:
            raise DamagedError(f"the checkpoint of size {size} is unreadable: {cause}") from None
        if told != expected or stored.root != expected.root:
            raise DamagedError(f"the first {size} entries are not those that were signed")
        vouched = self.is_vouched(stored.note, size)
        if vouched is False or stored.key_id != self._signer(size, stored.key_id):
            raise DamagedError(f"the checkpoint of size {size} is not signed with the pinned key")
        if vouched:  # else its key was revoked: it proves nothing, its successor may
            self.signed = (size, self.time.decode())

    def _signer(self, size: int, told: str) -> str:
        """Return the id of the key that signs a log of this size, as a checkpoint must tell it."""
        pinned, tenure = self.course.pinned, self.ring.at(size)
        if pinned is None:
            return told
        return (tenure.key if tenure else pinned).named(self.origin or "").key_id.hex()

    def _finish(self, connection: Through, *, has_signatures: bool) -> None:
        size = self.tiles.size
        if size == 0:
            asked = " up to that time" if self.course.until else ""
            raise DamagedError(f"the trail holds no entries{asked}")
        if not has_signatures:
            raise DamagedError("the signatures were taken off: no checkpoint is left")
        self.gaps.check((self.signed or (0, ""))[0] if self.course.pinned else None)
        for level, hashes in enumerate(self.tiles.levels):
            if level and hashes:
                idx = size >> (8 * (level + 1))
                _compare_tile(connection, Tile(level, idx, b"".join(hashes)))
        if self.course.deep and has_strays(connection, self._form):
            raise DamagedError("the search index or a tile shows an entry that does not exist")


def _check_file(connection: Through, course: Course) -> None:
    problem = schema_problem(connection)
    if problem:
        raise DamagedError(problem)
    damage = file_problem(connection) if course.start is None or course.deep else None
    if damage:
        raise DamagedError(damage)


def _read(
    connection: Through, first: int, form: int | None
) -> Iterator[Iterable[tuple[Plain, Values | None]]]:
    """Yield the entries from ``first`` in pages; with what the index of a format says, if asked."""
    for page in read_plain(connection, first or _LOWEST):
        if form is None:
            yield zip(page, repeat(None))
        else:
            shown = read_index(connection, form, [seq for seq, _, _ in page])
            yield [(stored, shown.get(stored[0], ())) for stored in page]


def _compare_tile(connection: Through, tile: Tile, *, may_lack: bool = False) -> None:
    stored = read_tile(connection, tile.level, tile.idx)
    if stored is None and may_lack:
        return
    if stored is None or not stored.startswith(tile.hashes):
        raise DamagedError(f"tile {tile.idx} of level {tile.level} differs from the entries")


def _decode(stored: bytes, seq: int) -> Body:
    try:
        return decode_body(stored)
    except ValueError as cause:
        raise DamagedError(f"entry {seq} is not readable: {cause}") from None
