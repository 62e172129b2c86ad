"""Verifying a trail: recompute everything from the bodies, believe nothing else.

The level says what was proved and is never above it; docs/trail.md says what no log can prove.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from governance.errors import TrailError
from governance.model.trail import Assurance, Verification
from governance.trail.body import format_time, parse_time
from governance.trail.checking import Passage
from governance.trail.course import NOWHERE, Course
from governance.trail.keys import PublicKey
from governance.trail.outside import NOTHING, Findings, Outside, hold_against, parse_pin
from governance.trail.rows import DamagedError
from governance.trail.statements import Through
from governance.trail.storage import Where, exists, reading
from governance.trail.stream import read_anchors


@dataclass(frozen=True, slots=True)
class Scope:
    """How much of a trail is verified.

    Args:
        until: The log as it stood at this aware instant; later entries are not read, so the
            answer stays the same while the log grows.
        deep: Read every body as a whole, compare the search index, and check the whole file.
        incremental: Read again only what follows the newest checkpoint that is pinned outside.
    """

    until: datetime | None = None
    deep: bool = False
    incremental: bool = False


DEEP = Scope(deep=True)
WHOLE = Scope()


def verify(
    path: Where,
    *,
    pinned: PublicKey | None,
    pin_source: str | None,
    scope: Scope = WHOLE,
    outside: Outside = NOTHING,
) -> Verification:
    """Verify a trail; never raises for what it finds in the file.

    Args:
        pinned: The key that must have signed every checkpoint; its name, if it has one, is
            the log's origin. None: signatures prove nothing, the level ends at ``INTACT``.
        pin_source: Where that key comes from, in words.
        outside: What is known about the log elsewhere.
    """
    check = _Check(pinned, outside)
    try:
        if not exists(path):
            raise DamagedError("there is no trail at this path")
        check.passage = Passage(_course(scope, outside, pinned))
        with reading(path) as connection:
            check.run(connection)
    except DamagedError as damage:
        check.problem = str(damage)
    except TrailError as error:
        check.problem = error.problem
    return check.conclude(pin_source)


@dataclass
class _Check:
    pinned: PublicKey | None
    outside: Outside
    passage: Passage = field(default_factory=lambda: Passage(NOWHERE))
    found: Findings = field(default_factory=Findings)
    problem: str | None = None

    def run(self, connection: Through) -> None:
        self.passage.run(connection)
        receipts = read_anchors(connection, self.passage.tiles.size)
        self.found = hold_against(connection, self.passage, self.outside, receipts)

    def conclude(self, pin_source: str | None) -> Verification:
        """Return what was found; a problem leaves nothing proved."""
        passage, pinned, found = self.passage, self.pinned, self.found
        size = passage.tiles.size
        signed_size, signed_at = passage.signed or (None, None)
        key = pinned.named(pinned.name or passage.origin or "") if pinned else None
        return Verification(
            level=self._level(),
            entries=size,
            root=passage.tiles.root().hex(),
            problem=self.problem,
            checkpoint_size=signed_size,
            checkpoint_time=parse_time(signed_at) if signed_at else None,
            unsigned_tail=size - (signed_size or 0),
            key_id=key.key_id.hex() if key else None,
            pin=pin_source if key else None,
            skipped=passage.skipped,
            pruned=passage.gaps.dropped,
            deep=passage.course.deep,
            anchors=found.anchors,
            witnesses=found.quorum,
            remarks=found.remarks,
        )

    def _level(self) -> Assurance:
        if self.problem is not None or self.passage.tiles.size == 0:
            return Assurance.UNVERIFIABLE
        if self.pinned is None or self.passage.signed is None:
            return Assurance.INTACT
        quorum = self.found.quorum
        if quorum is not None and quorum.signed >= self.outside.needed:
            return Assurance.WITNESSED
        return Assurance.ANCHORED if self.found.anchors else Assurance.SIGNED


def _course(scope: Scope, outside: Outside, pinned: PublicKey | None) -> Course:
    pins = [(parse_pin(pin), pin.note) for pin in outside.pins] if scope.incremental else []
    start, note = max(pins, key=lambda pin: pin[0].size, default=(None, ""))
    return Course(
        pinned=pinned,
        until=format_time(scope.until) if scope.until else None,
        deep=scope.deep,
        start=start,
        note=note,
    )
