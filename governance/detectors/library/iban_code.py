"""International bank account numbers."""

from __future__ import annotations

import string
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import regex

from governance.detectors.base import Compiled, Found, time_limit
from governance.detectors.presidio import Recognizer, silence_presidio
from governance.detectors.settling import Settled, matching, mod97
from governance.model.evidence import Grade

if TYPE_CHECKING:
    import pyarrow as pa

# Check digits lie from 02 to 98.
_BARE = r"^[A-Z]{2}(?:0[2-9]|[1-8][0-9]|9[0-8])[A-Z0-9]{11,31}$"
# NOTE: not str.upper, which makes two letters of one and so moves every position behind it.
_CAPITALS = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


class IbanCode:
    """An IBAN whose length and format are its country's.

    Why: it names a bank account; with a name it is enough to collect a direct debit.
    Source: Presidio's IbanRecognizer; ISO 13616-1 (check digits modulo 97).
    """

    id = "iban-code"
    entity = "IBAN_CODE"
    countries: frozenset[str] = frozenset()
    on_request = False
    is_trusted = True
    needs_digit = True
    words = ("iban", "bank", "konto")
    gates: tuple[Compiled, ...] = (
        regex.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}[ -]?[A-Za-z0-9]{4}[ -]?[A-Za-z0-9]{4}"),
    )

    def find(self, text: str) -> Iterator[Found]:
        """Yield valid numbers, and those of the right shape as invalid."""
        capitals = text.translate(_CAPITALS)
        for match in self._pattern.finditer(capitals, timeout=time_limit(text)):
            start, ends = match.start(), [match.end(group) for group in (3, 2, 1)]
            for end in dict.fromkeys(end for end in ends if end > start):
                if self._recognizer.validate_result(capitals[start:end]):
                    yield Found(start, end, Grade.STRONG, True)
                    break
            else:
                yield Found(start, match.end(), Grade.INVALID, False)

    def settle(self, texts: pa.Array) -> Settled:
        """Decide numbers without blanks at once, those that hold."""
        import numpy as np
        import pyarrow.compute as pc

        plain = matching(texts, _BARE)
        countries = pc.unique(pc.utf8_slice_codeunits(texts, 0, 2)).to_pylist()
        fits = np.zeros(len(texts), dtype=bool)
        for country in sorted(self._formats.keys() & set(countries)):
            fits |= matching(texts, f"^(?:{self._formats[country]})$")
        return {(Grade.STRONG, True): mod97(texts, plain & fits)}

    @cached_property
    def _formats(self) -> dict[str, str]:
        from presidio_analyzer.predefined_recognizers.generic import iban_patterns

        return dict(iban_patterns.regex_per_country)

    @cached_property
    def _recognizer(self) -> Recognizer:
        silence_presidio()
        from presidio_analyzer.predefined_recognizers import IbanRecognizer

        return IbanRecognizer()

    @cached_property
    def _pattern(self) -> Compiled:
        return regex.compile(
            self._recognizer.patterns[0].regex, self._recognizer.global_regex_flags
        )
