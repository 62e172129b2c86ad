"""The direction of a difference, once its effects on assets are known."""

from __future__ import annotations

from governance.model.policy import EffectivePolicy
from governance.policy.comparison.change import Difference, Direction, Effect, Value, Versions
from governance.policy.comparison.coverage import Coverage
from governance.policy.comparison.directions import direction_of
from governance.policy.comparison.parts import is_access_part
from governance.policy.comparison.selecting import reach

WORST_FIRST = (Direction.WEAKER, Direction.UNKNOWN, Direction.STRONGER, Direction.NEUTRAL)
_ACCESS = ("allow", "deny")


class Judgement:
    """Decides where each difference leads."""

    def __init__(self, versions: Versions, coverage: Coverage) -> None:
        self._versions, self._coverage = versions, coverage
        base, head = versions.base, versions.head
        self._shared = {*base.datasets, *base.models} & {*head.datasets, *head.models}

    def of(self, difference: Difference, effect: Effect) -> Direction | None:
        """Return the direction; None where the difference means nothing."""
        if effect.losses:
            return Direction.WEAKER
        found = self._by_kind(difference, effect)
        is_better = found in (Direction.NEUTRAL, None) and bool(effect.gains)
        return Direction.STRONGER if is_better else found

    def _by_kind(self, difference: Difference, effect: Effect) -> Direction | None:
        path = difference.path
        if difference.kind != "Policy":
            return direction_of(difference, self._versions)
        if not path:
            return self._policy(difference, effect)
        if path[0] == "applies_to" and path[1] != "may_be_empty":
            return self._selector(difference, effect)
        if path[0] == "rules" and len(path) == 2:
            return self._rule(difference, path[1], difference.before, difference.after, effect)
        if is_access_part(difference) and self._reaches(f"{difference.document}.{path[1]}"):
            return Direction.STRONGER if effect.gains else Direction.NEUTRAL
        return direction_of(difference, self._versions)

    def _policy(self, difference: Difference, effect: Effect) -> Direction:
        """A policy as a whole leads where the worst of its rules does."""
        before, after = (
            (value or {}).get("rules", {}) for value in (difference.before, difference.after)
        )
        found = {
            self._rule(difference, name, before.get(name), after.get(name), effect)
            for name in before | after
        }
        return next((each for each in WORST_FIRST if each in found), Direction.NEUTRAL)

    def _rule(
        self, difference: Difference, name: str, before: Value, after: Value, effect: Effect
    ) -> Direction:
        """A rule that is written or gone. One that allows is the other way round."""
        present = Direction.STRONGER if before is None else Direction.WEAKER
        rule = before or after
        if any(rule.get(verb) for verb in _ACCESS):
            present = present.opposite if rule.get("allow") else present
        rule_id = f"{difference.document}.{name}"
        if not self._reaches(rule_id):
            return present
        if present is Direction.WEAKER:
            # Evaluated over everything declared, nothing lost it: another rule says the same.
            return Direction.NEUTRAL
        return Direction.STRONGER if effect.gains or not _is_access(rule) else Direction.NEUTRAL

    def _reaches(self, rule_id: str) -> bool:
        """Whether a rule concerns an asset that both versions declare."""
        both = (self._versions.base, self._versions.head)
        found = {name for policy in both for name in self._coverage.reached(policy, rule_id)}
        return not found.isdisjoint(self._shared)

    def _selector(self, difference: Difference, effect: Effect) -> Direction:
        """A selector leads where the assets are that it takes in or leaves out.

        Where no declared asset tells, one that is declared one day may; that is unknown.
        """
        narrower, wider = reach(difference, self._versions)
        protects, allows = _verbs(self._versions.head, difference.document)
        if (narrower and protects) or (wider and allows):
            return Direction.UNKNOWN
        is_stronger = (wider and protects) or (narrower and allows) or bool(effect.gains)
        return Direction.STRONGER if is_stronger else Direction.NEUTRAL


def _is_access(rule: Value) -> bool:
    return any(rule.get(verb) for verb in _ACCESS)


def _verbs(policy: EffectivePolicy, name: str) -> tuple[bool, bool]:
    """Return whether a policy has rules that protect, and rules that allow."""
    rules = policy.policies[name].rules.values()
    return any(not rule.allow for rule in rules), any(bool(rule.allow) for rule in rules)
