"""Whether a selector may reach less, or more, than it did: for what is declared one day too."""

from __future__ import annotations

from collections.abc import Iterator

from governance.model.ladders import Classification, RiskClass, State
from governance.model.policy import EffectivePolicy
from governance.model.rules import Choice, Selected
from governance.model.selectors import holds
from governance.policy.comparison.change import Difference, Versions
from governance.policy.comparison.coordinates import OTHER, instance_of, words

_LADDERS = {"classification": Classification, "state": State, "risk_class": RiskClass}


def reach(difference: Difference, versions: Versions) -> tuple[bool, bool]:
    """Return whether a key of a selector may leave out what it took, and take what it left out.

    Asked of every value that the vocabulary of either version, or the selector itself, names, of
    one that nothing names, and of none.
    """
    key = difference.path[1]
    old, new = (
        getattr(policy.policies[difference.document].applies_to, key)
        for policy in (versions.base, versions.head)
    )
    narrower = wider = False
    for values in _candidates(key, old, new, (versions.base, versions.head)):
        before, after = _takes(old, values, key), _takes(new, values, key)
        narrower |= before and not after
        wider |= after and not before
    return narrower, wider


def _takes(selected: Selected | None, values: tuple[str, ...], key: str) -> bool:
    return selected is None or holds(selected, values, key=key)


def _candidates(
    key: str, old: Selected | None, new: Selected | None, both: tuple[EffectivePolicy, ...]
) -> Iterator[tuple[str, ...]]:
    yield ()
    if key in _LADDERS:
        for rung in _LADDERS[key]:
            yield (rung.value,)
        return
    named = {instance_of(word) for selected in (old, new) for word in words(selected)}
    if key == "category":
        named |= {each for policy in both for each in policy.taxonomy.categories}
        named |= {f"{each}.{OTHER}" for each in named}
    for value in sorted(named | {OTHER}):
        yield (value,)
    if any(isinstance(each, Choice) and each.all_of for each in (old, new)):
        together = tuple(sorted(named))
        yield together
        for left in together:
            yield tuple(each for each in together if each != left)
