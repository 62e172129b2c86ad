"""What the trail tells of a schedule's runs, so that a scheduler that was killed loses nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from governance.engine.knownsince import KnownSince, follow
from governance.engine.scheduling.jobs import Job
from governance.model.trail import Entry

STARTED, FINISHED, ABORTED = "schedule.started", "schedule.finished", "schedule.aborted"
MISSED, SKIPPED, OPENED = "schedule.missed", "schedule.skipped", "scheduler.started"
TYPES = frozenset(
    {STARTED, FINISHED, ABORTED, MISSED, SKIPPED, OPENED, "scan.started", "scan.finished",
     "scan.aborted"}
)  # fmt: skip
TRIES = 3
"""How often one start is tried, where each try ends without a word."""


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that began and of which no end is known.

    Args:
        run: The id under which it was begun. scans: Scans begun since then without an end.
    """

    schedule: str
    run: str
    due: datetime
    scans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended.

    Args:
        due: The start that it counts for, which a run begun by hand may be late for.
        at: When it ended. exit_code: None for an abort.
    """

    due: datetime
    at: datetime
    exit_code: int | None


@dataclass
class History:
    """The past of all schedules.

    Args:
        since: When a scheduler first knew each schedule with the times it has.
        last: The newest start of each that was dealt with: run to an end, skipped or missed.
        tries: How often each start was begun.
        ended: The newest end of each.
    """

    since: dict[str, KnownSince] = field(default_factory=dict)
    last: dict[str, datetime] = field(default_factory=dict)
    tries: dict[tuple[str, datetime], int] = field(default_factory=dict)
    ended: dict[str, Ending] = field(default_factory=dict)
    open: dict[str, OpenRun] = field(default_factory=dict)

    def handled(self, job: Job) -> datetime | None:
        """Return up to when a schedule was seen to; None where the trail does not know it."""
        known = self.since.get(job.name)
        if known is None or not known.is_of(job.schedule.cron, job.timezone):
            return None
        return max(known.at, self.last.get(job.name, known.at))


def read_history(entries: Iterable[Entry]) -> History:
    """Return the past, from entries of ``TYPES`` in order."""
    history, scans = History(), dict[str, None]()
    for entry in entries:
        said = entry.payload
        if entry.type == "scan.started":
            scans[entry.run or ""] = None
        elif entry.type.startswith("scan."):
            scans.pop(entry.run or "", None)
        elif entry.type == OPENED:
            history.since = follow(history.since, said, datetime.fromisoformat(said["at"]))
        elif entry.type == STARTED:
            due = datetime.fromisoformat(said["due"])
            key = (said["schedule"], due)
            history.tries[key] = history.tries.get(key, 0) + 1
            history.open[entry.run or ""] = OpenRun(said["schedule"], entry.run or "", due)
            scans.clear()
        elif entry.type in (FINISHED, ABORTED):
            _end(history, entry)
        else:
            _deal(history, said["schedule"], datetime.fromisoformat(said["due"]))
    left = tuple(scans)
    history.open = {
        run: OpenRun(one.schedule, one.run, one.due, left) for run, one in history.open.items()
    }
    return history


def _end(history: History, entry: Entry) -> None:
    said = entry.payload
    name, due = said["schedule"], datetime.fromisoformat(said["due"])
    history.open.pop(said["run"], None)
    aborted = entry.type == ABORTED
    history.ended[name] = Ending(due, entry.ts, None if aborted else said["exit_code"])
    # NOTE: a start that was aborted is not dealt with; it is tried again, but not for ever.
    if not aborted or history.tries.get((name, due), 0) >= TRIES:
        _deal(history, name, due)


def _deal(history: History, name: str, due: datetime) -> None:
    history.last[name] = max(due, history.last.get(name, due))
