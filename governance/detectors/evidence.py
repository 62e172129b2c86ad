"""One column of one batch as field evidence. The only place where values become counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from governance.detectors.columns import NULL, Codes, Column
from governance.detectors.looks import day_of, look_of
from governance.detectors.privacy import fingerprint, hidden, preview
from governance.detectors.scanning import ArrayScan
from governance.model.evidence import (
    EMPTY,
    HASH_SPACE,
    LINES_KEPT,
    SKETCH_SIZE,
    FieldEvidence,
    Hit,
    Look,
    Mark,
)

__all__ = ["EMPTY", "Codes", "Frame", "field_evidence", "hash_values", "smallest"]

Hashes64 = np.ndarray[Any, np.dtype[np.uint64]]

# Zero-padded numbers too; as many digits as fit 64 bits.
_INTEGER, _INTEGER_BYTES = r"^-?[0-9]{1,18}$", 19


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
            return tuple((places + self.rows).tolist())
        return tuple(self.rows[places].tolist())


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
    column: Column, hashes: Hashes64, scan: ArrayScan, frame: Frame, known: Hashes64
) -> FieldEvidence:
    """Return the evidence of one column.

    Args:
        hashes: Of the column's distinct values, in their order.
        scan: What was found in the distinct values.
        known: The smallest hashes of earlier batches, ascending: those values have their look.
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
        looks=_looks(column, hashes, known),
        hits=_hits(column, hashes, scan, counts, frame),
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


def last_of(known: Hashes64) -> int:
    """Return the largest hash that can still enter a sketch of the smallest ones."""
    return HASH_SPACE - 1 if len(known) < SKETCH_SIZE else int(known[-1])


def _looks(column: Column, hashes: Hashes64, known: Hashes64) -> dict[int, Look]:
    places = smallest(hashes, SKETCH_SIZE, last_of(known))
    places = places[~np.isin(hashes[places], known)]
    numbers = hashes[places].tolist()
    return {
        number: look_of(text) for number, text in zip(numbers, column.texts_at(places), strict=True)
    }


def _hits(
    column: Column, hashes: Hashes64, scan: ArrayScan, counts: Codes, frame: Frame
) -> dict[Mark, Hit]:
    """By mark, in an order that does not depend on the rows."""
    listed: dict[Mark, list[int]] = {}
    for code, marks in scan.results.items():
        for scored in marks:
            listed.setdefault(scored.mark, []).append(code)
    found = {mark: list(settled) for mark, settled in scan.settled.items()}
    for mark, places in listed.items():
        found.setdefault(mark, []).append(np.array(places, dtype=np.int64))
    hits = {}
    for mark in sorted(found, key=lambda each: tuple(map(str, each))):
        unsorted = np.concatenate(found[mark])
        codes = unsorted[np.lexsort((unsorted, hashes[unsorted]))]
        flags = np.zeros(len(column.values) + 1, dtype=bool)  # one more: null is the last place
        flags[codes] = True
        match = _shown(column, scan, mark, int(codes[0]))
        hits[mark] = Hit(
            rows=int(counts[codes].sum()),
            lines=frame.numbers(np.flatnonzero(flags[column.codes])[:LINES_KEPT]),
            hashes=tuple(hashes[codes[:SKETCH_SIZE]].tolist()),
            preview=hidden() if mark.entity == "SECRET" else preview(match),
            fingerprint=fingerprint(match, frame.key),
        )
    return hits


def _shown(column: Column, scan: ArrayScan, mark: Mark, code: int) -> str:
    """Return the match of a mark in a value; one that was settled is the whole value."""
    (text,) = column.texts_at([code])
    for scored in scan.results.get(code, ()):
        if scored.mark == mark:
            return text[scored.start : scored.end]
    return text


def _whole_numbers(values: pa.Array) -> tuple[int | None, int | None]:
    short = values.filter(pc.less_equal(pc.binary_length(values), _INTEGER_BYTES))
    whole = short.filter(pc.match_substring_regex(short, _INTEGER))
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
