"""The sample of a field's distinct values in which names and dates are looked for.

Name recognition costs a thousand times what a pattern costs. It looks at the ``NAMED_SIZE``
distinct values with the smallest keyed hashes: a uniform sample that is the same for any order of
the rows, any cut into batches and any number of workers, and that is everything where there are
fewer values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from governance.detectors.base import Detector
from governance.detectors.columns import Codes, Column
from governance.detectors.dates import dates_in
from governance.detectors.evidence import Frame, Hashes64, smallest
from governance.detectors.names import NamedFound, NameFinder
from governance.detectors.privacy import fingerprint, preview
from governance.model.evidence import (
    HASH_SPACE,
    LINES_KEPT,
    NAMED_SIZE,
    FieldEvidence,
    Grade,
    Mark,
    Named,
    NamedSpan,
)

_LETTERS_SHARE = 0.5
# A line of a log, with times and numbers in it.
_MANY_WORDS, _LETTERS_OF_LINE = 5, 0.25


@dataclass
class _Value:
    text: str
    rows: int
    lines: tuple[int, ...]


@dataclass
class Sample:
    """The values of one field with the smallest hashes, and the rows that hold them."""

    asked: frozenset[str]
    position: int = 0
    types: set[str] = field(default_factory=set)
    _values: dict[int, _Value] = field(default_factory=dict)

    def add(self, column: Column, hashes: Hashes64, frame: Frame) -> None:
        """Take in the values of one batch.

        Args:
            hashes: Of the column's distinct values, in their order.
        """
        self.position = frame.position
        self.types.add(column.type)
        is_full = len(self._values) >= NAMED_SIZE
        wanted = np.sort(
            smallest(hashes, NAMED_SIZE, max(self._values) if is_full else HASH_SPACE - 1)
        )
        if not len(wanted):
            return
        rows = np.flatnonzero(np.isin(column.codes, wanted))
        rows = rows[np.argsort(column.codes[rows], kind="stable")]
        starts = np.searchsorted(column.codes[rows], wanted)
        texts, held = column.texts_at(wanted), np.split(rows, starts[1:])
        for place, text, here in zip(wanted.tolist(), texts, held, strict=True):
            self._take(int(hashes[place]), text, here, frame)
        if len(self._values) > NAMED_SIZE:
            kept = sorted(self._values)[:NAMED_SIZE]
            self._values = {number: self._values[number] for number in kept}

    def named(self, name: str, reader: Reader, key: bytes) -> FieldEvidence | None:
        """Return names and dates in the sample as evidence without rows; None without any."""
        texts = {number: value.text for number, value in self._values.items()}
        named = {
            number: Named(value.rows, value.lines, _spans(value.text, spans, key))
            for number, spans in reader.read(texts, name).items()
            for value in (self._values[number],)
        }
        if not named:
            return None
        return FieldEvidence(
            name=name,
            position=self.position,
            types=frozenset(self.types),
            asked=self.asked,
            rows=0,
            nulls=0,
            named=dict(sorted(named.items())),
        )

    def _take(self, number: int, text: str, rows: Codes, frame: Frame) -> None:
        lines = frame.numbers(rows[:LINES_KEPT])
        known = self._values.get(number)
        if known is None:
            self._values[number] = _Value(text, len(rows), lines)
            return
        known.rows += len(rows)
        known.lines = tuple(sorted({*known.lines, *lines})[:LINES_KEPT])


@dataclass
class Reader:
    """Reads the values of a sample: dates, and names where a model is at hand.

    Args:
        names: Loads what finds names, once there is a text; None looks for none.
        births: Detectors of dates of birth, whose dates are no mere dates.
        incomplete: Why something was not read; filled while reading.
    """

    names: Callable[[], NameFinder] | None
    births: tuple[Detector, ...]
    incomplete: set[str] = field(default_factory=set)

    def read(self, texts: Mapping[int, str], header: str) -> dict[int, Sequence[NamedFound]]:
        """Return what was found by the number of its text; texts with nothing are left out."""
        found: dict[int, Sequence[NamedFound]] = {
            number: dates for number, text in texts.items() if (dates := self._dates(text))
        }
        wanted = {number: text for number, text in texts.items() if is_readable(text)}
        if not self.names or not wanted:
            return found
        named = self.names().find(list(wanted.values()), header)
        for number, names in zip(wanted, named, strict=True):
            if names:
                found[number] = beside(found.get(number, ()), names)
        return found

    def _dates(self, text: str) -> list[NamedFound]:
        try:
            return dates_in(text, self.births)
        except TimeoutError:
            self.incomplete.add("detector date-time took too long on a value")
            return []


def beside(dates: Sequence[NamedFound], names: Sequence[NamedFound]) -> list[NamedFound]:
    """Return dates and the names that touch none of them, in the order of their places."""

    def is_clear(name: NamedFound) -> bool:
        return all(name.end <= day.start or name.start >= day.end for day in dates)

    clear = [name for name in names if is_clear(name)]
    return sorted([*dates, *clear], key=lambda each: (each.start, each.end))


def is_readable(text: str) -> bool:
    """Return whether a value may hold a name: mostly letters, or a line of many words.

    An identifier of one piece may not.
    """
    head = text[:2000]
    letters = sum(map(str.isalpha, head))
    if letters >= 2 and letters >= _LETTERS_SHARE * len(head.replace(" ", "")):
        return True
    return head.count(" ") >= _MANY_WORDS and letters >= _LETTERS_OF_LINE * len(head)


def _spans(text: str, found: Sequence[NamedFound], key: bytes) -> tuple[NamedSpan, ...]:
    size = len(text.strip())
    return tuple(
        NamedSpan(
            Mark(each.entity, Grade.WEAK, each.end - each.start >= size),
            preview(text[each.start : each.end]),
            fingerprint(text[each.start : each.end].casefold(), key),
        )
        for each in found
    )
