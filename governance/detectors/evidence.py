"""One column of one batch as field evidence. The only place where values become counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from governance.detectors.columns import NULL, Codes, Column
from governance.detectors.looks import day_of, look_of
from governance.detectors.overlaps import Scored
from governance.detectors.privacy import fingerprint, hidden, preview
from governance.model.evidence import (
    EMPTY,
    LINES_KEPT,
    SKETCH_SIZE,
    FieldEvidence,
    Hit,
    Look,
    Mark,
)

__all__ = ["EMPTY", "Codes", "Found", "Frame", "field_evidence", "hash_values", "smallest"]

Hashes64 = np.ndarray[Any, np.dtype[np.uint64]]
Found = Mapping[int, tuple[Scored, ...]]
"""What was found in the distinct values of a column, by place; absent where nothing was."""

# Zero-padded numbers too; as many digits as fit 64 bits.
_INTEGER = r"^-?[0-9]{1,18}$"


@dataclass(frozen=True)
class Frame:
    """Where a column stands and what is asked of it.

    Args:
        rows: Number of the batch's first row, counted from 1; or the number of each of its rows,
            ascending, where they do not follow one another.
        asked: Entities that the header asks for. dated: Whether its days are counted.
    """

    position: int
    rows: int | Codes
    asked: frozenset[str]
    dated: bool
    key: bytes

    def numbers(self, places: Codes) -> tuple[int, ...]:
        """Return the row numbers of places in the batch."""
        if isinstance(self.rows, int):
            return tuple(int(place) + self.rows for place in places)
        return tuple(int(self.rows[place]) for place in places)


def hash_values(values: pa.Array, key: bytes) -> Hashes64:
    """Return the keyed 64-bit hashes of texts, in their order.

    Fast and well spread rather than cryptographic: they count distinct values while a scan runs
    and are never shown. What is shown is ``privacy.fingerprint``.
    """
    import polars

    seed = int.from_bytes(blake2b(b"distinct values", digest_size=8, key=key[:64]).digest(), "big")
    hashes = polars.Series(polars.from_arrow(values)).hash(seed)
    return hashes.to_numpy() if len(values) else np.zeros(0, dtype=np.uint64)


def field_evidence(
    column: Column, hashes: Hashes64, found: Found, frame: Frame, last: int
) -> FieldEvidence:
    """Return the evidence of one column.

    Args:
        hashes: Of the column's distinct values, in their order.
        found: What was found, by the place of the value.
        last: Values with a larger hash have no look: earlier batches fill the sketch already.
    """
    counts = np.bincount(column.codes[column.codes != NULL], minlength=len(column.values))
    low, high = _whole_numbers(column.values)
    days, undated = _days(column.texts, counts) if frame.dated else ({}, 0)
    return FieldEvidence(
        name=column.name,
        position=frame.position,
        types=frozenset({column.type}),
        asked=frame.asked,
        rows=len(column.codes),
        nulls=column.nulls,
        looks=_looks(column, hashes, last),
        hits=_hits(column, hashes, found, counts, frame),
        low=low,
        high=high,
        days=days,
        undated=undated,
    )


def smallest(hashes: Hashes64, size: int, last: int) -> Codes:
    """Return the places of the smallest hashes up to ``last``, at most ``size``, in their order."""
    places = np.flatnonzero(hashes <= np.uint64(last))
    if len(places) > size:
        places = places[np.argpartition(hashes[places], size)[:size]]
    return places[np.argsort(hashes[places], kind="stable")]


def _looks(column: Column, hashes: Hashes64, last: int) -> dict[int, Look]:
    places = smallest(hashes, SKETCH_SIZE, last)
    numbers = hashes[places].tolist()
    return {
        number: look_of(text) for number, text in zip(numbers, column.texts_at(places), strict=True)
    }


def _hits(
    column: Column, hashes: Hashes64, found: Found, counts: Codes, frame: Frame
) -> dict[Mark, Hit]:
    places: dict[Mark, list[tuple[int, int, Scored]]] = {}
    for code, marks in found.items():
        number = int(hashes[code])
        for scored in marks:
            places.setdefault(scored.mark, []).append((number, code, scored))
    return {mark: _hit(column, sorted(each), counts, frame) for mark, each in sorted_marks(places)}


def sorted_marks(
    places: dict[Mark, list[tuple[int, int, Scored]]],
) -> list[tuple[Mark, list[tuple[int, int, Scored]]]]:
    """Return the marks in an order that does not depend on the rows."""
    return sorted(places.items(), key=lambda item: tuple(map(str, item[0])))


def _hit(column: Column, found: list[tuple[int, int, Scored]], counts: Codes, frame: Frame) -> Hit:
    codes = np.fromiter((code for _, code, _ in found), dtype=np.int64, count=len(found))
    flags = np.zeros(len(column.values) + 1, dtype=bool)  # one more: null is the last place
    flags[codes] = True
    rows = np.flatnonzero(flags[column.codes])[:LINES_KEPT]
    _, code, first = found[0]
    match = column.texts_at([code])[0][first.start : first.end]
    return Hit(
        rows=int(counts[codes].sum()),
        lines=frame.numbers(rows),
        hashes=tuple(number for number, _, _ in found[:SKETCH_SIZE]),
        preview=hidden() if first.mark.entity == "SECRET" else preview(match),
        fingerprint=fingerprint(match, frame.key),
    )


def _whole_numbers(values: pa.Array) -> tuple[int | None, int | None]:
    whole = values.filter(pc.match_substring_regex(values, _INTEGER))
    if not len(whole):
        return None, None
    edges = pc.min_max(whole.cast(pa.int64()))
    return edges["min"].as_py(), edges["max"].as_py()


def _days(texts: Sequence[str], counts: Codes) -> tuple[dict[date, int], int]:
    days: dict[date, int] = {}
    undated = 0
    for text, count in zip(texts, counts.tolist(), strict=True):
        day = day_of(text)
        if day is None:
            undated += count
        else:
            days[day] = days.get(day, 0) + count
    return dict(sorted(days.items())), undated
