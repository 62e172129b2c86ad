"""The annual review over a million findings: seconds and memory of the whole command.

Run by ``make bench``. The findings are generated: a run document and a trail as a scan of that
size leaves them, in a workspace of their own.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from governance.cli.door import enter_demo
from governance.engine.workspace import Workspace, open_workspace
from governance.facts.runs import RunRecord
from governance.facts.store import FactStore
from governance.model.trail import Event

FINDINGS = int(os.environ.get("FINDINGS", "1_000_000"))
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
RUN = "20261123T100000Z-bench0"
_PROJECT = "apiVersion: governance/v1\nkind: Project\nid: bench\n"
_CONTROLS = ("access-granted", "free-text-clean", "pii-declared", "residency-kept")
_SEVERITIES = ("critical", "high", "medium", "low")
_BATCH = 20_000


def million_findings() -> str:
    """Measure the command and return the line of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder)
        cost = measure(folder)
    what = f"annual review of {FINDINGS:,} findings"
    figures = f"{cost.seconds:>14.1f} s{cost.megabytes:>13.0f} MB"
    told = f"{cost.processor_seconds:.1f} s of processor time, PDF of {cost.pdf_megabytes:.0f} MB"
    return f"{what:44}{figures}{'':>9}  {told}, limits 30 s and 500 MB"


def build(folder: Path) -> None:
    """Write the workspace, its trail and its facts."""
    (folder / "governance.yaml").write_text(_PROJECT, encoding="utf-8")
    workspace = open_workspace(folder, explicit=True)
    digest = _write_facts(workspace)
    visit = enter_demo(NOW)
    ledger = visit.ledger(workspace)
    ledger.run = RUN
    with ledger:
        ledger.append([Event("scan.started", {"command": "scan", "targets": []})])
        batch: list[Event] = []
        for n in range(FINDINGS):
            batch.append(Event("finding.recorded", {"id": f"{n:016x}", "control": _control(n)}))
            if len(batch) == _BATCH:
                ledger.append(batch)
                batch = []
        ledger.append([*batch, Event("scan.finished", {"document_sha256": digest})])
        ledger.seal()


# NOTE: ru_maxrss of a process that was forked begins with what its parent had: a small one forks.
_BETWEEN = (
    "import resource, subprocess, sys; "
    "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode; "
    "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
    "print(code, used.ru_maxrss, used.ru_utime + used.ru_stime)"
)


@dataclass(frozen=True)
class Cost:
    """What one report took; processor time tells more than seconds on a machine that is shared."""

    seconds: float
    processor_seconds: float
    megabytes: float
    pdf_megabytes: float


def measure(folder: Path) -> Cost:
    """Return what one report takes: time, and memory at the peak."""
    target = folder / "review.pdf"
    command = [str(Path(sys.executable).with_name("governance")), "report", "annual", "--period",
               "2026", "-w", str(folder), "-o", str(target)]  # fmt: skip
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", _BETWEEN, *command], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - began
    code, kilobytes, processor = ended.stdout.split()[-3:]
    if int(code) not in (0, 3):
        raise RuntimeError("the report failed")
    size = target.stat().st_size / 1e6
    return Cost(seconds, float(processor), int(kilobytes) / 1000, size)


def _write_facts(workspace: Workspace) -> str:
    """Store a small run, then put the large document in its place; return its digest."""
    small = b"".join(document(1))
    record = RunRecord(RUN, "scan", NOW, "sha256:" + "4e" * 32, 1, small)
    with FactStore.open(workspace.facts) as store:
        store.save(record)
    packing, hashing = zlib.compressobj(), hashlib.sha256()
    packed = bytearray()
    for piece in document(FINDINGS):
        hashing.update(piece)
        packed += packing.compress(piece)
    packed += packing.flush()
    _replace(workspace.facts, bytes(packed), hashing.hexdigest())
    return hashing.hexdigest()


def _replace(path: Path, packed: bytes, digest: str) -> None:
    """Saving would derive a million rows that no report reads."""
    import sqlite3

    with sqlite3.connect(path) as facts:
        facts.execute("UPDATE run SET document = ?, sha256 = ?", (packed, digest))


def document(findings: int) -> Iterator[bytes]:
    """Yield the run document in pieces, as ``json.dumps(indent=2, sort_keys=True)`` writes it."""
    yield b'{\n  "accesses": [],\n  "assets": [\n'
    yield b",\n".join(_asset(n) for n in range(200))
    yield b'\n  ],\n  "baseline": null,\n  "comparison": null,\n  "notes": [],\n  "outcomes": [\n'
    for start in range(0, findings, _BATCH):
        rows = (_outcome(n) for n in range(start, min(start + _BATCH, findings)))
        yield (b",\n" if start else b"") + b",\n".join(rows)
    yield _TAIL.encode()


_TAIL = f"""
  ],
  "run": {{
    "command": "scan", "exit_code": 1, "finished": "{NOW.isoformat()}", "id": "{RUN}",
    "policy_digest": "sha256:{"4e" * 32}", "project": "bench", "started": "{NOW.isoformat()}",
    "tool": {{"name": "governance", "version": "0.1.0"}}
  }},
  "schema": "governance/run/v1",
  "summary": {{}},
  "waivers": []
}}
"""
_ASSET = """\
    {{
      "coverage": {{"bytes": 9, "reason": null, "rows": 9, "sampled": false, "status": "complete"}},
      "declared": true, "details": {{}}, "fields": [], "id": "shop.table{n}", "kind": "dataset",
      "owner": "team:t{owner}", "place": "shop", "uri": "shop.db#table{n}"
    }}"""
_OUTCOME = """\
    {{
      "asset": "shop.table{asset}",
      "control": "{control}",
      "field": "column_{n}",
      "finding": {{
        "confidence": 0.99,
        "id": "{id}",
        "kind": "finding",
        "location": {{
          "column": 3,
          "file": "policies/datasets/shop.table{asset}.yaml",
          "line": {line}
        }},
        "message": "{rows} rows of 20,000, first at rows 6, 186, 203, 301, 346",
        "owner": "team:t{owner}",
        "references": [
          "gdpr:art30",
          "gdpr:art5.1c"
        ],
        "remedy": "Declare column_{n} as user.contact.email, or remove the values.",
        "rule": null,
        "severity": "{severity}",
        "state": "new",
        "title": "column_{n} is EMAIL_ADDRESS, undeclared",
        "waiver": null
      }},
      "grade": "A",
      "measured": "{rows} rows",
      "place": "shop",
      "reason": "{rows} rows of 20,000, first at rows 6, 186, 203, 301, 346",
      "status": "fail",
      "subject": "EMAIL_ADDRESS",
      "threshold": "0 rows"
    }}"""


def _control(n: int) -> str:
    return _CONTROLS[n % len(_CONTROLS)]


def _asset(n: int) -> bytes:
    return _ASSET.format(n=n, owner=n % 12).encode()


def _outcome(n: int) -> bytes:
    return _OUTCOME.format(
        n=n,
        asset=n % 200,
        owner=n % 12,
        control=_control(n),
        id=hashlib.sha256(str(n).encode()).hexdigest()[:16],
        line=1 + n % 60,
        rows=1 + n % 900,
        severity=_SEVERITIES[n // 3 % 4],
    ).encode()


if __name__ == "__main__":
    print(million_findings())
