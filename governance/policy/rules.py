"""Policies: each rule says one thing, and each selector selects something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from governance.model.asset import Place
from governance.model.documents import Dataset, ModelRecord, Policy
from governance.model.ladders import Classification, RiskClass, State
from governance.model.position import Position
from governance.model.rules import Rule, Selected, Selector
from governance.model.selectors import Selectable, matches, matches_model
from governance.policy.faults import Fault, quoted, suggest
from governance.policy.known import Known, is_wild
from governance.policy.nodes import Path
from governance.policy.sense import check_networks, check_window
from governance.policy.shapes import keys_of
from governance.policy.validation import Written

ANYONE = "anyone"
OWN_PURPOSES = "dataset.purposes"
_VERBS = ("require", "require_state", "require_anonymity", "allow", "deny")
_PROTECTING = frozenset({"require_state", "require_anonymity"})
_ACCESS = frozenset({"allow", "deny"})
# Which keys mean something beside which verbs. A key that no control reads would only look
# as if it did something.
_COMPANIONS = {
    "accept": frozenset({"require_state"}),
    "verify": frozenset({"require_state"}),
    "form": frozenset({"require_state"}),
    "never": frozenset({"require_state"}),
    "in": _PROTECTING,
    "to": _ACCESS,
    "for": _ACCESS,
    "when": _ACCESS,
    "from": _ACCESS,
}
_HEADER = frozenset({"apiVersion", "kind", "id"})
_SELECTED_BY = ("Dataset", "Taxonomy", "Defaults", "Project")
_LADDERS = {"classification": Classification, "state": State, "risk_class": RiskClass}
_OF_MODELS = frozenset({"model", "risk_class", "owner", "may_be_empty"})
_TRAINING = "training."
_SIGNS = (">=", "<=", ">", "<")


def check_rules(known: Known) -> Iterator[Fault]:
    """Yield a fault for each rule or selector of a policy that cannot mean what it says."""
    rule_ids: dict[str, Position] = {}
    for written in known.corpus.valid("Policy"):
        policy: Policy = written.model
        yield from _selector(known, written, policy)
        for name, rule in policy.rules.items():
            yield from _verb(written, name)
            yield from _rule(known, written, name, rule)
            position = written.key("rules", name)
            first = rule_ids.setdefault(f"{policy.id}.{name}", position)
            if first != position:
                problem = f"another rule is also called {policy.id}.{name}, at {first}"
                yield Fault(position, problem, "rename one of the two")


def _verb(written: Written, name: str) -> Iterator[Fault]:
    node = written.node.entries["rules"].value
    keys = node.entries[name].value.entries  # type: ignore[union-attr]
    verbs = [verb for verb in _VERBS if verb in keys]
    if len(verbs) != 1:
        said = f"says {' and '.join(verbs)}" if verbs else "demands and permits nothing"
        position = written.key("rules", name, *verbs[1:2])
        yield Fault(position, f"the rule {quoted(name)} {said}", f"use one of: {', '.join(_VERBS)}")
        return
    for key, meaningful in _COMPANIONS.items():
        if key in keys and verbs[0] not in meaningful:
            problem = f"{quoted(key)} means nothing beside '{verbs[0]}'"
            remedy = f"remove it; it goes with {' or '.join(sorted(meaningful))}"
            yield Fault(written.key("rules", name, key), problem, remedy)
    if "never" in keys and "form" not in keys:
        problem = "'never' means nothing without a form"
        yield Fault(written.key("rules", name, "never"), problem, "add 'form', as form: zip3")
    if verbs[0] == "allow" and "to" not in keys:
        problem = f"the rule {quoted(name)} allows nobody"
        yield Fault(written.key("rules", name), problem, f"add 'to', as to: {ANYONE}")


def _rule(known: Known, written: Written, name: str, rule: Rule) -> Iterator[Fault]:
    path: Path = ("rules", name)
    noun, demanded = _demandable(of_models=written.model.applies_to.of_models)
    for index, key in enumerate(rule.require or ()):
        yield from known.refer(written, (*path, "require", index), noun, demanded)(key)
    may_be_empty = written.model.applies_to.may_be_empty
    if known.trusts("Dataset") and not may_be_empty:
        for index, place in enumerate(rule.within):
            noun = "location or environment"
            yield from known.refer(written, (*path, "in", index), noun, known.places)(place)
    for where, word in _words((*path, "to"), rule.to):
        yield from _principal(known, written, where, word)
    for where, word in _words((*path, "for"), rule.purpose):
        if word != OWN_PURPOSES and not is_wild(word):
            yield from known.purpose(written, where, word)
    if rule.when:
        yield from check_window(written, (*path, "when"), rule.when)
    if rule.origin:
        yield from check_networks(written, (*path, "from", "network"), rule.origin.network)
        for index, region in enumerate(rule.origin.region):
            yield from known.region(written, (*path, "from", "region", index), region)


def _demandable(*, of_models: bool) -> tuple[str, frozenset[str]]:
    """Return what may be required of a dataset, or of a model and the data it learned from."""
    of_datasets = frozenset(keys_of(Dataset)) - _HEADER
    if not of_models:
        return "key of a dataset", of_datasets
    own = frozenset(keys_of(ModelRecord)) - _HEADER
    return "key of a model", own | {f"{_TRAINING}{key}" for key in of_datasets}


def _principal(known: Known, written: Written, path: Path, word: str) -> Iterator[Fault]:
    if word == ANYONE or is_wild(word):
        return
    if not word.startswith(("user:", "team:", "role:", "service:")):
        problem = f"expected a principal, found {quoted(word)}"
        remedy = f"write it as team:sales, role:analyst, user:ana@example.org or {ANYONE}"
        yield Fault(written.at(*path), problem, remedy)
        return
    yield from known.principal(written, path, word)


def _selector(known: Known, written: Written, policy: Policy) -> Iterator[Fault]:
    faults = [
        fault
        for key, selected in policy.applies_to
        if key != "may_be_empty"
        for path, word in _words(("applies_to", key), selected)
        for fault in _selector_word(known, written, path, word)
    ]
    faults += _models_apart(written, policy)
    yield from faults
    says_something = policy.applies_to.model_fields_set - {"may_be_empty"}
    if faults or policy.applies_to.may_be_empty or not says_something:
        return
    relevant = ("Model",) if policy.applies_to.of_models else _SELECTED_BY
    if known.trusts(*relevant) and not _selects(known, policy):
        problem = "the selector matches nothing"
        remedy = "mend it, or add 'may_be_empty: true' if that is meant"
        yield Fault(written.key("applies_to"), problem, remedy)


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


def _selector_word(known: Known, written: Written, path: Path, word: str) -> Iterator[Fault]:
    key = str(path[1])
    if key in _LADDERS:
        sign = next((sign for sign in _SIGNS if word.startswith(sign)), "")
        rung = word.removeprefix(sign).strip()
        steps = [step.value for step in _LADDERS[key]]
        # NOTE: a comparison needs a rung; a glob of rungs has no order.
        if rung not in steps and (sign or not is_wild(rung)):
            yield Fault(written.at(*path), f"unknown {key} {quoted(rung)}", suggest(rung, steps))
    elif is_wild(word):
        return
    elif key == "category":
        yield from known.category(written, path, word)
    elif key == "model":
        yield from known.refer(written, path, "model", known.corpus.ids("Model"))(word)
    elif key == "dataset":
        yield from known.refer(written, path, "dataset", known.datasets)(word)
    elif key == "owner" and word != "none":
        yield from known.principal(written, path, word)
    elif key == "region":
        yield from known.region(written, path, word)


def _words(path: Path, selected: Selected | None) -> Iterator[tuple[Path, str]]:
    """Yield every word of a scalar or a choice with its path."""
    if isinstance(selected, str):
        yield path, selected
    elif selected is not None:
        for key, words in selected:
            for index, word in enumerate(words or ()):
                yield (*path, key, index), word


def _selects(known: Known, policy: Policy) -> bool:
    selector = policy.applies_to
    if selector.of_models:
        return any(matches_model(selector, model) for model in known.policy.models.values())
    # NOTE: what holds for the dataset as a whole is asked once, not for every field and place.
    whole = Selector(dataset=selector.dataset, owner=selector.owner, subject=selector.subject)
    return any(
        matches(selector, candidate)
        for dataset in _named(known, selector)
        if matches(whole, Selectable(dataset))
        for candidate in _candidates(dataset)
    )


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
