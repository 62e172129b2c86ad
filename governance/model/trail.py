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


class Person(str):
    """The name of a person in a payload: the trail keeps a reference that can be cut later."""

    __slots__ = ()


def is_nameless(who: str) -> bool:
    """Return whether a person is told by a reference alone: erased, or not known here."""
    return who.startswith("subject:")


@dataclass(frozen=True, slots=True)
class Event:
    """Something to record.

    Args:
        type: One of the types of THREATS.md, as ``finding.recorded``.
        payload: JSON with ASCII keys, integers, strings, booleans, null, lists and objects;
            no floats (a confidence is an integer of thousandths), no scanned value.
        details: What may have to be erased one day, as what a person wrote. It is kept beside the
            trail, and the entry commits to it.
        about: Whom the details concern; erasing that person erases them. None: who wrote it.
    """

    type: str
    payload: Mapping[str, Any]
    details: Mapping[str, Any] | None = None
    about: Person | None = None


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
class Anchor:
    """A checkpoint that is known outside the trail, and that the trail was held against.

    Args:
        kind: ``git``, ``file``, ``tsa`` or ``witness``.
        size: How many entries it covers.
        time: When it existed at the latest, as the outside says; None where it does not.
        source: Who says so, in words.
    """

    kind: str
    size: int
    time: datetime | None
    source: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What somebody outside answered about a checkpoint; it can be verified again offline.

    Args:
        kind: ``tsa`` or ``witness``.
        size: What the checkpoint covers.
        content: The DER of a time stamp, or the note with the witness's signature.
        source: Who answered, in words.
    """

    kind: str
    size: int
    content: bytes
    source: str


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many of the pinned witnesses co-signed one checkpoint.

    Args:
        signed: Those who did. known: Those who are pinned. size: What the checkpoint covers.
    """

    signed: int
    known: int
    size: int


@dataclass(frozen=True, slots=True)
class Verification:
    """What ``audit verify`` found.

    Args:
        level: The assurance reached; never above what was checked.
        entries: Entries of the log. skipped: Of these, the oldest ones that were not read again,
            because a pinned checkpoint covers them. pruned: Those whose bodies were removed,
            and whose hashes remain.
        root: Hex of the recomputed Merkle root.
        problem: The first break in words with its entry, or None.
        checkpoint_size: Size of the newest signed checkpoint, or None.
        unsigned_tail: Entries after it.
        key_id: The verifying key. pin: Where that key came from, in words.
        deep: Whether canonical form, search index and the whole file were checked as well.
        anchors: What was known outside and agrees. witnesses: None if none is pinned.
        remarks: What a reader must know besides, such as a receipt that proves nothing.
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
    skipped: int = 0
    pruned: int = 0
    deep: bool = False
    anchors: tuple[Anchor, ...] = ()
    witnesses: Quorum | None = None
    remarks: tuple[str, ...] = ()

    @property
    def anchored(self) -> Anchor | None:
        """The anchor of the most entries; of several, the one that says when."""
        ranked = sorted(self.anchors, key=lambda anchor: (anchor.size, anchor.time is not None))
        return ranked[-1] if ranked else None

    @property
    def unanchored_tail(self) -> int:
        """Entries that the holder of the key could still rewrite unseen."""
        return self.entries - (self.anchored.size if self.anchored else 0)

    @property
    def holds(self) -> bool:
        """Whether nothing is broken and something was proved."""
        return self.problem is None and self.level >= Assurance.INTACT
