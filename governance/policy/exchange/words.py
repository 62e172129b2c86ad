"""Words of other formats in the words of the policy language, where they mean the same."""

from __future__ import annotations

import re
from datetime import date

from governance.model.ladders import Classification, Duration

_EMAIL = re.compile(r"[^\s@:]+@[^\s@:]+\.[^\s@:]+")
_PRINCIPAL = re.compile(r"(user|team|role|service):\S+")
_LENGTH = re.compile(r"\s*(\d{1,6})\s*([A-Za-z]+)\.?\s*")
_ISO = re.compile(r"P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?")
# NOTE: 'm' alone may mean minutes; nobody keeps rows for minutes, and nobody should guess.
_UNITS = {
    "y": "y", "yr": "y", "yrs": "y", "year": "y", "years": "y",
    "mo": "m", "mon": "m", "month": "m", "months": "m",
    "w": "w", "wk": "w", "week": "w", "weeks": "w",
    "d": "d", "day": "d", "days": "d",
}  # fmt: skip
_LONGEST = 120


def slug(text: str) -> str:
    """Return a name in the letters of an id, as ``order-items`` of ``Order Items``; may be empty.

    ``_``, ``.`` and ``-`` stay; everything else becomes one dash.
    """
    lowered = re.sub(r"[^a-z0-9_.-]+", "-", text.strip().lower())
    return lowered.strip("-._")[:_LONGEST]


def principal(text: str) -> str | None:
    """Return a person as ``user:…``, or None for a name that is no single word."""
    word = text.strip().removeprefix("@")
    if _PRINCIPAL.fullmatch(word):
        return word
    return f"user:{word}" if word and not re.search(r"[\s:/]", word) else None


def is_email(text: str) -> bool:
    """Return whether a text is one mail address."""
    return _EMAIL.fullmatch(text.strip()) is not None


def classification(text: str) -> Classification | None:
    """Return the tier of a name, in whatever case, or None where it is no tier of ours."""
    word = text.strip().lower()
    return Classification(word) if word in set(Classification) else None


def length(text: str, unit: str | None = None) -> Duration | None:
    """Return ``3`` and ``y``, ``3 years``, ``P3Y`` or ``3y`` as a length; None if it is none."""
    written = f"{text} {unit}" if unit else text
    iso = _ISO.fullmatch(text.strip()) if unit is None else None
    if iso:
        parts = zip(iso.groups(), "ymwd", strict=True)
        short = "".join(f"{number}{letter}" for number, letter in parts if number)
    else:
        match = _LENGTH.fullmatch(written)
        if match and match[2].lower() not in _UNITS:
            return None
        short = f"{match[1]}{_UNITS[match[2].lower()]}" if match else written.strip()
    try:
        return Duration.parse(short)
    except ValueError:
        return None


def day(text: str) -> date | None:
    """Return the day of a date or an instant written in ISO 8601, or None."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
