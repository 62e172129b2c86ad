"""Rules about values: what they demand can be met, and hides what it is meant to hide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from governance.model.enumerable import hides_nothing
from governance.model.ladders import Technique
from governance.model.policy import EffectivePolicy
from governance.model.rules import Anonymity, Choice, Rule, Selector
from governance.model.selectors import Selectable, matches
from governance.policy.faults import Fault, quoted, suggest
from governance.policy.known import Known, is_wild
from governance.policy.nodes import Path
from governance.policy.selectors import SELECTED_BY, selected_datasets
from governance.policy.validation import Written


def check_protection(known: Known, written: Written, name: str, rule: Rule) -> Iterator[Fault]:
    """Yield what is wrong with the anonymity or the techniques that a rule asks for."""
    if rule.require_anonymity is not None:
        path: Path = ("rules", name, "require_anonymity")
        yield from _anonymity(written, path, rule.require_anonymity)
        yield from _undeclared(known, written, path, rule.require_anonymity)
    if Technique.HASH in rule.accept and rule.require_state is not None:
        yield from _hash(known, written, ("rules", name, "accept"), rule)


def _anonymity(written: Written, path: Path, asked: Anonymity) -> Iterator[Fault]:
    if asked.k is None and not asked.sensitive:
        problem = "the rule asks for no threshold"
        yield Fault(written.key(*path), problem, "add k, or l or t of a sensitive field")
    if not asked.quasi_identifiers:
        problem = "no quasi-identifier is named"
        remedy = "name the columns by which a person could be found, as [birth_date, postcode]"
        yield Fault(written.at(*path, "quasi_identifiers"), problem, remedy)
    for index, field in enumerate(asked.quasi_identifiers):
        where = (*path, "quasi_identifiers", index)
        if field in asked.quasi_identifiers[:index]:
            yield Fault(written.at(*where), f"{quoted(field)} is named twice", "remove one")
    for field, limits in asked.sensitive.items():
        where = (*path, "sensitive", field)
        if limits.diversity is None and limits.closeness is None:
            problem = f"nothing is asked of {quoted(field)}"
            yield Fault(written.key(*where), problem, "add l or t")
        if field in asked.quasi_identifiers:
            problem = f"{quoted(field)} is a quasi-identifier too"
            remedy = "a sensitive field is what must not be found out by the quasi-identifiers"
            yield Fault(written.key(*where), problem, remedy)


def _undeclared(known: Known, written: Written, path: Path, asked: Anonymity) -> Iterator[Fault]:
    """Yield fields that no dataset declares to which the policy applies."""
    selector = _selector(known.policy, written)
    if selector.may_be_empty or not known.trusts(*SELECTED_BY):
        return
    datasets = list(selected_datasets(known, selector))
    if not datasets:
        return
    fields = {field for dataset in datasets for field in dataset.fields}
    for index, field in enumerate(asked.quasi_identifiers):
        if field not in fields:
            where = written.at(*path, "quasi_identifiers", index)
            yield Fault(where, f"unknown field {quoted(field)}", _remedy(field, fields))
    for field in asked.sensitive:
        if field not in fields:
            where = written.key(*path, "sensitive", field)
            yield Fault(where, f"unknown field {quoted(field)}", _remedy(field, fields))


def _remedy(field: str, fields: Iterable[str]) -> str:
    return suggest(field, fields, otherwise="declare it in a dataset that the policy applies to")


def _hash(known: Known, written: Written, path: Path, rule: Rule) -> Iterator[Fault]:
    """Refuse a plain hash where every value of every selected kind can be tried out."""
    categories = _categories(known, _selector(known.policy, written))
    entities = known.policy.taxonomy.entities
    if not categories or not all(hides_nothing(each, entities) for each in categories):
        return
    shown = ", ".join(sorted(categories)[:3]) + (" …" if len(categories) > 3 else "")
    problem = f"a hash of {shown} hides nothing: all values can be tried out"
    index = rule.accept.index(Technique.HASH)
    yield Fault(written.at(*path, index), problem, "accept hmac_sha256 or tokenize instead")


def _categories(known: Known, selector: Selector) -> frozenset[str]:
    """Return the categories that a selector means, or those of the fields that it selects."""
    wanted = selector.category
    words = wanted.any_of if isinstance(wanted, Choice) else (wanted,) if wanted else None
    if words and not any(is_wild(word) for word in words):
        return frozenset(words)
    return frozenset(
        spec.category or ""
        for dataset in known.policy.datasets.values()
        for name, spec in dataset.fields.items()
        if matches(selector, Selectable(dataset, name))
    )


def _selector(policy: EffectivePolicy, written: Written) -> Selector:
    effective = policy.policies.get(written.id)
    selector: Selector = (effective or written.model).applies_to
    return selector
