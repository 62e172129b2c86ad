"""Which texts a detector may find something in: its gates, searched in linear time.

Every gate is widened to a pattern that RE2 understands and run over all texts at once, in time
linear in their length whatever they hold. A widened gate lets through too much, never too little.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex

from governance.detectors.base import Compiled, Detector, time_limit
from governance.detectors.occurring import occurring
from governance.detectors.outlines import Outlined, outlined
from governance.detectors.syntax import widen_for_re2

Places = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
# Fewer texts than this are searched by the gates themselves, which need no preparation.
FEW_TEXTS = 100
# So few gates are searched for one after another sooner than prepared to be searched at once.
_FEW_GATES = 4
NOWHERE: Places = np.zeros(0, dtype=np.int64)

# NOTE: Python takes the Turkish dotted and dotless i for an i where case does not matter, RE2 does
# not. Texts that hold one pass every gate.
_TURKISH = "[\u0130\u0131]"


@dataclass(frozen=True)
class Part:
    """Texts of one kind and their places among all.

    Args:
        is_ascii: None where RE2 is no guide.
        absent: Widened gates that occur in none of them; None for a few texts, which are sooner
            searched than that is found out.
        outlined: Which gates can open for which of the texts, where their outlines tell.
    """

    texts: pa.Array
    places: Places
    is_ascii: bool | None
    known: dict[str, Mask] = field(default_factory=dict)
    absent: frozenset[str] | None = None
    outlined: Outlined | None = None

    def passing(self, detector: Detector) -> Places:
        """Return the places of the texts that a gate of the detector lets through."""
        if self.is_ascii is None:
            return self._with_digits(detector, self.places)
        if self.absent is None and detector.is_trusted:
            return self._with_digits(detector, self.places[self._tried(detector.gates)])
        wide_gates = [_widened(gate, self.is_ascii) for gate in detector.gates]
        if None in wide_gates:
            return self._with_digits(detector, self.places)
        open_here = [self._searched(wide) for wide in wide_gates if wide and not self._lacks(wide)]
        if not open_here:
            return NOWHERE
        return self._with_digits(detector, self.places[np.logical_or.reduce(open_here)])

    def _lacks(self, wide: str) -> bool:
        return self.absent is not None and wide in self.absent

    def _with_digits(self, detector: Detector, places: Places) -> Places:
        if not detector.needs_digit or not len(places):
            return places
        has_digit = self._searched("[0-9]" if self.is_ascii else r"\p{Nd}")
        return places[has_digit[np.searchsorted(self.places, places)]]

    def _tried(self, gates: Sequence[Compiled]) -> Mask:
        texts = self.texts.to_pylist()
        return np.array([_passes(text, gates) for text in texts], dtype=bool)

    def _searched(self, wide: str) -> Mask:
        if wide not in self.known:
            self.known[wide] = self._narrowly(wide)
        return self.known[wide]

    def _narrowly(self, wide: str) -> Mask:
        """Search those texts alone whose outlines the gate can open for."""
        possible = self.outlined.places(wide) if self.outlined else None
        if possible is None or possible.all():
            return _found(self.texts, wide)
        possible[possible] = _found(self.texts.filter(pa.array(possible)), wide)
        return possible


def passing(parts: Sequence[Part], detector: Detector) -> Places:
    """Return the places of the texts in which a detector may find something, ascending."""
    found = [places for part in parts if len(places := part.passing(detector))]
    return np.sort(np.concatenate(found)) if found else NOWHERE


def parts_of(values: pa.Array, gates: tuple[str, ...]) -> Iterator[Part]:
    """Yield the texts of plain ASCII, for which RE2 means what Python means, those of other
    characters, and those that pass every gate.

    Args:
        gates: Those to look for all at once; others are searched one by one.
    """
    array = values.cast(pa.large_string())
    for is_ascii, mask in _kinds(array):
        places = np.flatnonzero(mask)
        if not len(places):
            continue
        texts = array if len(places) == len(array) else array.filter(pa.array(mask))
        part = Part(texts, places, is_ascii, absent=frozenset())
        if len(texts) <= FEW_TEXTS:
            part = replace(part, absent=None)
        elif is_ascii and gates:
            found = outlined(texts, gates)
            possible = found.possible if found else frozenset(gates)
            if len(possible) > _FEW_GATES:
                possible = occurring(tuple(sorted(possible)), texts)
            part = replace(part, absent=frozenset(gates) - possible, outlined=found)
        yield part


def _kinds(array: pa.Array) -> Iterator[tuple[bool | None, Mask]]:
    """Yield which texts are ASCII, which hold other characters, and which pass every gate."""
    plain = pc.string_is_ascii(array).to_numpy(zero_copy_only=False)
    yield True, plain
    if not plain.all():
        odd = _found(array, _TURKISH)
        yield False, ~plain & ~odd
        yield None, odd


def _found(texts: pa.Array, wide: str) -> Mask:
    mask: Mask = pc.match_substring_regex(texts, wide).to_numpy(zero_copy_only=False)
    return mask


def _passes(text: str, gates: Sequence[Compiled]) -> bool:
    try:
        return any(gate.search(text, timeout=time_limit(text)) for gate in gates)
    except TimeoutError:
        return True


@lru_cache(maxsize=256)
def wide_gates(detectors: tuple[Detector, ...]) -> tuple[str, ...]:
    """Return the patterns of all gates as RE2 takes them for ASCII."""
    wide = {_widened(gate, ascii_only=True) for detector in detectors for gate in detector.gates}
    return tuple(sorted(each for each in wide if each is not None))


def _widened(gate: Compiled, ascii_only: bool) -> str | None:
    return _re2_pattern(gate.pattern, bool(gate.flags & regex.IGNORECASE), ascii_only)


@lru_cache(maxsize=4096)
def _re2_pattern(pattern: str, ignore_case: bool, ascii_only: bool) -> str | None:
    """Return what RE2 searches for; None where it has no words for it, so that all is examined."""
    wide = widen_for_re2(pattern, ignore_case=ignore_case, ascii_only=ascii_only)
    try:
        pc.match_substring_regex(pa.array([""]), wide)
    except pa.ArrowInvalid:
        return None
    return wide
