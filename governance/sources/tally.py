"""The account of one file's reading: rows, and what could not be read as it should."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from governance.model.coverage import Coverage, CoverageStatus

NO_ROWS = "no rows"


class Trouble(Enum):
    """What can be wrong with single lines, rows or cells, in words for one and for many."""

    CUT_LINES = ("1 line longer than the limit, cut", "{} lines longer than the limit, cut")
    CUT_CELLS = ("1 cell longer than the limit, cut", "{} cells longer than the limit, cut")
    RAGGED = (
        "1 row with more or fewer cells than the header",
        "{} rows with more or fewer cells than the header",
    )
    NULS = ("1 line with NUL characters, left out", "{} lines with NUL characters, left out")
    OPEN_QUOTE = (
        "1 quote that is never closed, read as plain text",
        "{} quotes that are never closed, read as plain text",
    )
    ENCODING = (
        "1 byte that does not fit the encoding, replaced",
        "{} bytes that do not fit the encoding, replaced",
    )
    MALFORMED = (
        "1 line that is not valid JSON, read as plain text",
        "{} lines that are not valid JSON, read as plain text",
    )
    UNMAPPED = (
        "1 line without a usable at, who, action or asset",
        "{} lines without a usable at, who, action or asset",
    )
    UNNAMED = (
        "1 audited statement that names no object (turn pgaudit.log_relation on)",
        "{} audited statements that name no object (turn pgaudit.log_relation on)",
    )
    STRANGE = (
        "1 audit record of a kind that is not known",
        "{} audit records of kinds that are not known",
    )
    EVENTS = (
        "1 record that is not a lineage event",
        "{} records that are not lineage events",
    )
    DEPTH = (
        "1 record nested deeper than the limit, cut",
        "{} records nested deeper than the limit, cut",
    )
    REPEATED_KEYS = ("1 record that repeats a key", "{} records that repeat a key")
    COLUMNS = (
        "1 cell beyond the column limit, left out",
        "{} cells beyond the column limit, left out",
    )
    BLOBS = (
        "1 binary cell that holds no text, left out",
        "{} binary cells that hold no text, left out",
    )


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
        reasons += [
            _words(trouble, *self.counts[trouble]) for trouble in Trouble if trouble in self.counts
        ]
        if not self.rows:
            reason = "; ".join(reasons) or NO_ROWS
            return Coverage(CoverageStatus.SKIPPED, reason, 0, self.bytes)
        if reasons:
            return Coverage(CoverageStatus.PARTIAL, "; ".join(reasons), self.rows, self.bytes)
        return Coverage(CoverageStatus.COMPLETE, None, self.rows, self.bytes)


def _words(trouble: Trouble, count: int, first: int | None) -> str:
    one, many = trouble.value
    place = f" (first at {first})" if first is not None else ""
    return (one if count == 1 else many.format(count)) + place
