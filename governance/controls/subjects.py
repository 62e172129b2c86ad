"""Questions that several controls ask about their subject."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from governance.model.asset import AssetKind, Place
from governance.model.documents import Dataset, ModelRecord
from governance.model.facts import AssetFacts, PlaceFacts
from governance.model.parts import Review
from governance.model.policy import RuleRef
from governance.model.position import Position
from governance.model.selectors import Selectable, matches, matches_model
from governance.model.taxonomy import TaxonomyIndex
from governance.model.world import Subject, World

_KINDS = {AssetKind.DATASET: "Dataset", AssetKind.MODEL: "Model", AssetKind.LOG: "Pipeline"}
_NAME = re.compile(r"[\w./:#*-]{1,100}", re.ASCII)
_LONG_NUMBER = re.compile(r"\d(?:[-.:/_]?\d){8,}")
_TOKEN = re.compile(r"[A-Za-z0-9]{16,}")


def dataset_of(subject: Subject) -> Dataset | None:
    """Return the dataset that declares the asset, or None."""
    if subject.asset.kind is not AssetKind.DATASET:
        return None
    return subject.world.policy.datasets.get(subject.asset.id)


def record_of(subject: Subject) -> Dataset | ModelRecord | None:
    """Return the dataset or the model that declares the asset, or None."""
    return dataset_of(subject) or subject.world.policy.models.get(subject.asset.id)


def position_of(subject: Subject, path: str = "") -> Position | None:
    """Return the policy line of a key of the asset's document, or its nearest parent's."""
    asset = subject.asset
    kind = _KINDS.get(asset.kind)
    if kind is None:
        return asset.position
    if asset.kind is AssetKind.LOG:
        pipeline, _, log = asset.id.partition("/")
        return subject.world.policy.position(kind, pipeline, path or f"logs.{log}")
    return subject.world.policy.position(kind, asset.id, path) or asset.position


def place_of(subject: Subject, name: str) -> Place:
    """Return the declared place of that name; a bare one when the asset has none such."""
    for place in subject.asset.places:
        if place.name == name:
            return place
    return Place(name=name, uri=subject.asset.id)


def unread(facts: AssetFacts | None) -> tuple[str, ...]:
    """Return what was not read of an asset, each in a sentence; empty when all of it was.

    A place without a single row counts as unread: nothing was measured there.
    """
    if facts is None or not facts.places:
        return ("nothing of it was read in this run",)
    return tuple(_unread_places(facts))


def requirements(subject: Subject, *words: str) -> tuple[RuleRef, ...]:
    """Return the rules that demand one of the words of this asset by ``require``."""
    return tuple(
        ref for ref in required_of(subject) if not set(words).isdisjoint(ref.rule.require or ())
    )


def required_of(subject: Subject) -> tuple[RuleRef, ...]:
    """Return the rules that require anything of this dataset or model."""
    record = record_of(subject)
    if record is None:
        return ()
    return tuple(
        ref
        for ref in subject.world.policy.demands()
        if (
            matches_model(ref.policy.applies_to, record)
            if isinstance(record, ModelRecord)
            else matches(ref.policy.applies_to, Selectable(record))
        )
    )


def rules_on(rules: Iterable[RuleRef], words: Iterable[str]) -> tuple[RuleRef, ...]:
    """Return the rules that demand one of the words, those of the first word first."""
    found = {rule.id: rule for word in words for rule in rules if word in (rule.rule.require or ())}
    return tuple(found.values())


def declared_personal(dataset: Dataset, taxonomy: TaxonomyIndex) -> bool:
    """Return whether a field of the dataset is declared as personal data."""
    return any(taxonomy.is_personal(spec.category) for spec in dataset.fields.values())


def declared_special(dataset: Dataset, taxonomy: TaxonomyIndex) -> tuple[str, ...]:
    """Return the fields declared as a special category, sorted by name."""
    return tuple(
        name for name, spec in sorted(dataset.fields.items()) if taxonomy.is_special(spec.category)
    )


def can_be_named(subject: Subject, review: Review) -> tuple[str, ...]:
    """Return those of a review whom a Team declared on its day; other names say nothing."""
    policy = subject.world.policy
    return tuple(who for who in review.by if policy.is_declared(who, review.on))


def unread_logs(world: World, logs: Iterable[str]) -> tuple[str, ...]:
    """Return which of the logs were not read to the end, each in a sentence."""
    reasons: list[str] = []
    for log in sorted(logs):
        missing = unread(world.facts.get(log))
        reasons.extend(f"log {log}: {reason}" for reason in missing)
    return tuple(reasons)


def shown_name(name: str) -> str | None:
    """Return a name that a log wrote if it reads as an identifier, else None.

    What stands in a log is not a declaration: an address, a number or a key may have slipped
    into a name's place, and no finding may repeat it.
    """
    if not _NAME.fullmatch(name) or _LONG_NUMBER.search(name):
        return None
    mixed = (token for token in _TOKEN.findall(name) if any(map(str.isdigit, token)))
    return None if any(mixed) else name


def _unread_places(facts: AssetFacts) -> Iterator[str]:
    for place in facts.places:
        coverage = place.coverage
        if not coverage.is_complete:
            yield f"place {place.place} was not read completely: {coverage.reason}"
        elif coverage.rows == 0:
            yield f"place {place.place} holds no row"
        elif _is_blank(place, facts.asset.kind):
            yield f"place {place.place} holds no value"


def _is_blank(place: PlaceFacts, kind: AssetKind) -> bool:
    """Return whether rows were read and none of them holds a value.

    A log may have no field left: what its declared map names is read as events.
    """
    if not place.fields:
        return kind is AssetKind.DATASET
    return not any(field.rows > field.nulls for field in place.fields)
