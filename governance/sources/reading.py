"""Read a place: every file of it as batches of rows, and at the end what was read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from governance.errors import SourceError
from governance.model.asset import Place, PlaceType
from governance.model.coverage import Coverage, CoverageStatus, merge_coverage
from governance.sources.events import AccessEvent, LineageEvent
from governance.sources.limits import ReadLimits
from governance.sources.paths import FoundFile, find_files, open_regular, shown
from governance.sources.registry import source_of
from governance.sources.sniffing import find_type, refuse_unread
from governance.sources.source import Job, Part
from governance.sources.tally import NO_ROWS, Tally

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Chunk", "ReadLimits", "Reading", "read_place"]

_FILES_NAMED = 3
_FORMATS = {
    PlaceType.FEATHER: "a Feather file",
    PlaceType.JSON: "JSON",
    PlaceType.OPENLINEAGE: "OpenLineage",
    PlaceType.PARQUET: "a Parquet file",
    PlaceType.SQLITE: "a SQLite database",
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a place.

    Args:
        batch: The rows; a column that a batch lacks is null in all its rows.
        first_row: The number of its first row, counted from 1 over all files of the place.
        accesses: Events of an access log. lineage: OpenLineage events.
    """

    batch: pa.RecordBatch
    first_row: int
    accesses: tuple[AccessEvent, ...] = ()
    lineage: tuple[LineageEvent, ...] = ()


class Reading:
    """The chunks of a place, once, and then its coverage.

    Bad input never raises: it ends in the coverage. Before the last chunk is taken, the
    coverage says that the reading was not finished.
    """

    def __init__(self, place: Place, root: Path, limits: ReadLimits) -> None:
        self._place = place
        self._root = root
        self._limits = limits
        self._has_begun = False
        self._coverage = Coverage.skipped("the reading was not finished")

    @property
    def coverage(self) -> Coverage:
        return self._coverage

    def __iter__(self) -> Iterator[Chunk]:
        if self._has_begun:
            raise RuntimeError("a reading can be iterated once")
        self._has_begun = True
        return self._chunks()

    def _chunks(self) -> Iterator[Chunk]:
        place = self._place
        found = find_files(place.uri, self._root, confined=place.confined)
        first_row, lines = 1, 0
        parts: list[tuple[str, Coverage]] = []
        for file in found.files:
            tally = Tally()
            for part in _read_file(file, found.table, place, (self._limits, lines, tally)):
                yield Chunk(part.batch, first_row, part.accesses, part.lineage)
                first_row += part.batch.num_rows
            lines += tally.lines
            parts.append((file.name, tally.coverage()))
        self._coverage = (
            Coverage.skipped(found.problem) if found.problem else _joined(parts, found.is_single)
        )


def read_place(place: Place, root: Path, limits: ReadLimits) -> Reading:
    """Return the reading of a place; nothing is opened before it is iterated.

    Args:
        root: The folder that the place's URI is relative to, and must not leave. A place
            that nobody declared (``here``) may lie anywhere: a person named it.
        limits: Bounds of memory and of what is read.
    """
    return Reading(place, root, limits)


def _read_file(
    file: FoundFile, table: str | None, place: Place, account: tuple[ReadLimits, int, Tally]
) -> Iterator[Part]:
    """Yield the parts of one file; whatever goes wrong ends in its tally."""
    limits, line_offset, tally = account
    if file.problem is not None:
        tally.stop(file.problem)
        return
    try:
        with open_regular(file) as stream:
            tally.bytes = os.fstat(stream.fileno()).st_size
            if tally.bytes:
                job = Job(stream, file.path, limits, table, place.log_fields, line_offset, tally)
                yield from _read_job(job, place)
    except SourceError as fault:
        tally.stop(fault.problem)
    except OSError as fault:
        tally.stop(f"cannot be read: {fault.strerror or 'an input error'}".lower())
    except UnicodeError:
        tally.stop("its encoding cannot be read")
    except (MemoryError, RecursionError):
        tally.stop("needs more memory than is allowed")


def _read_job(job: Job, place: Place) -> Iterator[Part]:
    """Yield the parts of an open file, read as its type says.

    Raises:
        SourceError: If it is of no type that is read.
    """
    kind = place.type
    if kind is PlaceType.AUTO:
        kind = find_type(job.stream, job.path, has_fields=bool(place.log_fields))
    else:
        refuse_unread(job.stream, job.path)
    if job.table is not None and kind is not PlaceType.SQLITE:
        raise SourceError(job.path.name, "not a database, so it has no tables", "name the file")
    source = source_of(kind)
    faults: tuple[type[Exception], ...] = (OSError, *source.faults())
    try:
        yield from source.read(job)
    except faults as fault:
        if isinstance(fault, OSError) and fault.errno is not None:
            raise
        # NOTE: never the library's words, they may quote a value.
        job.tally.stop(f"damaged, or not {_FORMATS.get(kind, 'text')}")


def _joined(parts: Sequence[tuple[str, Coverage]], is_single: bool) -> Coverage:
    """Return the coverage of all files; the reasons name up to three of them.

    A file without rows beside others that have some was read completely.
    """
    merged = merge_coverage(tuple(coverage for _, coverage in parts))
    if is_single or merged.is_complete:
        return merged
    troubled = [
        (name, coverage)
        for name, coverage in parts
        if coverage.reason is not None and (not merged.rows or coverage.reason != NO_ROWS)
    ]
    if not troubled:
        return replace(merged, status=CoverageStatus.COMPLETE, reason=None)
    named = [f"{shown(name)}: {coverage.reason}" for name, coverage in troubled[:_FILES_NAMED]]
    more = len(troubled) - len(named)
    tail = [f"and {more} more"] if more else []
    count = f"{len(troubled)} of {len(parts)} files"
    return replace(merged, reason=f"{count}: {'; '.join([*named, *tail])}")
