"""Whether the scheduled runs happened: what was due, held against what the trail has seen end."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from governance.engine.knownsince import KnownSince, follow
from governance.engine.timing import due_before, next_due, put_off
from governance.model.chronicle import ScheduleFacts
from governance.model.documents import Project
from governance.model.recurring import Schedule
from governance.model.trail import Entry

KEPT = frozenset(
    {
        "policy.loaded",
        "scan.started",
        "scan.finished",
        "scheduler.started",
        "schedule.started",
        "schedule.finished",
    }
)
LOOKED_BACK = timedelta(days=31)
_STARTS_AT_LEAST, _STARTS_AT_MOST = 3, 500
# A run that ended so did not do its work: wrong usage, or no trail.
_UNDONE = frozenset({2, 4})


@dataclass
class _Known:
    """What the trail tells of schedules and of scans of everything."""

    since: dict[str, KnownSince] = field(default_factory=dict)
    scans: list[datetime] = field(default_factory=list)
    runs: dict[str, list[datetime]] = field(default_factory=dict)


def kept_schedules(
    entries: Iterable[Entry], project: Project, now: datetime
) -> tuple[ScheduleFacts, ...]:
    """Return how each schedule of the project was kept, by name.

    A start that was due is kept by a run that began after it, no later than half the time to the
    next one (counted from where jitter puts it), and that came to a result. Looked at are the last
    31 days, or the last three starts where that is longer, from the day on which the trail first
    knew the schedule.
    """
    known = _read(entries)
    return tuple(
        _kept(name, schedule, project.timezone, known, now)
        for name, schedule in sorted(project.schedules.items())
    )


def _read(entries: Iterable[Entry]) -> _Known:
    known, running = _Known(), dict[str | None, datetime]()
    begun: dict[tuple[str, str | None], datetime] = {}
    for entry in entries:
        told = entry.payload
        if entry.type in ("policy.loaded", "scheduler.started"):
            known.since = (
                follow(known.since, told, entry.ts) if "schedules" in told else known.since
            )
        elif entry.type == "scan.started" and not told["targets"]:
            running[entry.run] = entry.ts
        elif entry.type == "scan.finished" and entry.run in running:
            known.scans.append(running.pop(entry.run))
        elif entry.type == "schedule.started":
            begun[told["schedule"], entry.run] = entry.ts
        elif entry.type == "schedule.finished":
            start = begun.pop((told["schedule"], entry.run), None)
            if start is not None and told["exit_code"] not in _UNDONE:
                known.runs.setdefault(told["schedule"], []).append(start)
    return known


def _kept(
    name: str, schedule: Schedule, timezone: str, known: _Known, now: datetime
) -> ScheduleFacts:
    found = known.since.get(name)
    since = found.at if found and found.is_of(schedule.cron, timezone) else now
    starts = sorted(
        [
            *known.runs.get(name, ()),
            *(known.scans if shlex.split(schedule.run) == ["scan"] else ()),
        ]
    )
    due = list(_due(schedule.cron, timezone, since, now))
    following = [*due[1:], next_due(schedule.cron, timezone, now)] if due else []
    missed: list[datetime] = []
    judged = 0
    for start, after in zip(due, following, strict=True):
        latest = start + (after - start) / 2 + put_off(schedule, name, after - start)
        if any(start <= one <= latest for one in starts):
            judged += 1
        elif now > latest:
            judged += 1
            missed.append(start)
    return ScheduleFacts(name, schedule.cron, since, judged, tuple(missed))


def _due(cron: str, timezone: str, since: datetime, now: datetime) -> Iterator[datetime]:
    """Yield the starts that were due, oldest first."""
    newest_first = itertools.islice(due_before(cron, timezone, now), _STARTS_AT_MOST)
    looked_at = (
        due
        for number, due in enumerate(newest_first)
        if number < _STARTS_AT_LEAST or due >= now - LOOKED_BACK
    )
    yield from reversed([due for due in looked_at if due > since])
