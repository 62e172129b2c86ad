"""What holds for an asset or a field, and which line says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from governance.errors import UsageError
from governance.model.asset import Place
from governance.model.documents import Dataset, ModelRecord
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.position import Origin, Position
from governance.model.selectors import Selectable, declared_state, matches, matches_model
from governance.policy.faults import quoted, suggest

_HEADER = frozenset({"apiVersion", "kind", "id"})
_WANTED = ("owner", "classification", "purposes", "residency", "retention", "legal_basis")
_NOT_DECLARED = "not declared"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One line of an explanation.

    Args:
        key: A key of the document, or ``rule`` and the rule's id.
        value: The effective value, or what the rule demands.
        position: The line that says so; None where nobody does.
        via: ``declared``, who handed it down, or why the rule exists.
    """

    key: str
    value: str
    position: Position | None
    via: str


def explain(policy: EffectivePolicy, target: str) -> tuple[Explanation, ...]:
    """Return what holds for ``ASSET`` or ``ASSET.FIELD``: values first, then the rules.

    Raises:
        UsageError: If there is no such asset or field; it names the nearest.
    """
    kind, document, field = _find(policy, target)
    own = _field(policy, document, field) if field else _document(policy, kind, document)
    return (*own, *_rules_for(policy, document, field))


def _find(policy: EffectivePolicy, target: str) -> tuple[str, Any, str | None]:
    assets: dict[str, tuple[str, Any]] = {}
    for kind, models in _documents(policy):
        for name, model in models.items():
            # NOTE: a pipeline may share its id with a dataset; the dataset is what is governed.
            assets.setdefault(name, (kind, model))
    if target in assets:
        return (*assets[target], None)
    for name in sorted(assets, key=len, reverse=True):
        kind, model = assets[name]
        if kind == "Dataset" and target.startswith(f"{name}."):
            field = target.removeprefix(f"{name}.")
            if field in model.fields:
                return kind, model, field
            known = [f"{name}.{one}" for one in model.fields]
            remedy = suggest(target, known, otherwise="declare its fields")
            raise UsageError(f"{name}", f"no field {quoted(field)} is declared", remedy)
    remedy = suggest(target, assets, otherwise="declare one with 'kind: Dataset'")
    raise UsageError("explain", f"no asset is called {quoted(target)}", remedy)


def _documents(policy: EffectivePolicy) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "Dataset", policy.datasets
    yield "Model", policy.models
    yield "Pipeline", policy.pipelines


def _document(policy: EffectivePolicy, kind: str, document: BaseModel) -> Iterator[Explanation]:
    wanted = _WANTED if isinstance(document, Dataset) else ()
    for name, info in type(document).model_fields.items():
        key, value = info.alias or name, getattr(document, name)
        if key in _HEADER or not (value or key in wanted):
            continue
        if isinstance(value, dict):
            for entry, inner in value.items():
                yield _line(policy, kind, document, f"{key}.{entry}", inner)
        else:
            yield _line(policy, kind, document, key, value)


def _line(
    policy: EffectivePolicy,
    kind: str,
    document: Any,  # noqa: ANN401
    path: str,
    value: object,
) -> Explanation:
    if value is None:
        return Explanation(path, _NOT_DECLARED, None, "")
    origin = policy.origin(kind, document.id, path) or Origin(Position("", 0, 0), "")
    via = origin.via
    if path.startswith("fields.") and path.count(".") == 1:
        via = "declared"
    return Explanation(path, _shown(value), origin.position, via)


def _field(policy: EffectivePolicy, dataset: Dataset, field: str) -> Iterator[Explanation]:
    spec = dataset.fields[field]
    for name in type(spec).model_fields:
        value = getattr(spec, name)
        if not value and name not in ("category", "classification", "state"):
            continue
        line = _line(policy, "Dataset", dataset, f"fields.{field}.{name}", value)
        yield Explanation(name, line.value, line.position, line.via)


def _rules_for(
    policy: EffectivePolicy, document: object, field: str | None
) -> Iterator[Explanation]:
    if isinstance(document, Dataset):
        yield from _rules(policy, document, field)
    elif isinstance(document, ModelRecord):
        for ref in policy.rules():
            if matches_model(ref.policy.applies_to, document):
                yield _rule(policy, ref, "")


def _rule(policy: EffectivePolicy, ref: RuleRef, unmet: str) -> Explanation:
    position = policy.position("Policy", ref.policy.id, f"rules.{ref.name}")
    why = f"{ref.rule.why or 'no reason given'} ({ref.severity}){unmet}"
    return Explanation(f"rule {ref.id}", _demand(ref), position, why)


def _rules(policy: EffectivePolicy, dataset: Dataset, field: str | None) -> Iterator[Explanation]:
    places = [
        Place(name, "", location.type, location.region, location.environment)
        for name, location in dataset.locations.items()
    ]
    for ref in policy.rules():
        where = [
            place
            for place in (None, *places)
            if matches(ref.policy.applies_to, Selectable(dataset, field, place))
            and _concerns(ref, place, places)
        ]
        if where:
            yield _rule(policy, ref, _promised(ref, dataset, field, where))


def _concerns(ref: RuleRef, place: Place | None, places: list[Place]) -> bool:
    """Whether a rule that names locations in ``in`` reaches a place of the dataset."""
    if not ref.rule.within:
        return True
    names = {place.name, place.environment} if place else set()
    return bool(places) and not names.isdisjoint(ref.rule.within)


def _promised(ref: RuleRef, dataset: Dataset, field: str | None, where: list[Place | None]) -> str:
    """Say when the field's declared state is weaker than the one a rule requires."""
    wanted = ref.rule.require_state
    if wanted is None or field is None:
        return ""
    states = [declared_state(dataset.fields[field], place) for place in where if place]
    weaker = [state for state in states if state is not None and state.rank < wanted.rank]
    return f"; the field is declared {weaker[0]}" if weaker else ""


def _demand(ref: RuleRef) -> str:
    said = ref.rule.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    for known in ("why", "fix", "severity", "references"):
        said.pop(known, None)
    return ", ".join(f"{key} {_shown(value)}" for key, value in said.items())


def _shown(value: object) -> str:
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_shown(inner)}" for key, inner in value.items()) or "{}"
    if isinstance(value, list | tuple):
        return ", ".join(_shown(inner) for inner in value) or "none"
    return str(value)
