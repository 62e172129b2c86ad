"""Dates of birth."""

from __future__ import annotations

from governance.detectors.base import WholeValue

_YEAR, _DAY, _MONTH = "(?:1[89]|20)\\d\\d", "(?:0?[1-9]|[12]\\d|3[01])", "(?:0?[1-9]|1[0-2])"
_NAME = "[a-zäéû]{3,10}\\.?"
_FORMATS = (
    f"{_YEAR}[-/. ]{_MONTH}[-/. ]{_DAY}(?:[T ][\\d:.+Zz -]{{0,30}})?",
    f"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])",
    f"\\d{{1,2}}[-/. ]\\d{{1,2}}[-/. ](?:{_YEAR}|\\d\\d)",
    f"{_DAY}[-. ]{{1,2}}{_NAME}[-. ]{{1,2}}(?:{_YEAR}|\\d\\d)",
    f"{_NAME} {_DAY},? {_YEAR}",
)


class DateOfBirth(WholeValue):
    """A date in a column that says it is one of birth.

    Why: with postcode and gender it singles out most of a population (a quasi-identifier).
    Source: Sweeney, Simple demographics often identify people uniquely, 2000; ISO 8601.
    """

    id = "date-of-birth"
    entity = "DATE_OF_BIRTH"
    shape = "|".join(_FORMATS)
