"""How a delimited file is written, found out from its first lines."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from governance.sources.names import NAME_CHARS, looks_like_data

DELIMITERS = ",;\t|"

_SAMPLE_RECORDS = 200
_NUMBER = re.compile(r"[-+]?[\d.,]*\d%?$")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a delimited file are told apart.

    Args:
        escape: The backslash when quotes are escaped by it; None when they are doubled.
        skip_blanks: Whether a blank may stand between a delimiter and a quote.
        confidence: Share of the sampled records with the commonest number of cells; 0 when
            no delimiter was found.
        columns: That commonest number.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    skip_blanks: bool = False
    confidence: float = 0.0
    columns: int = 1

    def reader(self, records: object) -> csv._reader:  # type: ignore[name-defined]
        """Return a reader of complete records."""
        return csv.reader(
            records,  # type: ignore[arg-type]
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            doublequote=self.escape is None,
            skipinitialspace=self.skip_blanks,
        )


def find_dialect(sample: str, *, complete: bool) -> Dialect:
    """Return the dialect under which most sampled records have the same number of cells.

    Args:
        sample: The first characters of the file.
        complete: Whether they are the whole file; if not, the last line is left out.
    """
    if not complete and "\n" in sample:
        sample = sample[: sample.rfind("\n") + 1]
    base = _quoting(sample)
    best = Dialect(quote=base.quote, escape=base.escape)
    for delimiter in DELIMITERS:
        candidate = _measure(_with_delimiter(base, delimiter, sample), sample)
        if candidate.columns > 1 and _rank(candidate) > _rank(best):
            best = candidate
    return best


def has_header(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first record names the columns.

    A name is never an address, a date or a long number. A number may be a name (years as
    columns) only where most cells beside it are words.
    """
    named = [cell.strip() for cell in first if cell.strip()]
    if _is_prose(first, rows):
        return False
    if not named or any(looks_like_data(cell) or _DATE.search(cell) for cell in named):
        return False
    numbers = [cell for cell in named if _NUMBER.match(cell)]
    if not numbers:
        return not _repeats_below(first, rows)
    years = all(_YEAR.match(cell) for cell in numbers) and len(set(numbers)) == len(numbers)
    return years and len(named) > len(numbers)


def quote_stays_open(line: str, dialect: Dialect, inside: bool) -> bool:
    """Return whether a quoted cell is still open at the end of a line.

    Args:
        inside: Whether one was open at its beginning.
    """
    position = 0
    while True:
        if not inside:
            start = _cell_start(line, position, dialect)
            if start is None:
                return False
            position = start
        end = _closing(line, position, dialect)
        if end is None:
            return True
        position = line.find(dialect.delimiter, end)
        if position < 0:
            return False
        position += 1
        inside = False


def _cell_start(line: str, position: int, dialect: Dialect) -> int | None:
    """Return the position behind the next quote that opens a cell, or None."""
    while True:
        start = position
        while dialect.skip_blanks and line.startswith(" ", start):
            start += 1
        if line.startswith(dialect.quote, start):
            return start + 1
        position = line.find(dialect.delimiter, position)
        if position < 0:
            return None
        position += 1


def _closing(line: str, position: int, dialect: Dialect) -> int | None:
    """Return the position behind the quote that closes a cell, or None."""
    quote, escape = dialect.quote, dialect.escape
    while True:
        found = line.find(quote, position)
        if found < 0:
            return None
        if escape:
            slashes = found - len(line[position:found].rstrip(escape)) - position
            if slashes % 2:
                position = found + 1
                continue
        elif line.startswith(quote, found + 1):
            position = found + 2
            continue
        return found + 1


def _quoting(sample: str) -> Dialect:
    if '"' not in sample and re.search(r"(?:^|[,;\t|])'[^'\n]*'(?:[,;\t|]|$)", sample, re.M):
        return Dialect(quote="'")
    slashed = re.search(r'\\"[^,;\t|"\n]', sample)
    if slashed and not re.search(r'[^,;\t|\n]""', sample):
        return Dialect(escape="\\")
    return Dialect()


def _with_delimiter(base: Dialect, delimiter: str, sample: str) -> Dialect:
    blank = sample.count(f"{delimiter} {base.quote}")
    tight = sample.count(f"{delimiter}{base.quote}")
    return Dialect(delimiter, base.quote, base.escape, skip_blanks=blank > tight)


def _measure(dialect: Dialect, sample: str) -> Dialect:
    widths: Counter[int] = Counter()
    inside = False
    record: list[str] = []
    for line in sample.split("\n"):
        record.append(line)
        inside = quote_stays_open(line, dialect, inside)
        if inside:
            continue
        text = "\n".join(record)
        record = []
        if text.strip():
            widths[_width(text, dialect)] += 1
        if sum(widths.values()) >= _SAMPLE_RECORDS:
            break
    if not widths:
        return dialect
    # NOTE: the wider of two equally common widths, so that the answer has one value.
    columns, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    share = count / sum(widths.values())
    return Dialect(
        dialect.delimiter, dialect.quote, dialect.escape, dialect.skip_blanks, share, columns
    )


def _width(record: str, dialect: Dialect) -> int:
    try:
        return len(next(dialect.reader([record]), ()))
    except csv.Error:
        return record.count(dialect.delimiter) + 1


def _rank(dialect: Dialect) -> tuple[float, int, int]:
    order = -DELIMITERS.index(dialect.delimiter)
    return round(dialect.confidence, 1), min(dialect.columns, 50), order


def _is_prose(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a long cell stands above cells as long: a question does not, a text does."""
    for index, cell in enumerate(first):
        below = sorted(len(row[index]) for row in rows if index < len(row))
        if len(cell) > NAME_CHARS and below and below[len(below) // 2] * 2 > len(cell):
            return True
    return False


def _repeats_below(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """A cell that comes again in its own column, twice or more, is a value."""
    if len(rows) < 3:
        return False
    repeated = 0
    for index, cell in enumerate(first):
        column = [row[index] for row in rows if index < len(row)]
        repeated += bool(cell.strip()) and column.count(cell) >= 2
    return repeated * 2 > len(first)
