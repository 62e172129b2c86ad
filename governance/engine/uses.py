"""Log events to counted uses: who did what to which dataset, without anybody's raw name.

A use is counted by the minute. A log with very many uses is counted more coarsely, by the hours and
the days within which every rule of the policy answers alike; each use tells from when to when.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from governance.engine.naming import Names, action, region
from governance.model.facts import AccessUse, ColumnEnd, ColumnFlow, LineageUse
from governance.model.policy import EffectivePolicy
from governance.sources.events import AccessEvent, ColumnOrigin, LineageEvent

MAX_USES = 500_000
"""Distinct uses kept of one log; past it the log's coverage says so."""

COARSER_FROM = 100_000
"""Distinct uses of one log beyond which they are counted by more than the minute."""

_LINES_KEPT = 20
_NAMES_KEPT = 200_000
_MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 24 * 60
_K = TypeVar("_K")
_Access = tuple[
    str, str, str, bool, str | None, str | None, str | None, str | None, tuple[str, ...]
]
_LineageKey = tuple[str, str | None, str, bool, str, str | None]
_FlowKey = tuple[str, str | None, ColumnEnd, ColumnEnd, bool, bool | None]


class Times:
    """Cuts time where the answer of a rule can change: at midnight and at the edges of windows.

    Args:
        policy: Its time zone and the windows of its rules.
    """

    def __init__(self, policy: EffectivePolicy) -> None:
        self._zone = ZoneInfo(policy.project.timezone)
        edges = {edge for ref in policy.rules() if ref.rule.when for edge in ref.rule.when.edges}
        self._cuts = (sorted(edges | set(range(0, _DAY, 60))), sorted(edges))
        self._known: tuple[dict[int, int], ...] = ({}, {})

    def slot(self, minute: int, step: int) -> int:
        """Return a number for the span of time that holds a minute since 1970.

        Args:
            step: 0 for the minute itself, 1 for hours cut at the windows, 2 for the windows alone.
        """
        if not step:
            return minute
        known = self._known[step - 1]
        if minute not in known:
            local = (_EPOCH + minute * _MINUTE).astimezone(self._zone)
            at = bisect_right(self._cuts[step - 1], local.hour * 60 + local.minute)
            known[minute] = local.toordinal() * (_DAY + 1) + at
        return known[minute]


@dataclass(slots=True)
class _Span:
    """Accesses that agree in all but the minute, in minutes since 1970."""

    first: int
    last: int
    count: int = 0
    lines: list[int] = field(default_factory=list)

    def merge(self, other: _Span) -> None:
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.count += other.count
        self.lines = sorted(self.lines + other.lines)[:_LINES_KEPT]


@dataclass(slots=True)
class _Tally:
    first: datetime
    last: datetime
    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, at: datetime, line: int) -> None:
        self.count += 1
        self.first, self.last = min(self.first, at), max(self.last, at)
        if len(self.lines) < _LINES_KEPT:
            self.lines.append(line)


class UseCollector:
    """Counts the events of one log, in memory bounded by ``MAX_USES``."""

    def __init__(self, log: str, names: Names) -> None:
        self._log = log
        self._names = names
        self._times = Times(names.policy)
        self._step = 0
        self._named: dict[tuple[object, ...], _Access] = {}
        self._networks: dict[str | None, str | None] = {}
        self._accesses: dict[tuple[_Access, int], _Span] = {}
        self._lineage: dict[_LineageKey, _Tally] = {}
        self._flows: dict[_FlowKey, _Tally] = {}
        self.dropped = 0

    def add_accesses(self, events: Iterable[AccessEvent]) -> None:
        """Count access events."""
        for event in events:
            access = self._access(event)
            minute = int((event.at - _EPOCH).total_seconds() // 60)
            key = (access, self._times.slot(minute, self._step))
            span = self._accesses.get(key)
            if span is None:
                if len(self._accesses) >= MAX_USES:
                    self.dropped += 1
                    continue
                span = self._accesses[key] = _Span(minute, minute)
            span.first, span.last = min(span.first, minute), max(span.last, minute)
            span.count += 1
            if len(span.lines) < _LINES_KEPT:
                span.lines.append(event.line)
            while self._step < 2 and len(self._accesses) > COARSER_FROM:
                self._coarsen()

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

    def accesses(self) -> tuple[AccessUse, ...]:
        """Return the counted accesses in the order of their time."""
        uses = (_use(self._log, access, span) for (access, _), span in self._accesses.items())
        return tuple(sorted(uses, key=lambda use: (use.minute, use.lines, use.actor)))

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

    def _access(self, event: AccessEvent) -> _Access:
        """Return what is counted of an event; what a log writes again and again is named once."""
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
        return self._named.setdefault(written, access)

    def _network(self, address: str | None) -> str | None:
        known = self._networks.get(address, "")
        if known != "":
            return known
        if len(self._networks) >= _NAMES_KEPT:
            self._networks.clear()
        return self._networks.setdefault(address, self._names.network(address))

    def _coarsen(self) -> None:
        self._step += 1
        finer, self._accesses = self._accesses, {}
        for (access, _), span in finer.items():
            key = (access, self._times.slot(span.first, self._step))
            known = self._accesses.setdefault(key, span)
            if known is not span:
                known.merge(span)

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


def _use(log: str, access: _Access, span: _Span) -> AccessUse:
    actor, done, dataset, declared, purpose, network, origin, place, fields = access
    first = _EPOCH + span.first * _MINUTE
    last = _EPOCH + span.last * _MINUTE
    return AccessUse(
        log=log, actor=actor, action=done, dataset=dataset, declared=declared, purpose=purpose,
        network=network, region=origin, minute=first, count=span.count, lines=tuple(span.lines),
        last=last if last != first else None, fields=fields, place=place,
    )  # fmt: skip


def _flow_order(flow: ColumnFlow) -> tuple[str, ...]:
    ends = (flow.target, flow.source)
    named = (part or "" for end in ends for part in (end.dataset, end.field, end.place))
    return (flow.job, *named, str(flow.direct), str(flow.masking))
