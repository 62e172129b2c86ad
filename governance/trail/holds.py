"""Legal holds: while one stands, nothing is pruned and nobody it concerns is erased."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from governance.model.trail import Entry

HOLD_SET, HOLD_RELEASED = "legal_hold.set", "legal_hold.released"
HOLD_TYPES = frozenset({HOLD_SET, HOLD_RELEASED})


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that stands.

    Args:
        subject: The reference of the person it concerns; None for everything.
        seq: The entry that set it.
    """

    id: str
    since: datetime
    subject: str | None
    seq: int

    def blocks(self, ref: str) -> bool:
        """Return whether this person must not be erased."""
        return self.subject is None or self.subject == ref


def standing_holds(entries: Iterable[Entry]) -> tuple[Hold, ...]:
    """Return the holds that were set and not released, the oldest first.

    Args:
        entries: All of the log's of these types, in order.
    """
    holds: dict[str, Hold] = {}
    for entry in entries:
        name = str(entry.payload.get("hold"))
        if entry.type == HOLD_SET:
            subject = entry.payload.get("subject")
            holds[name] = Hold(name, entry.ts, str(subject) if subject else None, entry.seq)
        elif entry.type == HOLD_RELEASED:
            holds.pop(name, None)
    return tuple(holds.values())
