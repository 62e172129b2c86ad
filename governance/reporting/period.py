"""The stretch of time that a report speaks about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from governance.errors import UsageError

_YEAR = re.compile(r"(\d{4})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_MONTHS = re.compile(r"(\d{4})-(\d{2})(?:\.\.(\d{4})-(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of whole months in a time zone.

    Args:
        label: As the person wrote it.
        start: Its first instant, aware. end: The first instant after it.
    """

    label: str
    start: datetime
    end: datetime

    @property
    def first_day(self) -> date:
        return self.start.date()

    @property
    def last_day(self) -> date:
        return self.end.date() - timedelta(days=1)

    def holds(self, instant: datetime) -> bool:
        """Return whether an aware instant lies in the period."""
        return self.start <= instant < self.end

    def previous(self) -> Period:
        """Return the stretch of as many months that ends where this one begins."""
        months = _counted(self.end) - _counted(self.start)
        first = max(_counted(self.start) - months, 12)  # nothing is older than the year one
        start = _instant(first, self.start.tzinfo)
        return Period(f"{start:%Y-%m}..", start, self.start)


def parse_period(label: str, timezone: str = "UTC") -> Period:
    """Read ``2026``, ``2026-Q3``, ``2026-07`` or ``2026-01..2026-06``, months of a time zone.

    Raises:
        UsageError: If it is none of these, or ends before it begins.
    """
    zone = ZoneInfo(timezone)
    try:
        first, last = _months(label)
        start, end = _instant(first, zone), _instant(last + 1, zone)
    except ValueError as cause:
        raise UsageError(
            where=f"period '{label}'",
            problem="not a period",
            remedy="write a year, a quarter or months, as 2026, 2026-Q3, 2026-07, 2026-01..2026-06",
        ) from cause
    return Period(label, start, end)


def _counted(instant: datetime) -> int:
    """Return the month of an instant, counted from the year nought."""
    return instant.year * 12 + instant.month - 1


def _instant(month: int, zone: tzinfo | None) -> datetime:
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=zone)


def _months(label: str) -> tuple[int, int]:
    """Return the first and the last month, counted from the year nought."""
    if match := _YEAR.fullmatch(label):
        return _month(match[1], "01"), _month(match[1], "12")
    if match := _QUARTER.fullmatch(label):
        first = int(match[1]) * 12 + (int(match[2]) - 1) * 3
        return first, first + 2
    match = _MONTHS.fullmatch(label)
    if match is None:
        raise ValueError("no such form")
    first = _month(match[1], match[2])
    last = _month(match[3], match[4]) if match[3] else first
    if last < first:
        raise ValueError("ends before it begins")
    return first, last


def _month(year: str, month: str) -> int:
    if not 1 <= int(month) <= 12:
        raise ValueError("no such month")
    return int(year) * 12 + int(month) - 1
