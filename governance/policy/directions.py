"""Whether a change of one value weakens a protection, strengthens it, or cannot be told.

A change that no line of the table knows is unknown, never neutral: what nobody thought of must be
looked at by a person.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from governance.model.ladders import Classification, Duration, RiskClass, Severity, State

Value = Any  # a scalar, a list or None, as the document's JSON holds it


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


Judge = Callable[[Value, Value], Direction]


def direction_of(kind: str, path: str, before: Value, after: Value) -> Direction:
    """Return the direction of a change of one value of a document.

    Args:
        path: The key, as ``retention.max_age`` or ``fields.email.category``; ``""`` for the
            document itself. before, after: None where it is not written.
    """
    for pattern, judge in _TABLE:
        if fnmatchcase(f"{kind}:{path}", pattern):
            return judge(before, after)
    return Direction.UNKNOWN


def _neutral(before: Value, after: Value) -> Direction:  # noqa: ARG001 (a judge)
    return Direction.NEUTRAL


def _present(before: Value, after: Value) -> Direction:
    """More written protects more."""
    if before is None:
        return Direction.STRONGER
    return Direction.WEAKER if after is None else Direction.UNKNOWN


def _granted(before: Value, after: Value) -> Direction:
    return _present(before, after).opposite


def _owned(before: Value, after: Value) -> Direction:
    """An owner who changes is a transfer, which both approve; so it counts as weaker."""
    return Direction.STRONGER if before in (None, "none") and after else Direction.WEAKER


def _ranked(ladder: type[Classification | Severity | State | RiskClass]) -> Judge:
    def judge(before: Value, after: Value) -> Direction:
        if before is None or after is None:
            return _present(before, after)
        if not isinstance(before, str) or not isinstance(after, str):
            return Direction.UNKNOWN  # one for everywhere became one for each place
        return _by_number(ladder(after).rank - ladder(before).rank)

    return judge


def _by_number(more: float) -> Direction:
    if not more:
        return Direction.NEUTRAL
    return Direction.STRONGER if more > 0 else Direction.WEAKER


def _bounded(before: Value, after: Value) -> Direction:
    """A set of what is allowed: a member more is weaker, no set at all the weakest."""
    if before is None or after is None:
        return _present(before, after)
    return _subset(_members(after), _members(before))


def _demanded(before: Value, after: Value) -> Direction:
    """A set of what is asked for or forbidden: a member less is weaker."""
    return _subset(_members(before), _members(after))


def _allowed(before: Value, after: Value) -> Direction:
    """A set of what is allowed where nothing is allowed by itself: a member more is weaker."""
    return _demanded(before, after).opposite


def _accepted(before: Value, after: Value) -> Direction:
    """Techniques that satisfy a rule; none written means that any does."""
    return _bounded(before or None, after or None)


def _places(before: Value, after: Value) -> Direction:
    """Where a rule holds; nothing written is everywhere."""
    if not before or not after:
        return _present(after or None, before or None)
    return _subset(_members(before), _members(after))


def _members(value: Value) -> set[str]:
    return {json.dumps(each, sort_keys=True, default=str) for each in value or ()}


def _subset(small: set[str], large: set[str]) -> Direction:
    if small == large:
        return Direction.NEUTRAL
    if small < large:
        return Direction.STRONGER
    return Direction.WEAKER if large < small else Direction.UNKNOWN


def _shorter(before: Value, after: Value) -> Direction:
    if before is None or after is None:
        return _present(before, after)
    first, second = (Duration.parse(str(each)).approximate_days for each in (before, after))
    return _by_number(first - second)


def _earlier(before: Value, after: Value) -> Direction:
    if before is None or after is None:
        return Direction.UNKNOWN
    return _by_number((str(before) > str(after)) - (str(before) < str(after)))


def _more(before: Value, after: Value) -> Direction:
    if before is None or after is None:
        return _present(before, after)
    return _by_number(float(after) - float(before))


def _less(before: Value, after: Value) -> Direction:
    return _more(before or 0, after or 0).opposite


def _on(before: Value, after: Value) -> Direction:
    return _by_number(bool(after) - bool(before))


def _off(before: Value, after: Value) -> Direction:
    return _on(before, after).opposite


def _category(before: Value, after: Value) -> Direction:
    """A category is as strong as it is specific; another branch of the tree says nothing."""
    if before is None or after is None:
        return _present(before, after)
    if str(after).startswith(f"{before}."):
        return Direction.STRONGER
    return Direction.WEAKER if str(before).startswith(f"{after}.") else Direction.UNKNOWN


def _narrowed(before: Value, after: Value) -> Direction:
    """A part of an exception's target: writing it narrows the exception."""
    return _present(before, after)


def _disposal(before: Value, after: Value) -> Direction:
    order = ("archive", "anonymise", "delete")
    if before not in order or after not in order:
        return _present(before, after)
    return _by_number(order.index(after) - order.index(before))


def _names_sought(before: Value, after: Value) -> Direction:
    return Direction.WEAKER if after == "none" else (
        Direction.STRONGER if before == "none" else Direction.UNKNOWN
    )  # fmt: skip


# The first line that fits decides. A path is matched with ``*`` crossing its dots.
_TABLE: tuple[tuple[str, Judge], ...] = (
    *((f"*:{key}", _neutral) for key in ("title", "*.title", "description", "*.description",
                                         "*.why", "*.fix",
                                         "*.contacts*", "contacts*", "*.ticket", "ticket", "reason",
                                         "compensating", "references", "*.references",
                                         "review_by", "author")),
    ("Dataset:", _present), ("Policy:", _present), ("Team:", _present), ("Model:", _present),
    ("Pipeline:", _granted), ("Grant:", _granted), ("Waiver:", _granted), ("Detectors:*", _present),
    ("Project:limits.*", _shorter), ("Project:approval.author_may_approve", _off),
    ("Project:approval.*", _demanded), ("Project:watch", _demanded), ("Project:packs", _demanded),
    ("Project:countries", _demanded), ("Project:schedules.*", _present),
    ("Project:*cadence*", _shorter), ("Project:review.high_risk", _shorter),
    ("Project:nlp.engine", _names_sought), ("Project:include", _neutral),
    ("Project:defaults.dataset*", _neutral),  # seen in every dataset that has them
    ("Grant:ends", _earlier), ("Grant:starts", _neutral), ("Grant:actions", _bounded),
    ("Grant:fields", _places), ("Grant:purpose", _narrowed), ("Grant:approved_by", _demanded),
    ("Waiver:expires", _earlier), ("Waiver:opened", _neutral), ("Waiver:approved_by", _demanded),
    ("Waiver:target.field", _narrowed), ("Waiver:target.location", _narrowed),
    ("Policy:owner", _owned), ("Policy:severity", _ranked(Severity)),
    ("Policy:rules.*.severity", _ranked(Severity)), ("Policy:rules.*.require", _demanded),
    ("Policy:rules.*.require_state", _ranked(State)), ("Policy:rules.*.accept", _accepted),
    ("Policy:rules.*.form", _present), ("Policy:rules.*.never", _demanded),
    ("Policy:rules.*.in", _places), ("Policy:rules.*.verify.max_hits", _less),
    ("Policy:rules.*.verify.technique_check", _on), ("Policy:rules.*.deny", _demanded),
    ("Policy:rules.*.require_anonymity.k", _more), ("Policy:rules.*.allow", _allowed),
    ("*:owner", _owned), ("*:steward", _neutral), ("*:reviews", _demanded),
    ("Dataset:classification", _ranked(Classification)),
    ("Dataset:fields.*.classification", _ranked(Classification)),
    ("Model:risk_class", _ranked(RiskClass)),
    *((f"Model:{key}*", _present) for key in ("risk_assessment", "oversight", "instructions",
                                              "notice", "logs")),
    ("Dataset:fields.*.category", _category), ("Dataset:fields.*.state*", _ranked(State)),
    ("Dataset:fields.*.type", _neutral), ("Dataset:fields.*", _present),
    ("Dataset:purposes", _bounded), ("Dataset:residency", _bounded),
    ("Dataset:retention.max_age", _shorter), ("Dataset:retention.then", _disposal),
    ("Dataset:subjects", _demanded), ("Dataset:person_key", _present),
    ("Dataset:filters.*", _present), ("Dataset:dpia*", _present),
    ("Dataset:ownership*", _neutral), ("Dataset:locations.*", _present),
)  # fmt: skip
