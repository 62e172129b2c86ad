"""Payment card numbers of any issuer."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from governance.detectors.base import Compiled, Found, standing_apart, time_limit
from governance.model.evidence import Grade

_GROUPS = regex.compile(r"(?<![\w-])[2-9]\d{3}([- ])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?(?![\w-])")


class CardShape:
    """Four groups of four digits, whoever issued the card.

    Why: Presidio knows the ranges of the large issuers; a column of store, fleet or made-up cards
    is a card column all the same.
    Source: ISO/IEC 7812-1 (Luhn check digit, annex B).
    """

    id = "card-shape"
    entity = "CREDIT_CARD"
    countries: frozenset[str] = frozenset()
    on_request = False
    is_trusted = True
    needs_digit = True
    words = ("card", "visa", "mastercard", "credit")
    gates: tuple[Compiled, ...] = (_GROUPS,)

    def find(self, text: str) -> Iterator[Found]:
        """Yield every group of groups; Luhn says whether it is valid."""
        for match in _GROUPS.finditer(text, timeout=time_limit(text)):
            digits = match.group().replace(" ", "").replace("-", "")
            if not luhn_valid(digits):
                yield Found(match.start(), match.end(), Grade.INVALID, False)
            elif standing_apart(text, *match.span()) and _is_issued(digits):
                yield Found(match.start(), match.end(), Grade.STRONG, True)
            else:
                yield Found(match.start(), match.end(), Grade.WEAK, True)


def luhn_valid(digits: str) -> bool:
    """Return whether a number passes the Luhn checksum.

    Args:
        digits: ASCII digits, separators already removed.

    Source: ISO/IEC 7812-1, annex B.
    """
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


def _is_issued(digits: str) -> bool:
    """2 to 6 are the ranges of banks and card schemes; 7 to 9 those of other trades."""
    return digits[0] in "23456"
