"""Which protection the policy demands of a field at a place, and which shapes satisfy it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from governance.controls.subjects import position_of
from governance.model.asset import Place
from governance.model.documents import Dataset
from governance.model.ladders import Severity, State, Technique
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.position import Position
from governance.model.rules import Shape
from governance.model.selectors import Selectable, declared_state, matches
from governance.model.taxonomy import is_within
from governance.model.world import Subject

KEYED = frozenset(
    {
        Technique.HMAC_SHA256,
        Technique.TOKENIZE,
        Technique.PSEUDONYMISE,
        Technique.ENCRYPT,
    }
)
TOKENS = KEYED - {Technique.HMAC_SHA256}
COARSENING = frozenset(
    {Technique.GENERALISE, Technique.AGGREGATE, Technique.NOISE, Technique.K_ANONYMITY}
)
GONE = frozenset({Technique.DROP, Technique.REDACT})

# What satisfies a state when the rule lists no technique. A plain hash is accepted for a
# pseudonym and refused later for kinds that can be enumerated.
_DEFAULT_ACCEPT = {
    State.PSEUDONYMISED: GONE | KEYED | COARSENING | {Technique.MASK, Technique.HASH},
    State.AGGREGATED: GONE | COARSENING | {Technique.MASK},
    State.ANONYMISED: GONE | COARSENING,
}


@dataclass(frozen=True, slots=True)
class Demand:
    """A state that a field must have at a place.

    Args:
        rule: The rule that demands it; None when the dataset's own file promises it.
        accept: The techniques that satisfy it.
        max_hits: Clear rows that are tolerated.
        check_technique: Whether the shape of the values is held against ``accept``.
        shape: The form that the values left must have, and how they must not begin.
    """

    state: State
    accept: frozenset[Technique]
    severity: Severity
    position: Position | None
    rule: RuleRef | None = None
    max_hits: int = 0
    check_technique: bool = True
    shape: Shape | None = None

    @property
    def source(self) -> str:
        """Who demands it, for a message."""
        return self.rule.id if self.rule else "the dataset's own file"


def demands_of(
    subject: Subject, dataset: Dataset, place: Place, *, severity: Severity
) -> dict[str, tuple[Demand, ...]]:
    """Return, per declared field, what is demanded of it at a place; empty ones left out.

    Args:
        severity: The severity of a broken promise that no rule rates.
    """
    rules = _state_rules(subject.world.policy, place)
    found = {
        name: tuple(_field_demands(subject, Selectable(dataset, name, place), rules))
        for name in sorted(dataset.fields)
    }
    promised = {name: tuple(_own_demand(subject, dataset, name, place, severity)) for name in found}
    return {name: found[name] + promised[name] for name in found if found[name] or promised[name]}


def is_meant(ref: RuleRef, place: Place) -> bool:
    """Return whether a rule speaks of a place, by its name or its environment."""
    return not ref.rule.within or not {place.name, place.environment}.isdisjoint(ref.rule.within)


def detectable(category: str | None, entities: Mapping[str, str]) -> bool:
    """Return whether a detector knows what a clear value of the category looks like."""
    return any(are_related(category, known) for known in entities.values())


def are_related(one: str | None, other: str | None) -> bool:
    """Return whether one category equals or contains the other; None is related to nothing."""
    if one is None or other is None:
        return False
    return is_within(one, other) or is_within(other, one)


def _state_rules(policy: EffectivePolicy, place: Place) -> tuple[RuleRef, ...]:
    return tuple(
        ref
        for ref in policy.rules()
        if ref.rule.require_state
        and ref.rule.require_state is not State.IDENTIFIED
        and is_meant(ref, place)
    )


def _field_demands(
    subject: Subject, candidate: Selectable, rules: tuple[RuleRef, ...]
) -> Iterator[Demand]:
    for ref in rules:
        state = ref.rule.require_state
        if state is None or not matches(ref.policy.applies_to, candidate):
            continue
        policy = subject.world.policy
        yield Demand(
            state=state,
            accept=frozenset(ref.rule.accept) or _DEFAULT_ACCEPT[state],
            severity=ref.severity,
            position=position_of(subject, f"fields.{candidate.field}")
            or policy.position("Policy", ref.policy.id, f"rules.{ref.name}"),
            rule=ref,
            max_hits=ref.rule.verify.max_hits,
            check_technique=ref.rule.verify.technique_check,
            shape=ref.rule.shape,
        )


def _own_demand(
    subject: Subject, dataset: Dataset, name: str, place: Place, severity: Severity
) -> Iterator[Demand]:
    state = declared_state(dataset.fields[name], place)
    if state is None or state is State.IDENTIFIED:
        return
    yield Demand(
        state=state,
        accept=_DEFAULT_ACCEPT[state],
        severity=severity,
        position=position_of(subject, f"fields.{name}.state"),
    )
