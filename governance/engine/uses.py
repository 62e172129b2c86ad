"""Log events to counted uses: who did what to which dataset, without anybody's raw name.

A use is counted by the minute. A log with very many uses is counted more coarsely, by the hours and
the days within which every rule of the policy answers alike; each use tells from when to when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from governance.engine.naming import Names, action, region
from governance.engine.spans import (
    EPOCH,
    LINES_KEPT,
    MAX_USES,
    MINUTE,
    Access,
    CountedUses,
    Spans,
    Times,
)
from governance.model.facts import AccessUse, ColumnEnd, ColumnFlow, LineageUse
from governance.sources.events import AccessEvent, ColumnOrigin, LineageEvent

COARSER_FROM = 100_000
"""Distinct uses of one log beyond which they are counted by more than the minute."""

_NAMES_KEPT = 200_000
_K = TypeVar("_K")
_LineageKey = tuple[str, str | None, str, bool, str, str | None]
_FlowKey = tuple[str, str | None, ColumnEnd, ColumnEnd, bool, bool | None]


@dataclass(slots=True)
class _Tally:
    first: datetime
    last: datetime
    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, at: datetime, line: int) -> None:
        self.count += 1
        self.first, self.last = min(self.first, at), max(self.last, at)
        if len(self.lines) < LINES_KEPT:
            self.lines.append(line)


class UseCollector:
    """Counts the events of one log, in memory bounded by ``MAX_USES``."""

    def __init__(self, log: str, names: Names) -> None:
        self._log = log
        self._names = names
        self._times = Times(names.policy)
        self._step = 0
        self._named: dict[tuple[object, ...], int] = {}
        self._numbers: dict[Access, int] = {}
        self._networks: dict[str | None, str | None] = {}
        self._spans = Spans()
        self._lineage: dict[_LineageKey, _Tally] = {}
        self._flows: dict[_FlowKey, _Tally] = {}
        self.dropped = 0

    def add_accesses(self, events: Iterable[AccessEvent]) -> None:
        """Count access events."""
        for event in events:
            access = self._access(event)
            minute = (event.at - EPOCH) // MINUTE
            slot = self._times.slot(minute, self._step)
            if access is None or not self._spans.add(access, slot, minute, event.line):
                self.dropped += 1
            while self._step < 2 and len(self._spans) > COARSER_FROM:
                self._step += 1
                self._spans = self._spans.coarser(self._times, self._step)

    def add_lineage(self, events: Iterable[LineageEvent]) -> None:
        """Count the datasets that each event's job read and wrote, and what it tells of columns."""
        for event in events:
            job, pipeline = self._names.undeclared(event.job), self._names.pipeline(event.job)
            purpose = self._names.purpose(event.purpose)
            for role, written in (("input", event.inputs), ("output", event.outputs)):
                for name in written:
                    dataset, declared, _ = self._names.dataset(name)
                    key = (job, pipeline, dataset, declared, role, purpose)
                    self._count(self._lineage, key, event)
            for origin in event.columns:
                source, target = self._ends(origin)
                flow = (job, pipeline, source, target, origin.direct, origin.masking)
                self._count(self._flows, flow, event)

    def counted(self) -> CountedUses:
        """Return the counted accesses."""
        return CountedUses(self._log, tuple(self._numbers), self._spans)

    def accesses(self) -> tuple[AccessUse, ...]:
        """Return the counted accesses in the order of their time."""
        return self.counted().uses()

    def lineage(self) -> tuple[LineageUse, ...]:
        """Return the counted lineage in the order of job, dataset and role."""
        uses = [
            LineageUse(
                self._log,
                *key[:-1],
                count=tally.count,
                first=tally.first,
                last=tally.last,
                lines=tuple(tally.lines),
                purpose=key[-1],
            )
            for key, tally in self._lineage.items()
        ]
        return tuple(
            sorted(uses, key=lambda use: (use.job, use.dataset, use.role, use.purpose or ""))
        )

    def flows(self) -> tuple[ColumnFlow, ...]:
        """Return the counted flows of columns in the order of job, target and source.

        Runs that claim different things of one column leave a flow for each claim.
        """
        flows = [
            ColumnFlow(self._log, *key, tally.count, tally.first, tally.last, tuple(tally.lines))
            for key, tally in self._flows.items()
        ]
        return tuple(sorted(flows, key=_flow_order))

    def _access(self, event: AccessEvent) -> int | None:
        """Return the number of what is counted of an event, None where it is one too many.

        What a log writes again and again is named once.
        """
        # NOTE: apart from the rest, because addresses are many where all else is said again.
        network = self._network(event.network)
        written = (
            event.who, event.also, event.action, event.asset, event.purpose, network,
            event.region, event.fields,
        )  # fmt: skip
        known = self._named.get(written)
        if known is not None:
            return known
        if len(self._named) >= _NAMES_KEPT:
            self._named.clear()
        names = self._names
        dataset, declared, place = names.dataset(event.asset)
        access = (
            names.actor(event.who, event.also),
            action(event.action),
            dataset,
            declared,
            names.purpose(event.purpose),
            network,
            region(event.region),
            place,
            tuple(sorted({names.column(dataset, each) for each in event.fields})),
        )
        if access not in self._numbers and len(self._numbers) >= MAX_USES:
            return None
        number = self._numbers.setdefault(access, len(self._numbers))
        return self._named.setdefault(written, number)

    def _network(self, address: str | None) -> str | None:
        known = self._networks.get(address, "")
        if known != "":
            return known
        if len(self._networks) >= _NAMES_KEPT:
            self._networks.clear()
        return self._networks.setdefault(address, self._names.network(address))

    def _ends(self, origin: ColumnOrigin) -> tuple[ColumnEnd, ColumnEnd]:
        ends = []
        for name, column in (
            (origin.source, origin.source_field),
            (origin.output, origin.field),
        ):
            dataset, declared, place = self._names.dataset(name)
            ends.append(ColumnEnd(dataset, declared, place, self._names.column(dataset, column)))
        return ends[0], ends[1]

    def _count(self, tallies: dict[_K, _Tally], key: _K, event: LineageEvent) -> None:
        tally = tallies.get(key)
        if tally is None:
            if len(tallies) >= MAX_USES:
                self.dropped += 1
                return
            tally = tallies[key] = _Tally(event.at, event.at)
        tally.add(event.at, event.line)


def _flow_order(flow: ColumnFlow) -> tuple[str, ...]:
    ends = (flow.target, flow.source)
    named = (part or "" for end in ends for part in (end.dataset, end.field, end.place))
    return (flow.job, *named, str(flow.direct), str(flow.masking))
