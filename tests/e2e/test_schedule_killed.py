"""The real scheduler, killed between runs and during one, and asked to end: nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from governance.errors import TrailError
from governance.model.trail import Entry
from governance.trail.reading import read_entries
from tests.e2e.test_exit_codes import DATASET, GOVERNANCE, PROJECT, ROWS, TEAM

pytestmark = pytest.mark.slow
SCHEDULES = 'nlp: {engine: none}\nschedules:\n  nightly: {cron: "0 2 * * *", run: scan -j 1}\n'
DUE = "2026-11-24T02:00:00+00:00"


class Scheduler:
    """``governance schedule run`` on a workspace, at times of our own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, as_of: str, *more: str) -> subprocess.Popen[bytes]:
        command = [GOVERNANCE, "schedule", "run", "-w", self.folder, "--as-of", as_of, *more]
        with (self.folder / "said.txt").open("ab") as said:
            self.processes.append(subprocess.Popen(command, stdout=said, stderr=said))
        return self.processes[-1]

    def entries(self, type: str) -> list[Entry]:
        trail = self.folder / ".governance" / "trail.db"
        try:
            return list(read_entries(trail, types={type}))
        except TrailError:  # not there yet, or not a whole one
            return []

    def wait(self, type: str, count: int = 1) -> list[Entry]:
        self.until(lambda: len(self.entries(type)) >= count, f"{count} {type}")
        return self.entries(type)

    def until(self, done: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + 90
        while not done():
            assert time.monotonic() < end, (what, (self.folder / "said.txt").read_text())
            time.sleep(0.05)


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Scheduler]:
    for name, text in {
        "governance.yaml": PROJECT + SCHEDULES, "data/orders.csv": ROWS,
        "policies/team.yaml": TEAM, "policies/orders.yaml": DATASET,
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = Scheduler(tmp_path)
    yield found
    for process in found.processes:
        process.kill()
        process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells a child of its parent's end")
def test_killed_between_runs_and_during_one_it_loses_nothing(scheduler: Scheduler) -> None:
    first = scheduler.start("2026-11-24T01:50:00Z")
    scheduler.wait("scheduler.started")
    first.kill()
    first.wait()
    assert not scheduler.entries("schedule.started")

    second = scheduler.start("2026-11-24T02:10:00Z")  # the start of two o'clock was missed
    (begun,) = scheduler.wait("schedule.started")
    assert begun.payload["due"] == DUE
    scheduler.wait("scan.started")
    second.kill()
    second.wait()
    scheduler.wait("scan.aborted")  # by the run itself, which the kernel interrupted
    assert not scheduler.entries("schedule.finished")

    third = scheduler.start("2026-11-24T02:20:00Z")
    (aborted,) = scheduler.wait("schedule.aborted")
    assert aborted.payload["due"] == DUE
    assert aborted.payload["run"] == begun.run
    (finished,) = scheduler.wait("schedule.finished")
    assert (finished.payload["due"], finished.payload["exit_code"]) == (DUE, 3)
    third.send_signal(signal.SIGTERM)
    assert third.wait(30) == 0
    assert len(scheduler.entries("scan.finished")) == 1

    fourth = scheduler.start("2026-11-26T12:00:00Z")  # two nights later, ten hours late
    (missed,) = scheduler.wait("schedule.missed")
    assert (missed.payload["count"], missed.payload["due"][:13]) == (1, "2026-11-25T02")
    assert scheduler.wait("schedule.started", 3)[-1].payload["due"][:13] == "2026-11-26T02"
    verified = subprocess.run(
        [GOVERNANCE, "audit", "verify", "-w", scheduler.folder], capture_output=True, text=True
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    os.kill(fourth.pid, signal.SIGTERM)


def test_asked_to_end_in_a_run_it_records_the_abort_and_a_second_one_is_refused(
    scheduler: Scheduler,
) -> None:
    running = scheduler.start("2026-11-24T01:59:57Z", "--grace", "0")
    scheduler.wait("schedule.started")
    other = scheduler.start("2026-11-24T01:59:57Z")
    assert other.wait(60) == 2
    assert "another scheduler runs" in (scheduler.folder / "said.txt").read_text()
    if not scheduler.entries("scan.finished"):
        running.send_signal(signal.SIGTERM)
    assert running.wait(60) == 0
    ended = [*scheduler.entries("schedule.aborted"), *scheduler.entries("schedule.finished")]
    assert [entry.payload["due"] for entry in ended] == [DUE]
    begun, done = (len(scheduler.entries(f"scan.{word}")) for word in ("started", "finished"))
    assert begun == done + len(scheduler.entries("scan.aborted"))
