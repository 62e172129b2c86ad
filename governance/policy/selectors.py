"""Selectors: every word means something, and the whole selects something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from governance.model.asset import Place
from governance.model.documents import Dataset, Policy
from governance.model.ladders import Classification, RiskClass, State
from governance.model.rules import Choice, Selected, Selector
from governance.model.selectors import Selectable, holds, matches, matches_model
from governance.policy.faults import Fault, quoted, suggest
from governance.policy.known import Known, is_wild
from governance.policy.nodes import Path
from governance.policy.regions import is_group
from governance.policy.validation import Written

SELECTED_BY = ("Dataset", "Taxonomy", "Defaults", "Project")
"""The kinds that decide what a selector matches."""

_LADDERS = {"classification": Classification, "state": State, "risk_class": RiskClass}
_OF_MODELS = frozenset({"model", "risk_class", "owner", "may_be_empty"})
_SIGNS = (">=", "<=", ">", "<")
# What no document declares as such: a word is known when some dataset carries it.
_CARRIED = frozenset({"field", "location", "environment", "tag", "subject", "dataset"})


def check_selector(known: Known, written: Written) -> Iterator[Fault]:
    """Yield a fault for each word of ``applies_to`` that selects nothing, or for all of it."""
    policy: Policy = known.policy.policies.get(written.id) or written.model
    selector: Selector = written.model.applies_to
    faults = [
        fault
        for key, selected in selector
        if key != "may_be_empty"
        for fault in _selected(known, written, ("applies_to", key), selected)
    ]
    faults += _models_apart(written, written.model)
    yield from faults
    says_something = selector.model_fields_set - {"may_be_empty"}
    if faults or selector.may_be_empty or not says_something:
        return
    relevant = ("Model",) if selector.of_models else SELECTED_BY
    if not known.trusts(*relevant):
        return
    if not _selects(known, policy):
        problem = "the selector matches nothing"
        remedy = "mend it, or add 'may_be_empty: true' if that is meant"
        yield Fault(written.key("applies_to"), problem, remedy)
        return
    for key, selected in selector:
        if key in _CARRIED and isinstance(selected, Choice):
            yield from _vain(known, written, key, selected)


def words_of(path: Path, selected: Selected | None) -> Iterator[tuple[Path, str]]:
    """Yield every word of a scalar or a choice with its path."""
    if isinstance(selected, str):
        yield path, selected
    elif selected is not None:
        for key, words in selected:
            for index, word in enumerate(words or ()):
                yield (*path, key, index), word


def check_choice(written: Written, path: Path, selected: Selected | None) -> Iterator[Fault]:
    """Yield a fault for a choice or a list of one that names nothing."""
    if not isinstance(selected, Choice):
        return
    said = [(key, words) for key, words in selected if words is not None]
    if not said:
        problem = f"{quoted(str(path[-1]))} chooses nothing"
        yield Fault(written.at(*path), problem, "add any_of, all_of or none_of, or remove it")
    for key, words in said:
        if not words:
            problem = f"{quoted(key)} names nothing"
            yield Fault(written.at(*path, key), problem, "name something, or remove it")


def selected_datasets(known: Known, selector: Selector) -> Iterator[Dataset]:
    """Yield the datasets of which a selector matches something."""
    # NOTE: what holds for the dataset as a whole is asked once, not for every field and place.
    whole = Selector(dataset=selector.dataset, owner=selector.owner, subject=selector.subject)
    for dataset in _named(known, selector):
        if matches(whole, Selectable(dataset)) and any(
            matches(selector, candidate) for candidate in _candidates(dataset)
        ):
            yield dataset


def _selected(
    known: Known, written: Written, path: Path, selected: Selected | None
) -> Iterator[Fault]:
    yield from check_choice(written, path, selected)
    for where, word in words_of(path, selected):
        yield from _word(known, written, where, word)


def _word(known: Known, written: Written, path: Path, word: str) -> Iterator[Fault]:
    key = str(path[1])
    sign = next((sign for sign in _SIGNS if word.startswith(sign)), "")
    if key in _LADDERS:
        rung = word.removeprefix(sign).strip()
        steps = [step.value for step in _LADDERS[key]]
        # NOTE: a comparison needs a rung; a glob of rungs has no order.
        if rung not in steps and (sign or not is_wild(rung)):
            yield Fault(written.at(*path), f"unknown {key} {quoted(rung)}", suggest(rung, steps))
    elif sign:
        problem = f"{quoted(word)} compares what has no order"
        remedy = f"compare one of: {', '.join(sorted(_LADDERS))}"
        yield Fault(written.at(*path), problem, remedy)
    elif not is_wild(word):
        yield from _reference(known, written, path, word)


def _reference(known: Known, written: Written, path: Path, word: str) -> Iterator[Fault]:
    match path[1]:
        case "category":
            yield from known.category(written, path, word)
        case "model":
            yield from known.refer(written, path, "model", known.corpus.ids("Model"))(word)
        case "dataset":
            yield from known.refer(written, path, "dataset", known.datasets)(word)
        case "owner" if word != "none":
            yield from known.principal(written, path, word)
        case "region":
            yield from known.region(written, path, word)
            if "all_of" in path and is_group(word, known.policy.taxonomy):
                problem = f"{quoted(word)} is a group, and no place lies in all of it"
                yield Fault(written.at(*path), problem, "name countries, or use any_of")


def _vain(known: Known, written: Written, key: str, choice: Choice) -> Iterator[Fault]:
    """Yield the words of ``any_of`` that no dataset carries: typos beside words that hit."""
    carried = known.carried(key)
    for index, word in enumerate(choice.any_of or ()):
        if not holds(word, carried, key=key):
            problem = f"{quoted(word)} matches no {key}"
            remedy = suggest(word, carried, otherwise="remove it")
            yield Fault(written.at("applies_to", key, "any_of", index), problem, remedy)


def _models_apart(written: Written, policy: Policy) -> Iterator[Fault]:
    """Yield what a selector of models cannot mean: other assets' keys, and rules about values."""
    if not policy.applies_to.of_models:
        return
    for key in sorted(policy.applies_to.model_fields_set - _OF_MODELS):
        problem = f"{quoted(key)} means nothing beside a selector of models"
        yield Fault(written.key("applies_to", key), problem, "write a policy of its own for it")
    for name, rule in policy.rules.items():
        if rule.require is None:
            problem = f"the rule {quoted(name)} asks of a model what only a dataset has"
            yield Fault(written.key("rules", name), problem, "of a model, require keys of its file")


def _selects(known: Known, policy: Policy) -> bool:
    selector = policy.applies_to
    if selector.of_models:
        return any(matches_model(selector, model) for model in known.policy.models.values())
    return next(selected_datasets(known, selector), None) is not None


def _named(known: Known, selector: Selector) -> Iterable[Dataset]:
    """Return the datasets that a selector can mean: the one it names, or all."""
    datasets = known.policy.datasets
    if isinstance(selector.dataset, str) and not is_wild(selector.dataset):
        return [datasets[selector.dataset]] if selector.dataset in datasets else []
    return datasets.values()


def _candidates(dataset: Dataset) -> Iterator[Selectable]:
    places = [
        Place(name, "", location.type, location.region, location.environment)
        for name, location in dataset.locations.items()
    ]
    for place in (None, *places):
        for field in (None, *dataset.fields):
            yield Selectable(dataset, field, place)
