"""Days and hours: does a local time lie in a window?"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from governance.model.rules import Window

_SOME_MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001 (a local time, as clocks show it)
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def in_window(window: Window, local: datetime) -> bool:
    """Return whether a local time lies in a window; its last minute is the one before the end.

    Hours that run over midnight belong to the day on which they began. What clocks show counts:
    an hour that they show twice is in the window twice, one that they skip is not.
    """
    minute, day = local.hour * 60 + local.minute, local.date()
    if window.hours is not None:
        start, end = window.edges
        if start < end and not start <= minute < end:
            return False
        if start > end:
            if end <= minute < start:
                return False
            if minute < end:
                day -= timedelta(days=1)
    return window.days is None or _WEEK[day.weekday()] in week_days(window.days)


def within(window: Window, first: datetime, last: datetime) -> bool | None:
    """Return whether all local times from ``first`` to ``last`` lie in a window.

    None where only some of them do, or may.
    """
    if first.date() != last.date():
        return None
    minutes = (first.hour * 60 + first.minute, last.hour * 60 + last.minute)
    return _within(window.days, window.hours, first.weekday(), *minutes)


@lru_cache(maxsize=65_536)
def _within(days: str | None, hours: str | None, weekday: int, start: int, end: int) -> bool | None:
    """Return the answer for minutes of a day of the week: all that a window can tell apart."""
    window = Window(days=days, hours=hours)
    first = _SOME_MONDAY + timedelta(days=weekday, minutes=start)
    begins = in_window(window, first)
    if start == end:
        return begins
    # NOTE: over a change of the clocks the last may show an earlier time than the first.
    crossed = any(min(start, end) < edge <= max(start, end) for edge in window.edges)
    return None if crossed or start > end else begins


@lru_cache(maxsize=1024)
def week_days(text: str) -> frozenset[str]:
    """Return the days that ``mon-fri`` or ``sat,sun`` names."""
    days: set[str] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in _WEEK or (last or first) not in _WEEK:
            continue
        start, count = _WEEK.index(first), (_WEEK.index(last or first) - _WEEK.index(first)) % 7
        days |= {_WEEK[(start + step) % 7] for step in range(count + 1)}
    return frozenset(days)
