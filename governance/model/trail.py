"""What goes into the audit trail and what verifying it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any


class Assurance(IntEnum):
    """How much a verified trail proves; each level includes those below it."""

    UNVERIFIABLE = 0
    INTACT = 1
    SIGNED = 2
    ANCHORED = 3
    WITNESSED = 4


@dataclass(frozen=True, slots=True)
class Event:
    """Something to record.

    Args:
        type: One of the types of THREATS.md, as ``finding.recorded``.
        payload: JSON with ASCII keys, integers, strings, booleans, null, lists and objects;
            no floats (a confidence is an integer of thousandths), no scanned value.
    """

    type: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A recorded event as the stored bytes tell it."""

    seq: int
    ts: datetime
    type: str
    run: str | None
    actor: str
    payload: Mapping[str, Any]
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Verification:
    """What ``audit verify`` found.

    Args:
        level: The assurance reached; never above what was checked.
        entries: Entries checked.
        root: Hex of the recomputed Merkle root.
        problem: The first break in words with its entry, or None.
        checkpoint_size: Size of the newest signed checkpoint, or None.
        unsigned_tail: Entries after it.
        key_id: The verifying key. pin: Where that key came from, in words.
    """

    level: Assurance
    entries: int
    root: str
    problem: str | None = None
    checkpoint_size: int | None = None
    checkpoint_time: datetime | None = None
    unsigned_tail: int = 0
    key_id: str | None = None
    pin: str | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing is broken and something was proved."""
        return self.problem is None and self.level >= Assurance.INTACT
