"""The process that waits: clocks that jump, zones, jitter, overlap, changed files; no run starts.

A test holds the lock of a run, so that the scheduler meets a run that goes on wherever it would
begin one, and records that: what it would have done is in the trail within the same second.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Signal
from typing import Any

import pytest

from governance.cli.door import open_here
from governance.cli.schedule import _desk, _reloader
from governance.engine.kept import kept_schedules
from governance.engine.scheduling import history
from governance.engine.scheduling.jobs import Job, job_called, jobs_of
from governance.engine.scheduling.running import _alone
from governance.engine.scheduling.service import (
    Service,
    _aborts,
    _scheduler,
    read_history_of,
    settle_aborts,
)
from governance.engine.timing import due_after
from governance.model.recurring import Schedule
from governance.model.trail import Event
from governance.trail.reading import read_entries
from tests.e2e.test_exit_codes import PROJECT, TEAM
from tests.unit.engine.test_past import START, Log, project

NIGHT = datetime(2026, 11, 24, 1, 50, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SCHEDULES = 'schedules: {nightly: {cron: "0 2 * * *", run: scan}}\n'


@dataclass
class Clock:
    """A clock that somebody sets; it stands in between."""

    now: datetime = NIGHT

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Watched:
    """A scheduler over a workspace, at a time of our own, and what it said."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    said: list[str] = field(default_factory=list)
    told: Signal = field(default_factory=Signal)

    def __post_init__(self) -> None:
        opened = open_here(self.folder)
        desk = _desk(opened, self.clock, Signal(), 0.0)
        self.service = Service(desk, _reloader(opened), lambda *_: None, self._say)

    @property
    def job(self) -> Job:
        return job_called(self.service.desk.workspace, "nightly")

    def _say(self, line: str) -> None:
        self.said.append(line)

    def entries(self, *types: str) -> list[dict[str, Any]]:
        trail = self.folder / ".governance" / "trail.db"
        return [dict(each.payload) for each in read_entries(trail, types=set(types))]

    def add(self, type: str, **payload: Any) -> str:
        with self.service.desk.ledger() as ledger:
            ledger.append([Event(type, payload)])
            ledger.seal()
            return ledger.run

    def plan(self) -> list[str]:
        """Plan as at the start; return what would begin at once."""
        scheduler = _scheduler()
        self.service._plan(scheduler)
        scheduler.start(paused=True)
        return [one.id for one in scheduler.get_jobs() if one.id != "nightly"]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    (tmp_path / "policies").mkdir()
    (tmp_path / "governance.yaml").write_text(PROJECT + SCHEDULES)
    (tmp_path / "policies/team.yaml").write_text(TEAM)
    return Watched(tmp_path)


@pytest.fixture
def going_on(watched: Watched) -> Iterator[None]:
    """Hold the lock that a run of the schedule holds."""
    with _alone(watched.service.desk.workspace, "schedule-nightly") as lock:
        assert lock is not None
        yield


def until(done: Any, what: list[str]) -> None:
    waiting = threading.Event()
    for _ in range(600):
        if done():
            return
        waiting.wait(0.05)
    raise AssertionError(what)


def test_a_machine_that_slept_makes_up_for_the_newest_start_and_records_the_others(
    watched: Watched, going_on: None
) -> None:
    thread = threading.Thread(target=watched.service.serve)
    thread.start()
    try:
        until(lambda: any("next at" in line for line in watched.said), watched.said)
        watched.clock.now += 2 * DAY + HOUR  # two nights and one; the library's own clock stood
        until(lambda: any("ended" in line for line in watched.said), watched.said)
    finally:
        watched.service.desk.stop.set()
        thread.join(30)
    assert not thread.is_alive() and watched.service.failure is None
    assert any(line.startswith("the clock jumped by +176,") for line in watched.said)
    (missed,) = watched.entries(history.MISSED)
    assert (missed["count"], missed["due"][:13]) == (2, "2026-11-25T02")
    (skipped,) = watched.entries(history.SKIPPED)
    assert (skipped["due"][:13], skipped["reason"]) == ("2026-11-26T02", "overlap")


def test_a_clock_that_is_set_back_begins_no_start_twice(watched: Watched, going_on: None) -> None:
    watched.plan()
    watched.clock.now = NIGHT + HOUR
    watched.service._begin(watched.job, None)
    assert len(watched.entries(history.SKIPPED)) == 1
    watched.clock.now = NIGHT + HOUR / 4  # and two o'clock comes round again
    assert watched.plan() == []
    watched.service._begin(watched.job, None)
    assert "was seen to" in watched.said[-1]
    assert len(watched.entries(history.SKIPPED)) == 1 and not watched.entries(history.MISSED)


def test_a_file_that_changes_while_a_run_goes_on_begins_no_second_one(
    watched: Watched, going_on: None
) -> None:
    watched.plan()
    watched.clock.now = NIGHT + HOUR
    due = watched.job.newest_due(watched.clock.now).isoformat()
    run = watched.add(history.STARTED, schedule="nightly", due=due)
    assert watched.plan() == []
    assert watched.said[-2].endswith("02:00 UTC goes on")
    watched.add(history.FINISHED, schedule="nightly", due=due, run=run, exit_code=0)
    assert watched.plan() == [] and not watched.entries(history.ABORTED, history.MISSED)


def test_a_run_is_aborted_only_where_its_lock_is_free_and_its_end_is_not_recorded(
    watched: Watched,
) -> None:
    due = (NIGHT - HOUR).isoformat()
    run = watched.add(history.STARTED, schedule="nightly", due=due)
    past = read_history_of(watched.service.desk)
    assert [each.run for each in past.open.values()] == [run]
    (line,) = settle_aborts(watched.service.desk)
    assert line.endswith("was aborted") and len(watched.entries(history.ABORTED)) == 1
    assert settle_aborts(watched.service.desk) == []
    again = watched.add(history.STARTED, schedule="nightly", due=due)
    stale = read_history_of(watched.service.desk)  # and then it ends, before anybody looks again
    watched.add(history.FINISHED, schedule="nightly", due=due, run=again, exit_code=0)
    assert _aborts(stale, watched.service.desk) == ([], [])


def test_files_that_changed_are_read_and_ones_that_do_not_load_leave_the_old_times(
    watched: Watched,
) -> None:
    scheduler, file = _scheduler(), watched.folder / "governance.yaml"
    watched.service._plan(scheduler)
    for text, said, cron in (
        (PROJECT + SCHEDULES.replace("0 2", "99 2"), "do not load", "0 2 * * *"),
        (PROJECT + SCHEDULES.replace("0 2", "30 3"), "next at 2026-11-24 03:30", "30 3 * * *"),
        (PROJECT, "no schedule is declared any more", None),
    ):  # fmt: skip
        file.write_text(text)
        watched.service._look_for_changes(scheduler)
        assert said in watched.said[-1], watched.said
        crons = [job.schedule.cron for job in jobs_of(watched.service.desk.workspace)]
        assert crons == ([cron] if cron else [])
    assert not watched.entries(history.MISSED)


def test_another_time_zone_means_other_times_and_nothing_was_missed(watched: Watched) -> None:
    watched.plan()
    watched.clock.now = NIGHT + 12 * HOUR
    zone = PROJECT.replace("timezone: UTC\n", "") + "timezone: Pacific/Auckland\n"
    (watched.folder / "governance.yaml").write_text(zone + SCHEDULES)
    again = Watched(watched.folder, watched.clock)
    watched.add(history.SKIPPED, schedule="nightly", due=(NIGHT + HOUR / 6).isoformat())
    assert again.plan() == [] and not again.entries(history.MISSED)

    log, now = Log(), START + 3 * DAY
    for at, name in ((START - DAY, "UTC"), (now - HOUR, "Asia/Tokyo")):
        told = {"schedules": {"nightly": "0 2 * * *"}, "timezone": name}
        log.add(at, "policy.loaded", **told)
    (tokyo,) = kept_schedules(log.entries, project(zone="Asia/Tokyo"), now)
    (utc,) = kept_schedules(log.entries[:1], project(), now)
    assert (tokyo.due, tokyo.missed, len(utc.missed)) == (0, (), 3)


@pytest.mark.parametrize("cron", ["0 2 * * *", "*/5 * * * *", "17 0-23/3 * * *", "30 2 29 2 *"])
@pytest.mark.parametrize("jitter", [0, 1, 7, 1440])
def test_jitter_never_moves_a_start_beyond_half_the_way_to_the_next(cron: str, jitter: int) -> None:
    job = Job("nightly", Schedule(cron=cron, run="scan", jitter_minutes=jitter), "Europe/Berlin")
    at, starts = NIGHT, []
    for _ in range(20):
        at = job.next_start(at)
        starts.append(at)
        due = job.newest_due(at)
        assert due <= at <= due + (job.next_due(due) - due) / 2
        assert at - due <= timedelta(minutes=jitter)
    assert starts == sorted(set(starts))
    assert job.next_start(starts[0] - timedelta(microseconds=1)) == starts[0]


def test_what_jitter_puts_off_is_begun_once(watched: Watched) -> None:
    schedules = SCHEDULES.replace("run: scan", "run: scan, jitter_minutes: 600")
    (watched.folder / "governance.yaml").write_text(PROJECT + schedules)
    late = Watched(watched.folder, watched.clock)
    late.plan()
    start = late.job.starts_at(late.job.next_due(NIGHT))
    late.clock.now = start - timedelta(minutes=1)
    assert late.plan() == [] and not late.entries(history.MISSED)
    late.clock.now = start
    assert len(late.plan()) == 1  # nobody was there when it should have begun


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
        ("Europe/Berlin", datetime(2026, 10, 24, 22, tzinfo=UTC), 25),
        (
            "Australia/Lord_Howe",
            datetime(2026, 4, 4, 13, tzinfo=UTC),
            24.5,
        ),  # half an hour's change
        ("UTC", datetime(2026, 3, 29, tzinfo=UTC), 24),
    ],
)
def test_an_hourly_line_runs_each_hour_that_there_is(
    zone: str, day: datetime, hours: float
) -> None:
    length = timedelta(hours=hours)
    due = list(
        itertools.takewhile(lambda at: at <= day + length, due_after("*/30 * * * *", zone, day))
    )
    assert len(due) == hours * 2
    assert {after - before for before, after in itertools.pairwise(due)} == {timedelta(minutes=30)}
