"""By which steps the rules of a policy can be loosened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from governance.model.documents import Policy
from governance.model.ladders import Severity, State, Technique
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.rules import Action, Anonymity, Choice, Rule, Selected
from governance.model.selectors import holds
from governance.policy.loosening import Step, principals_of, purposes_of

_ANYONE = "anyone"
_WEAK = (Technique.MASK, Technique.HASH)
_VISIBLE = frozenset({*_WEAK, Technique.HMAC_SHA256, Technique.REDACT, Technique.DROP})
_DAY = 24 * 60


def policy_steps(policy: EffectivePolicy, document: Policy) -> Iterator[tuple[str, Step]]:
    """Yield every step by which a policy can be loosened, with the id of the rule it concerns."""
    for name in sorted(document.rules):
        ref = RuleRef(document, name, document.rules[name])
        for step in _rule(policy, ref):
            yield ref.id, step
    for step in _selector(document):
        yield f"Policy {document.id}", step


def _rule(policy: EffectivePolicy, ref: RuleRef) -> Iterator[Step]:
    rule, path = ref.rule, f"rules.{ref.name}"
    if rule.allow:
        yield from _allow(policy, rule, path)
        return
    yield Step(path, "is gone", gone=(path,))
    if rule.deny:
        yield from _deny(policy, rule, path)
        return
    yield from _severity(ref, path)
    if rule.require:
        yield from _fewer(f"{path}.require", rule.require, "requires one key less")
    if rule.require_state:
        yield from _state(rule, path)
    if rule.require_anonymity:
        yield from _anonymity(rule.require_anonymity, f"{path}.require_anonymity")
    yield from _fewer(f"{path}.in", rule.within, "holds in one place less")


def _allow(policy: EffectivePolicy, rule: Rule, path: str) -> Iterator[Step]:
    for action in Action:
        if action not in (rule.allow or ()):
            values = {f"{path}.allow": [*(rule.allow or ()), action]}
            word = action.value
            limit = ("action", word)
            yield Step(f"{path}.allow", "allows one more action", word, values, limit=limit)
    yield Step(f"{path}.to", "allows anyone", values={f"{path}.to": _ANYONE})
    if rule.to is not None:
        for who in principals_of(policy):
            yield from _one_more(f"{path}.to", rule.to, who, "allows one more principal")
    if rule.purpose is not None:
        yield Step(f"{path}.for", "allows any purpose", gone=(f"{path}.for",))
        for purpose in purposes_of(policy):
            yield from _one_more(f"{path}.for", rule.purpose, purpose, "allows one more purpose")
    yield from _window(rule, path)
    if rule.origin is not None:
        said = [key for key in ("network", "region") if getattr(rule.origin, key)]
        for key in said:
            where = f"{path}.from.{key}" if len(said) > 1 else f"{path}.from"
            yield Step(where, f"allows any {key}", gone=(where,))


def _one_more(path: str, selected: Selected, word: str, what: str) -> Iterator[Step]:
    key = "purpose" if path.endswith(".for") else "who"
    if holds(selected, (word, _ANYONE), key=key):
        return
    limit = (key, word)
    if isinstance(selected, str):
        yield Step(path, what, word, {path: {"any_of": [selected, word]}}, limit=limit)
    elif selected.any_of is not None:
        yield Step(path, what, word, {path: {"any_of": [*selected.any_of, word]}}, limit=limit)


def _window(rule: Rule, path: str) -> Iterator[Step]:
    if rule.when is None:
        return
    if rule.when.hours is not None:
        start, end = (_minutes(part) for part in rule.when.hours.split("-"))
        for what, first, last in (("an hour earlier", start - 60, end),
                                  ("an hour later", start, end + 60)):  # fmt: skip
            if first >= 0 and last <= _DAY and first != last:
                values = {f"{path}.when.hours": f"{_clock(first)}-{_clock(last)}"}
                yield Step(f"{path}.when.hours", f"allows {what}", values=values)
    if rule.when.days is not None:
        where = f"{path}.when.days" if rule.when.hours is not None else f"{path}.when"
        yield Step(where, "allows every day", gone=(where,))


def _deny(policy: EffectivePolicy, rule: Rule, path: str) -> Iterator[Step]:
    yield from _fewer(f"{path}.deny", rule.deny or (), "denies one action less")
    for key, selected in (("to", rule.to), ("for", rule.purpose)):
        if isinstance(selected, Choice) and selected.any_of:
            where = f"{path}.{key}.any_of"
            yield from _fewer(where, selected.any_of, "denies one case less")
    if rule.to in (None, _ANYONE):
        for who in principals_of(policy):
            values = {f"{path}.to": {"none_of": [who]}}
            limit = ("who", who)
            yield Step(f"{path}.to", "makes an exception", who, values, limit=limit)


def _state(rule: Rule, path: str) -> Iterator[Step]:
    state = rule.require_state
    if state is not None and state.rank > 1:
        lower = list(State)[state.rank - 1]
        what = f"requires {lower} instead of {state}"
        yield Step(f"{path}.require_state", what, values={f"{path}.require_state": lower})
    for technique in _WEAK:
        if rule.accept and technique not in rule.accept:
            values = {f"{path}.accept": [*rule.accept, technique]}
            yield Step(f"{path}.accept", "accepts a weaker technique", technique.value, values)
    if not rule.verify.technique_check or not rule.accept or set(rule.accept) - _VISIBLE:
        # NOTE: else a clear row shows none of the accepted shapes, however many are tolerated.
        where = f"{path}.verify.max_hits"
        more = {where: rule.verify.max_hits + 1}
        yield Step(where, "tolerates one more clear row", values=more)
    if rule.verify.technique_check:
        where = f"{path}.verify.technique_check"
        yield Step(where, "does not look at the technique", values={where: False})


def _anonymity(wanted: Anonymity, path: str) -> Iterator[Step]:
    if wanted.k is not None and wanted.k > 2:
        step = f"asks for k = {wanted.k - 1} instead of {wanted.k}"
        yield Step(f"{path}.k", step, values={f"{path}.k": wanted.k - 1})
    where = f"{path}.quasi_identifiers"
    yield from _fewer(where, wanted.quasi_identifiers, "looks at one quasi-identifier less")
    for name in sorted(wanted.sensitive):
        where = f"{path}.sensitive.{name}"
        yield Step(where, "guards one sensitive column less", name, gone=(where,))


def _severity(ref: RuleRef, path: str) -> Iterator[Step]:
    if ref.severity.rank:
        lower = list(Severity)[ref.severity.rank - 1]
        what = f"is {lower} instead of {ref.severity}"
        yield Step(f"{path}.severity", what, values={f"{path}.severity": lower})


def _selector(document: Policy) -> Iterator[Step]:
    """Yield a selector that protects less, or permits for more."""
    rules = document.rules.values()
    for key, selected in document.applies_to:
        if key == "may_be_empty" or selected is None:
            continue
        where = f"applies_to.{key}"
        if any(rule.allow for rule in rules):
            yield Step(where, f"permits for any {key}", gone=(where,))
        if any(not rule.allow for rule in rules) and isinstance(selected, Choice):
            yield from _fewer(f"{where}.any_of", selected.any_of or (), f"covers a {key} less")


def _fewer(path: str, words: tuple[Any, ...], what: str) -> Iterator[Step]:
    if len(words) < 2:
        return
    for word in words:
        rest = [each for each in words if each != word]
        yield Step(path, what, str(word), {path: rest})


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
