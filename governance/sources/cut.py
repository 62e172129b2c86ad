"""The rows of a reading that are examined, and the coverage that says which were not.

Less than all is told as such: the coverage is partial, and says how much was left out and how
common something may be that was missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from governance.model.coverage import Coverage, CoverageStatus
from governance.sources.extent import Extent
from governance.sources.reading import Chunk, Reading

if TYPE_CHECKING:
    import pyarrow as pa

Numbers = np.ndarray[Any, np.dtype[np.int64]]

STRATUM_ROWS = 1000
"""A sample takes the same number of rows from every thousand, so that no part is left out."""

_MISSED_CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows to examine.

    Args:
        batch: The rows of the chunk that are examined.
        rows: The number of the first in its place, counted from 1; of a sample, the number of
            each, ascending.
    """

    chunk: Chunk
    batch: pa.RecordBatch
    rows: int | Numbers


class Cut:
    """The pieces of a reading within an extent, once, and then the coverage."""

    def __init__(self, reading: Reading, extent: Extent) -> None:
        self._reading = reading
        self._extent = extent
        self._examined = 0
        self._seen = 0
        self._bytes = 0
        self._left = False

    def __iter__(self) -> Iterator[Piece]:
        with closing(iter(self._reading)) as chunks:  # type: ignore[type-var] # it is a generator
            for chunk in chunks:
                yield self._piece(chunk)
                self._bytes += chunk.batch.nbytes
                limit = self._extent.max_bytes
                if limit is not None and self._bytes >= limit and next(chunks, None) is not None:
                    self._left = True
                    return

    def coverage(self) -> Coverage:
        """Return what was read and examined, in words where it is not all."""
        read = self._reading.coverage
        if self._left:
            reason = f"left after {self._seen:,} rows, as --max-bytes asks"
            read = Coverage(CoverageStatus.PARTIAL, reason, self._seen, self._bytes)
        if self._extent.permille is None or not self._seen:
            return read
        reasons = [each for each in (read.reason, self._told_sample()) if each]
        return Coverage(
            CoverageStatus.PARTIAL, "; ".join(reasons), self._examined, read.bytes, sampled=True
        )

    def _piece(self, chunk: Chunk) -> Piece:
        count = chunk.batch.num_rows
        self._seen += count
        if self._extent.permille is None or not count:
            self._examined += count
            return Piece(chunk, chunk.batch, chunk.first_row)
        rows = np.arange(chunk.first_row, chunk.first_row + count, dtype=np.int64)
        places = _sampled(rows, self._extent.permille, self._extent.seed)
        self._examined += len(places)
        return Piece(chunk, chunk.batch.take(places), rows[places])

    def _told_sample(self) -> str:
        return (
            f"a sample: {self._examined:,} of {self._seen:,} rows were examined (seed "
            f"{self._extent.seed}); what stands in less than {missed_share(self._examined):.2%} of "
            "the rows may have been missed (95 % confidence)"
        )


def missed_share(examined: int) -> float:
    """Return the share of rows, 0 to 1, that a sample without a hit leaves possible.

    The exact one-sided 95 % bound of Clopper and Pearson (1934) for no success in so many trials;
    for many rows about three divided by their number.
    """
    return float(1.0 - _MISSED_CHANCE ** (1.0 / examined)) if examined else 1.0


def _sampled(rows: Numbers, permille: int, seed: int) -> Numbers:
    """Return the places of the rows that the sample takes; depends on their numbers alone."""
    strata = (rows - 1) // STRATUM_ROWS
    chosen = [
        int(stratum) * STRATUM_ROWS + 1 + _chosen(seed, int(stratum), permille)
        for stratum in range(int(strata[0]), int(strata[-1]) + 1)
    ]
    return np.flatnonzero(np.isin(rows, np.concatenate(chosen), assume_unique=True))


@lru_cache(maxsize=64)
def _chosen(seed: int, stratum: int, permille: int) -> Numbers:
    draw = np.random.Generator(np.random.Philox(key=[seed, stratum]))
    return draw.choice(STRATUM_ROWS, permille, replace=False).astype(np.int64)
