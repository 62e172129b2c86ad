"""Which rules the tests saw on both of their sides: at work, and at rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from governance.controls.matrices import Sides, judge_matrices
from governance.engine.policytest_data import Laboratory
from governance.model.asset import Asset, Place
from governance.model.documents import Dataset, PolicyTest
from governance.model.outcome import Outcome, Status
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.position import Position
from governance.model.selectors import Selectable, matches
from governance.model.testrun import RuleUse

_VERBS = ("allow", "deny", "require", "require_state", "require_anonymity")
# The controls that measure what a verb demands; where they could not, a rule was not seen at rest.
_MEASURES = {
    "require_state": frozenset({"technique-applied"}),
    "require_anonymity": frozenset({"released-anonymous", "anonymity-kept"}),
}


def coverage_of(
    laboratory: Laboratory,
    policy: EffectivePolicy,
    tests: Iterable[PolicyTest],
    *,
    is_meant: Callable[[Position | None], bool],
) -> tuple[RuleUse, ...]:
    """Return, of every rule that stands where it is meant, how often each side was seen."""
    sides = Sides(Counter(), Counter())
    for test in tests:
        for _ in judge_matrices(policy, test, sides):
            pass
        for name in test.data:
            _count(laboratory, policy, (test, name), sides)
    return tuple(_uses(policy, sides, is_meant))


def verb_of(ref: RuleRef) -> str:
    """Return the verb that a rule says."""
    return next(verb for verb in _VERBS if getattr(ref.rule, verb) is not None)


def _uses(
    policy: EffectivePolicy, sides: Sides, is_meant: Callable[[Position | None], bool]
) -> Iterator[RuleUse]:
    for ref in policy.rules():
        position = policy.position("Policy", ref.policy.id, f"rules.{ref.name}")
        if is_meant(position):
            acted, rested = sides.acted[ref.id], sides.rested[ref.id]
            yield RuleUse(ref.id, verb_of(ref), position, acted, rested)


@dataclass(frozen=True)
class _Seen:
    """One data case, as the controls saw it."""

    dataset: Dataset
    asset: Asset
    columns: frozenset[str]
    outcomes: tuple[Outcome, ...]


def _count(
    laboratory: Laboratory, policy: EffectivePolicy, case: tuple[PolicyTest, str], sides: Sides
) -> None:
    test, name = case
    supposed, asset, outcomes = laboratory.outcomes(policy, test, name)
    columns = frozenset(column for row in test.data[name].rows for column in row)
    seen = _Seen(supposed.datasets[asset.id], asset, columns, outcomes)
    for ref in supposed.rules():
        if (answer := _is_broken(ref, seen)) is not None:
            (sides.acted if answer else sides.rested)[ref.id] += 1


def _is_broken(ref: RuleRef, seen: _Seen) -> bool | None:
    """Return whether a case shows a rule broken; None where it shows nothing of it."""
    rule, dataset = ref.rule, seen.dataset
    if rule.require is not None:
        if not matches(ref.policy.applies_to, Selectable(dataset)):
            return None
        return any(getattr(dataset, key, None) in (None, (), {}, "none") for key in rule.require)
    if rule.require_state is None and rule.require_anonymity is None:
        return None
    if any(each.finding and each.finding.rule == ref.id for each in seen.outcomes):
        return True
    measures = _MEASURES[verb_of(ref)]
    looked = [each for each in seen.outcomes if each.control in measures]
    if not looked or any(each.status is Status.NOT_EVALUATED for each in looked):
        return None
    return False if _concerns(ref, seen) else None


def _concerns(ref: RuleRef, seen: _Seen) -> bool:
    """Whether a rule demands something of a column that the case laid rows into."""
    return any(
        matches(ref.policy.applies_to, Selectable(seen.dataset, column, place))
        for place in seen.asset.places
        if _is_within(ref, place)
        for column in seen.columns & seen.dataset.fields.keys()
    )


def _is_within(ref: RuleRef, place: Place) -> bool:
    return not ref.rule.within or not {place.name, place.environment}.isdisjoint(ref.rule.within)
