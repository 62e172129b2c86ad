"""Does a selector match? One meaning, wherever the policy language selects something."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from governance.model.asset import Place
from governance.model.documents import Dataset, ModelRecord
from governance.model.ladders import Classification, RiskClass, State
from governance.model.parts import FieldSpec
from governance.model.rules import Choice, Selected, Selector
from governance.model.taxonomy import is_within

_LADDERS: dict[str, type[Classification] | type[State] | type[RiskClass]] = {
    "classification": Classification,
    "state": State,
    "risk_class": RiskClass,
}
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
}


@dataclass(frozen=True, slots=True)
class Selectable:
    """What a selector is held against: a dataset, and one field and place of it if meant."""

    dataset: Dataset
    field: str | None = None
    place: Place | None = None


def matches(selector: Selector, candidate: Selectable) -> bool:
    """Return whether every key that the selector gives holds for the candidate.

    A selector of models holds for no dataset. Without a field in the candidate, ``field``,
    ``category`` and ``state`` hold when some field of the dataset satisfies them; likewise
    ``location``, ``environment`` and ``region``.
    """
    return not selector.of_models and all(
        holds(selected, values_of(key, candidate), key=key)
        for key, selected in selector
        if key != "may_be_empty" and selected is not None
    )


def matches_model(selector: Selector, model: ModelRecord) -> bool:
    """Return whether a selector of models holds for a model; any other holds for none."""
    values = {"model": model.id, "risk_class": model.risk_class.value, "owner": model.owner}
    return selector.of_models and all(
        holds(selected, (values[key],) if key in values else (), key=key)
        for key, selected in selector
        if key != "may_be_empty" and selected is not None
    )


def may_select(selector: Selector, dataset: str) -> bool:
    """Return whether a selector can hold for a dataset of that id: a cheap look before ``matches``.

    Most policies name the datasets that they mean, and most datasets are not among them.
    """
    wanted = selector.dataset
    words = (wanted,) if isinstance(wanted, str) else wanted.any_of if wanted else None
    return words is None or dataset in words or any(set("*?[") & set(word) for word in words)


def holds(selected: Selected, values: Iterable[str], *, key: str = "") -> bool:
    """Return whether a scalar or a choice accepts the values of a candidate."""
    present = tuple(values)
    if isinstance(selected, str):
        return any(_accepts(selected, value, key) for value in present)
    return _choice_holds(selected, present, key)


def _choice_holds(choice: Choice, present: tuple[str, ...], key: str) -> bool:
    def some(pattern: str) -> bool:
        return any(_accepts(pattern, value, key) for value in present)

    if choice.any_of is not None and not any(some(pattern) for pattern in choice.any_of):
        return False
    if choice.all_of is not None and not all(some(pattern) for pattern in choice.all_of):
        return False
    return choice.none_of is None or not any(some(pattern) for pattern in choice.none_of)


def _accepts(pattern: str, value: str, key: str) -> bool:
    ladder = _LADDERS.get(key)
    for sign, compare in _COMPARISONS.items():
        if ladder and pattern.startswith(sign):
            bound = ladder(pattern.removeprefix(sign).strip())
            return compare(ladder(value).rank, bound.rank)
    if key in ("category", "purpose") and is_within(value, pattern):
        return True
    return fnmatchcase(value, pattern)


def values_of(key: str, candidate: Selectable) -> tuple[str, ...]:
    """Return what a candidate has for a key of a selector."""
    dataset = candidate.dataset
    if key in ("field", "category", "state"):
        return _field_values(key, candidate)
    if key in ("location", "environment", "region"):
        return _place_values(key, candidate)
    level = _classification(candidate)
    spec = dataset.fields.get(candidate.field or "", FieldSpec())
    return {
        "dataset": (dataset.id,),
        "owner": (dataset.owner or "none",),
        "subject": dataset.subjects,
        "tag": dataset.tags + spec.tags,
        "classification": (level.value,) if level else (),
    }[key]


def _classification(candidate: Selectable) -> Classification | None:
    spec = candidate.dataset.fields.get(candidate.field or "")
    return (spec.classification if spec else None) or candidate.dataset.classification


def _field_values(key: str, candidate: Selectable) -> tuple[str, ...]:
    fields = candidate.dataset.fields
    chosen = [candidate.field] if candidate.field is not None else list(fields)
    if key == "field":
        return tuple(chosen)
    specs = [fields[name] for name in chosen if name in fields]
    if key == "category":
        return tuple(spec.category for spec in specs if spec.category)
    states = [declared_state(spec, candidate.place) for spec in specs]
    return tuple((state or State.IDENTIFIED).value for state in states)


def _place_values(key: str, candidate: Selectable) -> tuple[str, ...]:
    if candidate.place is not None:
        place = candidate.place
        value = {"location": place.name, "environment": place.environment, "region": place.region}
        said = value[key]
        return (said,) if said else ()
    locations = candidate.dataset.locations
    if key == "location":
        return tuple(locations)
    said_anywhere = (getattr(location, key) for location in locations.values())
    return tuple(value for value in said_anywhere if value)


def declared_state(spec: FieldSpec, place: Place | None) -> State | None:
    """Return the state a field declares at a place: by location, by environment, or overall."""
    if not isinstance(spec.state, dict):
        return spec.state
    if place is None:
        return None
    return spec.state.get(place.name) or spec.state.get(place.environment or "")
