"""Run many detectors over many values: a linear prefilter for all, the exact check for few.

Every gate of every detector is widened to a pattern that RE2 understands and run over all values
at once, in time linear in their length whatever they hold. Only the values that pass meet the
detector itself. A widened gate lets through too much, never too little: a test compares with
examining every value by every detector.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from governance.detectors.base import Detector, Found
from governance.detectors.library.phone_digits import PhoneDigits
from governance.detectors.overlaps import Scored, best
from governance.detectors.passing import FEW_TEXTS, NOWHERE, Places, parts_of, passing
from governance.detectors.settling import Settling, matching, printable
from governance.model.evidence import Mark

CHUNK_LENGTH = 4096
CHUNK_OVERLAP = 256


@dataclass
class Scan:
    """The results by value, and the reasons for what could not be examined."""

    results: list[tuple[Scored, ...]] = field(default_factory=list)
    incomplete: set[str] = field(default_factory=set)


@dataclass
class ArrayScan:
    """The results by the place of the value, and the reasons for what could not be examined.

    ``settled`` holds the places of values that are one thing as a whole, by its mark.
    """

    results: dict[int, tuple[Scored, ...]] = field(default_factory=dict)
    settled: dict[Mark, list[Places]] = field(default_factory=dict)
    incomplete: set[str] = field(default_factory=set)

    def by_place(self, values: pa.Array) -> dict[int, tuple[Scored, ...]]:
        """Return the settled values and the others alike, each with its span."""
        together = dict(self.results)
        for mark, each in self.settled.items():
            for place in np.concatenate(each).tolist():
                together[place] = (Scored(mark, 0, len(values[place].as_py())),)
        return together


class _Piece(NamedTuple):
    owner: int
    offset: int
    text: str


def scan_values(values: Sequence[str], detectors: Sequence[Detector]) -> Scan:
    """Return what every detector finds in every value; long values in overlapping pieces."""
    scan = Scan()
    pieces = [piece for owner, value in enumerate(values) for piece in _cut(owner, value)]
    array = pa.array([piece.text for piece in pieces], pa.large_string())
    parts = tuple(parts_of(array, ()))
    found: dict[int, list[tuple[Detector, Found]]] = {}
    for detector in detectors:
        for number in passing(parts, detector).tolist():
            piece = pieces[number]
            for match in _find(detector, piece.text, scan):
                placed = match._replace(
                    start=match.start + piece.offset, end=match.end + piece.offset
                )
                found.setdefault(piece.owner, []).append((detector, placed))
    scan.results = [
        best(value, found[owner]) if owner in found else () for owner, value in enumerate(values)
    ]
    return scan


def scan_array(
    values: pa.Array, detectors: Sequence[Detector], gates: tuple[str, ...] = ()
) -> ArrayScan:
    """Return what ``scan_values`` does, for values that lie in an array; most are never taken out.

    Args:
        values: Text without nulls.
        gates: What ``wide_gates`` makes of the detectors that look at every column: they are
            looked for all at once, after a preparation that takes a second.
    """
    is_long = pc.greater(pc.utf8_length(values), CHUNK_LENGTH).to_numpy(zero_copy_only=False)
    scan = ArrayScan()
    if is_long.any():
        places = np.flatnonzero(is_long)
        slow = scan_values(values.take(pa.array(places)).to_pylist(), detectors)
        scan.incomplete |= slow.incomplete
        for place, marks in zip(places.tolist(), slow.results, strict=True):
            if marks:
                scan.results[place] = marks
        if is_long.all():
            return scan
    places = np.flatnonzero(~is_long)
    short = values.take(pa.array(places)) if is_long.any() else values
    found = _scan_short(short, detectors, gates)
    scan.incomplete |= found.incomplete
    scan.results |= {int(places[number]): marks for number, marks in found.results.items()}
    scan.settled = {mark: [places[each] for each in found.settled[mark]] for mark in found.settled}
    return scan


def scan_together(
    arrays: Sequence[pa.Array], detectors: Sequence[Detector], gates: tuple[str, ...] = ()
) -> Iterator[ArrayScan]:
    """Yield what ``scan_array`` returns for each array, having looked at each value once."""
    joined = pa.chunked_array(arrays, pa.string()).combine_chunks().dictionary_encode()
    scan = scan_array(joined.dictionary, detectors, gates)
    found = scan.by_place(joined.dictionary)
    codes = joined.indices.to_numpy(zero_copy_only=False)
    start = 0
    for array in arrays:
        here = codes[start : start + len(array)].tolist()
        results = {place: found[code] for place, code in enumerate(here) if code in found}
        yield ArrayScan(results=results, incomplete=set(scan.incomplete))
        start += len(array)


def _scan_short(
    values: pa.Array, detectors: Sequence[Detector], gates: tuple[str, ...]
) -> ArrayScan:
    parts = tuple(parts_of(values, gates))
    scan = ArrayScan()
    candidates = _settle(values, [(each, passing(parts, each)) for each in detectors], scan)
    wanted = np.unique(np.concatenate([places for _, places in candidates] or [NOWHERE]))
    if not len(wanted):
        return scan
    texts = dict(zip(wanted.tolist(), values.take(pa.array(wanted)).to_pylist(), strict=True))
    found: dict[int, list[tuple[Detector, Found]]] = {}
    for detector, places in candidates:
        for place in places.tolist():
            for match in _find(detector, texts[place], scan):
                found.setdefault(place, []).append((detector, match))
    scan.results = {place: best(texts[place], matches) for place, matches in found.items()}
    return scan


def _settle(
    values: pa.Array, candidates: list[tuple[Detector, Places]], scan: ArrayScan
) -> list[tuple[Detector, Places]]:
    """Decide at once what only one detector looks at; return what is left to look at."""
    lookers = np.zeros(len(values), dtype=np.int64)
    giving_way: dict[str, Places] = {}
    for detector, places in candidates:
        lookers[places] += 1
        if isinstance(detector, PhoneDigits):
            giving_way[detector.entity] = places
    left: dict[Detector, Places] = dict(candidates)
    for detector, places in candidates:
        if not isinstance(detector, Settling):
            continue
        # NOTE: what gives way to a certain find of its own entity adds nothing to one.
        beside = np.isin(places, giving_way.get(detector.entity, NOWHERE), assume_unique=True)
        alone = lookers[places] - beside == 1
        if np.count_nonzero(alone) > FEW_TEXTS:
            done = _settled(values, detector, places[alone], scan)
            for each in left:
                if each is detector or (
                    isinstance(each, PhoneDigits) and each.entity == detector.entity
                ):
                    left[each] = np.setdiff1d(left[each], done, assume_unique=True)
    return list(left.items())


def _settled(values: pa.Array, detector: Settling, places: Places, scan: ArrayScan) -> Places:
    texts = values.take(pa.array(places)).cast(pa.large_string())
    if not printable(texts):
        plain = matching(texts, r"^[ -~]+$")
        texts, places = texts.filter(pa.array(plain)), places[plain]
    done = [NOWHERE]
    for (grade, checksum), mask in detector.settle(texts).items():
        if mask.any():
            mark = Mark(detector.entity, grade, True, checksum, False, None)
            scan.settled.setdefault(mark, []).append(places[mask])
            done.append(places[mask])
    return np.concatenate(done)


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
        scan.results.append(best(value, found) if found else ())
    return scan


def _cut(owner: int, value: str) -> Iterator[_Piece]:
    """Overlapping pieces, so that no match up to the overlap's length is cut in two."""
    if len(value) <= CHUNK_LENGTH:
        yield _Piece(owner, 0, value)
        return
    for offset in range(0, len(value) - CHUNK_OVERLAP, CHUNK_LENGTH - CHUNK_OVERLAP):
        yield _Piece(owner, offset, value[offset : offset + CHUNK_LENGTH])


def _find(detector: Detector, text: str, scan: Scan | ArrayScan) -> list[Found]:
    try:
        return list(detector.find(text))
    except TimeoutError:
        scan.incomplete.add(f"detector {detector.id} took too long on a value")
        return []
