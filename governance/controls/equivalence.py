"""Do two versions of a policy's access rules decide every access alike? Told only where certain.

A loosened permission decides nothing where another rule permits as much already, or forbids all of
it; a prohibition that is gone decides nothing where nobody permits what it forbade.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from governance.controls.permits import ANYONE, OWN_PURPOSES
from governance.model.documents import Dataset
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.rules import Choice, Rule, Selected
from governance.model.selectors import holds, may_select
from governance.model.taxonomy import is_within

_WHOLE = frozenset({"dataset", "owner", "subject", "may_be_empty"})


def decide_alike(before: EffectivePolicy, after: EffectivePolicy, document: str) -> bool:
    """Return True only if no access can be told apart that a policy's loosening concerns.

    Args:
        document: The id of the policy; every other document is the same in both.
    """
    old, new = before.policies[document], after.policies.get(document)
    if new is None or any(not (rule.allow or rule.deny) for rule in old.rules.values()):
        return False
    selectors = (old.applies_to, new.applies_to)
    return all(
        _alike(before, after, dataset)
        for dataset in before.datasets.values()
        if any(may_select(each, dataset.id) for each in selectors)
    )


def _alike(before: EffectivePolicy, after: EffectivePolicy, dataset: Dataset) -> bool:
    was, now = before.access_rules(dataset), after.access_rules(dataset)
    gone = [ref for ref in was if _same(ref, now) is None]
    come = [ref for ref in now if _same(ref, was) is None]
    kept = [ref for ref in was if _same(ref, now) is not None]
    if any(ref.rule.deny and not _is_loosened(ref, was) for ref in come):
        return False  # another prohibition is no loosening, and was not thought of here
    if any(ref.rule.allow and _named(ref, now) is None for ref in gone):
        return False
    needless = all(_is_needless(after, dataset, ref, now, kept) for ref in gone if ref.rule.deny)
    return needless and all(
        any(_covers(each, _added(ref, was), dataset) for each in was if _is_standing(each, now))
        for ref in come
        if ref.rule.allow
    )


def _same(ref: RuleRef, others: Sequence[RuleRef]) -> RuleRef | None:
    other = _named(ref, others)
    return other if other and other.rule == ref.rule and _reaches_alike(ref, other) else None


def _reaches_alike(one: RuleRef, other: RuleRef) -> bool:
    """Whether two selectors that both hold for a dataset hold for the same of its columns."""
    first, second = one.policy.applies_to, other.policy.applies_to
    return first == second or first.model_fields_set | second.model_fields_set <= _WHOLE


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
    if any(each.rule.deny and _covers(each, ref, dataset) for each in kept):
        return True
    forbidden = set(ref.rule.deny or ())
    permitted = {action for each in now for action in each.rule.allow or ()}
    permitted |= {action for grant in policy.grants_of(dataset.id) for action in grant.actions}
    return policy.project.defaults.access == "deny" and forbidden.isdisjoint(permitted)


def _is_standing(ref: RuleRef, now: Sequence[RuleRef]) -> bool:
    """Whether what a rule said before still holds: it is there, or wider as a permission."""
    return _same(ref, now) is not None or (
        ref.rule.allow is not None and _named(ref, now) is not None
    )


def _added(ref: RuleRef, was: Sequence[RuleRef]) -> RuleRef:
    """Return a permission cut down to what it permits more than before, where that is one word."""
    old = _named(ref, was)
    if old is None:
        return ref
    rule, before = ref.rule, old.rule
    changes: dict[str, object] = {}
    if rule.allow != before.allow:
        known = before.allow or ()
        changes["allow"] = tuple(each for each in rule.allow or () if each not in known)
    for key in ("to", "purpose"):
        more, less = (_words(getattr(each, key)) for each in (rule, before))
        if more is not None and less is not None and more != less:
            changes[key] = Choice(any_of=tuple(sorted(more - less)))
    if len(changes) != 1 or rule.model_copy(update=_keys(before, changes)) != before:
        return ref
    return RuleRef(ref.policy, ref.name, rule.model_copy(update=changes))


def _keys(rule: Rule, changes: Iterable[str]) -> dict[str, object]:
    return {key: getattr(rule, key) for key in changes}


def _covers(outer: RuleRef, inner: RuleRef, dataset: Dataset) -> bool:
    """Whether one rule reaches every access that another reaches, whatever either says of it."""
    one, other = outer.rule, inner.rule
    keys = outer.policy.applies_to.model_fields_set
    return (
        _actions(one) >= _actions(other)
        and _is_wider(one, other)
        and _serves(one.purpose, other.purpose, dataset)
        and (one.when is None or one.when == other.when)
        and (one.origin is None or one.origin == other.origin)
        and (keys <= _WHOLE or _reaches_alike(outer, inner))
    )


def _actions(rule: Rule) -> set[str]:
    return set(rule.deny or rule.allow or ())


def _is_wider(one: Rule, other: Rule) -> bool:
    if one.to == ANYONE or (one.to is None and one.deny):
        return True
    if one.to is None or other.to is None:
        return False
    words, within = _words(one.to), _words(other.to)
    return one.to == other.to or (words is not None and within is not None and within <= words)


def _serves(outer: Selected | None, inner: Selected | None, dataset: Dataset) -> bool:
    """Whether one rule is meant for every purpose that another is meant for."""
    if outer is None or outer == inner:
        return True
    words = _words(inner)
    if words is None or OWN_PURPOSES in words or any(set("*?[") & set(word) for word in words):
        return False
    own = dataset.purposes or ()
    return all(
        holds(outer, (word, OWN_PURPOSES) if _is_own(word, own) else (word,), key="purpose")
        for word in words
    )


def _is_own(purpose: str, own: Sequence[str]) -> bool:
    return any(is_within(purpose, each) for each in own)


def _words(selected: Selected | None) -> frozenset[str] | None:
    """Return the words of which one is enough, None where there is more to it."""
    if selected is None:
        return None
    if isinstance(selected, str):
        return frozenset({selected})
    if selected.any_of is None or selected.all_of or selected.none_of:
        return None
    return frozenset(selected.any_of)
