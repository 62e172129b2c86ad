"""Whether values have become as coarse as a form allows: a year, three digits of a ZIP code.

A form is a statement about every single value, so that it can be proven from the data: one birth
date among a million years is found.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from governance.anonymity.shapes import HIDING
from governance.model.ladders import Form

_YEAR = r"(?:1[89]|20|21)\d{2}"
# A date column that was truncated to the year holds every first of January.
_NEW_YEAR = rf"{_YEAR}-01-01(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?)?"
_AGE = r"(?:[0-8]?\d|90)"
_UNIT = r"(?:\s*(?:y|yrs?|years?)(?: old)?)?"
_INFANT = r"\d{1,3}\s*(?:d|days?|w|weeks?|m|mo|months?)"
_FITS = {
    Form.YEAR: (
        rf"^\s*(?:(?:<=?|≤)\s*)?{_YEAR}(?:\.0)?\s*$|^\s*{_YEAR}\s*[-–/]\s*{_YEAR}\s*$"
        rf"|^\s*{_NEW_YEAR}\s*$|^\s*{_YEAR} (?:or|and) (?:earlier|before)\s*$"
    ),
    Form.ZIP3: rf"^\s*\d{{1,3}}(?:\.0)?\s*$|^\s*\d{{3}}[xX{HIDING}]{{2}}\s*$",
    Form.AGE_TO_89: (
        rf"^\s*{_AGE}(?:\.0)?{_UNIT}\s*$|^\s*{_AGE}\s*[-–]\s*{_AGE}{_UNIT}\s*$|^\s*{_INFANT}\s*$"
        rf"|^\s*{_AGE}\s*\+\s*$|^\s*(?:>=?|≥|over)\s*{_AGE}\s*$"
        rf"|^\s*{_AGE} (?:or|and) (?:older|over)\s*$"
    ),
}
_HIDDEN = rf"(?:[{HIDING}]|[xX]{{2,}})"
# More than six digits before what is hidden, more than four behind it, or any within it.
_TOO_MUCH_OF_A_CARD = (
    rf"(?:\d[ -]?){{7}}{_HIDDEN}|{_HIDDEN}(?:[ -]?\d){{5}}|{_HIDDEN}[ -]?\d[\d -]*{_HIDDEN}"
)


def unfit(values: pa.Array, form: Form, never: tuple[str, ...]) -> pa.Array:
    """Return, per value, whether it is finer than a form allows or begins as it must not.

    Args:
        values: Text without nulls.
        never: Beginnings that no value may have. Of a ZIP code, with its leading zeros.

    Source: 45 CFR 164.514(b)(2)(i)(B) and (C) for the first three forms; PCI DSS v4.0.1,
    requirement 3.4.1, for the last.
    """
    if form is Form.TRUNCATED_CARD:
        fine = pc.match_substring_regex(values, _TOO_MUCH_OF_A_CARD)
    else:
        fine = pc.invert(pc.match_substring_regex(values, _FITS[form]))
    begun = pc.utf8_trim_whitespace(values)
    if form is Form.ZIP3:
        # NOTE: a number has lost its leading zeros: 36 is the beginning of 036.
        digits = pc.replace_substring_regex(begun, r"(?:\.0|\D.*)$", "")
        begun = pc.utf8_lpad(digits, 3, "0")
    for beginning in never:
        fine = pc.or_(fine, pc.starts_with(begun, beginning))
    return fine
