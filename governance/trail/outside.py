"""What is known about a log outside of it, and whether the log still agrees with that.

Whoever holds the file and the signing key can write a new history; not one that agrees with a
checkpoint which somebody else kept. That interval, from the newest such checkpoint to the end of
the log, is what remains to be believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.model.trail import Anchor, Quorum
from governance.trail.body import decode_body, format_time
from governance.trail.checking import Passage
from governance.trail.cosignature import WitnessKey, cosigned_at
from governance.trail.note import Checkpoint, parse_checkpoint
from governance.trail.proofs import is_consistent
from governance.trail.rows import DamagedError
from governance.trail.statements import Through
from governance.trail.stream import StoredAnchor, read_notes, read_plain
from governance.trail.timestamps import read_stamp
from governance.trail.tree import StoredTree

TSA, WITNESS = "tsa", "witness"
_SKEW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Pinned:
    """A checkpoint that was kept elsewhere.

    Args:
        note: The signed note, verbatim.
        kind: ``git`` or ``file``. source: Where it was found, in words.
        time: Since when it is there; None where nobody says.
    """

    note: str
    kind: str
    source: str
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything to hold a log against.

    Args:
        witnesses: The witnesses whose word counts. quorum: How many of them make it
            ``WITNESSED``; None for all.
        authorities: Root certificates in PEM of those whose time stamps count.
    """

    pins: tuple[Pinned, ...] = ()
    witnesses: tuple[WitnessKey, ...] = ()
    quorum: int | None = None
    authorities: tuple[bytes, ...] = ()

    @property
    def covers(self) -> int:
        """How many entries the largest kept checkpoint covers; 0 if none is kept."""
        return max((_size(pin.note) for pin in self.pins), default=0)

    @property
    def needed(self) -> int:
        """How many witnesses it takes; never none."""
        return max(self.quorum if self.quorum is not None else len(self.witnesses), 1)


NOTHING = Outside()


@dataclass(frozen=True, slots=True)
class Findings:
    """What agrees: the newest anchor of each source, the witnesses, and what to tell."""

    anchors: tuple[Anchor, ...] = ()
    quorum: Quorum | None = None
    remarks: tuple[str, ...] = ()


def parse_pin(pin: Pinned) -> Checkpoint:
    """Return what a kept checkpoint says; DamagedError if it is none."""
    try:
        return parse_checkpoint(pin.note)
    except ValueError as cause:
        raise DamagedError(f"the checkpoint in {pin.source} is unreadable: {cause}") from None


def hold_against(
    connection: Through, passage: Passage, outside: Outside, receipts: Sequence[StoredAnchor]
) -> Findings:
    """Compare a log that was gone through with what is known outside.

    Raises:
        DamagedError: If they disagree: the log was cut, rolled back, rewritten or forked.
    """
    desk = _Desk(connection, passage)
    anchors = [anchor for pin in outside.pins if (anchor := desk.check_pin(pin)) is not None]
    witnessed: dict[int, set[WitnessKey]] = {}
    idle: Counter[str] = Counter()
    for receipt in receipts:
        found = list(desk.check_receipt(receipt, outside, witnessed))
        anchors += found
        idle[receipt.kind] += not found
    newest: dict[tuple[str, str], Anchor] = {}
    for anchor in sorted(anchors, key=lambda each: each.size):
        newest[anchor.kind, anchor.source] = anchor
    remarks = [
        f"{count} receipt(s) of kind {kind} prove nothing under what is pinned"
        for kind, count in sorted(idle.items())
        if count
    ]
    remarks += desk.doubt_clocks(newest.values())
    return Findings(tuple(newest.values()), _quorum(outside, witnessed), tuple(remarks))


def _quorum(outside: Outside, witnessed: Mapping[int, set[WitnessKey]]) -> Quorum | None:
    """Return the newest checkpoint that enough witnesses signed, else the one most of them did."""
    known = len(set(outside.witnesses))
    if not known:
        return None
    counts = {size: len(keys) for size, keys in witnessed.items()}
    most = max(counts, key=lambda size: (counts[size], size), default=0)
    size = max((size for size in counts if counts[size] >= outside.needed), default=most)
    return Quorum(counts.get(size, 0), known, size)


@dataclass(frozen=True, slots=True)
class _Desk:
    connection: Through
    passage: Passage

    def check_pin(self, pin: Pinned) -> Anchor | None:
        told, passage = parse_pin(pin), self.passage
        if told.origin != passage.origin:
            raise DamagedError(f"the checkpoint in {pin.source} is of another log")
        vouched = passage.is_vouched(pin.note, told.size)
        if vouched is False:
            raise DamagedError(f"the checkpoint in {pin.source} is not signed with the pinned key")
        size = passage.tiles.size
        if told.size > size:
            if passage.course.until is not None:
                return None
            raise DamagedError(
                f"the trail has {size} entries, but {told.size} are pinned in {pin.source}: "
                "cut off or rolled back"
            )
        if told.size and self.root(told.size) != told.root:
            raise DamagedError(
                f"the first {told.size} entries are not those that are pinned in {pin.source}"
            )
        return Anchor(pin.kind, told.size, pin.time, pin.source) if told.size and vouched else None

    def check_receipt(
        self, receipt: StoredAnchor, outside: Outside, witnessed: dict[int, set[WitnessKey]]
    ) -> Iterator[Anchor]:
        if not 0 < receipt.size <= self.passage.tiles.size:
            return
        if receipt.kind == TSA and outside.authorities:
            yield from self._stamped(receipt, outside)
        elif receipt.kind == WITNESS:
            yield from self._witnessed(receipt, outside, witnessed)

    def _stamped(self, receipt: StoredAnchor, outside: Outside) -> Iterator[Anchor]:
        for note in read_notes(self.connection, receipt.size):
            stamp = read_stamp(receipt.receipt, note.encode(), outside.authorities)
            if stamp is not None and self._is_ours(note, receipt.size):
                yield Anchor(TSA, receipt.size, stamp.time, stamp.authority)

    def _witnessed(
        self, receipt: StoredAnchor, outside: Outside, witnessed: dict[int, set[WitnessKey]]
    ) -> Iterator[Anchor]:
        note = receipt.receipt.decode("utf-8", "replace")
        for key in outside.witnesses:
            time = cosigned_at(note, key)
            if time is None or not self._is_ours(note, receipt.size, by=key.name):
                continue
            witnessed.setdefault(receipt.size, set()).add(key)
            yield Anchor(WITNESS, receipt.size, time, key.name)

    def doubt_clocks(self, anchors: Iterable[Anchor]) -> Iterator[str]:
        """Yield where the trail's own times do not fit those of others.

        What a stamp covers is older than the stamp; the end of the log, which tells of the stamp,
        is younger. It is a remark and no damage: clocks differ without anybody's doing.
        """
        end = self.passage.time.decode()
        for anchor in anchors:
            if anchor.time is None or anchor.kind not in {TSA, WITNESS}:
                continue
            last = self._time_of(anchor.size - 1)
            if last is not None and last > format_time(anchor.time + _SKEW):
                yield (
                    f"entry {anchor.size - 1} is dated {last}, after {anchor.source} saw it: "
                    "the trail's clock ran ahead, or was set"
                )
            if end < format_time(anchor.time - _SKEW):
                yield (
                    f"the last entry is dated {end}, before {anchor.source} saw an earlier one: "
                    "the trail's clock ran behind, or was set back"
                )

    def _time_of(self, index: int) -> str | None:
        page = next(read_plain(self.connection, index), [])
        if not page or page[0][0] != index:
            return None  # pruned
        try:
            return decode_body(page[0][1]).ts
        except ValueError:
            return None

    def _is_ours(self, note: str, size: int, by: str | None = None) -> bool:
        try:
            told = parse_checkpoint(note)
        except ValueError:
            return False
        if (told.origin, told.size) != (self.passage.origin, size):
            return False
        if told.root == self.root(size):
            return True
        if by is not None:
            raise DamagedError(f"witness {by} saw another history of the first {size} entries")
        return False

    def root(self, size: int) -> bytes:
        """Return the root at a size, with a proof that the tree gone through begins with it."""
        if size == self.passage.tiles.size:
            return self.passage.tiles.root()
        tree, whole = StoredTree(self.connection), self.passage.tiles
        root = tree.root(size)
        proof = tree.consistency(size, whole.size)
        if not is_consistent((size, root), (whole.size, whole.root()), proof):
            raise DamagedError("the stored tree does not lead to its own root")
        return root


def _size(note: str) -> int:
    try:
        return parse_checkpoint(note).size
    except ValueError:
        return 0
