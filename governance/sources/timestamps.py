"""Instants as logs write them: ISO 8601, dates of web servers and mails, or counts since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_FIRST_YEAR, _LAST_YEAR = 1900, 9000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\d{9,16}(?:\.\d{1,9})?$")
_FRACTION = re.compile(r"([.,])(\d{1,9})(?=$|[Zz+-])")
# Seconds reach this in the year 5138, milliseconds passed it in March 1973.
_SLASHES = re.compile(r"(\d{4})/(\d\d)/(\d\d)(?=[ T]|$)")
_WEB = re.compile(r"\d{1,2}/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}")
_MAIL = re.compile(r"(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d:\d\d \S+")
_ZONE = re.compile(r" ([A-Z]{2,5})$")
_OFFSET = re.compile(r" ([+-]\d\d(?::?\d\d)?)$")
# Hours east of Greenwich, of names that mean one zone. IST, CST, AST and the like mean several.
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2,
    "EEST": 3, "MSK": 3, "JST": 9, "AEST": 10, "AEDT": 11, "EST": -5, "EDT": -4, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
_FIRST_MILLISECONDS = 100_000_000_000
_FIRST_MICROSECONDS = 100_000_000_000_000


def parse_instant(text: str) -> datetime | None:
    """Return an aware UTC instant, or None where the text is none.

    A time without an offset is UTC. Numbers are seconds, milliseconds or microseconds since
    1970, told apart by their size. A date alone is its first second. A zone's name is read where
    it means one zone alone.

    Source: ISO 8601-1:2019, calendar dates with time of day; RFC 5322, 3.3; the Common Log Format
    (``10/Oct/2026:13:55:36 +0200``).
    """
    text = text.strip()
    if _NUMBER.match(text):
        return _from_epoch(float(text))
    if not text[:4].isdigit() or text[4:5] in ("/", " "):
        return _from_words(text)
    if " " in text:
        text = _with_offset(text)
    if "." in text or "," in text:
        text = _FRACTION.sub(lambda match: "." + match[2][:6].ljust(6, "0"), text, count=1)
    try:
        instant = datetime.fromisoformat(text)
        aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        # NOTE: no log is from the first or the last years of the calendar, where no time zone fits.
        return aware.astimezone(UTC) if _FIRST_YEAR < aware.year < _LAST_YEAR else None
    except (ValueError, OverflowError):
        return None


def _with_offset(text: str) -> str:
    """Return a time with its zone as an offset behind it, where the zone's name means one alone."""
    zone = _ZONE.search(text)
    if zone is None:
        return _OFFSET.sub(r"\1", text)
    hours = _ZONES.get(zone[1])
    return text if hours is None else f"{text[: zone.start()]}{hours:+03d}:00"


def _from_words(text: str) -> datetime | None:
    """Return the instant of a date with slashes, of a web server, or of a mail."""
    if _SLASHES.match(text):
        return parse_instant(_SLASHES.sub(r"\1-\2-\3", text, count=1))
    try:
        if _WEB.fullmatch(text):
            day, _, time = text.partition(":")
            number, month, year = day.split("/")
            text = f"{number} {month} {year} {time}"
        if not _MAIL.fullmatch(text):
            return None
        instant = parsedate_to_datetime(text)
        return instant.astimezone(UTC) if instant.tzinfo else None
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
