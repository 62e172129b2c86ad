"""Policies: each rule says one thing, and each selector selects something."""

from __future__ import annotations

from collections.abc import Iterator

from governance.model.documents import Dataset, ModelRecord, Policy
from governance.model.rules import Origins, Rule, Window
from governance.policy.faults import Fault, quoted
from governance.policy.known import Known, is_wild
from governance.policy.nodes import Path
from governance.policy.protections import check_protection
from governance.policy.selectors import check_choice, check_selector, words_of
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
_TRAINING = "training."
# Our own names of the keys that are words of Python.
_KEYS = {
    name: info.alias for name, info in Rule.model_fields.items() if info.alias not in (None, name)
}


def check_rules(known: Known) -> Iterator[Fault]:
    """Yield a fault for each rule or selector of a policy that cannot mean what it says."""
    rule_ids: dict[str, tuple[Written, str]] = {}
    for written in known.corpus.valid("Policy"):
        policy: Policy = written.model
        yield from check_selector(known, written)
        for name, rule in policy.rules.items():
            yield from _verb(written, name, rule)
            yield from _empty(written, name, rule)
            yield from _rule(known, written, name, rule)
            first = rule_ids.setdefault(f"{policy.id}.{name}", (written, name))
            if first[0] is not written:
                at = first[0].key("rules", first[1])
                problem = f"another rule is also called {policy.id}.{name}, at {at}"
                yield Fault(written.key("rules", name), problem, "rename one of the two")


def _verb(written: Written, name: str, rule: Rule) -> Iterator[Fault]:
    said = {_KEYS.get(field, field) for field in rule.model_fields_set}
    verbs = [verb for verb in _VERBS if verb in said]
    if len(verbs) != 1:
        told = f"says {' and '.join(verbs)}" if verbs else "demands and permits nothing"
        position = written.key("rules", name, *verbs[1:2])
        yield Fault(position, f"the rule {quoted(name)} {told}", f"use one of: {', '.join(_VERBS)}")
        return
    for key, meaningful in _COMPANIONS.items():
        if key in said and verbs[0] not in meaningful:
            problem = f"{quoted(key)} means nothing beside '{verbs[0]}'"
            remedy = f"remove it; it goes with {' or '.join(sorted(meaningful))}"
            yield Fault(written.key("rules", name, key), problem, remedy)
    if "never" in said and "form" not in said:
        problem = "'never' means nothing without a form"
        yield Fault(written.key("rules", name, "never"), problem, "add 'form', as form: zip3")
    if verbs[0] == "allow" and "to" not in said:
        problem = f"the rule {quoted(name)} allows nobody"
        yield Fault(written.key("rules", name), problem, f"add 'to', as to: {ANYONE}")


def _empty(written: Written, name: str, rule: Rule) -> Iterator[Fault]:
    """Yield keys that hold nothing: a list without an entry, a choice of none, a window of any."""
    for field in sorted(rule.model_fields_set - {"references"}):
        value = getattr(rule, field)
        key = _KEYS.get(field, field)
        is_blank = isinstance(value, Window | Origins) and not value.model_fields_set
        if value == () or is_blank:
            problem = f"{quoted(key)} names nothing"
            position = written.at("rules", name, key)
            yield Fault(position, problem, "name something, or remove it")
    for key, selected in (("to", rule.to), ("for", rule.purpose)):
        yield from check_choice(written, ("rules", name, key), selected)


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
    yield from check_protection(known, written, name, rule)
    for where, word in words_of((*path, "to"), rule.to):
        yield from _principal(known, written, where, word)
    for where, word in words_of((*path, "for"), rule.purpose):
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
