"""The ordered scales of the policy language, and durations written as ``3y`` or ``30d``."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class _Ladder(StrEnum):
    """A closed scale whose members are ordered as they are written, weakest first."""

    @property
    def rank(self) -> int:
        return list(type(self)).index(self)


class Classification(_Ladder):
    """How sensitive the data is."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


class State(_Ladder):
    """How far the data is from an identified person."""

    IDENTIFIED = "identified"
    PSEUDONYMISED = "pseudonymised"
    AGGREGATED = "aggregated"
    ANONYMISED = "anonymised"


class Severity(_Ladder):
    """How bad a finding is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class RiskClass(_Ladder):
    """How much harm a model can do (the tiers of the EU AI Act)."""

    MINIMAL = "minimal"
    LIMITED = "limited"
    HIGH = "high"
    UNACCEPTABLE = "unacceptable"


class Technique(StrEnum):
    """How a value was protected."""

    DROP = "drop"
    REDACT = "redact"
    MASK = "mask"
    HASH = "hash"
    HMAC_SHA256 = "hmac_sha256"
    TOKENIZE = "tokenize"
    PSEUDONYMISE = "pseudonymise"
    ENCRYPT = "encrypt"
    GENERALISE = "generalise"
    AGGREGATE = "aggregate"
    NOISE = "noise"
    K_ANONYMITY = "k_anonymity"


class Form(StrEnum):
    """What values may look like that were made coarser, or cut."""

    YEAR = "year"
    ZIP3 = "zip3"
    AGE_TO_89 = "age_to_89"
    TRUNCATED_CARD = "truncated_card"

    @property
    def is_coarse(self) -> bool:
        """Whether a value of this form is protected by it; a cut card number may be a token."""
        return self is not Form.TRUNCATED_CARD


_DURATION = re.compile(r"(?:(\d{1,4})y)?(?:(\d{1,5})m)?(?:(\d{1,6})w)?(?:(\d{1,6})d)?")


@dataclass(frozen=True, slots=True)
class Duration:
    """A calendar length: months (a year is twelve) and days (a week is seven)."""

    months: int
    days: int

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read ``3y``, ``18m``, ``2w``, ``365d`` or a run of them as ``1y6m``.

        Raises:
            ValueError: If the text is not such a length, or is zero.
        """
        match = _DURATION.fullmatch(text)
        if match is None or not text:
            raise ValueError("expected a length such as 30d, 6m or 3y")
        years, months, weeks, days = (int(part or 0) for part in match.groups())
        length = cls(months=12 * years + months, days=7 * weeks + days)
        if length.months == 0 and length.days == 0:
            raise ValueError("a length of zero is not allowed")
        return length

    def before(self, day: date) -> date:
        """Return the day that lies this length before ``day`` (month ends are clamped)."""
        start = _shift_months(day, -self.months)
        return start - timedelta(days=min(self.days, start.toordinal() - 1))

    def after(self, day: date) -> date:
        """Return the day that lies this length after ``day`` (month ends are clamped).

        Nothing lies beyond the last day of the calendar.
        """
        start = _shift_months(day, self.months)
        return start + timedelta(days=min(self.days, date.max.toordinal() - start.toordinal()))

    @property
    def approximate_days(self) -> int:
        """The length in days for comparing two lengths; a month counts 30.4375 days."""
        return round(self.months * 30.4375) + self.days

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        parts = [f"{years}y" if years else "", f"{months}m" if months else ""]
        return "".join([*parts, f"{self.days}d" if self.days else ""])


def _shift_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    if index > date.max.year * 12 + 11:
        return date.max
    year, month = divmod(max(index, 12), 12)  # nothing is older than the calendar
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
