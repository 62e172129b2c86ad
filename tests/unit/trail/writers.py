"""Several processes that write to one trail at once, and what each was told is on disk."""

from __future__ import annotations

import json
import multiprocessing
import tempfile
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
