"""Which rules the tests saw on both of their sides: at work, and at rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from governance.controls.matrices import Sides, judge_matrices
from governance.engine.policytest_data import Laboratory
from governance.model.asset import Asset, Place
from governance.model.documents import Dataset, ModelRecord, PolicyTest
from governance.model.outcome import Outcome, Status
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.position import Position
from governance.model.selectors import Selectable, matches, matches_model
from governance.model.testrun import RuleUse

_VERBS = ("allow", "deny", "require", "require_state", "require_anonymity")
# The controls that measure what a verb demands; where they could not, a rule was not seen at rest.
_MEASURES = {
    "require_state": frozenset({"technique-applied"}),
    "require_anonymity": frozenset({"anonymity-thresholds"}),
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

    record: Dataset | ModelRecord
    asset: Asset
    columns: frozenset[str]
    outcomes: tuple[Outcome, ...]


def _count(
    laboratory: Laboratory, policy: EffectivePolicy, case: tuple[PolicyTest, str], sides: Sides
) -> None:
    test, name = case
    supposed, asset, outcomes = laboratory.outcomes(policy, test, name)
    columns = frozenset(column for row in test.data[name].rows for column in row)
    record = supposed.datasets.get(asset.id) or supposed.models[asset.id]
    seen = _Seen(record, asset, columns, outcomes)
    for ref in supposed.rules():
        if (answer := _is_broken(ref, seen)) is not None:
            (sides.acted if answer else sides.rested)[ref.id] += 1


def _is_broken(ref: RuleRef, seen: _Seen) -> bool | None:
    """Return whether a case shows a rule broken; None where it shows nothing of it."""
    rule, record = ref.rule, seen.record
    if rule.allow or rule.deny:
        return None
    if any(each.finding and each.finding.rule == ref.id for each in seen.outcomes):
        return True
    if rule.require is not None:
        # NOTE: a finding names the first rule that demands a key; the others are broken as well.
        lacking = [
            key for key in rule.require if getattr(record, key, "") in (None, (), {}, "none")
        ]
        return bool(lacking) if _is_selected(ref, record) else None
    measures = _MEASURES[verb_of(ref)]
    looked = [each for each in seen.outcomes if each.control in measures]
    if not looked or any(each.status is Status.NOT_EVALUATED for each in looked):
        return None
    return False if _concerns(ref, seen) else None


def _is_selected(ref: RuleRef, record: Dataset | ModelRecord) -> bool:
    if isinstance(record, ModelRecord):
        return matches_model(ref.policy.applies_to, record)
    return matches(ref.policy.applies_to, Selectable(record))


def _concerns(ref: RuleRef, seen: _Seen) -> bool:
    """Whether a rule demands something of a column that the case laid rows into."""
    record = seen.record
    return isinstance(record, Dataset) and any(
        matches(ref.policy.applies_to, Selectable(record, column, place))
        for place in seen.asset.places
        if _is_within(ref, place)
        for column in seen.columns & record.fields.keys()
    )


def _is_within(ref: RuleRef, place: Place) -> bool:
    return not ref.rule.within or not {place.name, place.environment}.isdisjoint(ref.rule.within)
