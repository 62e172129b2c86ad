"""What the trail tells of the past: since when findings are open, which runs were missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.engine.ageing import open_since
from governance.engine.kept import kept_schedules
from governance.engine.timing import due_after, due_before
from governance.errors import UsageError
from governance.model.documents import Project
from governance.model.trail import Entry

DAY = timedelta(days=1)
START = datetime(2026, 6, 1, 2, tzinfo=UTC)


class Log:
    """Entries as scans and schedules leave them."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._runs = 0

    def add(self, at: datetime, type: str, run: str | None = None, **payload: Any) -> None:
        self.entries.append(Entry(len(self.entries), at, type, run, "user:x", payload, b""))

    def scan(self, at: datetime, *found: str, targets: list[str] | None = None, **how: Any) -> None:
        """One scan: ``found`` as ``finding@asset``; ``how``: status by asset, ``ended``."""
        self._runs += 1
        run = f"r{self._runs}"
        self.add(at, "scan.started", run, targets=targets or [])
        for asset, status in how.get("examined", {"orders": "complete"}).items():
            self.add(at, "dataset.examined", run, asset=asset, status=status)
        for each in found:
            finding, _, asset = each.partition("@")
            self.add(at, "finding.recorded", run, id=finding, asset=asset)
        ended = "scan.finished" if how.get("ended", True) else "scan.aborted"
        self.add(at + timedelta(minutes=1), ended, run, exit_code=1)

    def since(self) -> dict[str, datetime]:
        return dict(open_since(self.entries))


def test_a_finding_is_as_old_as_the_unbroken_row_of_scans_that_saw_it() -> None:
    log = Log()
    log.scan(START, "f@orders", "g@orders")
    log.scan(START + DAY, "f@orders")
    log.scan(START + 2 * DAY, "f@orders", "g@orders")
    assert log.since() == {"f": START, "g": START + 2 * DAY}


def test_a_scan_that_did_not_look_closes_nothing() -> None:
    log = Log()
    log.scan(START, "f@orders", "m@model")
    log.scan(START + DAY, targets=["other"], examined={"other": "complete"})
    log.scan(START + 2 * DAY, examined={"orders": "partial"}, targets=["orders"])
    log.scan(START + 3 * DAY, ended=False)
    assert log.since() == {"f": START, "m": START}
    log.scan(START + 4 * DAY)  # everything, and completely
    assert log.since() == {}


def test_one_unread_place_keeps_the_findings_of_its_asset_open() -> None:
    log = Log()
    log.scan(START, "f@orders")
    log.add(START + DAY, "scan.started", "x", targets=[])
    for status in ("complete", "skipped"):
        log.add(START + DAY, "dataset.examined", "x", asset="orders", status=status)
    log.add(START + DAY, "scan.finished", "x", exit_code=3)
    assert log.since() == {"f": START}


def project(cron: str = "0 2 * * *", run: str = "scan", zone: str = "UTC") -> Project:
    schedules = {"nightly": {"cron": cron, "run": run}}
    header = {"apiVersion": "governance/v1", "kind": "Project", "id": "p"}
    return Project.model_validate({**header, "timezone": zone, "schedules": schedules})


def nightly(days: int, without: tuple[int, ...] = (), late: timedelta = timedelta(0)) -> Log:
    log = Log()
    log.add(START - timedelta(hours=1), "policy.loaded", schedules={"nightly": "0 2 * * *"})
    for day in range(days):
        if day not in without:
            log.scan(START + day * DAY + late)
    return log


def missed(log: Log, now: datetime, **how: str) -> tuple[int, list[datetime]]:
    (facts,) = kept_schedules(log.entries, project(**how), now)
    return facts.due, list(facts.missed)


def test_a_night_without_a_scan_is_missed() -> None:
    now = START + 9 * DAY + timedelta(hours=5)
    assert missed(nightly(10), now) == (10, [])
    assert missed(nightly(10, without=(3, 9)), now) == (9, [START + 3 * DAY])
    later = START + 9 * DAY + timedelta(hours=13)
    assert missed(nightly(10, without=(3, 9)), later) == (10, [START + 3 * DAY, START + 9 * DAY])


def test_a_start_is_made_up_for_within_half_the_time_to_the_next_one() -> None:
    now = START + 5 * DAY
    assert missed(nightly(5, late=timedelta(hours=12)), now)[1] == []
    assert len(missed(nightly(5, late=timedelta(hours=12, minutes=1)), now)[1]) == 5


def test_only_what_the_trail_knew_was_due_and_a_changed_line_begins_anew() -> None:
    log, now = nightly(1), START + 10 * DAY
    log.add(now - DAY, "policy.loaded", schedules={"nightly": "30 2 * * *"})
    assert missed(log, now) == (0, [])  # the line of today is not the one that the trail knows
    log.add(now - DAY, "policy.loaded", schedules={"nightly": "0 2 * * *"})
    assert missed(log, now)[1] == []
    assert len(missed(log, now + 2 * DAY)[1]) == 2


@pytest.mark.parametrize(("code", "kept"), [(0, 1), (1, 1), (3, 1), (2, 0), (4, 0)])
def test_a_run_that_could_not_start_its_work_keeps_no_schedule(code: int, kept: int) -> None:
    log, now = nightly(0), START + timedelta(hours=20)
    log.add(START, "schedule.started", "a", schedule="nightly", due="")
    log.add(START, "schedule.finished", "a", schedule="nightly", exit_code=code)
    assert len(missed(log, now, run="report annual")[1]) == 1 - kept


def test_a_scan_of_one_dataset_does_not_keep_a_scan_of_everything() -> None:
    log = nightly(0)
    log.scan(START, targets=["orders"])
    assert missed(log, START + timedelta(hours=20))[1] == [START]


def test_an_hour_that_the_clocks_leave_out_is_made_up_for_and_one_twice_runs_once() -> None:
    zone = "Europe/Berlin"
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
    hours = [f"{next(due_after('30 2 * * *', zone, at)):%dT%H:%M}" for at in (spring, autumn)]
    assert hours == ["29T01:00", "25T00:30"]
    forth = due_after("30 2 * * *", zone, spring)
    times = [next(forth) for _ in range(300)]
    back = due_before("30 2 * * *", zone, times[-1])
    assert [next(back) for _ in range(300)] == times[::-1]


def test_either_day_counts_where_both_are_given_and_a_day_that_never_comes_is_said() -> None:
    times = due_after("0 0 1 * mon", "UTC", datetime(2026, 3, 27, tzinfo=UTC))
    assert [next(times).day for _ in range(3)] == [30, 1, 6]
    with pytest.raises(UsageError, match="no time that ever comes"):
        next(due_after("0 0 30 2 *", "UTC", START))
