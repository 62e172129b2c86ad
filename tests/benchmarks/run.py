"""Speed and memory, as ratios against a named peer or a physical limit in one run.

Run by ``make bench``; nothing here passes or fails. Absolute figures belong to the machine,
ratios to the product.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.csv

from tests.benchmarks.table import write_table

ROWS = int(os.environ.get("ROWS", "1_000_000"))
PEERS = ("polars", "presidio-analyzer", "pyarrow")
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
PAGE_TEXT = """\
# Benchmarks

Written by `make bench` (`ROWS={rows} make bench` for this page): on {cores} cores, with {versions}.
Absolute figures belong to the machine, ratios to the product; nothing here passes or fails.

```
what                                                    ours            peer    ratio  peer is
{lines}
```
"""
PROJECT = """\
apiVersion: governance/v1
kind: Project
id: bench
countries: [DE, US]
watch: ["*.csv"]
"""
ROUNDS = 3
KEY = b"k" * 32


def main() -> None:
    """Measure each thing and print one line for it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{'what':44}{'ours':>16}{'peer':>16}{'ratio':>9}  peer is")
        measures = (detection, reading, reading_lines, whole_scan, batched_appends, single_appends)
        lines = []
        for measure in measures:
            lines.append(measure(folder))
            print(lines[-1], flush=True)
        print(whole_demo(folder), flush=True)
    PAGE.write_text(_page("\n".join(lines)), encoding="utf-8")


def whole_scan(folder: Path) -> str:
    """Seconds of the whole command over a table of fourteen columns, first and again."""
    import polars

    shop = folder / "shop"
    shop.mkdir()
    write_table(shop / "orders.csv", ROWS)
    (shop / "governance.yaml").write_text(PROJECT, encoding="utf-8")
    read = _seconds(lambda: polars.read_csv(shop / "orders.csv", infer_schema=False))
    command = [str(Path(sys.executable).with_name("governance")), "scan", "-q"]
    times = []
    for _ in range(2):
        began = time.perf_counter()
        subprocess.run(command, cwd=shop, capture_output=True, check=False)
        times.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rows = f"{ROWS:,} x 14"
    return "\n".join(
        [
            _line(f"full scan of {rows}, milliseconds", times[0] * 1e3, read * 1e3, "polars, text"),
            _line("again, unchanged, milliseconds", times[1] * 1e3, times[0] * 1e3, "first"),
            _line("the same, largest process, MiB", peak, 1024, "1 GiB"),
        ]
    )


def reading_lines(folder: Path) -> str:
    """Megabytes a second of reading a log by lines, against reading its bytes."""
    from governance.model.asset import Place
    from governance.sources.reading import ReadLimits, read_place

    path = folder / "big.log"
    with path.open("w", encoding="utf-8") as out:
        for n in range(500_000):
            out.write(f"2026-01-02 10:00:{n % 60:02d} INFO [web-{n % 9}] handled request {n}\n")
    size = path.stat().st_size / 1e6

    def ours() -> None:
        for _ in read_place(Place("here", path.name), folder, ReadLimits()):
            pass

    return _line("reading a log, MB a second", size / _seconds(ours),
                 size / _seconds(path.read_bytes), "reading its bytes")  # fmt: skip


def detection(folder: Path) -> str:
    """Cells a second of the examiner, against Presidio's analyzer cell by cell."""
    from governance.detectors.examine import Examiner
    from governance.policy.workspace import load_builtin

    rows = 20_000
    table = pa.table(
        {
            "id": [str(n) for n in range(rows)],
            "email": [f"person{n}@example.org" for n in range(rows)],
            "phone": [f"+1 202 555 {100 + n % 100:04d}" for n in range(rows)],
            "note": [f"called about order {n}, will call back on Monday" for n in range(rows)],
        }
    )
    patterns = load_builtin().detectors

    def ours() -> None:
        examiner = Examiner(countries=("US", "DE"), patterns=patterns, key=KEY)
        for batch in table.to_batches():
            examiner.examine(batch, 1)

    analyzer = _presidio()
    cells = [str(table.column(c)[n]) for n in range(100) for c in range(table.num_columns)]

    def peer() -> None:
        for cell in cells:
            analyzer.analyze(cell, language="en")

    mine, theirs = rows * 4 / _seconds(ours), len(cells) / _seconds(peer)
    return _line("detection, cells a second", mine, theirs, "Presidio AnalyzerEngine, blank spaCy")


def reading(folder: Path) -> str:
    """Megabytes a second of reading CSV as text, against pyarrow's reader."""
    from governance.model.asset import Place
    from governance.sources.reading import ReadLimits, read_place

    path = folder / "big.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write("id,email,amount,note\n")
        for n in range(300_000):
            out.write(f"{n},person{n}@example.org,{n / 7:.2f},a note of some words\n")
    size = path.stat().st_size / 1e6

    def ours() -> None:
        for _ in read_place(Place("here", path.name), folder, ReadLimits()):
            pass

    def peer() -> None:
        for _ in pyarrow.csv.open_csv(path):
            pass

    return _line(
        "reading CSV, MB a second", size / _seconds(ours), size / _seconds(peer), "pyarrow"
    )


def batched_appends(folder: Path) -> str:
    """Entries a second in one transaction of 5,000, against plain inserts of the same bytes."""
    return _appends(folder, "trail, batched entries a second", batches=1, size=5000)


def single_appends(folder: Path) -> str:
    """Entries a second with a transaction each, against plain inserts of the same bytes."""
    return _appends(folder, "trail, durable single entries a second", batches=100, size=1)


def whole_demo(folder: Path) -> str:
    """Wall time and peak memory of ``governance demo``, the largest process."""
    began = time.perf_counter()
    command = [str(Path(sys.executable).with_name("governance")), "demo", str(folder / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    told = [line for line in done.stdout.splitlines() if line.startswith(("Scan:", "Score"))]
    return "\n".join([f"demo: {seconds:.1f} s in all, peak {peak:.0f} MiB", *told])


def _appends(folder: Path, what: str, *, batches: int, size: int) -> str:
    from governance.model.trail import Event
    from governance.trail.keys import load_or_create_key
    from governance.trail.log import Trail

    key = load_or_create_key(folder / "keys")
    events = [Event("dataset.examined", {"asset": "a" * 40, "rows": n}) for n in range(size)]
    fresh = _fresh_names(folder)

    def ours() -> None:
        path = next(fresh)
        with Trail.open(
            path, key=key, origin="bench", actor="user:bench", run="r", clock=_now
        ) as trail:
            for _ in range(batches):
                trail.append(events)

    def peer() -> None:
        connection = sqlite3.connect(next(fresh), isolation_level=None)
        connection.execute("PRAGMA synchronous=EXTRA")
        connection.execute("CREATE TABLE entry (seq INTEGER PRIMARY KEY, body BLOB)")
        for _ in range(batches):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO entry (body) VALUES (?)", [(b"x" * 450,)] * size)
            connection.execute("COMMIT")
        connection.close()

    count = batches * size
    return _line(what, count / _seconds(ours), count / _seconds(peer), "plain SQLite inserts")


def _fresh_names(folder: Path) -> Iterator[Path]:
    number = 0
    while True:
        number += 1
        place = folder / f"trail-{time.monotonic_ns()}-{number}"
        place.mkdir()
        yield place / "trail.db"


def _presidio():
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        def load(self) -> None:
            self.nlp = {"en": spacy.blank("en")}

    # The peer asks the network for its suffix list at every start; here it gets the bundled one.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())
    engine = Blank()
    engine.load()
    return AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])


def _seconds(work: Callable[[], None]) -> float:
    work()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return median(times)


def _line(what: str, ours: float, peer: float, name: str) -> str:
    return f"{what:44}{ours:>16,.0f}{peer:>16,.0f}{ours / peer:>9.2f}  {name}"


def _page(lines: str) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in PEERS)
    return PAGE_TEXT.format(cores=os.cpu_count(), versions=versions, lines=lines, rows=ROWS)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
