"""The one clock: is a dated thing in force at an instant?

Scan, check, triage and every report ask here, so that a waiver cannot be alive in one
place and dead in another.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def local_day(instant: datetime, timezone: str) -> date:
    """Return the calendar day of an aware instant in the project's time zone."""
    return instant.astimezone(ZoneInfo(timezone)).date()


def is_over(until: date | None, day: date) -> bool:
    """Return whether the last day of a dated thing lies before ``day``; None never ends."""
    return until is not None and until < day


def in_force(*, since: date | None, until: date | None, day: date) -> bool:
    """Return whether ``day`` lies in the interval; both ends belong to it, None is open."""
    return (since is None or since <= day) and not is_over(until, day)
