"""One asset in, what was measured of it out: read, detect, observe, conclude."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from governance.anonymity import protection
from governance.detectors import conclude, examine
from governance.detectors.evidence import EMPTY
from governance.detectors.registry import load_plugins
from governance.engine.uses import Names, UseCollector
from governance.engine.workspace import Workspace
from governance.model.asset import Asset, AssetKind, Place, PlaceType
from governance.model.coverage import Coverage, CoverageStatus
from governance.model.facts import (
    AccessUse,
    AssetFacts,
    FieldFacts,
    LineageUse,
    PlaceFacts,
    ProtectionFacts,
)
from governance.model.ladders import State
from governance.model.policy import EffectivePolicy
from governance.model.selectors import Selectable, declared_state, matches
from governance.sources.reading import Reading, ReadLimits, read_place


@dataclass(frozen=True)
class Examined:
    """What one asset's places held; uses come from logs alone."""

    facts: AssetFacts
    accesses: tuple[AccessUse, ...] = ()
    lineage: tuple[LineageUse, ...] = ()


@dataclass(frozen=True)
class Lens:
    """What every examination of a run shares.

    Args:
        key: The workspace's secret for fingerprints.
        limits: How much of one place is read at a time.
    """

    workspace: Workspace
    key: bytes
    names: Names
    limits: ReadLimits


def examine_asset(asset: Asset, lens: Lens) -> Examined:
    """Read every place of an asset and return what was measured."""
    uses = UseCollector(asset.id, lens.names)
    places = tuple(_examine_place(asset, place, lens, uses) for place in asset.places)
    facts = AssetFacts(replace(asset, kind=_kind(asset)), places)
    return Examined(facts, uses.accesses(), uses.lineage())


def _kind(asset: Asset) -> AssetKind:
    """An undeclared text file is a log: it has lines, not columns."""
    is_log = not asset.declared and all(place.type is PlaceType.TEXT for place in asset.places)
    return AssetKind.LOG if is_log and asset.places else asset.kind


def _examine_place(asset: Asset, place: Place, lens: Lens, uses: UseCollector) -> PlaceFacts:
    policy = lens.workspace.policy
    examiner = examine.Examiner(
        countries=policy.project.countries,
        patterns=policy.detectors,
        key=lens.key,
        dated=_dated_fields(policy, asset),
        plugins=load_plugins(),
    )
    guarded = protected_fields(policy, asset, place)
    evidence, protections = EMPTY, protection.EMPTY
    reading = read_place(place, lens.workspace.root, lens.limits)
    for chunk in reading:
        evidence = evidence.merge(examiner.examine(chunk.batch, chunk.first_row))
        protections = protections.merge(protection.observe(chunk.batch, guarded))
        uses.add_accesses(chunk.accesses)
        uses.add_lineage(chunk.lineage)
    fields = _join(conclude.conclude(evidence), protection.conclude(protections))
    coverage = _coverage(reading, evidence.incomplete, uses.dropped)
    return PlaceFacts(place.name, place.uri, coverage, fields)


def protected_fields(policy: EffectivePolicy, asset: Asset, place: Place) -> frozenset[str]:
    """Return the fields that must not be in clear at a place, by their own word or a rule's."""
    dataset = policy.datasets.get(asset.id)
    if dataset is None:
        return frozenset()
    rules = [
        ref
        for ref in policy.rules()
        if ref.rule.require_state
        and (not ref.rule.within or {place.name, place.environment} & set(ref.rule.within))
    ]
    return frozenset(
        name
        for name, spec in dataset.fields.items()
        if (declared_state(spec, place) or State.IDENTIFIED) is not State.IDENTIFIED
        or any(matches(ref.policy.applies_to, Selectable(dataset, name, place)) for ref in rules)
    )


def _dated_fields(policy: EffectivePolicy, asset: Asset) -> frozenset[str]:
    dataset = policy.datasets.get(asset.id)
    measured_by = dataset.retention.measured_by if dataset and dataset.retention else None
    return frozenset({measured_by} if measured_by else ())


def _join(
    fields: tuple[FieldFacts, ...], protections: Mapping[str, ProtectionFacts]
) -> tuple[FieldFacts, ...]:
    return tuple(replace(each, protection=protections.get(each.name)) for each in fields)


def _coverage(reading: Reading, incomplete: str | None, dropped: int) -> Coverage:
    """A reading whose detection gave up somewhere is partial, whatever the source says."""
    lost = [incomplete] if incomplete else []
    if dropped:
        lost.append(f"{dropped} log events were not kept: too many distinct uses")
    coverage = reading.coverage
    if not lost:
        return coverage
    reasons = [coverage.reason] if coverage.reason else []
    status = coverage.status if coverage.reason else CoverageStatus.PARTIAL
    return replace(coverage, status=status, reason="; ".join([*reasons, *lost]))
