"""Run many detectors over many values: one prefilter pass for all, the exact check for few.

The values are joined by a separator that no word, digit or blank pattern can cross, and each
gate runs once over the joined text. Whatever a gate's match touches becomes a candidate, also
when it runs over a separator; the search then goes on at the first separator inside the match.
Only candidates meet the detector itself, alone. The gates therefore may find too much, never
too little: a test compares with examining every value by every detector.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import regex

from governance.detectors.base import Compiled, Detector, Found
from governance.model.evidence import Grade, Mark

SEPARATOR = "\n\x00\n"
CHUNK_LENGTH = 4096
CHUNK_OVERLAP = 256
# NOTE: a pass over the joined text may take this long; then every value is a candidate and the
# exact check with its own limit decides, so a slow machine costs time, not findings.
PASS_SECONDS = 10.0
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
    joined = _Joined([piece.text for piece in pieces])
    found: dict[int, list[tuple[Detector, Found]]] = {}
    for detector in detectors:
        for number in joined.candidates(detector.gates):
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


class _Joined:
    """Values joined into one text, and the way back from a position to a value."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.text = SEPARATOR.join(texts)
        self.count = len(texts)
        self._starts: list[int] = []
        at = 0
        for text in texts:
            self._starts.append(at)
            at += len(text) + len(SEPARATOR)

    def candidates(self, gates: Sequence[Compiled]) -> Sequence[int]:
        """Return the numbers of the values that a gate touches, ascending."""
        touched: set[int] = set()
        for gate in gates:
            if _sees_the_neighbour(gate.pattern):
                return range(self.count)
            try:
                self._touch(gate, touched)
            except TimeoutError:
                return range(self.count)
        return sorted(touched)

    def _touch(self, gate: Compiled, touched: set[int]) -> None:
        position, starts = 0, self._starts
        while match := gate.search(self.text, position, timeout=PASS_SECONDS):
            first = bisect_right(starts, match.start()) - 1
            last = bisect_right(starts, max(match.end() - 1, match.start())) - 1
            touched.update(range(first, last + 1))
            if first + 1 >= self.count:
                return
            # The rest of this value tells nothing new; the next one starts with its separator.
            position = starts[first + 1] - len(SEPARATOR)
            position = max(position, match.start() + 1)


# NOTE: a negative look-around that could match a separator would see the next value and refuse
# what it would accept at the end of a text. Such a gate is not used over joined values.
_NEGATIVE = regex.compile(r"\(\?<?!((?:[^()]|\((?1)\))*)\)")
_CROSSING = regex.compile(r"(?<!\\)\.|\[\^|\\[WDSRX]|\\[sbBnrtvfAZz]|\$|\^|\\x|\\p")


def _sees_the_neighbour(pattern: str) -> bool:
    if any(_CROSSING.search(match.group(1)) for match in _NEGATIVE.finditer(pattern)):
        return True
    return bool(regex.search(r"\\[AZzG]|\(\?>|[*+?}]\+", pattern))


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
    """A weak match inside a certain one is a part of it, as is anything inside a secret."""
    if len(found) == 1:
        return False
    for other, outer in found:
        if outer.grade is not Grade.STRONG or other.entity == detector.entity:
            continue
        if not outer.start <= match.start < match.end <= outer.end:
            continue
        if match.grade is not Grade.STRONG:
            return True
        if other.entity == "SECRET" and match.end - match.start < outer.end - outer.start:
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
