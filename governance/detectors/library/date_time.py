"""Dates in texts, with the time of day that belongs to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import regex

from governance.detectors.base import Compiled, Found, time_limit
from governance.model.evidence import Grade

_MONTHS = (
    "jan(?:uary|uar|vier|\\.)?|ene(?:ro|\\.)?|gen(?:naio|\\.)|jänner",
    "feb(?:ruary|ruar|rero|braio|\\.)?|f[eé]v(?:rier|\\.)",
    "mar(?:ch|s|zo|\\.)?|mär(?:z|\\.)|maerz|mrz",
    "apr(?:il|ile|\\.)?|abr(?:il|\\.)|avr(?:il|\\.)",
    "may|mai|mayo|maggio",
    "june?|juni|juin|jun\\.|junio|giu(?:gno|\\.)",
    "july?|juli|jul\\.|juil(?:let|\\.)|julio|lug(?:lio|\\.)",
    "aug(?:ust|\\.)?|ago(?:sto|\\.)|ao[uû]t",
    "sep(?:t?\\.|tember|t|tembre|tiembre)?|set(?:tembre|\\.)",
    "o[ck]t(?:ober|\\.)?|oct(?:obre|ubre)|ott(?:obre|\\.)",
    "nov(?:ember|embre|iembre|\\.)?",
    "de[cz](?:ember|\\.)?|d[eé]c(?:embre|\\.)|dic(?:iembre|embre|\\.)",
)
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_DAY, _YEAR = "(?P<day>0?[1-9]|[12]\\d|3[01])", "(?P<year>1[5-9]\\d\\d|2[01]\\d\\d)"
_ZONE = "(?: ?(?:Z|UTC|GMT|[A-Z]{2,4}T|[+-][0-2]\\d:?[0-5]\\d))?"
_CLOCK = (
    "(?:(?:T|,? (?:at |um |à |a las )?)[0-2]?\\d[:h][0-5]\\d(?::[0-5]\\d(?:[.,]\\d+)?)?"
    f"(?: ?[ap]\\.?m\\b)?{_ZONE})?"
)
_BEFORE, _AFTER = "(?<![\\w./\\\\-])", "(?![\\w/\\\\-]|[.:]\\w)"
# Certain: the day, the month and the year are there, or a month's name and its year.
_FULL = (
    f"{_YEAR}(?P<sign>[-/.])(?P<month>0?[1-9]|1[0-2])(?P=sign){_DAY}{_CLOCK}",
    f"(?P<day>0?[1-9]|[12]\\d|3[01])(?P<sign>[-/.])(?P<month>0?[1-9]|[12]\\d|3[01])(?P=sign){_YEAR}{_CLOCK}",
    f"{_DAY}(?:st|nd|rd|th|er|\\.|º)?(?: (?:de |of )?|-){_MONTH},?(?: (?:del? )?|-){_YEAR}{_CLOCK}",
    f"{_MONTH} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}{_CLOCK}",
    f"{_MONTH}(?: (?:de )?|-){_YEAR}",
    f"(?:year|jahre?s?|ann[eé]e|año|anno) {_YEAR}",
)
# Uncertain: a fraction, a ratio or a version is written so, too.
_SHORT = (
    "(?P<day>0?[1-9]|[12]\\d|3[01])(?P<sign>[-/.])(?P<month>0?[1-9]|[12]\\d|3[01])(?P=sign)\\d\\d",
    f"{_DAY}-{_MONTH}(?:-\\d\\d)?",
    f"{_MONTH}-\\d\\d",
    f"{_DAY}\\.? {_MONTH}|{_MONTH} {_DAY}(?:st|nd|rd|th)?",
    f"(?:0?[1-9]|1[0-2])/(?:{_YEAR}|\\d\\d)",
)


def _compiled(pattern: str) -> Compiled:
    return regex.compile(f"{_BEFORE}(?:{pattern}){_AFTER}", regex.IGNORECASE)


_NUMBERS = tuple(re.compile(names, re.IGNORECASE) for names in _MONTHS)


class DateTime:
    """A date in a text, with its time of day if it has one; no personal data by itself.

    Only a day of the calendar counts, written with its year. A time without a day, a day without
    a year and figures such as 5/21 are uncertain.

    Why: who knows when somebody was seen, admitted or paid may find out who it was, so that
    dates beside persons are to be removed before a text counts as anonymous.
    Source: 45 CFR 164.514(b)(2)(i)(C); ISO 8601-1; Unicode CLDR (names of months).
    """

    id = "date-time"
    entity = "DATE_TIME"
    countries: frozenset[str] = frozenset()
    # Every line of a log has one: looked for in the sample of texts alone, see dates.py.
    on_request = True
    is_trusted = True
    needs_digit = True
    words = ("date", "datum", "fecha", "data", "dated")

    def __init__(self) -> None:
        self._full = tuple(map(_compiled, _FULL))
        self._short = tuple(map(_compiled, _SHORT))
        self.gates: tuple[Compiled, ...] = (*self._full, *self._short)

    def find(self, text: str) -> Iterator[Found]:
        """Yield every date; those that no calendar has are left out."""
        for patterns, grade in ((self._full, Grade.STRONG), (self._short, Grade.WEAK)):
            for pattern in patterns:
                for match in pattern.finditer(text, timeout=time_limit(text)):
                    if _is_a_day(match.groupdict()):
                        yield Found(match.start(), match.end(), grade)


def _is_a_day(parts: dict[str, str | None]) -> bool:
    """Whether the calendar has it, the day before the month or after it."""
    if not parts.get("day"):
        return True
    year, day = int(parts.get("year") or 2000), int(parts["day"] or 0)
    month = _month(parts["month"] or "")
    return _exists(year, month, day) or _exists(year, day, month)


def _month(written: str) -> int:
    if written.isdigit():
        return int(written)
    return next(n for n, names in enumerate(_NUMBERS, 1) if names.fullmatch(written))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
