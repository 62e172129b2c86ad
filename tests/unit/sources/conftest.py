"""How these tests read a place: all rows as dictionaries, the events, and the coverage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from governance.model.asset import Place, PlaceType
from governance.model.coverage import Coverage
from governance.sources.events import AccessEvent, LineageEvent
from governance.sources.reading import Reading, ReadLimits, read_place


@dataclass
class Read:
    coverage: Coverage
    rows: list[dict[str, object]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    first_rows: list[int] = field(default_factory=list)
    batch_bytes: list[int] = field(default_factory=list)
    accesses: list[AccessEvent] = field(default_factory=list)
    lineage: list[LineageEvent] = field(default_factory=list)

    def column(self, name: str) -> list[object]:
        return [row.get(name) for row in self.rows]

    @property
    def reason(self) -> str:
        return self.coverage.reason or ""

    @property
    def status(self) -> str:
        return self.coverage.status.value


class Reader(Protocol):
    def __call__(self, uri: str, type: str = "auto", **options: object) -> Read: ...


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Read a place of the test's folder whole; ``confined``, ``limits``, ``fields``, ``root``."""

    def read_whole(uri: str, type: str = "auto", **options: object) -> Read:
        place = Place(
            name="warehouse",
            uri=uri,
            type=PlaceType(type),
            log_fields=tuple(sorted(options.get("fields", {}).items())),
            confined=options.get("confined", True),
        )
        root, limits = options.get("root", tmp_path), options.get("limits", ReadLimits())
        return collect(read_place(place, root, limits))

    return read_whole


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file below the test's folder."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def collect(reading: Reading) -> Read:
    result = Read(reading.coverage)
    for chunk in reading:
        result.rows += chunk.batch.to_pylist()
        result.names = list(dict.fromkeys([*result.names, *chunk.batch.schema.names]))
        for column in chunk.batch.schema:
            result.types[column.name] = (column.metadata or {}).get(b"type", b"").decode()
        result.first_rows.append(chunk.first_row)
        result.batch_bytes.append(chunk.batch.nbytes)
        result.accesses += chunk.accesses
        result.lineage += chunk.lineage
    result.coverage = reading.coverage
    return result
