"""Column names that are unique and never show a value.

A name goes into every output, so a name that is itself data (a JSON object keyed by e-mail
address, a table without a header) must not be one.
"""

from __future__ import annotations

import re
from collections.abc import Container

NAME_CHARS = 120

_LONG_NUMBER = re.compile(r"\d(?:[ ./-]?\d){6,}")
_LETTERED_NUMBER = re.compile(r"\b[A-Za-z]{1,2}\d{6,}[A-Za-z]?\b")
# Sixteen capitals with a digit among them, or letters and digits that take turns three times.
_KEY = re.compile(
    r"\b(?=[A-Z0-9]{16})[A-Z]+\d[A-Z0-9]*[A-Z]|(?=[A-Za-z0-9]{16})[A-Za-z0-9]*(?:\d+[A-Za-z]+){3}"
)
_VALUES = (_LONG_NUMBER, _LETTERED_NUMBER, _KEY)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def looks_like_data(name: str) -> bool:
    """Return whether a name reads as a value: an address, a long number, a number or a key of
    letters and digits.
    """
    return "@" in name or any(pattern.search(name) for pattern in _VALUES)


def clean_name(name: str) -> str:
    """Return a name without control and direction characters and outer blanks, cut to length."""
    name = _UNSEEN.sub(" ", name).strip()
    return name if len(name) <= NAME_CHARS else f"{name[: NAME_CHARS - 1]}…"


def unique_name(name: str, taken: Container[str], position: int) -> str:
    """Return a name for the column at ``position`` (from 1) that is not taken yet.

    An empty name, or one that looks like data, becomes ``column_3``; a second ``email``
    becomes ``email_2``.
    """
    base = clean_name(name)
    if not base or looks_like_data(base):
        base = f"column_{position}"
    candidate, number = base, 2
    while candidate in taken:
        candidate, number = f"{base}_{number}", number + 1
    return candidate
