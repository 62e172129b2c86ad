"""Several processes that write to one trail at once, and what each was told is on disk."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import tempfile
import time
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

from governance.model.trail import Event
from governance.trail.keys import load_or_create_key
from governance.trail.log import Trail
from governance.trail.reading import read_entries
from governance.trail.storage import Where

from .conftest import ORIGIN


def append_at_once(where: Where, keys: Path, *, processes: int, appends: int) -> None:
    """Let each process append as often, and hold the trail against what each was told.

    Every acknowledged append is there, once, at the place that its writer was told.
    """
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(processes)
    with tempfile.TemporaryDirectory() as name:
        told = [Path(name) / f"w{number}" for number in range(processes)]
        workers = [
            context.Process(target=_append, args=(where, keys, appends, file, together))
            for file in told
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [worker.exitcode for worker in workers] == [0] * processes
        acknowledged = {
            seq: (file.name, number)
            for file in told
            for number, seq in enumerate(json.loads(file.read_text()))
        }
    entries = list(read_entries(where))
    assert [entry.seq for entry in entries] == list(range(1 + processes * appends))
    assert {e.seq: (e.run, e.payload["number"]) for e in entries[1:]} == acknowledged


def _append(where: Where, keys: Path, appends: int, told: Path, together: Barrier) -> None:
    key = load_or_create_key(keys)
    seqs = []
    together.wait()
    with Trail.open(
        where, key=key, origin=ORIGIN, actor="user:ada", run=told.name,
        clock=lambda: datetime.now(UTC),
    ) as trail:  # fmt: skip
        for number in range(appends):
            trail.append([Event("scan.started", {"number": number})])
            seqs.append(trail.size - 1)
        trail.checkpoint()
    told.write_text(json.dumps(seqs))


def append_beside_a_stopped_writer(where: Where, keys: Path, *, killed: bool) -> None:
    """Stop a writer that has read the head, let another one begin, and end or kill the first.

    The second must wait, whatever it takes; then each acknowledged entry is there once, in order.
    """
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        told, begun = Path(name) / "second", Path(name) / "begun"
        first = context.Process(target=_append_and_stop, args=(where, keys))
        second = context.Process(target=_append_one, args=(where, keys, begun, told))
        first.start()
        _, status = os.waitpid(first.pid or 0, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        second.start()
        while not begun.exists():
            time.sleep(0.02)
        time.sleep(0.3)  # enough to go wrong in; waiting right takes as long as it takes
        assert second.is_alive() and not told.exists()
        os.kill(first.pid or 0, signal.SIGKILL if killed else signal.SIGCONT)
        for each in (first, second):
            each.join()
        assert (first.exitcode, second.exitcode) == (-signal.SIGKILL if killed else 0, 0)
        seq = int(told.read_text())
    runs = [entry.run for entry in read_entries(where)]
    assert runs == ["r", "second"] if killed else ["r", "first", "second"]
    assert seq == len(runs) - 1


def kill_writers(where: Where, keys: Path, *, times: int, seed: int) -> None:
    """Kill a writer again and again; what it was told is there, and at most one batch more."""
    context, draw = multiprocessing.get_context("spawn"), random.Random(seed)
    known = len(list(read_entries(where)))
    with tempfile.TemporaryDirectory() as name:
        for number in range(times):
            told = Path(name) / str(number)
            worker = context.Process(target=_append_until_killed, args=(where, keys, told))
            worker.start()
            enough = draw.randrange(1, 12)
            while not told.exists() or told.read_text().count("\n") < enough:
                assert worker.is_alive()
                time.sleep(0.002)
            time.sleep(draw.random() * 0.01)
            worker.kill()
            worker.join()
            lines = [line.split() for line in told.read_text().split("\n")[:-1]]
            entries = list(read_entries(where))
            leaves = [entry.leaf.hex() for entry in entries]
            assert all(leaves[int(size) - 1] == leaf for size, leaf in lines)
            assert len(entries) - int(lines[-1][0]) in (0, 3), f"kill {number}"
            assert [entry.seq for entry in entries] == list(range(len(entries)))
            assert len(entries) > known
            known = len(entries)


def _open(where: Where, keys: Path, run: str) -> Trail:
    return Trail.open(
        where, key=load_or_create_key(keys), origin=ORIGIN, actor="user:ada", run=run,
        clock=lambda: datetime.now(UTC),
    )  # fmt: skip


def _append_and_stop(where: Where, keys: Path) -> None:
    with _open(where, keys, "first") as trail, trail._transaction() as (connection, head):
        os.kill(os.getpid(), signal.SIGSTOP)
        trail._write(connection, head, [Event("scan.started", {})])


def _append_one(where: Where, keys: Path, begun: Path, told: Path) -> None:
    begun.touch()
    with _open(where, keys, "second") as trail:
        trail.append([Event("scan.started", {})])
        told.write_text(str(trail.size - 1))


def _append_until_killed(where: Where, keys: Path, told: Path) -> None:
    with _open(where, keys, "r") as trail, told.open("ab", buffering=0) as file:
        while True:
            trail.append([Event("scan.started", {"number": number}) for number in range(3)])
            file.write(f"{trail.size} {trail._head.leaf.hex()}\n".encode())
