"""Run many detectors over many values: a linear prefilter for all, the exact check for few.

Every gate of every detector is widened to a pattern that RE2 understands and run over all values
at once, in time linear in their length whatever they hold. Only the values that pass meet the
detector itself. A widened gate lets through too much, never too little: a test compares with
examining every value by every detector.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex

from governance.detectors.base import Compiled, Detector, Found, time_limit
from governance.detectors.syntax import widen_for_re2
from governance.model.evidence import Grade, Mark

CHUNK_LENGTH = 4096
CHUNK_OVERLAP = 256
# RE2 builds its pattern anew for every pass; for fewer texts the gates themselves are faster.
FEW_TEXTS = 100
CONTEXT_BEFORE, CONTEXT_AFTER = 50, 25
SECRET = "SECRET"  # noqa: S105 (the name of an entity)


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
        for number in texts.passing(detector):
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
_DIGIT = re.compile(r"\d")
_TURKISH = "[\u0130\u0131]"


class _Texts:
    """All texts of a scan: those without a digit apart, which most detectors never look at, and
    those of plain ASCII apart, for which RE2 means what Python means.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        with_digit = [place for place, text in enumerate(texts) if _DIGIT.search(text)]
        self._places = {True: with_digit, False: range(len(texts))}
        self._parts: dict[bool, tuple[_Part, ...]] = {}

    def passing(self, detector: Detector) -> Sequence[int]:
        """Return the numbers of the texts that a gate of the detector lets through, ascending."""
        places = self._places[detector.needs_digit]
        if len(places) <= FEW_TEXTS and detector.is_trusted:
            return [place for place in places if _passes(self._texts[place], detector.gates)]
        if not places:
            return []
        if detector.needs_digit not in self._parts:
            self._parts[detector.needs_digit] = tuple(_parts(self._texts, places))
        passed: set[int] = set()
        for part in self._parts[detector.needs_digit]:
            passed.update(part.passing(detector.gates))
        return sorted(passed)


@dataclass(frozen=True)
class _Part:
    """Texts of one kind and their numbers; ``is_ascii`` is None where RE2 is no guide."""

    texts: pa.Array
    places: np.ndarray[Any, np.dtype[np.int64]]
    is_ascii: bool | None

    def passing(self, gates: Sequence[Compiled]) -> list[int]:
        passed = np.full(len(self.places), self.is_ascii is None)
        for gate in gates if self.is_ascii is not None else ():
            wide = _re2_pattern(gate.pattern, bool(gate.flags & regex.IGNORECASE), self.is_ascii)
            if wide is None:
                passed[:] = True
            else:
                found = pc.match_substring_regex(self.texts, wide)
                passed |= found.to_numpy(zero_copy_only=False)
        return [int(place) for place in self.places[passed]]


def _parts(texts: Sequence[str], places: Sequence[int]) -> Iterator[_Part]:
    array = pa.array([texts[place] for place in places], pa.large_string())
    numbers = np.asarray(places, dtype=np.int64)
    plain = pc.string_is_ascii(array)
    odd = pc.match_substring_regex(array, _TURKISH)
    for is_ascii, mask in (
        (True, plain),
        (False, pc.and_(pc.invert(plain), pc.invert(odd))),
        (None, odd),
    ):
        kept = mask.to_numpy(zero_copy_only=False)
        if kept.any():
            yield _Part(array.filter(mask), numbers[kept], is_ascii)


def _passes(text: str, gates: Sequence[Compiled]) -> bool:
    try:
        return any(gate.search(text, timeout=time_limit(text)) for gate in gates)
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
    certain = _Certain(found)
    for detector, match in found:
        if certain.cover(detector.entity, match):
            continue
        scored = Scored(_mark(detector, match, value), match.start, match.end)
        slot = (scored.mark.entity, scored.mark.detail)
        if slot not in kept or _rank(scored) > _rank(kept[slot]):
            kept[slot] = scored
    return tuple(kept[slot] for slot in sorted(kept, key=lambda slot: (slot[0], slot[1] or "")))


def _rank(scored: Scored) -> tuple[Grade, bool, bool, int, int]:
    mark = scored.mark
    return mark.grade, bool(mark.checksum), mark.whole, -scored.start, scored.end


class _Certain:
    """The spans of certain matches by entity, and of those whose check digits hold."""

    def __init__(self, found: Sequence[tuple[Detector, Found]]) -> None:
        certain: dict[str, list[tuple[int, int]]] = {}
        checked: dict[str, list[tuple[int, int]]] = {}
        for detector, match in found:
            if match.grade is Grade.STRONG:
                certain.setdefault(detector.entity, []).append((match.start, match.end))
                if match.checksum:
                    checked.setdefault(detector.entity, []).append((match.start, match.end))
        self._certain = {entity: _Spans(spans) for entity, spans in certain.items()}
        self._checked = {entity: _Spans(spans) for entity, spans in checked.items()}

    def cover(self, entity: str, match: Found) -> bool:
        """Return whether a match is only a part of another entity's certain one.

        Whatever touches a secret belongs to it: ``user:password@host`` is no e-mail address. An
        uncertain match is a part of the certain one it lies in; a certain match of a longer one
        whose check digits hold: ten digits of a card number are no telephone number.
        """
        if entity == SECRET:
            return False
        if SECRET in self._certain and self._certain[SECRET].touch(match):
            return True
        is_strong = match.grade is Grade.STRONG
        return any(
            other != entity and spans.hold(match, longer=is_strong)
            for other, spans in (self._checked if is_strong else self._certain).items()
        )


class _Spans:
    """Spans in a text: their sorted starts, and the farthest end up to each."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        pairs = sorted(spans)
        self._starts = [start for start, _ in pairs]
        self._ends = list(accumulate((end for _, end in pairs), max))

    def touch(self, match: Found) -> bool:
        """Return whether a span shares a character with the match."""
        last = bisect_left(self._starts, match.end) - 1
        return last >= 0 and self._ends[last] > match.start

    def hold(self, match: Found, *, longer: bool) -> bool:
        """Return whether a span contains the match, and with ``longer`` more than it."""
        upto = bisect_right(self._starts, match.start) - 1
        if not longer:
            return upto >= 0 and self._ends[upto] >= match.end
        before = bisect_left(self._starts, match.start) - 1
        return (upto >= 0 and self._ends[upto] > match.end) or (
            before >= 0 and self._ends[before] >= match.end
        )


def _mark(detector: Detector, match: Found, value: str) -> Mark:
    grade = match.grade
    whole = match.end - match.start >= len(value.strip())
    if grade is Grade.WEAK and not whole and _has_context(detector.words, match, value):
        grade = Grade.CONTEXT
    return Mark(detector.entity, grade, whole, match.checksum, False, match.detail)


def _has_context(words: tuple[str, ...], match: Found, value: str) -> bool:
    if not words:
        return False
    before = value[max(0, match.start - CONTEXT_BEFORE) : match.start]
    after = value[match.end : match.end + CONTEXT_AFTER]
    return bool(_spoken(words).search(f"{before} {after}".lower()))


@lru_cache(maxsize=512)
def _spoken(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, words))})(?![^\W_])")
