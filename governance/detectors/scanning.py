"""Run many detectors over many values: a linear prefilter for all, the exact check for few.

Every gate of every detector is widened to a pattern that RE2 understands and run over all values
at once, in time linear in their length whatever they hold. Only the values that pass meet the
detector itself. A widened gate lets through too much, never too little: a test compares with
examining every value by every detector.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex

from governance.detectors.base import TIMEOUT_SECONDS, Compiled, Detector, Found
from governance.detectors.syntax import widen_for_re2
from governance.model.evidence import Grade, Mark

CHUNK_LENGTH = 4096
CHUNK_OVERLAP = 256
# RE2 builds its pattern anew for every pass; for fewer texts the gates themselves are faster.
FEW_TEXTS = 150
CONTEXT_BEFORE, CONTEXT_AFTER = 50, 25


class Scored(NamedTuple):
    """A mark and where in the value its match stands."""

    mark: Mark
    start: int
    end: int


@dataclass
class Scan:
    """The results by value, and the reasons for what could not be examined."""

    results: list[tuple[Scored, ...]] = field(default_factory=list)
    incomplete: set[str] = field(default_factory=set)


class _Piece(NamedTuple):
    owner: int
    offset: int
    text: str


def scan_values(values: Sequence[str], detectors: Sequence[Detector]) -> Scan:
    """Return what every detector finds in every value; long values in overlapping pieces."""
    scan = Scan()
    pieces = [piece for owner, value in enumerate(values) for piece in _cut(owner, value)]
    texts = _Texts([piece.text for piece in pieces])
    found: dict[int, list[tuple[Detector, Found]]] = {}
    for detector in detectors:
        for number in texts.passing(detector.gates):
            piece = pieces[number]
            for match in _find(detector, piece.text, scan):
                placed = match._replace(
                    start=match.start + piece.offset, end=match.end + piece.offset
                )
                found.setdefault(piece.owner, []).append((detector, placed))
    scan.results = [
        _best(value, found[owner]) if owner in found else () for owner, value in enumerate(values)
    ]
    return scan


def scan_each(values: Sequence[str], detectors: Sequence[Detector]) -> Scan:
    """Return the same without the prefilter: the yardstick for tests."""
    scan = Scan()
    for owner, value in enumerate(values):
        found = [
            (detector, match._replace(start=match.start + offset, end=match.end + offset))
            for detector in detectors
            for _, offset, text in _cut(owner, value)
            for match in _find(detector, text, scan)
        ]
        scan.results.append(_best(value, found) if found else ())
    return scan


# NOTE: Python takes the Turkish dotted and dotless i for an i where case does not matter, RE2 does
# not. Texts that hold one pass every gate.
_TURKISH = "[\u0130\u0131]"


class _Texts:
    """All texts of a scan, those of plain ASCII apart: there RE2 means what Python means."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        if len(texts) <= FEW_TEXTS:
            return
        array = pa.array(texts, pa.large_string())
        plain = pc.string_is_ascii(array)
        odd = pc.match_substring_regex(array, _TURKISH)
        self._passing = odd.to_numpy(zero_copy_only=False)
        self._parts = tuple(
            (is_ascii, array.filter(mask), np.flatnonzero(mask.to_numpy(zero_copy_only=False)))
            for is_ascii, mask in ((True, plain), (False, pc.invert(plain)))
        )

    def passing(self, gates: Sequence[Compiled]) -> Sequence[int]:
        """Return the numbers of the texts that a gate lets through, ascending."""
        if len(self._texts) <= FEW_TEXTS:
            return [place for place, text in enumerate(self._texts) if _passes(text, gates)]
        passed = self._passing.copy()
        for gate in gates:
            for is_ascii, part, places in self._parts:
                wide = _re2_pattern(gate.pattern, bool(gate.flags & regex.IGNORECASE), is_ascii)
                if wide is None:
                    passed[places] = True
                elif len(part):
                    found = pc.match_substring_regex(part, wide)
                    passed[places[found.to_numpy(zero_copy_only=False)]] = True
        return [int(place) for place in np.flatnonzero(passed)]


def _passes(text: str, gates: Sequence[Compiled]) -> bool:
    try:
        return any(gate.search(text, timeout=TIMEOUT_SECONDS) for gate in gates)
    except TimeoutError:
        return True


@lru_cache(maxsize=4096)
def _re2_pattern(pattern: str, ignore_case: bool, ascii_only: bool) -> str | None:
    """Return what RE2 searches for; None where it has no words for it, so that all is examined."""
    wide = widen_for_re2(pattern, ignore_case=ignore_case, ascii_only=ascii_only)
    try:
        pc.match_substring_regex(pa.array([""]), wide)
    except pa.ArrowInvalid:
        return None
    return wide


def _cut(owner: int, value: str) -> Iterator[_Piece]:
    """Overlapping pieces, so that no match up to the overlap's length is cut in two."""
    if len(value) <= CHUNK_LENGTH:
        yield _Piece(owner, 0, value)
        return
    for offset in range(0, len(value) - CHUNK_OVERLAP, CHUNK_LENGTH - CHUNK_OVERLAP):
        yield _Piece(owner, offset, value[offset : offset + CHUNK_LENGTH])


def _find(detector: Detector, text: str, scan: Scan) -> list[Found]:
    try:
        return list(detector.find(text))
    except TimeoutError:
        scan.incomplete.add(f"detector {detector.id} took too long on a value")
        return []


def _best(value: str, found: Sequence[tuple[Detector, Found]]) -> tuple[Scored, ...]:
    """One mark for each entity: the highest grade, then the whole value, then the first."""
    kept: dict[tuple[str, str | None], Scored] = {}
    for detector, match in found:
        if _is_inside_stronger(detector, match, found):
            continue
        scored = Scored(_mark(detector, match, value), match.start, match.end)
        slot = (scored.mark.entity, scored.mark.detail)
        if slot not in kept or _rank(scored) > _rank(kept[slot]):
            kept[slot] = scored
    return tuple(kept[slot] for slot in sorted(kept, key=lambda slot: (slot[0], slot[1] or "")))


def _rank(scored: Scored) -> tuple[Grade, bool, bool, int, int]:
    mark = scored.mark
    return mark.grade, bool(mark.checksum), mark.whole, -scored.start, scored.end


def _is_inside_stronger(
    detector: Detector, match: Found, found: Sequence[tuple[Detector, Found]]
) -> bool:
    """A match that a surer one explains is a part of it.

    What touches a secret belongs to it (``user:password@host`` is no e-mail address); a weak
    match inside a certain one, and any match inside a longer one whose check digits hold (ten
    digits of a card number are no telephone number).
    """
    for other, outer in found:
        if outer.grade is not Grade.STRONG or other.entity == detector.entity:
            continue
        overlaps = match.start < outer.end and outer.start < match.end
        inside = outer.start <= match.start and match.end <= outer.end
        shorter = match.end - match.start < outer.end - outer.start
        if other.entity == "SECRET" and overlaps:
            return True
        if inside and (match.grade is not Grade.STRONG or (shorter and outer.checksum is True)):
            return True
    return False


def _mark(detector: Detector, match: Found, value: str) -> Mark:
    grade = match.grade
    whole = match.end - match.start >= len(value.strip())
    if grade is Grade.WEAK and not whole and _has_context(detector.words, match, value):
        grade = Grade.CONTEXT
    return Mark(detector.entity, grade, whole, match.checksum, False, match.detail)


def _has_context(words: Sequence[str], match: Found, value: str) -> bool:
    if not words:
        return False
    before = value[max(0, match.start - CONTEXT_BEFORE) : match.start]
    after = value[match.end : match.end + CONTEXT_AFTER]
    around = f"{before} {after}".lower()
    return any(
        regex.search(rf"(?<![^\W_]){regex.escape(word)}(?![^\W_])", around) for word in words
    )
