"""The process that waits: begins each run when it is due, and loses none when it is killed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from governance.engine.scheduling import history
from governance.engine.scheduling.history import History, read_history
from governance.engine.scheduling.jobs import Job, jobs_of
from governance.engine.scheduling.running import Desk, Ended, is_running, run_job
from governance.engine.workspace import Workspace
from governance.errors import GovernanceError, NothingToDoError
from governance.model.trail import Event
from governance.trail.reading import read_entries
from governance.trail.storage import exists

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.triggers.base import BaseTrigger

_MISSED_TOLD, _MISSED_LOOKED_AT = 50, 500
_LOOKS_EVERY_SECONDS = 0.5
_WORKERS = 4
_JUMP = timedelta(seconds=30)
"""What no clock is put right by unless it was wrong, or stood still."""


@dataclass
class Service:
    """A scheduler over one workspace.

    Args:
        reload: Reads the policy files again; None where they did not change. Raises like loading.
        after: What is done when a run has ended, as telling people.
        say: Prints a line for whoever watches.
    """

    desk: Desk
    reload: Callable[[], Workspace | None]
    after: Callable[[Workspace, Ended], None]
    say: Callable[[str], None]
    failure: GovernanceError | None = field(default=None, init=False)
    _seen: dict[str, datetime] = field(default_factory=dict, init=False)
    _leads_by: timedelta = field(default=timedelta(), init=False)

    def serve(self) -> None:
        """Wait and run until asked to stop; a run that goes on then may end, or is aborted.

        Raises:
            NothingToDoError: If there is no schedule.
            TrailError: If the trail cannot be written: nothing runs that is not recorded.
        """
        if not jobs_of(self.desk.workspace):
            raise NothingToDoError(
                where=str(self.desk.workspace.root),
                problem="no schedule is declared, so nothing would ever run",
                remedy="write one under 'schedules' in governance.yaml",
            )
        scheduler = _scheduler()
        self._plan(scheduler)
        scheduler.start()
        try:
            while not self.desk.stop.wait(_LOOKS_EVERY_SECONDS):
                self._look_for_changes(scheduler)
                self._look_at_the_clock(scheduler)
        finally:
            self.desk.stop.set()
            scheduler.shutdown(wait=True)
        if self.failure is not None:
            raise self.failure

    def _plan(self, scheduler: BackgroundScheduler) -> None:
        """Settle what happened while nobody watched, then wait for each schedule."""
        now = self.desk.clock()
        jobs = jobs_of(self.desk.workspace)
        for line in catch_up(jobs, self.desk, now):
            self.say(line)
        past = read_history_of(self.desk)
        going_on = {run.schedule for run in past.open.values()}
        scheduler.remove_all_jobs()
        ahead, self._leads_by = self.desk.clock() - datetime.now(UTC), _lead(self.desk)
        for job in jobs:
            due = job.newest_due(now)
            self._seen[job.name] = due
            handled = past.handled(job)
            # NOTE: one that jitter puts off is still to begin, and one that goes on has begun.
            is_over = job.starts_at(due) <= now and job.name not in going_on
            if is_over and handled and handled < due and job.is_made_up_for(due, now):
                self.say(f"{job.name}: the run of {due:%Y-%m-%d %H:%M} UTC is made up for now")
                scheduler.add_job(self._begin, args=[job, due])
            # NOTE: our own lock tells an overlap and records it, so a second one may start.
            scheduler.add_job(
                self._begin, _trigger(job, ahead), args=[job, None], id=job.name, max_instances=2
            )
            self.say(f"{job.name}: next at {job.next_due(now):%Y-%m-%d %H:%M} UTC")
        if not jobs:
            self.say("no schedule is declared any more: nothing runs until one is")

    def _begin(self, job: Job, due: datetime | None) -> None:
        if self.desk.stop.is_set():
            return
        try:
            due = due or self._newest(job)
            if self._is_dealt_with(job, due):
                self.say(f"{job.name}: the start of {due:%Y-%m-%d %H:%M} UTC was seen to")
                return
            self.say(f"{job.name}: begins, due {due:%Y-%m-%d %H:%M} UTC")
            ended = run_job(job, due, self.desk)
            told = ended.reason or f"exit code {ended.exit_code}"
            self.say(f"{job.name}: ended, {told}")
            self.after(self.desk.workspace, ended)
        except GovernanceError as error:
            # NOTE: a thread has nobody to raise to; the process ends, and raises there.
            self.failure = error
            self.desk.stop.set()

    def _is_dealt_with(self, job: Job, due: datetime) -> bool:
        """Whether a start was run already: by hand, or before the clock was set back."""
        last = read_history_of(self.desk).last.get(job.name)
        return last is not None and due <= last

    def _newest(self, job: Job) -> datetime:
        """Return the start that is due now, and record those that the machine slept through."""
        now = self.desk.clock()
        *passed, due = job.due_between(self._seen[job.name], now, _MISSED_LOOKED_AT) or [
            job.newest_due(now)
        ]
        self._seen[job.name] = due
        if passed:
            with self.desk.ledger() as ledger:
                ledger.append([missed(job, passed)])
                ledger.seal()
        return due

    def _look_for_changes(self, scheduler: BackgroundScheduler) -> None:
        try:
            changed = self.reload()
        except GovernanceError as error:
            self.say(f"the policy files changed and do not load, the old ones stay: {error}")
            return
        if changed is not None:
            self.say("the policy files changed")
            self.desk = replace(self.desk, workspace=changed)
            self._plan(scheduler)

    def _look_at_the_clock(self, scheduler: BackgroundScheduler) -> None:
        """Plan anew where the clock jumped: the machine slept, or somebody set it.

        NOTE: the library waits by a clock that stands still while a machine sleeps, and would wake
        as much later as that took.
        """
        jumped = _lead(self.desk) - self._leads_by
        if abs(jumped) > _JUMP:
            self.say(f"the clock jumped by {_seconds(jumped)}")
            self._plan(scheduler)


def read_history_of(desk: Desk) -> History:
    """Return the past of the schedules, from the trail."""
    place = desk.ledger().path
    return read_history(read_entries(place, types=history.TYPES) if exists(place) else ())


def catch_up(jobs: Iterable[Job], desk: Desk, now: datetime) -> list[str]:
    """Record the runs that ended without a word, and the starts that nobody was there for.

    The newest start that was missed is left out where it is still worth a run.
    """
    past = read_history_of(desk)
    events, said = _aborts(past, desk)
    tried = {run.due for run in past.open.values()}
    for job in sorted(jobs, key=lambda job: job.name):
        handled = past.handled(job)
        if handled is None:
            continue
        dues = job.due_between(handled, now, _MISSED_LOOKED_AT)
        if dues and job.is_made_up_for(dues[-1], now):
            dues.pop()
        dues = [due for due in dues if due not in tried]
        if dues:
            events.append(missed(job, dues))
            said.append(f"{job.name}: {len(dues)} starts were missed")
    known = {job.name: job.schedule.cron for job in jobs}
    zone = desk.workspace.policy.project.timezone
    opening = {"schedules": known, "timezone": zone, "at": now.isoformat()}
    with desk.ledger() as ledger:
        ledger.append([*events, Event(history.OPENED, opening)])
        ledger.seal()
    return said


def settle_aborts(desk: Desk) -> list[str]:
    """Record the runs that ended without a word, for whoever begins a single one."""
    events, said = _aborts(read_history_of(desk), desk)
    if events:
        with desk.ledger() as ledger:
            ledger.append(events)
            ledger.seal()
    return said


def _aborts(past: History, desk: Desk) -> tuple[list[Event], list[str]]:
    events, said = [], []
    over = {run.run for run in past.open.values() if not is_running(desk.workspace, run.schedule)}
    # NOTE: a run holds its lock until its end is recorded, so that what has let go of it and is
    # still open when it is looked at again will never say more.
    still = read_history_of(desk).open if over else {}
    for run in past.open.values():
        when = f"{run.due:%Y-%m-%d %H:%M} UTC"
        if run.run not in over:
            said.append(f"{run.schedule}: the run of {when} goes on")
        elif run.run in still:
            payload = {"schedule": run.schedule, "due": run.due.isoformat(), "run": run.run}
            why = {"reason": "it ended without a word", "scans": [*run.scans]}
            events.append(Event(history.ABORTED, {**payload, **why}))
            said.append(f"{run.schedule}: the run of {when} was aborted")
    return events, said


def _lead(desk: Desk) -> timedelta:
    """Return the clock's lead over one that only runs on, and stands while a machine sleeps."""
    return desk.clock() - datetime.fromtimestamp(time.monotonic(), UTC)


def missed(job: Job, dues: list[datetime]) -> Event:
    """Return the entry of starts that did not happen; ``due`` is the newest of them."""
    return Event(
        history.MISSED,
        {
            "schedule": job.name,
            "due": dues[-1].isoformat(),
            "count": len(dues),
            "newest": [due.isoformat() for due in dues[-_MISSED_TOLD:]],
        },
    )


def _scheduler() -> BackgroundScheduler:
    import logging

    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").addHandler(logging.NullHandler())
    logging.getLogger("apscheduler").propagate = False
    return BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(_WORKERS)},
        # NOTE: whatever the machine slept through is one run, however late; the trail tells the
        # starts that it stands for.
        job_defaults={"coalesce": True, "misfire_grace_time": None},
        timezone=UTC,
    )


def _trigger(job: Job, ahead: timedelta) -> BaseTrigger:
    """Return when a job fires by the host's clock.

    Args:
        ahead: How far the given clock is ahead of the host's.
    """
    from apscheduler.triggers.base import BaseTrigger

    class CronLine(BaseTrigger):  # type: ignore[misc]
        """The times of a cron line, as ``timing`` reads them."""

        def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
            return job.next_start(max(previous or now, now) + ahead) - ahead

    return CronLine()


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():+,.0f} s"
