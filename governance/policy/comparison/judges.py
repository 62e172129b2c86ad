"""Judges of one value beside another. None stands for a value that is not written."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from governance.model.ladders import Classification, Duration, RiskClass, Severity, State, Technique
from governance.model.taxonomy import is_within
from governance.policy.comparison.change import Direction, Value
from governance.policy.comparison.containment import contained, glob_within
from governance.policy.comparison.frequency import frequency

Judge = Callable[[Value, Value], Direction]

# How hard it is to come back from a protected value to a person, weakest first. Reversible with a
# key is weaker than not reversible; a bare digest can be guessed; coarse data names nobody.
STRENGTHS = (
    Technique.HASH, Technique.MASK, Technique.PSEUDONYMISE, Technique.ENCRYPT,
    Technique.HMAC_SHA256, Technique.TOKENIZE, Technique.GENERALISE, Technique.NOISE,
    Technique.AGGREGATE, Technique.K_ANONYMITY, Technique.REDACT, Technique.DROP,
)  # fmt: skip
_THRESHOLDS = ("never", "critical", "high", "medium", "low")
_OWNERS = 2
_ENDS = ("archive", "anonymise", "delete")


def by_number(more: float) -> Direction:
    """Return stronger for a positive number, weaker for a negative one."""
    if not more:
        return Direction.NEUTRAL
    return Direction.STRONGER if more > 0 else Direction.WEAKER


def neutral(before: Value, after: Value) -> Direction:  # noqa: ARG001 (a judge)
    """Nothing is protected by it."""
    return Direction.NEUTRAL


def present(before: Value, after: Value) -> Direction:
    """More written protects more; another value cannot be told."""
    if before is None:
        return Direction.STRONGER
    return Direction.WEAKER if after is None else Direction.UNKNOWN


def recorded(before: Value, after: Value) -> Direction:
    """What must be written down, whatever it says: another text is as good."""
    return Direction.NEUTRAL if before is not None and after is not None else present(before, after)


def granted(before: Value, after: Value) -> Direction:
    """More written permits more."""
    return present(before, after).opposite


def replaced(before: Value, after: Value) -> Direction:
    """What is narrowed by being written, and means something else when it changes."""
    found = present(before, after)
    return Direction.WEAKER if found is Direction.UNKNOWN else found


def owned(before: Value, after: Value) -> Direction:
    """An owner who changes is a transfer, which both approve; so it counts as weaker."""
    return Direction.STRONGER if before in (None, "none") and after else Direction.WEAKER


def ranked(ladder: type[Classification | Severity | State | RiskClass]) -> Judge:
    """Return the judge of a scale."""

    def judge(before: Value, after: Value) -> Direction:
        if before is None or after is None:
            return present(before, after)
        return by_number(ladder(after).rank - ladder(before).rank)

    return judge


def ordered(scale: Sequence[str]) -> Judge:
    """Return the judge of words written weakest first; another word cannot be told."""

    def judge(before: Value, after: Value) -> Direction:
        if before in scale and after in scale:
            return by_number(scale.index(after) - scale.index(before))
        return present(before, after)

    return judge


disposal = ordered(_ENDS)
expected = ordered(("none", "neutral", "stronger", "unknown", "weaker"))
"""What a test expects of a change: the less bad it may be, the less the test holds up."""


def threshold(before: Value, after: Value) -> Direction:
    """From which severity on a run fails; high where nothing is said."""
    return ordered(_THRESHOLDS)(before or "high", after or "high")


def gate(before: Value, after: Value) -> Direction:
    """What fails the gate: the lowest severity, and whether gaps and new findings count."""
    old, new = (set(value or ()) for value in (before, after))
    severities = [
        max((_THRESHOLDS.index(each) for each in words if each in _THRESHOLDS), default=0)
        for words in (old, new)
    ]
    flags = demanded(sorted(old - set(_THRESHOLDS)), sorted(new - set(_THRESHOLDS)))
    found = {by_number(severities[1] - severities[0]), flags}
    if Direction.WEAKER in found:
        return Direction.WEAKER
    return Direction.STRONGER if Direction.STRONGER in found else Direction.NEUTRAL


def bounded(before: Value, after: Value) -> Direction:
    """A set of what is allowed: a member more is weaker, no set at all the weakest."""
    if before is None or after is None:
        return present(before, after)
    return subset(members(after), members(before))


def demanded(before: Value, after: Value) -> Direction:
    """A set of what is asked for or forbidden: a member less is weaker, whatever is added."""
    return subset(members(before), members(after))


def approving(before: Value, after: Value) -> Direction:
    """Who approves. Where nobody is named both owners are asked, so naming one is weaker."""
    if not before and after and len(after) < _OWNERS:
        return Direction.WEAKER
    return demanded(before, after)


def signers(before: Value, after: Value) -> Direction:
    """Who may sign: one more is looser, and so is nobody named, for then anybody may."""
    if not before or not after:
        return present(before or None, after or None)
    return allowed(before, after)


def prescribed(before: Value, after: Value) -> Direction:
    """A set of what is asked for exactly; nothing written asks for nothing."""
    if before is None or after is None:
        return present(before, after)
    return demanded(before, after)


def allowed(before: Value, after: Value) -> Direction:
    """A set of what is allowed where nothing is allowed by itself: a member more is weaker."""
    return subset(members(after), members(before))


def narrowing(before: Value, after: Value) -> Direction:
    """A set that narrows an exception down; nothing written is everything."""
    return bounded(before or None, after or None)


def places(before: Value, after: Value) -> Direction:
    """Where a rule holds; nothing written is everywhere."""
    if not before or not after:
        return present(after or None, before or None)
    return subset(members(before), members(after))


def accepted(before: Value, after: Value) -> Direction:
    """Techniques that satisfy a rule, by the weakest of them; none written means that any does."""
    if not before or not after:
        return present(before or None, after or None)
    old, new = (
        min(STRENGTHS.index(Technique(each)) for each in value) for value in (before, after)
    )
    if new != old:
        return by_number(new - old)
    return Direction.STRONGER if members(after) < members(before) else Direction.NEUTRAL


def members(value: Value) -> set[str]:
    """Return the members of a list, each as JSON."""
    return {json.dumps(each, sort_keys=True, default=str) for each in value or ()}


def subset(small: set[str], large: set[str]) -> Direction:
    """Return stronger where the first set lies within the second, weaker where it does not."""
    if small == large:
        return Direction.NEUTRAL
    return Direction.STRONGER if small < large else Direction.WEAKER


def purposes(before: Value, after: Value) -> Direction:
    """Purposes with everything below them; none written is an open question."""
    if before is None or after is None:
        return present(before, after)
    return contained(before, after, is_within)


def globbed(before: Value, after: Value) -> Direction:
    """Patterns of what is looked at: what one pattern more names is looked at too."""
    return contained(after or (), before or (), glob_within)


def widened(before: Value, after: Value) -> Direction:
    """Patterns of what something is allowed for: one more is weaker."""
    return contained(before or (), after or (), glob_within)


def pattern(before: Value, after: Value) -> Direction:
    """Where something looks: a pattern that holds the old one looks at more."""
    if before is None or after is None:
        return present(before, after)
    return Direction.STRONGER if glob_within(str(before), str(after)) else Direction.UNKNOWN


def shorter(before: Value, after: Value) -> Direction:
    """A length of time: a longer one is weaker, none at all the weakest."""
    if before is None or after is None:
        return present(before, after)
    first, second = (Duration.parse(str(each)).approximate_days for each in (before, after))
    return by_number(first - second)


def sooner(before: Value, after: Value) -> Direction:
    """A day by which something ends or is looked at again: a later one is weaker."""
    if before is None or after is None:
        return present(before, after)
    return by_number((str(before) > str(after)) - (str(before) < str(after)))


def later(before: Value, after: Value) -> Direction:
    """A day on which something begins: an earlier one is weaker."""
    return sooner(before, after).opposite


def newer(before: Value, after: Value) -> Direction:
    """The day of a record: a newer one is as good, an older one cannot be told."""
    if before is None or after is None:
        return present(before, after)
    return Direction.NEUTRAL if str(after) > str(before) else Direction.UNKNOWN


def more(before: Value, after: Value) -> Direction:
    """A number of which a smaller one protects less."""
    if before is None or after is None:
        return present(before, after)
    return by_number(float(after) - float(before))


def less(before: Value, after: Value) -> Direction:
    """A number of which a larger one protects less, none at all the least."""
    if before is None or after is None:
        return present(before, after)
    return by_number(float(before) - float(after))


def on(before: Value, after: Value) -> Direction:
    """A switch that protects."""
    return by_number(bool(after) - bool(before))


def off(before: Value, after: Value) -> Direction:
    """A switch that loosens."""
    return by_number(bool(before) - bool(after))


def as_often(before: Value, after: Value) -> Direction:
    """A cron line: weaker when it runs less often, or with a longer time between two runs."""
    if before is None or after is None:
        return present(before, after)
    old, new = frequency(str(before)), frequency(str(after))
    if old is None:
        return Direction.UNKNOWN
    if new is None or new.gap > old.gap or (new.gap == old.gap and new.runs < old.runs):
        return Direction.WEAKER
    return by_number(old.gap - new.gap) if new.gap != old.gap else by_number(new.runs - old.runs)


def names_sought(before: Value, after: Value) -> Direction:
    """Which library looks for names: none at all is weaker, another one cannot be told."""
    if after == "none":
        return Direction.WEAKER
    return Direction.STRONGER if before == "none" else Direction.UNKNOWN
