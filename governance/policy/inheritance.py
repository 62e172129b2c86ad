"""Project → folder → dataset → field: what is handed down, and that it only tightens."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from governance.model.documents import Dataset
from governance.model.ladders import Classification, State
from governance.model.parts import Defaults, FieldSpec, Retention
from governance.model.position import Origin, Position
from governance.model.taxonomy import TaxonomyIndex, is_within
from governance.policy.corpus import Corpus
from governance.policy.faults import Fault
from governance.policy.files import folders_above
from governance.policy.validation import Written
from governance.policy.vocabulary import known_regions, with_parents

_HANDED_DOWN = (
    "owner",
    "steward",
    "classification",
    "residency",
    "purposes",
    "retention",
    "state",
)
_ENDS = ("archive", "anonymise", "delete")


@dataclass(frozen=True, slots=True)
class _Level:
    """One step of the inheritance: where it is written and how it is called."""

    values: Defaults | Dataset
    written: Written
    prefix: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class _Held:
    """A value on its way down, and the level that wrote it under a key."""

    value: Any
    key: str
    level: _Level

    @property
    def position(self) -> Position:
        return self.level.written.key(*self.level.prefix, self.key)


@dataclass(frozen=True, slots=True)
class Inherited:
    """A dataset with everything handed down to it; ``origins`` tells where that came from."""

    dataset: Dataset
    origins: Callable[[], dict[str, Origin]]
    faults: tuple[Fault, ...]


class Inheritance:
    """Hands defaults down to the datasets of a corpus."""

    def __init__(self, corpus: Corpus, taxonomy: TaxonomyIndex) -> None:
        self._taxonomy = taxonomy
        # NOTE: words that no taxonomy knows are faults of their own; one fault is enough.
        self._purposes = with_parents(taxonomy.purposes)
        self._regions = known_regions(taxonomy)
        self._folders = {written.file: written for written in corpus.valid("Defaults")}
        self._project = next(corpus.valid("Project"), None)

    def apply(self, written: Written) -> Inherited:
        """Return one dataset with its defaults, and a fault for everything loosened."""
        dataset: Dataset = written.model
        held: dict[str, _Held] = {}
        faults: list[Fault] = []
        for level in [*self._levels(written.file), _Level(dataset, written, (), "declared")]:
            for key in _HANDED_DOWN:
                value = getattr(level.values, key)
                if value is None:
                    continue
                faults += self._loosened(key, held.get(key), value, level)
                value = _complete(held.get(key), value)
                held[key] = _Held(value, key, level)
        level_of_data = held.get("classification")
        fields, more = _fields(written, dataset, level_of_data)
        faults += more
        fields, more = self._states(written, dataset, fields, held.get("state"))
        faults += more
        update = {key: item.value for key, item in held.items()} | {"fields": fields}
        origins = functools.partial(_origins, dataset, held)
        return Inherited(dataset.model_copy(update=update), origins, tuple(faults))

    def _states(
        self,
        written: Written,
        dataset: Dataset,
        fields: dict[str, FieldSpec],
        floor: _Held | None,
    ) -> tuple[dict[str, FieldSpec], list[Fault]]:
        """Give personal fields the state of their dataset where they promise none of their own."""
        faults: list[Fault] = []
        if floor is None:
            return fields, faults
        given = dict(fields)
        for name, spec in fields.items():
            if not self._taxonomy.is_personal(spec.category):
                continue
            state, problem = _at_least(dataset, spec.state, floor.value)
            given[name] = spec.model_copy(update={"state": state})
            for place, sentence in problem:
                position = written.at("fields", name, "state", *place)
                remedy = "strengthen it, or leave it out to inherit"
                faults.append(Fault(position, f"{sentence} at {floor.position}", remedy))
        return given, faults

    def _levels(self, file: str) -> Iterator[_Level]:
        if self._project is not None:
            project = self._project.model
            prefix = ("defaults", "dataset")
            yield _Level(project.defaults.dataset, self._project, prefix, f"Project {project.id}")
        for name in folders_above(file):
            if name in self._folders:
                folder = self._folders[name]
                yield _Level(folder.model.dataset, folder, ("dataset",), name)

    def _loosened(
        self,
        key: str,
        parent: _Held | None,
        value: Any,  # noqa: ANN401
        level: _Level,
    ) -> Iterator[Fault]:
        if parent is None:
            return
        problem, path = self._difference(key, parent.value, value)
        if problem:
            yield Fault(
                level.written.at(*level.prefix, key, *path),
                f"{problem} at {parent.position}",
                "tighten it, or leave it out to inherit",
            )

    def _difference(self, key: str, parent: Any, value: Any) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401
        """Return how a value is looser than its parent's, as the start of a sentence."""
        match key:
            case "classification" | "state":
                return _lower(value, parent), ()
            case "residency":
                allowed = self._countries(parent)
                extra = [region for region in value if not self._countries((region,)) <= allowed]
                extra = [region for region in extra if region in self._regions]
                return _outside("residency", extra, parent), ()
            case "purposes":
                extra = [p for p in value if not any(is_within(p, known) for known in parent)]
                extra = [purpose for purpose in extra if purpose in self._purposes]
                return _outside("purpose", extra, parent), ()
            case "retention":
                return _longer(value, parent)
        return "", ()

    def _countries(self, regions: tuple[str, ...]) -> frozenset[str]:
        """Return the countries that regions stand for; EU lies within EEA by its members."""
        groups = self._taxonomy.regions
        return self._taxonomy.expand_regions(regions) - frozenset(groups)


def _origins(dataset: Dataset, held: dict[str, _Held]) -> dict[str, Origin]:
    """Return where the values of a dataset were written, also those that its fields take over."""
    origins = {key: _origin(item) for key, item in held.items()}
    tier = origins.get("classification")
    if tier is not None:
        taken_over = Origin(tier.position, f"inherited from Dataset {dataset.id}")
        for name, spec in dataset.fields.items():
            if spec.classification is None:
                origins[f"fields.{name}.classification"] = taken_over
    return origins


def _origin(item: _Held) -> Origin:
    name = item.level.name
    return Origin(item.position, name if name == "declared" else f"inherited from {name}")


def _complete(parent: _Held | None, value: Any) -> Any:  # noqa: ANN401
    """Fill in what a retention leaves unsaid from the one above it."""
    if parent is None or not isinstance(value, Retention):
        return value
    unsaid = {"measured_by", "basis", "then"} - value.model_fields_set
    return value.model_copy(update={key: getattr(parent.value, key) for key in unsaid})


def _lower(value: Classification | State, parent: Classification | State) -> str:
    if value.rank >= parent.rank:
        return ""
    return f"{type(value).__name__.lower()} '{value}' is lower than '{parent}'"


def _at_least(
    dataset: Dataset, given: State | dict[str, State] | None, floor: State
) -> tuple[State | dict[str, State], list[tuple[tuple[str, ...], str]]]:
    """Return a field's state with a floor below it, and where it promises less than that."""
    if not isinstance(given, dict):
        problem = _lower(given or floor, floor)
        return given or floor, [((), problem)] if problem else []
    unsaid = {
        name: floor
        for name, place in dataset.locations.items()
        if name not in given and place.environment not in given
    }
    weaker = [((place,), _lower(state, floor)) for place, state in given.items()]
    return unsaid | given, [(place, problem) for place, problem in weaker if problem]


def _outside(noun: str, extra: list[str], parent: tuple[str, ...]) -> str:
    if not extra:
        return ""
    allowed = ", ".join(parent) or "nothing"
    return f"{noun} {', '.join(repr(word) for word in extra)} is not within {allowed}"


def _longer(value: Retention, parent: Retention) -> tuple[str, tuple[str, ...]]:
    if value.max_age.approximate_days > parent.max_age.approximate_days:
        return f"retention '{value.max_age}' is longer than '{parent.max_age}'", ("max_age",)
    said_then = "then" in value.model_fields_set
    if said_then and _ENDS.index(value.then) < _ENDS.index(parent.then):
        return f"retention ends in '{value.then}', which is softer than '{parent.then}'", ("then",)
    return "", ()


def _fields(
    written: Written, dataset: Dataset, level: _Held | None
) -> tuple[dict[str, FieldSpec], list[Fault]]:
    fields, faults = dict(dataset.fields), []
    for name, spec in dataset.fields.items():
        if level is None:
            continue
        if spec.classification is None:
            fields[name] = spec.model_copy(update={"classification": level.value})
            continue
        problem = _lower(spec.classification, level.value)
        if problem:
            position = written.at("fields", name, "classification")
            remedy = "raise it, or leave it out to inherit"
            faults.append(Fault(position, f"{problem} at {level.position}", remedy))
    return fields, faults
