"""Do two versions of a policy's access rules decide every access alike? Told only where certain.

A loosened permission decides nothing where another rule permits as much already, or forbids all of
it; a prohibition that is gone decides nothing where nobody permits what it forbade.
"""

from __future__ import annotations

from collections.abc import Sequence

from governance.model.documents import Dataset
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.rules import Rule, Selected
from governance.model.selectors import Selectable, matches

_ANYONE = "anyone"
_WHOLE = frozenset({"dataset", "owner", "subject", "may_be_empty"})


def decide_alike(before: EffectivePolicy, after: EffectivePolicy, document: str) -> bool:
    """Return True only if no access can be told apart that a policy's loosening concerns.

    Args:
        document: The id of the policy; every other document is the same in both.
    """
    old, new = before.policies[document], after.policies.get(document)
    if new is None or any(not (rule.allow or rule.deny) for rule in old.rules.values()):
        return False
    return all(_alike(before, after, dataset) for dataset in before.datasets.values())


def _alike(before: EffectivePolicy, after: EffectivePolicy, dataset: Dataset) -> bool:
    was, now = _rules(before, dataset), _rules(after, dataset)
    gone = [ref for ref in was if _same(ref, now) is None]
    come = [ref for ref in now if _same(ref, was) is None]
    kept = [ref for ref in was if _same(ref, now) is not None]
    if any(ref.rule.deny and not _is_loosened(ref, was) for ref in come):
        return False  # another prohibition is no loosening, and was not thought of here
    if any(ref.rule.allow and _named(ref, now) is None for ref in gone):
        return False
    needless = all(_is_needless(after, dataset, ref, now, kept) for ref in gone if ref.rule.deny)
    return needless and all(_adds_nothing(ref, kept) for ref in come if ref.rule.allow)


def _rules(policy: EffectivePolicy, dataset: Dataset) -> list[RuleRef]:
    candidate = Selectable(dataset)
    return [
        ref
        for ref in policy.rules()
        if (ref.rule.allow or ref.rule.deny) and matches(ref.policy.applies_to, candidate)
    ]


def _same(ref: RuleRef, others: Sequence[RuleRef]) -> RuleRef | None:
    other = _named(ref, others)
    is_same = other and other.rule == ref.rule and other.policy.applies_to == ref.policy.applies_to
    return other if is_same else None


def _named(ref: RuleRef, others: Sequence[RuleRef]) -> RuleRef | None:
    return next((other for other in others if other.id == ref.id), None)


def _is_loosened(ref: RuleRef, was: Sequence[RuleRef]) -> bool:
    return _named(ref, was) is not None


def _is_needless(
    policy: EffectivePolicy,
    dataset: Dataset,
    ref: RuleRef,
    now: Sequence[RuleRef],
    kept: Sequence[RuleRef],
) -> bool:
    """Whether nobody permits what a prohibition forbade, or another one forbids it still."""
    if any(each.rule.deny and _covers(each, ref) for each in kept):
        return True
    forbidden = set(ref.rule.deny or ())
    permitted = {action for each in now for action in each.rule.allow or ()}
    granted = [grant for grant in policy.grants.values() if grant.dataset == dataset.id]
    permitted |= {action for grant in granted for action in grant.actions}
    return policy.project.defaults.access == "deny" and forbidden.isdisjoint(permitted)


def _adds_nothing(ref: RuleRef, kept: Sequence[RuleRef]) -> bool:
    return any(_covers(each, ref) for each in kept)


def _covers(outer: RuleRef, inner: RuleRef) -> bool:
    """Whether one rule reaches every access that another reaches, whatever either says of it."""
    one, other = outer.rule, inner.rule
    keys = outer.policy.applies_to.model_fields_set
    return (
        _actions(one) >= _actions(other)
        and _is_wider(one, other)
        and (one.purpose is None or one.purpose == other.purpose)
        and (one.when is None or one.when == other.when)
        and (one.origin is None or one.origin == other.origin)
        and (keys <= _WHOLE or outer.policy.applies_to == inner.policy.applies_to)
    )


def _actions(rule: Rule) -> set[str]:
    return set(rule.deny or rule.allow or ())


def _is_wider(one: Rule, other: Rule) -> bool:
    if one.to == _ANYONE or (one.to is None and one.deny):
        return True
    if one.to is None or other.to is None:
        return False
    words, within = _words(one.to), _words(other.to)
    return one.to == other.to or (words is not None and within is not None and within <= words)


def _words(selected: Selected) -> frozenset[str] | None:
    """Return the words of which one is enough, None where there is more to it."""
    if isinstance(selected, str):
        return frozenset({selected})
    if selected.any_of is None or selected.all_of or selected.none_of:
        return None
    return frozenset(selected.any_of)
