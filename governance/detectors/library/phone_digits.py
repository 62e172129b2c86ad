"""Telephone numbers in a column that says so, however they are written."""

from __future__ import annotations

from collections.abc import Iterator

from governance.detectors.base import TIMEOUT_SECONDS, Found, WholeValue
from governance.model.evidence import Grade


class PhoneDigits(WholeValue):
    """Seven to fifteen digits in a column whose header says that they are telephone numbers.

    Why: a plan is only known of the countries that the project names; where the header speaks, a
    number of another country, or one that is made up, is a telephone number all the same.
    Source: ITU-T E.164 (at most fifteen digits), E.123 (how they are grouped).
    """

    id = "phone-digits"
    entity = "PHONE_NUMBER"
    shape = (
        r"(?!\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d{4}[./-]\d{1,2}[./-]\d{1,2}\b)"
        r"\+?(?:[ ().\-/]{0,2}\d){7,15}(?: ?(?:x|ext\.?) ?\d{1,5})?"
    )
    needs_digit = True

    def find(self, text: str) -> Iterator[Found]:
        """Yield the whole text if it fits; no plan was asked, so it proves nothing alone."""
        if "\n" not in text.strip() and self._line.search(text, timeout=TIMEOUT_SECONDS):
            yield Found(0, len(text), Grade.INVALID)
