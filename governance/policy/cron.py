"""Whether a schedule's five cron fields name times that exist.

Source: POSIX.1-2017, crontab; steps and names as Vixie cron reads them.
"""

from __future__ import annotations

import re

_NAMES = {
    "month": ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    "day of the week": ("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
}
_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 7),
)
_PART = re.compile(r"(?:\*|(\w{1,3})(?:-(\w{1,3}))?)(?:/([0-9]{1,2}))?")


def cron_fault(text: str) -> str | None:
    """Return what is wrong with a cron expression, or None."""
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return f"has {len(fields)} fields and not five"
    for field, (name, low, high) in zip(fields, _FIELDS, strict=True):
        if not all(_is_part(part.lower(), name, low, high) for part in field.split(",")):
            return f"has no {name} in '{field}'"
    return None


def _is_part(part: str, name: str, low: int, high: int) -> bool:
    match = _PART.fullmatch(part)
    if match is None or match[3] == "0" * len(match[3] or "-"):
        return False
    ends = [_number(word, name) for word in (match[1], match[2]) if word is not None]
    known = [end for end in ends if end is not None and low <= end <= high]
    return len(known) == len(ends) and known == sorted(known)


def _number(word: str, name: str) -> int | None:
    if word.isascii() and word.isdigit():
        return int(word)
    names = _NAMES.get(name, ())
    return names.index(word) + (name == "month") if word in names else None
