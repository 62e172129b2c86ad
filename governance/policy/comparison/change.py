"""The words of a comparison: a difference between two documents, and the change it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from governance.model.policy import EffectivePolicy
from governance.model.position import Position

Value = Any  # a scalar, a list, a map or None, as the document's JSON holds it


class Direction(StrEnum):
    """Where a change leads."""

    WEAKER = "weaker"
    STRONGER = "stronger"
    NEUTRAL = "neutral"
    UNKNOWN = "unknown"

    @property
    def opposite(self) -> Direction:
        """What undoing the change would be."""
        turned = {Direction.WEAKER: Direction.STRONGER, Direction.STRONGER: Direction.WEAKER}
        return turned.get(self, self)

    @property
    def is_held(self) -> bool:
        """Whether a gate holds it up: a change that nobody can judge needs a person too."""
        return self in (Direction.WEAKER, Direction.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Measured:
    """What the last scan knows of a dataset that was read to its end.

    Args:
        columns: Per place, the names of its columns.
    """

    columns: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Versions:
    """The two policies, the day on which they are compared, and what was measured by then."""

    base: EffectivePolicy
    head: EffectivePolicy
    day: date
    measured: Mapping[str, Measured] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that two effective documents do not share.

    Args:
        kind, document: Which document; the joined vocabulary has no id.
        path: Its keys from the root of the document; empty for the document itself.
        before, after: The value; None where it is not written.
    """

    kind: str
    document: str
    path: tuple[str, ...]
    before: Value
    after: Value

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """What the difference is about."""
        return self.kind, self.document, self.path

    @property
    def dotted(self) -> str:
        """The path as positions are looked up by."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a difference does to the protections of assets, found by evaluating both versions.

    Args:
        losses, gains: Plain sentences: what is protected less, and more.
        assets: Every asset concerned. rules: The rules concerned, as ``policy.rule``.
        marks: All of it in full, where sentences only count.
    """

    losses: tuple[str, ...] = ()
    gains: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    def __add__(self, other: Effect) -> Effect:
        return Effect(
            *(
                tuple(dict.fromkeys(mine + theirs))
                for mine, theirs in (
                    (self.losses, other.losses),
                    (self.gains, other.gains),
                    (self.assets, other.assets),
                    (self.rules, other.rules),
                    (self.marks, other.marks),
                )
            )
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a version says differently.

    Args:
        id: 16 hex digits over what changed, how, and what that does; an approval names it.
        path: Dotted; empty for the document itself.
        sentence: The change in words. consequences: What follows for assets, in words.
        base, head: The lines that wrote it, None where there is none.
        assets: The assets that it touches. rules: The rules through which it does.
        approvers: Parties that must all approve, as of the base.
        replay: What the last scan's measurements say about it.
    """

    id: str
    direction: Direction
    kind: str
    document: str
    path: str
    before: str
    after: str
    sentence: str
    base: Position | None
    head: Position | None
    assets: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    consequences: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    replay: tuple[str, ...] = ()

    def replayed(self, *told: str) -> Change:
        """Return the change with what measurements say about it."""
        return replace(self, replay=(*self.replay, *told))
