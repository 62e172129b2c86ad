"""One column of one batch as field evidence. The only place where values become counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from governance.detectors.columns import NULL, Column
from governance.detectors.looks import day_of, look_of
from governance.detectors.privacy import fingerprint, hidden, keyed_hash, preview
from governance.detectors.scanning import Scored
from governance.model.evidence import (
    EMPTY,
    LINES_KEPT,
    SKETCH_SIZE,
    FieldEvidence,
    Hit,
    Look,
    Mark,
)

__all__ = ["EMPTY", "Seen", "field_evidence"]

Codes = np.ndarray[Any, np.dtype[np.int64]]
_INTEGER_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of a distinct value: its keyed hash and what was found in it."""

    number: int
    scored: tuple[Scored, ...]


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


def hash_texts(texts: Iterable[str], key: bytes) -> list[int]:
    """Return the keyed hashes of texts, in their order."""
    return [keyed_hash(text, key) for text in texts]


def field_evidence(column: Column, seen: Sequence[Seen], frame: Frame) -> FieldEvidence:
    """Return the evidence of one column.

    Args:
        seen: For each of the column's distinct texts, in their order.
    """
    counts = np.bincount(column.codes[column.codes != NULL], minlength=len(column.texts))
    low, high = _whole_numbers(column.texts)
    days, undated = _days(column.texts, counts) if frame.dated else ({}, 0)
    return FieldEvidence(
        name=column.name,
        position=frame.position,
        types=frozenset({column.type}),
        asked=frame.asked,
        rows=len(column.codes),
        nulls=column.nulls,
        looks=_looks(column.texts, seen),
        hits=_hits(column, seen, counts, frame),
        low=low,
        high=high,
        days=days,
        undated=undated,
    )


def _looks(texts: Sequence[str], seen: Sequence[Seen]) -> dict[int, Look]:
    """The looks of the values with the smallest hashes; the others are not even made."""
    order = sorted(range(len(texts)), key=lambda place: seen[place].number)
    return {seen[place].number: look_of(texts[place]) for place in order[:SKETCH_SIZE]}


def _hits(column: Column, seen: Sequence[Seen], counts: Codes, frame: Frame) -> dict[Mark, Hit]:
    places: dict[Mark, list[tuple[int, int, Scored]]] = {}
    for code, item in enumerate(seen):
        for scored in item.scored:
            places.setdefault(scored.mark, []).append((item.number, code, scored))
    return {
        mark: _hit(column, sorted(found), counts, frame) for mark, found in sorted_marks(places)
    }


def sorted_marks(
    places: dict[Mark, list[tuple[int, int, Scored]]],
) -> list[tuple[Mark, list[tuple[int, int, Scored]]]]:
    """Return the marks in an order that does not depend on the rows."""
    return sorted(places.items(), key=lambda item: tuple(map(str, item[0])))


def _hit(column: Column, found: list[tuple[int, int, Scored]], counts: Codes, frame: Frame) -> Hit:
    codes = np.fromiter((code for _, code, _ in found), dtype=np.int64, count=len(found))
    flags = np.zeros(len(column.texts) + 1, dtype=bool)  # one more: null is the last place
    flags[codes] = True
    rows = np.flatnonzero(flags[column.codes])[:LINES_KEPT]
    _, code, first = found[0]
    match = column.texts[code][first.start : first.end]
    return Hit(
        rows=int(counts[codes].sum()),
        lines=frame.numbers(rows),
        hashes=tuple(number for number, _, _ in found[:SKETCH_SIZE]),
        preview=hidden() if first.mark.entity == "SECRET" else preview(match),
        fingerprint=fingerprint(match, frame.key),
    )


def _whole_numbers(texts: Sequence[str]) -> tuple[int | None, int | None]:
    numbers = [
        int(text)
        for text in texts
        if len(text) <= _INTEGER_DIGITS
        and text.lstrip("-").isdigit()
        and text.isascii()
        and text.count("-") <= 1
    ]
    return (min(numbers), max(numbers)) if numbers else (None, None)


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
