"""Read a place: every file of it as batches of rows, and at the end what was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from governance.model.asset import Place
from governance.model.coverage import Coverage, CoverageStatus, merge_coverage
from governance.sources.beginning import NOTHING, Beginning, FileRead
from governance.sources.events import AccessEvent, LineageEvent
from governance.sources.files import Account, read_file
from governance.sources.limits import ReadLimits
from governance.sources.paths import find_files, shown
from governance.sources.tally import NO_ROWS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Chunk", "ReadLimits", "Reading", "read_place"]

_FILES_NAMED = 3


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

    def __init__(
        self, place: Place, root: Path, limits: ReadLimits, beginning: Beginning = NOTHING
    ) -> None:
        self._place = place
        self._root = root
        self._limits = limits
        self._beginning = beginning
        self.files: list[FileRead] = []
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
        found = find_files(place.opened_as, self._root, confined=place.confined)
        account = Account(self._limits)
        first_row = 1
        for file, known in zip_longest(found.files, self._beginning.files[: len(found.files)]):
            if known is not None:
                account.take_over(known)
                self.files.append(known)
                first_row += known.rows
                continue
            parts, lines = len(account.parts), account.lines
            is_next = len(self.files) == len(self._beginning.files)
            account.begun = self._beginning if is_next else NOTHING
            first_row += account.begun.rows
            for part in read_file(file, found, place, account):
                yield Chunk(part.batch, first_row, part.accesses, part.lineage)
                first_row += part.batch.num_rows
            self.files.append(account.read_since(parts, lines))
        is_single = found.is_single and len(account.parts) == 1
        self._coverage = (
            Coverage.skipped(found.problem) if found.problem else _joined(account.parts, is_single)
        )


def read_place(
    place: Place, root: Path, limits: ReadLimits, beginning: Beginning = NOTHING
) -> Reading:
    """Return the reading of a place; nothing is opened before it is iterated.

    Args:
        root: The folder that the place's URI is relative to, and must not leave. A place
            that nobody declared (``here``) may lie anywhere: a person named it.
        limits: Bounds of memory and of what is read.
        beginning: What an earlier run read; it is left out, and counted as read.
    """
    return Reading(place, root, limits, beginning)


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
