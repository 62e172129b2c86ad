"""What was measured of a place, how shares of it merge, and what is concluded from it.

Nothing here reads: the process that spreads the work and joins what comes back gets by with this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from governance.anonymity import protection
from governance.detectors import conclude
from governance.detectors.explain import explain as explain_field
from governance.engine.lens import Examined, kind_of
from governance.engine.spans import CountedUses
from governance.model.asset import Asset, Place
from governance.model.coverage import Coverage, CoverageStatus
from governance.model.evidence import EMPTY, TableEvidence
from governance.model.facts import (
    AssetFacts,
    ColumnFlow,
    FieldFacts,
    LineageUse,
    PlaceFacts,
    ProtectionFacts,
)
from governance.sources.beginning import NOTHING, Beginning, FileRead


@dataclass(frozen=True)
class Share:
    """Every ``count``-th chunk of a place, from the chunk ``index`` on."""

    index: int = 0
    count: int = 1


WHOLE = Share()


@dataclass(frozen=True)
class Measured:
    """What was measured of a place, or of a share of it; merging changes nothing but the amount.

    Args:
        coverage: Of the whole place, whatever the share: each share reads all of it.
        counted: The accesses that logs tell of, by log.
        incomplete: What reading cannot know: why events were not kept, or None.
        beginning: What an earlier run read and this one left out.
        files: What each file held. groups: Digests of the last one's row groups.
    """

    coverage: Coverage
    evidence: TableEvidence = EMPTY
    protections: protection.ProtectionEvidence = protection.EMPTY
    counted: tuple[CountedUses, ...] = ()
    lineage: tuple[LineageUse, ...] = ()
    flows: tuple[ColumnFlow, ...] = ()
    incomplete: str | None = None
    beginning: Beginning = NOTHING
    files: tuple[FileRead, ...] = ()
    groups: tuple[str, ...] = ()

    def merge(self, other: Measured) -> Measured:
        """Return both together. Where their readings differ, the one that saw less is told."""
        return Measured(
            _lesser(self.coverage, other.coverage),
            self.evidence.merge(other.evidence),
            self.protections.merge(other.protections),
            self.counted + other.counted,
            self.lineage + other.lineage,
            self.flows + other.flows,
            self.incomplete or other.incomplete,
            self.beginning,
            self.files if self.files == other.files else (),
            self.groups or other.groups,
        )

    @classmethod
    def skipped(cls, reason: str) -> Measured:
        """Return the measurement of a place of which nothing is known but why."""
        return cls(Coverage.skipped(reason))


def join_asset(asset: Asset, measured: Sequence[Measured], explain: str | None = None) -> Examined:
    """Return what an asset held, from what was measured of each of its places in their order."""
    places = tuple(
        _place_facts(place, found) for place, found in zip(asset.places, measured, strict=True)
    )
    return Examined(
        AssetFacts(replace(asset, kind=kind_of(asset)), places),
        tuple(use for found in measured for each in found.counted for use in each.uses()),
        tuple(use for found in measured for use in found.lineage),
        tuple(flow for found in measured for flow in found.flows),
        tuple(
            (place.uri, told)
            for place, found in zip(asset.places, measured, strict=True)
            if explain and (told := explain_field(found.evidence, explain))
        ),
    )


def _lesser(one: Coverage, other: Coverage) -> Coverage:
    """Return the coverage that saw less; a share that was lost leaves the whole partial."""
    less, more = sorted((one, other), key=_completeness)
    if less.status is CoverageStatus.SKIPPED and more.status is not CoverageStatus.SKIPPED:
        reason = f"a share of it was not examined: {less.reason}"
        return replace(more, status=CoverageStatus.PARTIAL, reason=reason)
    return less


def _completeness(coverage: Coverage) -> tuple[int, int, str]:
    order = (CoverageStatus.SKIPPED, CoverageStatus.PARTIAL, CoverageStatus.COMPLETE)
    return order.index(coverage.status), coverage.rows, coverage.reason or ""


def _place_facts(place: Place, found: Measured) -> PlaceFacts:
    fields = _join(conclude.conclude(found.evidence), protection.conclude(found.protections))
    lost = tuple(each for each in (found.evidence.incomplete, found.incomplete) if each)
    return PlaceFacts(place.name, place.uri, _coverage(found.coverage, lost), fields)


def _join(
    fields: tuple[FieldFacts, ...], protections: Mapping[str, ProtectionFacts]
) -> tuple[FieldFacts, ...]:
    return tuple(replace(each, protection=protections.get(each.name)) for each in fields)


def _coverage(coverage: Coverage, lost: Sequence[str]) -> Coverage:
    """A reading whose detection gave up somewhere is partial, whatever the source says."""
    if not lost:
        return coverage
    reasons = [coverage.reason] if coverage.reason else []
    status = coverage.status if coverage.reason else CoverageStatus.PARTIAL
    return replace(coverage, status=status, reason="; ".join([*reasons, *lost]))
