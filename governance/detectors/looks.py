"""The outside of a value: its kind, length, words and shape; and its day, if it tells one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from governance.detectors.privacy import shape_of
from governance.model.evidence import Look

_KINDS = re.compile(
    r"""
    (?P<integer>[+-]?\d+)
    |(?P<decimal>[+-]?\d*[.,]\d+(?:[eE][+-]?\d+)?|[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?)
    |(?P<amount>[-(]?[$€£¥]\s?[\d.,]+\)?|[\d.,]+\s?(?:[$€£¥%]|EUR|USD|GBP|CHF))
    |(?P<date>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))
    |(?P<time>\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*|\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp][Mm])?)
    |(?P<uuid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})
    |(?P<digest>(?:[0-9a-fA-F]{8}){4,16})
    |(?P<version>v?\d+(?:\.\d+){2,4}(?:[-+][\w.]+)?)
    |(?P<url>https?://\S+)
    |(?P<token>\S+)
    """,
    re.VERBOSE | re.DOTALL,
)
_ISO_DAY = re.compile(r"((?:19|20)\d\d)[-/](\d\d?)[-/](\d\d?)(?!\d)")
_DOTTED_DAY = re.compile(r"(\d\d?)\.(\d\d?)\.((?:19|20)\d\d)(?!\d)")
_EPOCH = re.compile(r"[1-9]\d{8,9}|[1-9]\d{11,12}|[1-9]\d{14,15}|[1-9]\d{17,18}")
_COMPACT = re.compile(r"(?:19|20)\d{6}")


def look_of(value: str) -> Look:
    """Return the look of a value; ``text`` is what has blanks and no other kind."""
    head = value.strip()
    match = _KINDS.fullmatch(head[:512])
    kind = (match.lastgroup or "text") if match else "text"
    return Look(kind, len(head), len(head.split(None, 4096)), shape_of(head))


def day_of(value: str) -> date | None:
    """Return the calendar day of an ISO date or time, a dotted date or an epoch (UTC).

    Days with slashes and two unclear places (03/04/2024) are not guessed.
    """
    text = value.strip()
    if match := _ISO_DAY.match(text):
        return _day(match.group(1), match.group(2), match.group(3))
    if match := _DOTTED_DAY.match(text):
        return _day(match.group(3), match.group(2), match.group(1))
    if _COMPACT.fullmatch(text):
        return _day(text[:4], text[4:6], text[6:])
    if _EPOCH.fullmatch(text):
        # Seconds, or the same with 3, 6 or 9 digits more.
        seconds = int(text) // 10 ** (3 * ((len(text) - 9) // 3))
        return datetime.fromtimestamp(seconds, UTC).date()
    return None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
