"""Everything a control may look at: one asset, and the world around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar, Protocol

from governance.model.asset import Asset, AssetKind
from governance.model.chronicle import Chronicle
from governance.model.clock import local_day
from governance.model.facts import AccessUse, AssetFacts, ColumnFlow, LineageUse, TrailFacts
from governance.model.ladders import Severity
from governance.model.outcome import Outcome
from governance.model.policy import EffectivePolicy


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding of this run that no waiver covers, and since when the trail knows it."""

    id: str
    severity: Severity
    since: datetime


@dataclass(frozen=True)
class World:
    """What is known in one run.

    Args:
        now: The run's instant, aware. The only clock.
        facts: By asset id; holds every asset in scope.
        accesses: Logged accesses; ``access_logs`` are the log assets they were read from.
        lineage: OpenLineage uses; ``lineage_logs`` likewise.
        flows: What the same logs tell of columns.
        has_workspace: False for an ad hoc scan, where nothing can be declared.
        chronicle: What the trail tells of the time before.
        open_findings: By asset id, what the other controls found; None while that is not known.
    """

    policy: EffectivePolicy
    now: datetime
    facts: Mapping[str, AssetFacts]
    trail: TrailFacts
    accesses: tuple[AccessUse, ...] = ()
    access_logs: tuple[str, ...] = ()
    lineage: tuple[LineageUse, ...] = ()
    lineage_logs: tuple[str, ...] = ()
    flows: tuple[ColumnFlow, ...] = ()
    has_workspace: bool = True
    chronicle: Chronicle = field(default_factory=Chronicle)
    open_findings: Mapping[str, tuple[OpenFinding, ...]] | None = None

    @cached_property
    def judged(self) -> dict[str, Any]:
        """What controls keep here of decisions that another one asks for next."""
        return {}

    def accesses_of(self, dataset: str) -> tuple[AccessUse, ...]:
        """Return the logged accesses of one dataset."""
        return self._accesses.get(dataset, ())

    @cached_property
    def _accesses(self) -> dict[str, tuple[AccessUse, ...]]:
        found: dict[str, list[AccessUse]] = {}
        for use in self.accesses:
            found.setdefault(use.dataset, []).append(use)
        return {dataset: tuple(uses) for dataset, uses in found.items()}

    @cached_property
    def access_count(self) -> int:
        """The number of logged accesses of all datasets."""
        return sum(use.count for use in self.accesses)

    @property
    def today(self) -> date:
        return local_day(self.now, self.policy.project.timezone)


@dataclass(frozen=True)
class Subject:
    """One asset under control, with what was measured of it (None: nothing was)."""

    asset: Asset
    facts: AssetFacts | None
    world: World


class Control(Protocol):
    """One testable requirement. Its docstring is its manual page.

    ``evaluate`` yields at least one outcome for every subject: ``not_applicable`` with the
    reason where the asset is of another kind, ``not_evaluated`` where evidence is missing.
    """

    id: ClassVar[str]
    version: ClassVar[int]
    severity: ClassVar[Severity]
    applies_to: ClassVar[frozenset[AssetKind]]

    def evaluate(self, subject: Subject) -> Iterator[Outcome]: ...
