"""Accesses counted by slots of time, close together in memory: a long log has very many."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from governance.model.facts import AccessUse
from governance.model.policy import EffectivePolicy

MAX_USES = 1_000_000
"""Distinct uses kept of one log; past it the log's coverage says so."""

LINES_KEPT = 20
Access = tuple[str, str, str, bool, str | None, str | None, str | None, str | None, tuple[str, ...]]
"""Actor, action, dataset, whether it is declared, purpose, network, region, place, columns."""

MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ACCESS_BITS = 32
_ACCESS = (1 << _ACCESS_BITS) - 1
_DAY = 24 * 60


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
            local = (EPOCH + minute * MINUTE).astimezone(self._zone)
            at = bisect_right(self._cuts[step - 1], local.hour * 60 + local.minute)
            known[minute] = local.toordinal() * (_DAY + 1) + at
        return known[minute]


class Spans:
    """Accesses counted by what they were and by a slot of time, close together in memory.

    Each is a number: of what was accessed, below the number of the slot. Minutes are since 1970.
    """

    def __init__(self) -> None:
        self._at: dict[int, int] = {}
        self._first, self._last = array("q"), array("q")
        self._count, self._line = array("q"), array("q")
        self._more: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._at)

    def add(self, access: int, slot: int, minute: int, line: int) -> bool:
        """Count an event; False where it would be one kind too many."""
        key = slot << _ACCESS_BITS | access
        at = self._at.get(key)
        if at is None:
            if len(self._at) >= MAX_USES:
                return False
            self._append(key, (minute, minute, 1, line))
            return True
        if minute < self._first[at]:
            self._first[at] = minute
        elif minute > self._last[at]:
            self._last[at] = minute
        self._count[at] += 1
        more = self._more.setdefault(at, [])
        if len(more) < LINES_KEPT - 1:
            more.append(line)
        return True

    def coarser(self, times: Times, step: int) -> Spans:
        """Return the same accesses, counted by longer slots."""
        found = Spans()
        for span in self:
            key = times.slot(span.first, step) << _ACCESS_BITS | span.access
            at = found._at.get(key)
            if at is None:
                at = found._append(key, (span.first, span.last, span.count, span.lines[0]))
                lines = span.lines
            else:
                found._first[at] = min(found._first[at], span.first)
                found._last[at] = max(found._last[at], span.last)
                found._count[at] += span.count
                lines = tuple(sorted((*found._lines(at), *span.lines))[:LINES_KEPT])
                found._line[at] = lines[0]
            if len(lines) > 1:
                found._more[at] = list(lines[1:])
        return found

    def __iter__(self) -> Iterator[Span]:
        for key, at in self._at.items():
            measured = (self._first[at], self._last[at], self._count[at])
            yield Span(key & _ACCESS, *measured, self._lines(at))

    def _append(self, key: int, measured: tuple[int, int, int, int]) -> int:
        at = self._at[key] = len(self._first)
        columns = (self._first, self._last, self._count, self._line)
        for column, value in zip(columns, measured, strict=True):
            column.append(value)
        return at

    def _lines(self, at: int) -> tuple[int, ...]:
        return (self._line[at], *self._more.get(at, ()))


@dataclass(frozen=True, slots=True)
class Span:
    """Accesses that agree in all but the minute."""

    access: int
    first: int
    last: int
    count: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CountedUses:
    """The uses of one log, small enough to be sent from one process to another.

    Args:
        named: What was accessed by whom, by the number that the spans give it.
    """

    log: str
    named: tuple[Access, ...]
    spans: Spans

    def uses(self) -> tuple[AccessUse, ...]:
        """Return them in the order of their time."""
        minutes: dict[int, datetime] = {}
        found = [_use(self.log, self.named[span.access], span, minutes) for span in self.spans]
        return tuple(sorted(found, key=lambda use: (use.minute, use.lines, use.actor)))


def _use(log: str, access: Access, span: Span, minutes: dict[int, datetime]) -> AccessUse:
    first = minutes.get(span.first)
    if first is None:
        first = minutes[span.first] = EPOCH + span.first * MINUTE
    last = None if span.last == span.first else EPOCH + span.last * MINUTE
    actor, done, dataset, declared, purpose, network, origin, place, fields = access
    return AccessUse(
        log, actor, done, dataset, declared, purpose, network, origin, first, span.count,
        span.lines, last, fields, place,
    )  # fmt: skip
