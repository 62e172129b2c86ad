"""Verdicts on labelled columns with their headers and without, alarms on clean tables and a log."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import fastavro
import pyarrow as pa

from governance.detectors.conclude import conclude
from governance.detectors.examine import EMPTY, Examiner
from governance.detectors.names import bundled
from governance.model.facts import FieldFacts
from governance.model.rules import PatternDetector
from tests.benchmarks.accuracy_figures import Figure, Part, counted
from tests.unit.detectors.test_shared_data import ENTITIES

IDENTIFIERS = frozenset({"CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "PHONE_NUMBER"})
# The data's own description names these; the file of labels covers the other tables.
AVRO = "userdata1.avro"
AVRO_LABELS = {"email": "EMAIL_ADDRESS", "ip_address": "IP_ADDRESS", "cc": "CREDIT_CARD"}
# What a clean table may hold without an alarm being false.
NO_ALARM = {"AGE", "DATE_OF_BIRTH", "DATE_TIME", "GENDER", "PERSON"}
WITH_HEADERS, WITHOUT = 0.97, 0.88
LOG_HOLDS = {"EMAIL_ADDRESS": 9, "PHONE_NUMBER": 9}

Patterns = Mapping[str, PatternDetector]


class _Table(NamedTuple):
    name: str
    header: Sequence[str]
    columns: Sequence[pa.Array]


def measure(data: Path, patterns: Patterns) -> Part:
    """Measure the tables and the log of a folder."""
    figures, lines = [], []
    for with_headers, target in ((True, WITH_HEADERS), (False, WITHOUT)):
        reached, detail = _labelled(data / "columns", patterns, with_headers=with_headers)
        shown = "headers on" if with_headers else "headers c1 to cn"
        figures.append(Figure(f"identifier columns, {shown}, micro F1", f"{reached:.3f}",
                              f"≥ {target}", reached >= target))  # fmt: skip
        lines.append(f"{shown}: {detail}")
    clean, detail = _clean(data / "negatives", patterns)
    return Part("Columns", [*figures, *clean, _log(data, patterns)], [*lines, detail])


def _labelled(folder: Path, patterns: Patterns, *, with_headers: bool) -> tuple[float, str]:
    labels = {
        name: {column: ENTITIES[label] for column, label in columns.items()}
        for name, columns in json.loads((folder / "labels.json").read_text("utf-8")).items()
    }
    labels[AVRO] = AVRO_LABELS
    expected, told = set(), set()
    for name, columns in labels.items():
        table = _read(folder / name)
        expected |= {(name, table.header.index(column), entity)
                     for column, entity in columns.items() if entity in IDENTIFIERS}  # fmt: skip
        told |= {(name, place, facts.verdict.entity)
                 for place, facts in enumerate(_facts(table, patterns, with_headers=with_headers))
                 if facts.verdict and facts.verdict.entity in IDENTIFIERS}  # fmt: skip
    missed = Counter(entity for *_, entity in expected - told)
    wrong = Counter(entity for *_, entity in told - expected)
    detail = f"{len(expected & told)} of {len(expected)} identifier columns; "
    detail += f"not told: {counted(missed.items())}; wrongly told: {counted(wrong.items())}"
    return 2 * len(expected & told) / (len(expected) + len(told)), detail


def _clean(folder: Path, patterns: Patterns) -> tuple[Sequence[Figure], str]:
    verdicts, contents, count = Counter[str](), Counter[str](), 0
    for path in sorted(folder.glob("*.csv")):
        for facts in _facts(_read(path), patterns, with_headers=True):
            count += 1
            if facts.verdict and facts.verdict.entity not in NO_ALARM:
                verdicts[facts.verdict.entity] += 1
            contents.update({item.entity for item in facts.contains} - NO_ALARM)
    figures = [
        Figure(f"{what}, per 1,000 clean columns", f"{1000 * found.total() / count:.1f}",
               f"≤ {most}", 1000 * found.total() <= most * count)
        for what, found, most in (("false verdicts", verdicts, 1), ("false contains", contents, 5))
    ]  # fmt: skip
    return figures, (f"{count} clean columns: verdicts {counted(verdicts.items())}; "
                     f"contains {counted(contents.items())}")  # fmt: skip


def _log(data: Path, patterns: Patterns) -> Figure:
    lines = (data / "logs/datafog_100kb_sparse.log").read_text("utf-8").splitlines()
    (facts,) = _facts(_Table("log", ["message"], [pa.array(lines, pa.string())]), patterns,
                      with_headers=True)  # fmt: skip
    found = {item.entity: item.rows for item in facts.contains}
    found |= {facts.verdict.entity: len(lines)} if facts.verdict else {}
    return Figure("sparse log", counted(found.items()), counted(LOG_HOLDS.items()),
                  found == LOG_HOLDS)  # fmt: skip


def _read(path: Path) -> _Table:
    if path.suffix == ".avro":
        with path.open("rb") as stream:
            records = list(fastavro.reader(stream))
        names = list(records[0])
        cells = [pa.array([row[name] for row in records]) for name in names]
        return _Table(path.name, names, cells)
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        header, *rows = csv.reader(lines)
    return _Table(path.name, header, [
        pa.array([row[place] if place < len(row) else None for row in rows], pa.string())
        for place in range(len(header))
    ])  # fmt: skip


def _facts(table: _Table, patterns: Patterns, *, with_headers: bool) -> Sequence[FieldFacts]:
    batch = pa.record_batch(table.columns, names=list(_names(table.header, with_headers)))
    examiner = Examiner(countries=("DE", "US"), patterns=patterns, key=b"a secret for measuring",
                        names=bundled)  # fmt: skip
    return conclude(EMPTY.merge(examiner.examine(batch, 1)).merge(examiner.finish()))


def _names(header: Sequence[str], with_headers: bool) -> Iterator[str]:
    """Yield the header, or ``c1`` and so on; a name that repeats gets its place behind it."""
    for place, name in enumerate(header):
        if not with_headers:
            yield f"c{place + 1}"
        else:
            yield name if name not in header[:place] else f"{name}_{place}"
