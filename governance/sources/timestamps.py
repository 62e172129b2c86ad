"""Instants as logs write them: ISO 8601, or seconds or milliseconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_FIRST_YEAR, _LAST_YEAR = 1900, 9000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\d{9,16}(?:\.\d{1,9})?$")
_FRACTION = re.compile(r"([.,])(\d{1,9})(?=$|[Zz+-])")
# Seconds reach this in the year 5138, milliseconds passed it in March 1973.
_FIRST_MILLISECONDS = 100_000_000_000
_FIRST_MICROSECONDS = 100_000_000_000_000


def parse_instant(text: str) -> datetime | None:
    """Return an aware UTC instant, or None where the text is none.

    A time without an offset is UTC. Numbers are seconds, milliseconds or microseconds since
    1970, told apart by their size. A date alone is its first second.

    Source: ISO 8601-1:2019, calendar dates with time of day.
    """
    text = text.strip()
    if _NUMBER.match(text):
        return _from_epoch(float(text))
    text = _FRACTION.sub(lambda match: "." + match[2][:6].ljust(6, "0"), text, count=1)
    try:
        instant = datetime.fromisoformat(text)
        aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        # NOTE: no log is from the first or the last years of the calendar, where no time zone fits.
        return aware.astimezone(UTC) if _FIRST_YEAR < aware.year < _LAST_YEAR else None
    except (ValueError, OverflowError):
        return None


def _from_epoch(number: float) -> datetime | None:
    if number >= _FIRST_MICROSECONDS:
        number /= 1_000_000
    elif number >= _FIRST_MILLISECONDS:
        number /= 1_000
    try:
        return _EPOCH + timedelta(seconds=number)
    except OverflowError:
        return None
