"""A long audit trail: its size, verifying it whole and from where it was kept, memory, proofs.

Run by ``make bench`` with the rest, or alone: ``python -m tests.benchmarks.trail_reading``.
``TRAIL_ENTRIES=10_000_000`` asks for another length; that takes 7 GB of disk and half an hour.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

from governance.model.trail import Event
from governance.trail.keys import load_or_create_key, parse_public_key
from governance.trail.outside import Outside, Pinned
from governance.trail.proving import open_tree
from governance.trail.verify import Scope, verify
from tests.benchmarks.trail import FINDING
from tests.benchmarks.trail import open_trail as _open

ENTRIES = int(os.environ.get("TRAIL_ENTRIES", "1_000_000"))
FOLLOWING = 1_000
ROUNDS = 3 if ENTRIES <= 2_000_000 else 1
_MEASURE = """
import sys
from pathlib import Path
from governance.trail.keys import parse_public_key
from governance.trail.verify import verify
# NOTE: ru_maxrss of a process that was forked begins with what its parent had.
def peak():
    told = Path("/proc/self/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) / 1024
before = peak()
found = verify(Path(sys.argv[1]), pinned=parse_public_key(sys.argv[2]), pin_source="")
assert found.problem is None, found.problem
print(before, peak())
"""


def reading(folder: Path) -> str:
    """Make one long trail and measure everything that reads it."""
    path = folder / "long" / "trail.db"
    kept = _write(path, ENTRIES)
    return "\n".join(
        [
            _bytes_an_entry(path),
            _verify_all(path),
            _memory(path),
            _verify_following(path, kept),
            _prove(path),
            _append(path),
            _program(path),
        ]
    )


def _bytes_an_entry(path: Path) -> str:
    """Bytes of the file for each entry: hashes, tree, search index, checkpoints, unused room."""
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT count(*), avg(length(body)) FROM trail_entry"
        count, body = connection.execute(query).fetchone()
    size = path.stat().st_size / count
    return _line(f"trail, bytes an entry of {ENTRIES:,}", size, body, "the entry's own bytes")


def _append(path: Path) -> str:
    """Durable single entries a second at the end of the long trail, against batched ones."""
    with _open(path, load_or_create_key(path.parent / "keys")) as trail:
        trail.append([Event("scan.started", {})])
        began = time.perf_counter()
        for number in range(100):
            trail.append([_event(number)])
        single = 100 / (time.perf_counter() - began)
        events = [_event(number) for number in range(10_000)]
        began = time.perf_counter()
        trail.append(events)
        batched = 10_000 / (time.perf_counter() - began)
        trail.checkpoint()
    return _line("trail, durable single entries a second", single, batched, "in batches of 10,000")


def _verify_all(path: Path) -> str:
    """Microseconds of processor time an entry, against reading and hashing the same bytes."""
    key = _key(path)

    def ours() -> None:
        assert verify(path, pinned=key, pin_source="").entries > ENTRIES

    def peer() -> None:
        connection = sqlite3.connect(path)
        for (body,) in connection.execute("SELECT body FROM trail_entry ORDER BY seq"):
            hashlib.sha256(body).digest()
        connection.close()

    mine, theirs = (_processor(work) / ENTRIES * 1e6 for work in (ours, peer))
    return _line(f"trail, verify, µs an entry of {ENTRIES:,}", mine, theirs, "reading and hashing")


def _memory(path: Path) -> str:
    """Megabytes at the peak, against a process that has only loaded the libraries."""
    words = [sys.executable, "-c", _MEASURE, str(path), _key(path).text]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    before, peak = (float(word) for word in told)
    return _line("trail, verify, MB at the peak", peak, before, "the libraries alone")


def _verify_following(path: Path, kept: str) -> str:
    """Milliseconds to verify what follows a kept checkpoint, against the whole."""
    outside, key = Outside((Pinned(kept, "file", "kept"),)), _key(path)

    def run(scope: Scope) -> float:
        began = time.perf_counter()
        found = verify(path, pinned=key, pin_source="", scope=scope, outside=outside)
        assert found.problem is None, found.problem
        return (time.perf_counter() - began) * 1e3

    mine = median(run(Scope(incremental=True)) for _ in range(ROUNDS))
    return _line(f"trail, verify {FOLLOWING:,} new, ms", mine, run(Scope()), "the whole trail")


def _prove(path: Path) -> str:
    """Milliseconds for a proof of an entry in the middle, against one of consistency."""

    def timed(work: Callable[[], object]) -> float:
        began = time.perf_counter()
        work()
        return (time.perf_counter() - began) * 1e3

    with open_tree(path) as prover:
        mine = median(timed(lambda n=n: prover.inclusion(ENTRIES // 2 + n)) for n in range(20))
        other = median(timed(lambda n=n: prover.consistency(1 + n, ENTRIES)) for n in range(20))
    return _line("trail, proof of an entry, ms", mine, other, "proof of consistency")


def _program(path: Path) -> str:
    """Microseconds an entry of the program that goes along with an export, against ours."""
    program = Path(sys.modules[verify.__module__].__file__ or "").with_name("verify_trail.py")
    words = [sys.executable, str(program), str(path), "--key", _key(path).text]
    began = time.perf_counter()
    subprocess.run(words, check=True, capture_output=True)
    theirs = (time.perf_counter() - began) / ENTRIES * 1e6
    began = time.perf_counter()
    verify(path, pinned=_key(path), pin_source="", scope=Scope(deep=True))
    mine = (time.perf_counter() - began) / ENTRIES * 1e6
    return _line("trail, deep verify, µs an entry", mine, theirs, "verify_trail.py, alone")


MEASURES = (reading,)


def _write(path: Path, count: int) -> str:
    """Write the trail; return the checkpoint that stands before its last entries."""
    key = load_or_create_key(path.parent / "keys")
    events = [_event(number) for number in range(FOLLOWING)]
    with _open(path, key) as trail:
        while trail.size < count:
            trail.append(events)
            trail.checkpoint()
        with open_tree(path) as prover:
            kept = prover.newest_note()
        trail.append(events)
        trail.checkpoint()
    (path.parent / "key.pub").write_text(key.public.named("governance/bench").text)
    return kept


def _event(number: int) -> Event:
    return Event("finding.recorded", {"id": f"{number:016x}", **FINDING})


def _key(path: Path):
    return parse_public_key((path.parent / "key.pub").read_text())


def _processor(work: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return median(times)


def _line(what: str, ours: float, peer: float, name: str) -> str:
    return f"{what:44}{ours:>16,.1f}{peer:>16,.1f}{ours / peer:>9.2f}  {name}"


def main() -> None:
    """Measure and print a line for each."""
    with tempfile.TemporaryDirectory() as name:
        print(reading(Path(name)), flush=True)


if __name__ == "__main__":
    main()
