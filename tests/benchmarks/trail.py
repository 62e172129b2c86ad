"""The audit trail: appends a second, and its share of a scan.

Each against plain inserts of the same bytes into the same database, and against another Merkle log.
Run by ``make bench`` with the rest, or alone: ``python -m tests.benchmarks.trail``.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

from governance.model.trail import Event
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.reading import read_entries
from governance.trail.verify import verify

ROUNDS = 5
BATCH = 20_000
SINGLE = 100
FINDING = {
    "control": "pii-declared", "asset": "sales.orders", "place": "warehouse", "field": "email",
    "severity": "high", "kind": "finding", "state": "new", "confidence": 990,
    "title": "personal data that nobody declared", "owner": "team:sales",
}  # fmt: skip
_numbers = count()


def batched_appends(folder: Path) -> str:
    """Findings a second in one durable transaction, canonical bytes, hashes and tree included."""
    events, rows = _findings(BATCH), [(b"x" * 550,)] * BATCH

    def ours(trail: Trail) -> None:
        trail.append(events)

    def peer(connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO entry (body) VALUES (?)", rows)
        connection.execute("COMMIT")

    return _line("trail, batched entries a second", BATCH / _trail_seconds(folder, ours),
                 BATCH / _plain_seconds(folder, peer), "plain SQLite inserts")  # fmt: skip


def single_appends(folder: Path) -> str:
    """Findings a second with a durable transaction each: what the disk allows."""
    events = _findings(1)

    def ours(trail: Trail) -> None:
        for _ in range(SINGLE):
            trail.append(events)

    def peer(connection: sqlite3.Connection) -> None:
        for _ in range(SINGLE):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO entry (body) VALUES (?)", (b"x" * 550,))
            connection.execute("COMMIT")

    return _line("trail, durable single entries a second", SINGLE / _trail_seconds(folder, ours),
                 SINGLE / _plain_seconds(folder, peer), "plain SQLite inserts")  # fmt: skip


def single_in_memory(folder: Path) -> str:
    """The same where a sync costs nothing: what the trail itself costs."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        return "trail, single entries, no disk              left out: no file system in memory"
    with tempfile.TemporaryDirectory(dir=memory) as name:
        return single_appends(Path(name)).replace("durable single entries", "single, in memory")


def another_log(folder: Path) -> str:
    """Batched entries a second, against pymerkle's log in SQLite, where that is installed."""
    try:
        from pymerkle import SqliteTree
    except ImportError:
        return "trail, batched, beside pymerkle             left out: pymerkle is not installed"
    events, body = _findings(BATCH), b"x" * 550

    def ours(trail: Trail) -> None:
        trail.append(events)

    def theirs() -> float:
        tree = SqliteTree(str(_fresh(folder) / "tree.db"))
        began = time.perf_counter()
        tree.append_entries([body] * BATCH)
        return time.perf_counter() - began

    peer = BATCH / median(theirs() for _ in range(ROUNDS))
    mine = BATCH / _trail_seconds(folder, ours)
    return _line("trail, batched, beside pymerkle", mine, peer, "pymerkle, SqliteTree")


def share_of_a_scan(folder: Path) -> str:
    """Milliseconds that a scan spends on its trail, against the whole scan of the same table."""
    shop = folder / "shop"
    if not shop.is_dir():
        return "trail, share of a scan                      left out: nothing was scanned before"
    command = [str(Path(sys.executable).with_name("governance")), "scan", "-q", "--full"]
    began = time.perf_counter()
    subprocess.run(command, cwd=shop, capture_output=True, check=False)
    whole = time.perf_counter() - began
    entries = list(read_entries(shop / ".governance" / "trail.db"))
    run = [entry for entry in entries if entry.run == entries[-1].run]
    events = [Event(entry.type, entry.payload) for entry in run]
    key = load_or_create_key(folder / "keys")

    def trail_alone() -> float:
        path = _fresh(folder) / "trail.db"
        began = time.perf_counter()
        with open_trail(path, key) as trail:
            trail.append(events[:2])
            trail.checkpoint()
            verify(path, pinned=key.public, pin_source=None)
            trail.append(events[2:])
            trail.checkpoint()
        return time.perf_counter() - began

    spent = median(trail_alone() for _ in range(ROUNDS))
    return _line(f"trail, ms of a scan ({len(events)} entries)", spent * 1e3, whole * 1e3,
                 "the whole scan")  # fmt: skip


MEASURES: tuple[Callable[[Path], str], ...] = (
    batched_appends,
    another_log,
    single_appends,
    single_in_memory,
    share_of_a_scan,
)


def _findings(number: int) -> list[Event]:
    return [Event("finding.recorded", {"id": f"{n:016x}", **FINDING}) for n in range(number)]


def open_trail(path: Path, key: SigningKey) -> Trail:
    return Trail.open(path, key=key, origin="governance/bench", actor="subject:0123456789ab",
                      run="20261123T100000Z-abcdef", clock=lambda: datetime.now(UTC))  # fmt: skip


def _trail_seconds(folder: Path, work: Callable[[Trail], None]) -> float:
    """Return the median seconds of some work on a trail that is open already."""
    with open_trail(_fresh(folder) / "trail.db", load_or_create_key(folder / "keys")) as trail:
        return median(_timed(lambda: work(trail)) for _ in range(ROUNDS))


def _plain_seconds(folder: Path, work: Callable[[sqlite3.Connection], None]) -> float:
    connection = sqlite3.connect(_fresh(folder) / "plain.db", isolation_level=None)
    connection.execute("PRAGMA synchronous=EXTRA")
    connection.execute("CREATE TABLE entry (seq INTEGER PRIMARY KEY, body BLOB)")
    try:
        return median(_timed(lambda: work(connection)) for _ in range(ROUNDS))
    finally:
        connection.close()


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _fresh(folder: Path) -> Path:
    place = folder / f"trail-{os.getpid()}-{next(_numbers)}"
    place.mkdir()
    return place


def _line(what: str, ours: float, peer: float, name: str) -> str:
    return f"{what:44}{ours:>16,.0f}{peer:>16,.0f}{ours / peer:>9.2f}  {name}"


def _scanned(folder: Path) -> Iterator[None]:
    """Scan a small table first, so that a share can be told when this runs alone."""
    from tests.benchmarks.table import write_table

    (folder / "shop").mkdir()
    write_table(folder / "shop" / "orders.csv", int(os.environ.get("ROWS", "100_000")))
    (folder / "shop" / "governance.yaml").write_text(
        'apiVersion: governance/v1\nkind: Project\nid: bench\nwatch: ["*.csv"]\n'
    )
    yield
    shutil.rmtree(folder / "shop")


def main() -> None:
    """Measure and print a line for each."""
    with tempfile.TemporaryDirectory() as name:
        for _ in _scanned(Path(name)):
            for measure in MEASURES:
                print(measure(Path(name)), flush=True)


if __name__ == "__main__":
    main()
