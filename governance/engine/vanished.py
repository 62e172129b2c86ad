"""Why a finding of the base is not among those of the branch: mended, or asked for no more.

Both sides are evaluated over the same facts. What was measured against a promise cannot have been
mended by policy files alone: where it vanished, the promise did. What is mended by being declared
or recorded is told by whether its question is still asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from governance.controls.content import ByproductsClean, FreeTextClean, PiiDeclared
from governance.controls.followup import FindingsClosedInTime
from governance.controls.inventory import NoShadowData
from governance.model.facts import AssetFacts
from governance.model.outcome import Grade, Outcome, Status
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.run import Run
from governance.model.selectors import Selectable, matches, matches_model

_BY_DECLARING = frozenset(
    control.id
    for control in (
        ByproductsClean, FindingsClosedInTime, FreeTextClean, NoShadowData, PiiDeclared,
    )
)  # fmt: skip
"""Controls of measured data that a line in a policy file mends."""


@dataclass(frozen=True)
class Side:
    """One side of a comparison: the policies, and what they found."""

    policy: EffectivePolicy
    run: Run

    @cached_property
    def assets(self) -> dict[str, AssetFacts]:
        """What was measured of each asset."""
        return {each.asset.id: each for each in self.run.assets}

    def answers(self, gone: Outcome) -> list[Outcome]:
        """Return what this side says to the question that a finding answered."""
        return self._answers.get((gone.control, gone.asset), [])

    @cached_property
    def _answers(self) -> dict[tuple[str, str], list[Outcome]]:
        found: dict[tuple[str, str], list[Outcome]] = {}
        for each in self.run.outcomes:
            found.setdefault((each.control, each.asset), []).append(each)
        return found


def is_unasked(gone: Outcome, was: Side, now: Side) -> bool:
    """Return whether a finding vanished because the branch no longer asks for what it broke.

    Args:
        gone: A failure of the base that the branch does not have.
    """
    before, after = was.assets.get(gone.asset), now.assets.get(gone.asset)
    if after is None:
        # NOTE: data that nothing declared is found under its name once somebody declares it.
        return before is None or before.asset.declared
    if gone.place and gone.place not in {place.name for place in after.asset.places}:
        return True
    if not _still_demanded(gone, was.policy, now.policy):
        return True
    is_same = _same_facts(gone, was, now)
    answers = now.answers(gone)
    if all(each.status is Status.NOT_APPLICABLE for each in answers):
        return is_same or not answers
    if gone.grade in (Grade.MEASURED, Grade.MACHINE):
        return is_same and gone.control not in _BY_DECLARING
    limits = {each.threshold for each in answers if each.threshold}
    return bool(gone.threshold and limits and gone.threshold not in limits)


def _still_demanded(gone: Outcome, was: EffectivePolicy, now: EffectivePolicy) -> bool:
    """Return whether the rule that was broken still asks the asset for as much."""
    rule = gone.finding.rule if gone.finding else None
    if rule is None:
        return True
    old, new = _named(was.rules(), rule), _named(now.rules(), rule)
    if new is None or old is None:
        return False
    if not set(old.rule.require or ()) <= set(new.rule.require or ()):
        return False
    return new.rule.require is None or _selects(new, gone.asset, now)


def _named(rules: Iterable[RuleRef], name: str) -> RuleRef | None:
    return next((each for each in rules if each.id == name), None)


def _selects(rule: RuleRef, asset: str, policy: EffectivePolicy) -> bool:
    if asset in policy.datasets:
        return matches(rule.policy.applies_to, Selectable(policy.datasets[asset]))
    model = policy.models.get(asset)
    return model is None or matches_model(rule.policy.applies_to, model)


def _same_facts(gone: Outcome, was: Side, now: Side) -> bool:
    """Return whether both sides were held against the same measurements of the asset."""
    return _measured(was, gone) == _measured(now, gone)


def _measured(side: Side, gone: Outcome) -> object:
    facts = side.assets.get(gone.asset)
    places = facts.places if facts else ()
    read = [(each.uri, each.fields) for each in places if gone.place in (None, each.place)]
    used = [
        (each.events, each.first, each.last)
        for each in side.run.accesses
        if each.dataset == gone.asset
    ]
    return read, used
