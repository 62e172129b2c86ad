"""Batches in, mergeable evidence out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from governance.detectors.base import Detector
from governance.detectors.columns import Column, columns_of
from governance.detectors.dates import DATE_OF_BIRTH
from governance.detectors.evidence import (
    EMPTY,
    Codes,
    Frame,
    Hashes64,
    field_evidence,
    hash_values,
    last_of,
    smallest,
)
from governance.detectors.headers import HeaderWords
from governance.detectors.library.phone_number import PhoneNumber
from governance.detectors.named import Reader, Sample
from governance.detectors.names import NameFinder
from governance.detectors.overlaps import Scored
from governance.detectors.passing import FEW_TEXTS, wide_gates
from governance.detectors.patterns import yaml_detectors
from governance.detectors.presidio import presidio_detectors
from governance.detectors.registry import DETECTORS
from governance.detectors.scanning import ArrayScan, scan_array, scan_together
from governance.model.evidence import SKETCH_SIZE, FieldEvidence, TableEvidence
from governance.model.rules import PatternDetector

__all__ = ["EMPTY", "Examiner"]

# Whole numbers of these lengths may have lost up to two leading zeros (SSN, NHS, tax numbers).
RESTORED = r"^[0-9]{7,11}$"


@dataclass
class _Field:
    """What the examiner knows of a field between batches.

    Args:
        smallest: The smallest hashes so far, as many as the sketch holds.
    """

    asked: frozenset[str]
    detectors: tuple[Detector, ...]
    sample: Sample
    smallest: Hashes64 = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))

    def meet(self, hashes: Hashes64) -> None:
        """Take in the hashes of a batch."""
        met = hashes[smallest(hashes, SKETCH_SIZE, last_of(self.smallest))]
        self.smallest = np.unique(np.concatenate([self.smallest, met]))[:SKETCH_SIZE]


class Examiner:
    """Examines the batches of one table.

    Args:
        countries: ISO 3166 codes whose national numbers are looked for; others only where a
            column's header asks for them.
        patterns: Detectors written in YAML, by id.
        key: The workspace's secret for hashes and fingerprints.
        dated: Fields whose rows are counted by calendar day.
        plugins: Out-of-tree detectors, as ``plugins.load_plugins`` returns them.
        names: Loads what finds names in text; None looks for none. Called once there is a text.

    Raises:
        DetectionError: If a pattern is defined wrongly.
    """

    def __init__(
        self,
        *,
        countries: tuple[str, ...],
        patterns: Mapping[str, PatternDetector],
        key: bytes,
        dated: frozenset[str] = frozenset(),
        plugins: Sequence[Detector] = (),
        names: Callable[[], NameFinder] | None = None,
    ) -> None:
        self._countries = frozenset(country.upper() for country in countries)
        self._key = key
        self._dated = dated
        self._names = names
        yaml = yaml_detectors(patterns)
        self._detectors = (*_library(countries), *presidio_detectors(), *yaml, *plugins)
        usual = usual_detectors(countries, (*yaml, *plugins))
        self._gates = wide_gates(usual)
        self._births = tuple(each for each in usual if each.entity == DATE_OF_BIRTH)
        words: dict[str, tuple[str, ...]] = {}
        for detector in (*yaml, *plugins):
            # NOTE: a header that announces one kind of secret announces no other.
            if detector.entity != "SECRET":
                words[detector.entity] = words.get(detector.entity, ()) + detector.words
        self._headers = HeaderWords(words)
        self._fields: dict[str, _Field] = {}
        self._asked: dict[frozenset[str], tuple[Detector, ...]] = {}

    def examine(self, batch: pa.RecordBatch, rows: int | Codes) -> TableEvidence:
        """Return the evidence of one batch.

        Args:
            rows: The number of the batch's first row or line, counted from 1; or the number of
                each of its rows, ascending, where they do not follow one another.
        """
        evidence: dict[str, FieldEvidence] = {}
        incomplete: set[str] = set()
        columns = list(columns_of(batch))
        small = self._scan_small(columns)
        for position, column in enumerate(columns):
            known = self._field(column.name)
            hashes = hash_values(column.values, self._key)
            frame = Frame(position, rows, known.asked, column.name in self._dated, self._key)
            scan = small.get(position) or scan_array(column.values, known.detectors, self._gates)
            if column.is_number:
                _restore_zeros(column.values, scan, known.detectors)
            incomplete |= scan.incomplete
            found = field_evidence(column, hashes, scan, frame, known.smallest)
            known.meet(hashes)
            known.sample.add(column, hashes, frame)
            # Two columns of one name are one field: neither may hide the other.
            twin = evidence.get(column.name)
            evidence[column.name] = twin.merge(found) if twin else found
        return TableEvidence(batch.num_rows, evidence, "; ".join(sorted(incomplete)) or None)

    def finish(self) -> TableEvidence:
        """Return names and dates in the sampled values of all batches, to merge with the rest."""
        reader = Reader(self._names, self._births)
        fields = {
            name: known.sample.named(name, reader, self._key)
            for name, known in self._fields.items()
        }
        told = {name: found for name, found in fields.items() if found}
        return TableEvidence(0, told, "; ".join(sorted(reader.incomplete)) or None)

    def _field(self, name: str) -> _Field:
        if name not in self._fields:
            asked = self._headers.asked(name)
            if asked not in self._asked:
                self._asked[asked] = tuple(
                    each for each in self._detectors if self._is_wanted(each, asked)
                )
            self._fields[name] = _Field(asked, self._asked[asked], Sample(asked))
        return self._fields[name]

    def _scan_small(self, columns: Sequence[Column]) -> dict[int, ArrayScan]:
        """Return the scans of columns of few values, by position, made as one.

        A table of ten thousand columns would otherwise be searched ten thousand times.
        """
        alike: dict[tuple[Detector, ...], list[int]] = {}
        for position, column in enumerate(columns):
            if len(column.values) <= FEW_TEXTS:
                alike.setdefault(self._field(column.name).detectors, []).append(position)
        scans: dict[int, ArrayScan] = {}
        for detectors, positions in alike.items():
            values = [columns[position].values for position in positions]
            scans |= zip(positions, scan_together(values, detectors, self._gates), strict=True)
        return scans

    def _is_wanted(self, detector: Detector, asked: frozenset[str]) -> bool:
        if detector.entity in asked:
            return True
        return _is_usual(detector, self._countries)


def usual_detectors(
    countries: tuple[str, ...], more: Sequence[Detector] = ()
) -> tuple[Detector, ...]:
    """Return the detectors that look at every column, whatever its header.

    Args:
        countries: ISO 3166 codes whose national numbers are looked for.
        more: Detectors beside those that ship with the tool.
    """
    everywhere = (*_library(countries), *presidio_detectors(), *more)
    told = frozenset(country.upper() for country in countries)
    return tuple(each for each in everywhere if _is_usual(each, told))


def load_libraries() -> None:
    """Load what every examination needs, before a process is given less memory than that takes."""
    presidio_detectors()
    hash_values(pa.array(["a"]), b"")
    pa.array(["a"]).dictionary_encode()


def _is_usual(detector: Detector, countries: frozenset[str]) -> bool:
    if detector.on_request:
        return False
    return not detector.countries or bool(detector.countries & countries)


def _library(countries: Iterable[str]) -> tuple[Detector, ...]:
    return tuple(
        PhoneNumber(tuple(countries)) if made is PhoneNumber else made() for made in DETECTORS
    )


def _restore_zeros(values: pa.Array, scan: ArrayScan, detectors: Sequence[Detector]) -> None:
    """Read whole numbers once more with one and two leading zeros in front.

    Whether zeros were lost shows only when the whole column is known, so these marks are kept
    apart and the conclusion decides.
    """
    places = np.flatnonzero(pc.match_substring_regex(values, RESTORED).to_numpy(False))
    short = values.take(pa.array(places))
    for zeros in ("0", "00"):
        longer = pc.binary_join_element_wise(zeros, short, "")
        again = scan_array(longer, detectors)
        for number, scored in again.by_place(longer).items():
            place = int(places[number])
            known = scan.results.get(place, ())
            taken = {item.mark.entity for item in known}
            length = len(short[number].as_py())
            restored = tuple(
                Scored(item.mark._replace(restored=True), 0, length)
                for item in scored
                if item.mark.whole and item.mark.entity not in taken
            )
            if restored:
                scan.results[place] = (*known, *restored)
