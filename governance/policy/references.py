"""References between documents: whatever is named must be declared somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from governance.model.documents import Dataset, ModelRecord, Pipeline
from governance.model.parts import Defaults, Review
from governance.policy.faults import Fault, quoted, suggest
from governance.policy.known import Known
from governance.policy.nodes import Path
from governance.policy.validation import Written

_DATASET = "dataset:"


def check_references(known: Known) -> Iterator[Fault]:
    """Yield a fault for everything that documents name and nobody declares."""
    for written in known.corpus.valid("Project"):
        yield from _defaults(
            known, written, ("defaults", "dataset"), written.model.defaults.dataset
        )
        for word in written.model.clearances:
            for fault in known.principal(written, ("clearances", word), word):
                yield replace(fault, position=written.key("clearances", word))
    for written in known.corpus.valid("Defaults"):
        yield from _defaults(known, written, ("dataset",), written.model.dataset)
    for written in known.corpus.valid("Dataset"):
        yield from _dataset(known, written, written.model)
    for written in known.corpus.valid("Pipeline"):
        yield from _pipeline(known, written, written.model)
    for written in known.corpus.valid("Model"):
        yield from _model(known, written, written.model)
    for written in known.corpus.valid("Policy"):
        yield from known.principal(written, ("owner",), written.model.owner)
    yield from _vocabulary(known)


def _defaults(
    known: Known, written: Written, prefix: Path, values: Defaults | Dataset
) -> Iterator[Fault]:
    for key in ("owner", "steward"):
        yield from known.principal(written, (*prefix, key), getattr(values, key) or "")
    for index, purpose in enumerate(values.purposes or ()):
        yield from known.purpose(written, (*prefix, "purposes", index), purpose)
    for index, region in enumerate(values.residency or ()):
        yield from known.region(written, (*prefix, "residency", index), region)


def _dataset(known: Known, written: Written, dataset: Dataset) -> Iterator[Fault]:
    yield from _defaults(known, written, (), dataset)
    yield from _people(known, written, dataset)
    yield from recertified(known, written, dataset.recertifications)
    for name, location in dataset.locations.items():
        if location.region:
            yield from known.region(written, ("locations", name, "region"), location.region)
    for name, removed in dataset.filters.items():
        yield from known.principal(written, ("filters", name, "owner"), removed.owner)
    places = _places(dataset)
    for name, spec in dataset.fields.items():
        if spec.category:
            yield from known.category(written, ("fields", name, "category"), spec.category)
        for place in spec.state if isinstance(spec.state, dict) else ():
            path = ("fields", name, "state", place)
            if place not in places:
                problem = f"unknown location or environment {quoted(place)}"
                remedy = suggest(place, places, otherwise="declare it under locations")
                yield Fault(written.key(*path), problem, remedy)
    yield from _measured_by(known, written)


def _people(known: Known, written: Written, asset: Dataset | ModelRecord) -> Iterator[Fault]:
    for owner, tenure in asset.ownership.items():
        # NOTE: a team that owned it once may be gone; only the present owner must exist.
        if tenure.until is None:
            yield from known.principal(written, ("ownership", owner), owner)
    for index, review in enumerate(asset.reviews):
        yield from _principals(known, written, ("reviews", index, "by"), review.by)


def recertified(known: Known, written: Written, records: Iterable[Review]) -> Iterator[Fault]:
    """Yield a fault for each confirmation that names nobody, or nobody who is known."""
    for index, record in enumerate(records):
        path: Path = ("recertifications", index, "by")
        if not record.by:
            problem = "nobody confirmed the access"
            yield Fault(written.at(*path), problem, "name who did, as [user:ana@example.org]")
        yield from _principals(known, written, path, record.by)


def _principals(
    known: Known, written: Written, path: Path, principals: Iterable[str]
) -> Iterator[Fault]:
    for index, principal in enumerate(principals):
        yield from known.principal(written, (*path, index), principal)


def _places(dataset: Dataset) -> frozenset[str]:
    environments = {spec.environment for spec in dataset.locations.values() if spec.environment}
    return frozenset(dataset.locations) | environments


def _measured_by(known: Known, written: Written) -> Iterator[Fault]:
    """Check the column of an effective retention, which may be inherited."""
    dataset = known.policy.datasets[written.id]
    column = dataset.retention.measured_by if dataset.retention else None
    if column is None or column in dataset.fields:
        return
    problem = f"retention is measured by {quoted(column)}, which is no declared field"
    if written.model.retention is None:
        problem += f" (inherited from {known.policy.position('Dataset', written.id, 'retention')})"
    remedy = suggest(column, dataset.fields, otherwise="declare it under fields")
    yield Fault(written.at("retention", "measured_by"), problem, remedy)


def _pipeline(known: Known, written: Written, pipeline: Pipeline) -> Iterator[Fault]:
    yield from known.principal(written, ("owner",), pipeline.owner)
    yield from known.principal(written, ("steward",), pipeline.steward or "")
    yield from known.purpose(written, ("purpose",), pipeline.purpose)
    for key in ("reads", "writes"):
        for index, word in enumerate(getattr(pipeline, key)):
            yield from _dataset_reference(known, written, (key, index), word)
    for name, log in pipeline.logs.items():
        if log.region:
            yield from known.region(written, ("logs", name, "region"), log.region)


def _model(known: Known, written: Written, model: ModelRecord) -> Iterator[Fault]:
    yield from known.principal(written, ("owner",), model.owner)
    yield from known.principal(written, ("steward",), model.steward or "")
    yield from _people(known, written, model)
    if model.oversight:
        yield from _principals(known, written, ("oversight", "by"), model.oversight.by)
    for index, log in enumerate(model.logs):
        yield from known.refer(written, ("logs", index), "log", known.logs)(log)
    for word in model.training:
        for fault in _dataset_reference(known, written, ("training", word), word):
            position = written.key("training", word)
            yield Fault(position, fault.problem, fault.remedy)


def _dataset_reference(known: Known, written: Written, path: Path, word: str) -> Iterator[Fault]:
    if not word.startswith(_DATASET):
        problem = f"expected a dataset, found {quoted(word)}"
        like = f"{_DATASET}{word}" if word in known.datasets else f"{_DATASET}sales.orders"
        yield Fault(written.at(*path), problem, f"write it as {like}")
        return
    yield from known.refer(written, path, "dataset", known.dataset_references)(word)


def _vocabulary(known: Known) -> Iterator[Fault]:
    for written in known.corpus.valid("Taxonomy"):
        for entity, category in written.model.entities.items():
            yield from known.category(written, ("entities", entity), category)
    if not known.trusts("Taxonomy"):
        return
    for written in known.corpus.valid("Detectors"):
        for name, detector in written.model.detectors.items():
            if detector.entity not in known.policy.taxonomy.entities:
                problem = f"no category is known for the entity {quoted(detector.entity)}"
                position = written.at("detectors", name, "entity")
                yield Fault(position, problem, "add it to the entities of a Taxonomy")
