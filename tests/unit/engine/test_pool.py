"""Reading in workers: the same for any number of them, and no file takes the scan down."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import psutil
import pytest

from governance.engine import pool
from governance.engine.inventory import take_inventory
from governance.engine.lens import Examined, Lens
from governance.engine.pool import examine_all
from governance.engine.uses import Names
from governance.engine.worker import WorkerLimits, _confine
from governance.engine.workspace import open_ad_hoc
from governance.sources.reading import ReadLimits

KEY = b"a workspace's secret of 32 bytes"
Examine = Callable[..., dict[str, Examined]]


@pytest.fixture
def examine(tmp_path: Path) -> Examine:
    """Examine every file of the test's folder; the options are those of ``examine_all``."""

    def run(workers: int = 2, **options: object) -> dict[str, Examined]:
        workspace = open_ad_hoc(tmp_path)
        lens = Lens(workspace, KEY, Names(workspace.policy, KEY), ReadLimits(batch_rows=500))
        assets = take_inventory(workspace, ["."], tmp_path, b"k" * 32)
        quiet = options.pop("progress", lambda done, total, asset: None)
        found = examine_all(assets, lens, workers=workers, progress=quiet, **options)
        return {each.facts.asset.id: each for each in found}

    return run


def coverage(found: dict[str, Examined], name: str) -> tuple[str, str | None]:
    (place,) = found[name].facts.places
    return place.coverage.status.value, place.coverage.reason


def fill(folder: Path, rows: int = 20_000) -> None:
    lines = "".join(
        f"{n},person{n}@example.org,spoke to Ann Weber about {n}\n" for n in range(rows)
    )
    (folder / "people.csv").write_text(f"id,email,note\n{lines}")
    records = (json.dumps({"ip": f"203.0.113.{n % 250}", "n": n}) + "\n" for n in range(3000))
    (folder / "calls.jsonl").write_text("".join(records))


@pytest.mark.slow
def test_any_number_of_workers_finds_the_same(
    examine: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    monkeypatch.setattr(pool, "_SMALL_BYTES", 0)
    monkeypatch.setattr(pool, "SHARED_BYTES", 100_000)
    one, two, seven = (examine(workers=count) for count in (1, 2, 7))
    assert one == two == seven
    fields = {field.name: field for field in one["people.csv"].facts.places[0].fields}
    assert fields["email"].contains[0].rows == 20_000
    assert coverage(one, "people.csv") == ("complete", None)


def test_a_place_that_takes_too_long_is_skipped_and_the_scan_goes_on(
    examine: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    monkeypatch.setattr(pool, "_SMALL_BYTES", 0)
    found = examine(limits=WorkerLimits(seconds=0.0, bytes_a_second=10**12))
    for name in ("people.csv", "calls.jsonl"):
        assert coverage(found, name) == ("skipped", "took longer than 0 s")


def test_a_worker_that_is_killed_takes_only_its_place_with_it(
    examine: Examine, tmp_path: Path
) -> None:
    fill(tmp_path, rows=200_000)
    (tmp_path / "calls.jsonl").unlink()
    (tmp_path / "small.csv").write_text("email\nann@example.org\n")
    killed: list[int] = []

    def kill_the_other(done: int, total: int, asset: str) -> None:
        """The small file is done: whoever still works has the large one."""
        if asset != "small.csv" or killed:
            return
        time.sleep(1)
        workers = psutil.Process().children()
        busiest = max(workers, key=lambda worker: worker.cpu_times().user)
        os.kill(busiest.pid, signal.SIGKILL)
        killed.append(busiest.pid)

    found = examine(workers=2, progress=kill_the_other)
    assert killed
    status, reason = coverage(found, "people.csv")
    assert status in ("skipped", "partial")
    assert "was killed" in (reason or "")
    assert coverage(found, "small.csv") == ("complete", None)


def test_a_worker_without_enough_memory_is_not_clean(examine: Examine, tmp_path: Path) -> None:
    fill(tmp_path, rows=200_000)
    found = examine(limits=WorkerLimits(memory_bytes=20 * 1024 * 1024))
    status, reason = coverage(found, "people.csv")
    assert status in ("skipped", "partial")
    assert "memory" in (reason or "")


def test_no_secret_of_the_environment_stays_with_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVERNANCE_CANARY", "a secret of the host")
    with get_context("spawn").Pool(1) as one:
        assert one.apply(_names_left) == ["absent"]


def _names_left() -> list[str]:
    _confine(WorkerLimits())
    return ["present" if "GOVERNANCE_CANARY" in os.environ else "absent"]


def test_a_worker_leaves_no_core_dump(
    examine: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_SMALL_BYTES", 0)
    fill(tmp_path, rows=10)
    seen: set[str] = set()

    def look(*_: object) -> None:
        for worker in psutil.Process().children():
            maps = Path(f"/proc/{worker.pid}/limits").read_text("utf-8")
            line = next(each for each in maps.splitlines() if each.startswith("Max core file"))
            seen.add(line.split()[4])

    examine(progress=look)
    assert seen == {"0"}
