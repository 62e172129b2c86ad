"""The account of one file's reading: rows, and what could not be read as it should."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from governance.model.coverage import Coverage, CoverageStatus

NO_ROWS = "no rows"


class Trouble(Enum):
    """What can be wrong with single lines, rows or cells; the text takes their number."""

    CUT_LINES = "{} lines longer than the limit, cut"
    CUT_CELLS = "{} cells longer than the limit, cut"
    RAGGED = "{} rows with more or fewer cells than the header"
    NULS = "{} lines with NUL characters, left out"
    OPEN_QUOTE = "{} quotes that are never closed, read as plain text"
    ENCODING = "{} bytes that do not fit the encoding, replaced"
    MALFORMED = "{} lines that are not valid JSON, read as plain text"
    UNMAPPED = "{} lines without a usable at, who, action or asset"
    EVENTS = "{} records that are not lineage events"
    DEPTH = "{} records nested deeper than the limit, cut"
    REPEATED_KEYS = "{} records that repeat a key"
    COLUMNS = "{} cells beyond the column limit, left out"
    BLOBS = "{} binary cells that hold no text, left out"


@dataclass(slots=True)
class Tally:
    """Counts while a file is read, and turns into its coverage at the end.

    Args:
        lines: Physical lines met so far.
        stopped: Why reading ended early, or None.
    """

    rows: int = 0
    bytes: int = 0
    lines: int = 0
    stopped: str | None = None
    counts: dict[Trouble, tuple[int, int | None]] = field(default_factory=dict)

    def add(self, trouble: Trouble, *, count: int = 1, line: int | None = None) -> None:
        """Count a trouble; the first line or row number is kept."""
        if count:
            before, first = self.counts.get(trouble, (0, line))
            self.counts[trouble] = (before + count, first)

    def stop(self, reason: str) -> None:
        """Say why the rest of the file was not read; the first reason stands."""
        self.stopped = self.stopped or reason

    def coverage(self) -> Coverage:
        """Return what was read; a file of which no row was read is skipped."""
        reasons = [self.stopped] if self.stopped else []
        reasons += [_words(trouble, *self.counts[trouble]) for trouble in sorted_troubles(self)]
        if not self.rows:
            reason = "; ".join(reasons) or NO_ROWS
            return Coverage(CoverageStatus.SKIPPED, reason, 0, self.bytes)
        if reasons:
            return Coverage(CoverageStatus.PARTIAL, "; ".join(reasons), self.rows, self.bytes)
        return Coverage(CoverageStatus.COMPLETE, None, self.rows, self.bytes)


def sorted_troubles(tally: Tally) -> list[Trouble]:
    """Return the troubles met, in the order of their definition."""
    return [trouble for trouble in Trouble if trouble in tally.counts]


def _words(trouble: Trouble, count: int, first: int | None) -> str:
    place = f" (first at {first})" if first is not None else ""
    text = trouble.value.format(count)
    if count == 1:
        for many, one in _SINGULAR:
            text = text.replace(many, one)
    return text + place


_SINGULAR = (
    ("1 lines that are", "1 line that is"),
    ("1 lines", "1 line"),
    ("1 cells that hold", "1 cell that holds"),
    ("1 cells", "1 cell"),
    ("1 rows", "1 row"),
    ("1 quotes that are", "1 quote that is"),
    ("1 bytes that do", "1 byte that does"),
    ("1 records that are not lineage events", "1 record that is not a lineage event"),
    ("1 records that repeat", "1 record that repeats"),
    ("1 records", "1 record"),
)
