"""A cron line in other spellings: systemd's calendar, lists of numbers, and UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from governance.engine.scheduling.jobs import Job
from governance.engine.timing import due_after

_NAMES = {
    3: ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    4: ("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
}
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_PART = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")
_WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_DUES_LOOKED_AT = 20_000


def calendar_lines(job: Job) -> tuple[str, ...]:
    """Return the times of a job as systemd's calendar has them (systemd.time(7)).

    Where both days are given, cron runs on either: two lines.
    """
    minutes, hours, days, months, weekdays = _values(job.schedule.cron)
    clock = f"{_two(hours, 1)}:{_two(minutes, 0)}:00 {job.timezone}"
    on_months, on_days = _two(months, 3), _two(days, 2)
    names = ",".join(_WEEKDAYS[day] for day in weekdays)
    by_month = f"*-{on_months}-{on_days} {clock}"
    if len(weekdays) == 7:
        return (by_month,)
    by_week = f"{names} *-{on_months}-*"
    if len(days) == 31:
        return (f"{by_week} {clock}",)
    fields = job.schedule.cron.split()
    if fields[2].startswith("*") or fields[4].startswith("*"):
        return (f"{names} {by_month}",)
    return (by_month, f"{by_week} {clock}")


def debian_cron(cron: str) -> str:
    """Return the line for crons that know a step behind a range alone: lists where one is not."""
    values = _values(cron)
    return " ".join(
        ",".join(map(str, found)) if re.search(r"(?:^|,)\w+/", field) else field
        for field, found in zip(cron.split(), values, strict=True)
    )


def plain_cron(cron: str) -> str:
    """Return the line with Sunday as 0, for schedulers that know no 7; otherwise as it is."""
    fields = cron.split()
    if re.search(r"7", fields[4]):
        fields[4] = ",".join(map(str, _values(cron)[4]))
    return " ".join(fields)


def utc_cron(job: Job, start: datetime, end: datetime) -> str:
    """Return a line in UTC that holds every time due in a period, and some that are not.

    A zone with two offsets has two hours for one, and a night may begin on another day.
    """
    seen: list[set[int]] = [set() for _ in _BOUNDS]
    for number, due in enumerate(due_after(job.schedule.cron, job.timezone, start)):
        if due > end or number > _DUES_LOOKED_AT:
            break
        parts = (due.minute, due.hour, due.day, due.month, due.isoweekday() % 7)
        for found, part in zip(seen, parts, strict=True):
            found.add(part)
    minutes, hours, days, months, weekdays = seen
    # NOTE: cron runs on either day where both are given, so at most one of them may narrow; and
    # which weekdays a day of the month fell on so far says nothing of the years to come.
    of_month, of_week = (field != "*" for field in job.schedule.cron.split()[2::2])
    return " ".join(
        (
            _listed(minutes, 0),
            _listed(hours, 1),
            _listed(days, 2) if of_month and not of_week else "*",
            _listed(months, 3),
            _listed(weekdays, 4) if of_week and not of_month else "*",
        )
    )


def _values(cron: str) -> tuple[list[int], ...]:
    """Return the values of each field, sorted; Sunday is 0."""
    fields = cron.lower().split()
    return tuple(sorted(_field(text, index)) for index, text in enumerate(fields))


def _field(text: str, index: int) -> set[int]:
    found: set[int] = set()
    low, high = _BOUNDS[index]
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError("not a part of a cron line")  # the policy room has checked it
        first, last, step = match[1], match[2], int(match[3] or 1)
        start = low if first == "*" else _number(first, index)
        end = _number(last, index) if last else high if first == "*" or match[3] else start
        found |= set(range(start, end + 1, step))
    return {each % 7 for each in found} if index == 4 else found


def _number(word: str, index: int) -> int:
    if word.isdigit():
        return int(word)
    return _NAMES[index].index(word) + (index == 3)


def _two(values: Iterable[int], index: int) -> str:
    listed = _listed(set(values), index)
    return listed if listed == "*" else ",".join(f"{int(each):02}" for each in listed.split(","))


def _listed(values: set[int], index: int) -> str:
    low, high = _BOUNDS[index]
    return "*" if len(values) > high - low else ",".join(map(str, sorted(values)))
