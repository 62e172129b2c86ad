"""Deciding many whole values at once where the answer of ``find`` is known beforehand.

A column of a hundred thousand addresses holds a hundred thousand values that a detector would
match as a whole, one by one. What is decided here is what ``find`` would say, and a property test
holds both against each other; whatever is not plain is left to ``find``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from governance.model.evidence import Grade

if TYPE_CHECKING:
    import pyarrow as pa

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Places = np.ndarray[Any, np.dtype[np.int64]]
Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Outcome = tuple[Grade, bool | None]
Settled = dict[Outcome, Mask]
"""By grade and checksum: in which texts ``find`` yields one match, the whole text."""

# Presidio's shape of a payment card written without separators.
_CARD = r"^(?:4[0-9]{3}|5[0-5][0-9]{2}|[136][0-9]{3})[0-9]{9,13}$"
_CARD_EXCEPTION = r"^1[0-9]{12}$"


@runtime_checkable
class Settling(Protocol):
    """A detector that decides many values at once."""

    @property
    def entity(self) -> str: ...

    def settle(self, texts: pa.Array) -> Settled:
        """Return which texts are decided.

        Args:
            texts: ASCII without line ends, of type large_string, none empty.
        """


def matching(texts: pa.Array, pattern: str) -> Mask:
    """Return which texts match a pattern of RE2."""
    import pyarrow.compute as pc

    found: Mask = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found


def printable(texts: pa.Array) -> bool:
    """Return whether all texts, of type large_string and none empty, are printable ASCII."""
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    if len(bounds) < 2 or bounds[0] == bounds[-1]:
        return True
    characters = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]]
    return bool(characters.min() >= ord(" ") and characters.max() <= ord("~"))


def bare_cards(texts: pa.Array) -> Settled:
    """Decide card numbers without separators; Luhn (ISO/IEC 7812-1, annex B) says if they hold."""
    cards = matching(texts, _CARD) & ~matching(texts, _CARD_EXCEPTION)
    holds = luhn(texts, cards)
    return {(Grade.WEAK, True): holds, (Grade.INVALID, False): cards & ~holds}


def luhn(texts: pa.Array, wanted: Mask) -> Mask:
    """Return which of the wanted texts, all digits, pass the Luhn checksum."""
    holds = np.zeros(len(texts), dtype=bool)
    for places, characters in _by_length(texts, wanted):
        digits = characters.astype(np.int64) - ord("0")
        doubled = digits[:, -2::-2] * 2
        doubled -= 9 * (doubled > 9)
        holds[places] = (doubled.sum(1) + digits[:, -1::-2].sum(1)) % 10 == 0
    return holds


def mod97(texts: pa.Array, wanted: Mask) -> Mask:
    """Return which of the wanted texts, digits and capitals, hold by ISO 7064 MOD 97-10."""
    holds = np.zeros(len(texts), dtype=bool)
    for places, characters in _by_length(texts, wanted):
        moved = np.concatenate([characters[:, 4:], characters[:, :4]], axis=1).astype(np.int64)
        rest = np.zeros(len(places), dtype=np.int64)
        for column in moved.T:
            is_letter = column >= ord("A")
            value = column - np.where(is_letter, ord("A") - 10, ord("0"))
            rest = (rest * np.where(is_letter, 100, 10) + value) % 97
        holds[places] = rest == 1
    return holds


def _by_length(texts: pa.Array, wanted: Mask) -> Iterator[tuple[Places, Bytes]]:
    """Yield the places of texts of one length, and their characters row by row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lengths = pc.binary_length(texts).to_numpy(zero_copy_only=False)
    for length in np.unique(lengths[wanted]).tolist():
        places = np.flatnonzero(wanted & (lengths == length))
        alike = texts.take(pa.array(places))
        _, offsets, data = alike.buffers()
        start = int(np.frombuffer(offsets, np.int64)[alike.offset])
        count = length * len(places)
        characters = np.frombuffer(data, np.uint8, count=count, offset=start)
        yield places, characters.reshape(len(places), length)
