"""How often a cron line runs, and whether another one runs more rarely."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import date, timedelta

_MACROS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun",
           "jul", "aug", "sep", "oct", "nov", "dec")  # fmt: skip
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_PART = re.compile(r"(?:(\*)|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:/([0-9]{1,3}))?")
_MINUTES_OF_A_DAY = 1440
# Eight years hold a leap day whatever the century does, so that a line for it runs at least once.
_FIRST, _DAYS_LOOKED_AT = date(2024, 1, 1), 8 * 365 + 2


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often something runs.

    Args:
        runs: How many times in eight years. gap: The longest time between two runs, in minutes.
    """

    runs: int
    gap: int


def frequency(cron: str) -> Frequency | None:
    """Return how often a five-field cron line runs; None if it never does or is none.

    Lists, ranges, steps, names of months and days, and macros such as ``@daily`` are read. Where
    day of month and day of week are both given, a day that fits either runs, as in Vixie cron.
    """
    fields = _MACROS.get(cron.strip().lower(), cron.lower()).split()
    if len(fields) != len(_BOUNDS):
        return None
    sets = [_values(text, index) for index, text in enumerate(fields)]
    if not all(sets):
        return None
    minutes = sorted(60 * hour + minute for hour in sets[1] for minute in sets[0])
    days = [
        day for day in range(_DAYS_LOOKED_AT) if _runs_on(_FIRST + timedelta(day), fields, sets)
    ]
    if not days:
        return None
    within = max((late - soon for soon, late in itertools.pairwise(minutes)), default=0)
    # NOTE: the time looked at is a circle, so that a line that runs once has a gap too.
    following = [*days[1:], days[0] + _DAYS_LOOKED_AT]
    over_night = max(late - soon for soon, late in zip(days, following, strict=True))
    between = over_night * _MINUTES_OF_A_DAY - (minutes[-1] - minutes[0])
    return Frequency(len(days) * len(minutes), max(within, between))


def _runs_on(day: date, fields: list[str], sets: list[frozenset[int]]) -> bool:
    if day.month not in sets[3]:
        return False
    of_month, of_week = day.day in sets[2], day.isoweekday() % 7 in sets[4]
    if fields[2].startswith("*") or fields[4].startswith("*"):
        return of_month and of_week
    return of_month or of_week


def _values(text: str, index: int) -> frozenset[int]:
    """Return the values of a field; empty where it is not understood."""
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            return frozenset()
        every, first, last, step = match.groups()
        low, high = _BOUNDS[index]
        if not every:
            start, end = _number(first, index), _number(last, index) if last else None
            if start is None or (last and end is None) or not low <= start <= high:
                return frozenset()
            low = start
            high = end if end is not None else (high if step else start)
        if high > _BOUNDS[index][1] or (step and not int(step)):
            return frozenset()
        found |= set(range(low, high + 1, int(step or 1)))
    return frozenset({each % 7 for each in found} if index == 4 else found)


def _number(word: str, index: int) -> int | None:
    if word.isdigit():
        return int(word)
    if index == 3 and word in _MONTHS:
        return _MONTHS.index(word) + 1
    return _DAYS.index(word) if index == 4 and word in _DAYS else None
