"""Speed and memory, as ratios against a named peer or a physical limit in one run.

Run by ``make bench``; nothing here passes or fails. Absolute figures belong to the machine,
ratios to the product.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.csv

from tests.benchmarks import policing, reports, trail, trail_reading
from tests.benchmarks.table import write_table

ROWS = int(os.environ.get("ROWS", "1_000_000"))
LOG_LINES = int(os.environ.get("LOG_LINES", "1_000_000"))
PEERS = ("polars", "presidio-analyzer", "pyarrow")
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
PAGE_TEXT = """\
# Benchmarks

Written by `ROWS={rows} LOG_LINES={log} make bench`, on {cores} cores, with {versions}.
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
BATCH = "Presidio BatchAnalyzerEngine, blank spaCy"
KEY = b"k" * 32


def main() -> None:
    """Measure each thing and print one line for it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{'what':44}{'ours':>16}{'peer':>16}{'ratio':>9}  peer is")
        measures = (detection, reading, reading_lines, whole_scan, whole_log,
                    *policing.MEASURES, *trail.MEASURES, *trail_reading.MEASURES)  # fmt: skip
        lines = []
        for measure in measures:
            lines.append(measure(folder))
            print(lines[-1], flush=True)
        print(whole_demo(folder), flush=True)
        lines.append(reports.million_findings())
        print(lines[-1], flush=True)
    PAGE.write_text(_page("\n".join(lines)), encoding="utf-8")


def whole_scan(folder: Path) -> str:
    """Seconds of the whole command over a table of fourteen columns, first and again."""
    import polars

    shop = folder / "shop"
    shop.mkdir()
    write_table(shop / "orders.csv", ROWS)
    (shop / "governance.yaml").write_text(PROJECT, encoding="utf-8")
    cells = 14 * ROWS
    read = _seconds(lambda: polars.read_csv(shop / "orders.csv", infer_schema=False))
    command = [str(Path(sys.executable).with_name("governance")), "scan", "-q"]
    measured = [_run(command, shop) for _ in range(2)]
    times = [seconds for seconds, _ in measured]
    peak = measured[0][1]
    rows = f"{ROWS:,} x 14"
    return "\n".join(
        [
            _line(f"full scan of {rows}, ms", times[0] * 1e3, read * 1e3, "polars, text"),
            _line(
                "the same, cells a second", cells / times[0], _presidio_cells(), "Presidio, batch"
            ),
            _line("again, unchanged, milliseconds", times[1] * 1e3, times[0] * 1e3, "first"),
            _line("the same, largest process, MiB", peak, 1024, "1 GiB"),
        ]
    )


def _searches(rg: str, pattern: str) -> bool:
    ended = subprocess.run([rg, "-c", "-e", pattern, "/dev/null"], capture_output=True, check=False)
    return ended.returncode == 1 and "\n" not in pattern


def _presidio_cells() -> float:
    """Cells a second of Presidio's batch engine over the first rows of the same table."""
    import io

    import polars
    from presidio_analyzer import BatchAnalyzerEngine

    with tempfile.TemporaryDirectory() as name:
        write_table(Path(name) / "few.csv", 40)
        text = (Path(name) / "few.csv").read_bytes()
    table = polars.read_csv(io.BytesIO(text), infer_schema=False)
    columns = {name: table[name].to_list() for name in table.columns}
    batch = BatchAnalyzerEngine(analyzer_engine=_presidio())
    cells = table.height * table.width
    return cells / _seconds(lambda: list(batch.analyze_dict(columns, language="en")))


def whole_log(folder: Path) -> str:
    """Seconds of the whole command over an application log, against ripgrep with our gates."""
    from governance.detectors.examine import usual_detectors
    from governance.detectors.passing import wide_gates
    from governance.detectors.patterns import yaml_detectors
    from governance.policy.workspace import load_builtin

    rg = shutil.which("rg")
    if rg is None:
        return "full scan of a log                          left out: ripgrep is not installed"
    logs = folder / "logs"
    logs.mkdir()
    log = logs / "app.log"
    with log.open("w", encoding="utf-8") as out:
        for n in range(LOG_LINES):
            tail = f"for person{n}@example.org" if n % 1000 == 0 else f"in {n % 977} ms"
            stamp = f"2026-01-02 10:{n // 60 % 60:02d}:{n % 60:02d},{n % 1000:03d}"
            out.write(f"{stamp} INFO [web-{n % 9}] shop.orders - handled request {n} {tail}\n")
    gates = wide_gates(usual_detectors((), yaml_detectors(load_builtin().detectors)))
    patterns = folder / "gates.txt"
    # What ripgrep has no words for it need not search: line ends, mostly.
    plain = (re.sub(r"\(\?P<\w+>", "(?:", gate) for gate in gates)
    usable = [gate for gate in plain if _searches(rg, gate)]
    patterns.write_text("\n".join(usable), encoding="utf-8")
    searched = _seconds(
        lambda: subprocess.run(
            [
                rg,
                "--regex-size-limit=2G",
                "--dfa-size-limit=1G",
                "-c",
                "-f",
                str(patterns),
                str(logs / "app.log"),
            ],
            capture_output=True,
            check=False,
        )
    )
    began = time.perf_counter()
    command = [str(Path(sys.executable).with_name("governance")), "scan", "-q", str(logs)]
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    scanned = time.perf_counter() - began
    size = log.stat().st_size / 1e6
    name = f"rg -c, {len(usable)} of the {len(gates)} gates"
    what = f"full scan of a log of {size:.0f} MB, ms"
    return _line(what, scanned * 1e3, searched * 1e3, name)


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
    from presidio_analyzer import BatchAnalyzerEngine

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
    batch = BatchAnalyzerEngine(analyzer_engine=analyzer)
    part = {name: table.column(name)[:100].to_pylist() for name in table.column_names}
    cells = 100 * table.num_columns

    def peer() -> None:
        list(batch.analyze_dict(part, language="en"))

    mine, theirs = rows * 4 / _seconds(ours), cells / _seconds(peer)
    return _line("detection, cells a second", mine, theirs, BATCH)


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


def whole_demo(folder: Path) -> str:
    """Wall time of ``governance demo``."""
    began = time.perf_counter()
    command = [str(Path(sys.executable).with_name("governance")), "demo", str(folder / "shop-demo")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - began
    told = [line for line in done.stdout.splitlines() if line.startswith(("Scan:", "Score"))]
    return "\n".join([f"demo: {seconds:.1f} s in all", *told])


def _run(command: list[str], folder: Path) -> tuple[float, float]:
    """Return the seconds that a command took, and the MiB of its largest process.

    A small process stands between: what the benchmark itself holds would be counted as the child's.
    """
    between = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", between, *command],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return time.perf_counter() - began, float(ended.stdout)


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
    return PAGE_TEXT.format(
        cores=os.cpu_count(), versions=versions, lines=lines, rows=ROWS, log=LOG_LINES
    )


if __name__ == "__main__":
    main()
