"""The shape that every source has: one file in, batches and events out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Protocol

from governance.model.asset import PlaceType
from governance.sources.beginning import NOTHING, Beginning
from governance.sources.events import AccessEvent, LineageEvent
from governance.sources.limits import ReadLimits
from governance.sources.tally import Tally

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Job:
    """One file to read.

    Args:
        stream: The open file, at its start; a regular file.
        path: Its resolved path, for what cannot read a stream.
        table: The table or view of a database; None for the whole file.
        fields: For access logs, our name to the log's field.
        line_offset: Lines of the files of the same place that were read before.
        tally: Where to count what cannot be read.
        begun: Row groups of a Parquet file that an earlier run read.
    """

    stream: BinaryIO
    path: Path
    limits: ReadLimits
    table: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    line_offset: int = 0
    tally: Tally = field(default_factory=Tally)
    begun: Beginning = NOTHING


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a file and the events they tell; ``batch`` may hold no row."""

    batch: pa.RecordBatch
    accesses: tuple[AccessEvent, ...] = ()
    lineage: tuple[LineageEvent, ...] = ()


class Source(Protocol):
    """Reads one format.

    ``faults`` are the exceptions of the format's library: they end the reading, and the
    coverage says so in our own words, because the library's may quote a value.
    """

    reads: ClassVar[PlaceType]

    def faults(self) -> tuple[type[Exception], ...]: ...

    def read(self, job: Job) -> Iterator[Part]: ...
