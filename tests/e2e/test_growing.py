"""Of data that grew only what was added is read, and the result is that of reading everything."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from zlib import decompress

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.slow
GOVERNANCE = str(Path(sys.executable).with_name("governance"))
ROWS = 12_000
POLICY = """\
apiVersion: governance/v1
kind: Project
id: shop
countries: [DE]
include: [orders.yaml]
---
apiVersion: governance/v1
kind: Dataset
id: orders
owner: none
classification: confidential
purposes: [essential]
locations: {here: {path: data}}
fields: {}
"""


def _table(part: int) -> pa.Table:
    """Return rows of which each part holds addresses, and the second one a card."""
    draw = random.Random(part)
    numbers = range(part * ROWS, (part + 1) * ROWS)
    notes = [f"{draw.getrandbits(1600):x}" for _ in numbers]
    if part == 1:
        notes[17] = "paid by card 4111 1111 1111 1111"
    people = [f"Anna Maier called about order {draw.randrange(10**6)} today" for _ in numbers]
    return pa.table({
        "order": pa.array(numbers),
        "email": [f"person{draw.randrange(10**6)}@example.org" for _ in numbers],
        "notes": notes,
        "text": people,
    })  # fmt: skip


def _write_groups(folder: Path, parts: list[int]) -> None:
    tables = [_table(part) for part in parts]
    with pq.ParquetWriter(folder / "data" / "orders.parquet", tables[0].schema) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=ROWS)


def _write_files(folder: Path, parts: list[int]) -> None:
    for place, part in enumerate(parts):
        table, path = _table(part), folder / "data" / f"day-{place}.csv"
        lines = [",".join(table.column_names)]
        lines += [",".join(map(str, row.values())) for row in table.to_pylist()]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    project, _, dataset = POLICY.partition("---\n")
    (tmp_path / "governance.yaml").write_text(project, encoding="utf-8")
    (tmp_path / "orders.yaml").write_text(dataset, encoding="utf-8")
    (tmp_path / "data").mkdir()
    return tmp_path


def _scan(folder: Path, *options: str) -> dict[str, Any]:
    command = [GOVERNANCE, "scan", "orders", "--output", "json=run.json", "-j", "1", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 3), done.stderr
    document: dict[str, Any] = json.loads((folder / "run.json").read_text("utf-8"))
    return document


def _measured(document: dict[str, Any]) -> Any:
    (row,) = (each for each in document["assets"] if each["id"] == "orders")
    coverage = {key: row["coverage"][key] for key in ("status", "rows", "bytes", "reason")}
    return coverage, row["fields"]


def _taken_over(document: dict[str, Any]) -> str:
    return next((note for note in document["notes"] if "was taken over" in note), "")


@pytest.mark.parametrize("write", [_write_groups, _write_files], ids=["row groups", "files"])
def test_only_what_was_added_is_read(write: Callable[..., None], shop: Path) -> None:
    write(shop, [0, 1, 2])
    first = _scan(shop)
    write(shop, [0, 1, 2, 3, 4])
    second, whole = _scan(shop), _scan(shop, "--full")
    assert f"those {3 * ROWS:,} rows" in _taken_over(second)
    assert first["run"]["id"] in _taken_over(second)
    assert not _taken_over(first)
    assert not _taken_over(whole)
    assert _measured(second) == _measured(whole)
    assert _measured(second) != _measured(first)
    (notes,) = (each for each in _measured(second)[1] if each["name"] == "notes")
    card = {each["entity"]: each for each in notes["contains"]}["CREDIT_CARD"]
    # Rows are counted over the whole place; a CSV's are its lines, headers included.
    assert card["rows"] == 1


def test_a_beginning_that_changed_is_read_again(shop: Path) -> None:
    _write_groups(shop, [0, 1])
    _scan(shop)
    _write_groups(shop, [2, 1, 3])
    second, whole = _scan(shop), _scan(shop, "--full")
    assert not _taken_over(second)
    assert _measured(second) == _measured(whole)


def test_what_is_kept_holds_no_value(shop: Path) -> None:
    _write_groups(shop, [1, 2])
    _scan(shop)
    with closing(sqlite3.connect(shop / ".governance" / "facts.db")) as facts:
        bodies = [decompress(body) for (body,) in facts.execute("SELECT body FROM reading")]
    (kept,) = (body for body in bodies if b"contents" in body[:200])
    evidence = decompress(kept.partition(b"\n")[2])
    assert b'"name": "email"' in evidence
    smallest, largest = str(ROWS), str(3 * ROWS - 1)
    told = json.loads(evidence)[1][0]["range"]
    assert all(told)
    assert not {smallest, largest} & set(told)
    for value in ("person", "4111 1111", "Anna"):
        assert value.encode() not in evidence
