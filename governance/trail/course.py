"""How a verification goes through a trail."""

from __future__ import annotations

from dataclasses import dataclass

from governance.trail.keys import PublicKey
from governance.trail.note import Checkpoint


@dataclass(frozen=True, slots=True)
class Course:
    """How to go through a trail.

    Args:
        pinned: The key that must have signed every checkpoint, or None.
        until: The latest time of an entry that counts, as bodies spell it; None for all.
        deep: Read every body as a whole and compare the search index.
        start: A checkpoint that is trusted: entries before it are not read again.
        note: Its signed note.
    """

    pinned: PublicKey | None
    until: str | None
    deep: bool
    start: Checkpoint | None
    note: str = ""


NOWHERE = Course(pinned=None, until=None, deep=False, start=None)
