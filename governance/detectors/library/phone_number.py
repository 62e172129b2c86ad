"""Telephone numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import regex

from governance.detectors.base import Compiled, Found, standing_apart, time_limit
from governance.detectors.numbering import plainly_valid
from governance.detectors.presidio import Recognizer, silence_presidio
from governance.detectors.settling import Settled
from governance.model.evidence import Grade

if TYPE_CHECKING:
    import pyarrow as pa

# A trunk or country prefix or groups kept apart; dates and plain runs of digits do not fit.
_SHAPE = regex.compile(
    r"(?<![\w.+/-])(?:"
    r"\+\d{1,3}(?:[ .\-/]?\(?\d{1,5}\)?){1,6}"  # +49 30 1234567, +1 (780) 428-9482
    r"|(?:1[ .-])?\(\d{3}\) ?\d{3}[ .-]\d{4}"  # (303) 555-0176
    r"|(?:1[ .-])?\d{3}(?P<by>[ .-])\d{3}(?P=by)\d{4}"  # 415-555-0188
    r"|00\d{2}[ .-]?\d{2,4}(?:[ .-]?\d{2,5}){1,4}"  # 0049 30 1234567
    r"|\(?0\d{1,5}\)?(?:[ /-]|\) ?)\d{2,8}(?:[ -]?\d{2,5}){0,3}"  # 030 1234567, 0171/1234567
    r"|0[ -]\(?\d{3}\)?[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}"  # 0 532 123 45 67
    r"|\d{3}(?P<gap>[ .-])\d{3}(?P=gap)\d{2}(?P=gap)\d{2}"  # 532 123 45 67
    r"|\d{10,11}"  # bare: says nothing alone
    r")(?:[ ]?(?:x|ext\.?) ?\d{1,5})?(?!\.\d)(?![\w/-])"
)
_AMERICAN = regex.compile(
    r"(?:\+?1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])\d{3}[ .-]\d{4}(?: (?:x|ext\.?) ?\d{1,5})?"
)
# Where nothing says which country's formats to expect.
_ANYWHERE = ("US", "GB", "DE", "FR", "ES", "IT", "IN", "BR", "IL")
_SHORTEST = 8  # digits; shorter national numbers look like anything
# A date, or the groups of a social security number.
_OTHER = regex.compile(r"\d{1,2}[ .\-/]\d{1,2}[ .\-/]\d{2,4}|\d{3}-\d{2}-\d{4}")


class PhoneNumber:
    """A telephone number that its country's numbering plan allows.

    Why: a number reaches one person or household.
    Source: Presidio's PhoneRecognizer, which asks phonenumbers (ITU-T E.164 numbering plans).
    National formats are those of the policy's countries and of North America; without any
    country, those of nine large ones.
    """

    id = "phone-number"
    entity = "PHONE_NUMBER"
    countries: frozenset[str] = frozenset()
    on_request = False
    is_trusted = True
    needs_digit = True
    words = ("phone", "telephone", "tel", "mobile", "cell", "call", "fax", "callback")
    gates: tuple[Compiled, ...] = (_SHAPE,)

    def __init__(self, regions: tuple[str, ...] = ()) -> None:
        self._is_told = bool(regions)
        self.regions = tuple(dict.fromkeys((*regions, "US"))) if regions else _ANYWHERE

    def find(self, text: str) -> Iterator[Found]:
        """Yield valid numbers, and those of the right shape alone as invalid."""
        for match in _SHAPE.finditer(text, timeout=time_limit(text)):
            value = match.group()
            digits = sum(map(str.isdigit, value))
            if not _SHORTEST <= digits <= 18 or _OTHER.fullmatch(value):
                continue
            start, end = match.span()
            if not self._is_valid(value):
                # No plan knows 555-123-4567, and yet it can hardly be anything else.
                grade = Grade.CONTEXT if _AMERICAN.fullmatch(value) else Grade.INVALID
                yield Found(start, end, grade, False)
            elif self._is_doubtful(value) or not standing_apart(text, start, end):
                yield Found(start, end, Grade.WEAK, True)
            else:
                yield Found(start, end, Grade.STRONG, True)

    def _is_doubtful(self, value: str) -> bool:
        """A bare run of digits; a national format where nobody said which nation."""
        is_told = self._is_told or value.startswith(("+", "00")) or _AMERICAN.fullmatch(value)
        return value.isdigit() or not is_told

    def settle(self, texts: pa.Array) -> Settled:
        """Decide numbers that their plan plainly knows all at once."""
        return {(Grade.STRONG, True): plainly_valid(texts)}

    def _is_valid(self, value: str) -> bool:
        if value.startswith("+"):
            return bool(self._abroad.analyze(value, ["PHONE_NUMBER"]))
        if value.startswith("00"):
            return bool(self._abroad.analyze(f"+{value[2:]}", ["PHONE_NUMBER"]))
        if not self._is_told and _AMERICAN.fullmatch(value):
            return bool(self._abroad.analyze(value, ["PHONE_NUMBER"]))
        return bool(self._here.analyze(value, ["PHONE_NUMBER"]))

    @cached_property
    def _here(self) -> Recognizer:
        return _recognizer(self.regions)

    @cached_property
    def _abroad(self) -> Recognizer:
        # NOTE: a number with a country code needs no region; one pass instead of one for each.
        return _recognizer(("US",))


def _recognizer(regions: tuple[str, ...]) -> Recognizer:
    silence_presidio()
    from presidio_analyzer.predefined_recognizers import PhoneRecognizer

    return PhoneRecognizer(supported_regions=regions)
