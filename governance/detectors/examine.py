"""Batches in, mergeable evidence out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from governance.detectors.base import Detector
from governance.detectors.columns import Column, columns_of
from governance.detectors.evidence import EMPTY, Codes, Frame, Seen, field_evidence, hash_texts
from governance.detectors.headers import asked_entities
from governance.detectors.library.phone_number import PhoneNumber
from governance.detectors.named import Sample
from governance.detectors.names import NameFinder
from governance.detectors.patterns import yaml_detectors
from governance.detectors.presidio import presidio_detectors
from governance.detectors.registry import DETECTORS
from governance.detectors.scanning import Scored, scan_values
from governance.model.evidence import FieldEvidence, TableEvidence
from governance.model.rules import PatternDetector

__all__ = ["EMPTY", "Examiner"]

# Distinct values remembered for each field, and the longest that is worth remembering.
REMEMBERED_VALUES = 50_000
REMEMBERED_LENGTH = 200
# Whole numbers of these lengths may have lost up to two leading zeros (SSN, NHS, tax numbers).
RESTORED_DIGITS = range(7, 12)


@dataclass
class _Field:
    """What the examiner knows of a field between batches; results never depend on ``memory``."""

    asked: frozenset[str]
    detectors: tuple[Detector, ...]
    sample: Sample
    memory: dict[str, Seen] = field(default_factory=dict)


class Examiner:
    """Examines the batches of one table.

    Args:
        countries: ISO 3166 codes whose national numbers are looked for; others only where a
            column's header asks for them.
        patterns: Detectors written in YAML, by id.
        key: The workspace's secret for hashes and fingerprints.
        dated: Fields whose rows are counted by calendar day.
        plugins: Out-of-tree detectors, as ``registry.load_plugins`` returns them.
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
        self._phrases = {detector.entity: detector.words for detector in (*yaml, *plugins)}
        self._fields: dict[str, _Field] = {}

    def examine(self, batch: pa.RecordBatch, rows: int | Codes) -> TableEvidence:
        """Return the evidence of one batch.

        Args:
            rows: The number of the batch's first row or line, counted from 1; or the number of
                each of its rows, ascending, where they do not follow one another.
        """
        evidence: dict[str, FieldEvidence] = {}
        incomplete: set[str] = set()
        for position, column in enumerate(columns_of(batch)):
            known = self._field(column.name)
            seen = self._see(column, known, incomplete)
            frame = Frame(position, rows, known.asked, column.name in self._dated, self._key)
            found = field_evidence(column, seen, frame)
            if self._names:
                known.sample.add(column, seen, frame)
            # Two columns of one name are one field: neither may hide the other.
            twin = evidence.get(column.name)
            evidence[column.name] = twin.merge(found) if twin else found
        return TableEvidence(batch.num_rows, evidence, "; ".join(sorted(incomplete)) or None)

    def finish(self) -> TableEvidence:
        """Return the names in the sampled values of all batches, to be merged with the rest."""
        if self._names is None:
            return EMPTY
        fields = {
            name: known.sample.named(name, self._names, self._key)
            for name, known in self._fields.items()
        }
        return TableEvidence(0, {name: found for name, found in fields.items() if found})

    def _field(self, name: str) -> _Field:
        if name not in self._fields:
            asked = asked_entities(name, self._phrases)
            detectors = tuple(each for each in self._detectors if self._is_wanted(each, asked))
            self._fields[name] = _Field(asked, detectors, Sample(asked))
        return self._fields[name]

    def _is_wanted(self, detector: Detector, asked: frozenset[str]) -> bool:
        if detector.entity in asked:
            return True
        if detector.on_request:
            return False
        return not detector.countries or bool(detector.countries & self._countries)

    def _see(self, column: Column, known: _Field, incomplete: set[str]) -> list[Seen]:
        new = [text for text in column.texts if text not in known.memory]
        scan = scan_values(new, known.detectors)
        incomplete |= scan.incomplete
        if column.is_number:
            _restore_zeros(new, scan.results, known.detectors)
        fresh = {
            text: Seen(number, scored)
            for text, number, scored in zip(
                new, hash_texts(new, self._key), scan.results, strict=True
            )
        }
        seen = [known.memory.get(text) or fresh[text] for text in column.texts]
        # NOTE: a run-away pattern is not remembered as if it had found nothing.
        if not scan.incomplete:
            _remember(known.memory, fresh)
        return seen


def _library(countries: Iterable[str]) -> tuple[Detector, ...]:
    return tuple(
        PhoneNumber(tuple(countries)) if made is PhoneNumber else made() for made in DETECTORS
    )


def _remember(memory: dict[str, Seen], fresh: dict[str, Seen]) -> None:
    if len(memory) + len(fresh) > REMEMBERED_VALUES:
        memory.clear()
    if len(fresh) <= REMEMBERED_VALUES:
        memory.update(
            (text, seen) for text, seen in fresh.items() if len(text) <= REMEMBERED_LENGTH
        )


def _restore_zeros(
    texts: Sequence[str], results: list[tuple[Scored, ...]], detectors: Sequence[Detector]
) -> None:
    """Read whole numbers once more with one and two leading zeros in front.

    Whether zeros were lost shows only when the whole column is known, so these marks are kept
    apart and the conclusion decides.
    """
    short = [
        place for place, text in enumerate(texts) if len(text) in RESTORED_DIGITS and text.isdigit()
    ]
    for zeros in ("0", "00"):
        scan = scan_values([zeros + texts[place] for place in short], detectors)
        for place, scored in zip(short, scan.results, strict=True):
            taken = {item.mark.entity for item in results[place]}
            restored = tuple(
                Scored(item.mark._replace(restored=True), 0, len(texts[place]))
                for item in scored
                if item.mark.whole and item.mark.entity not in taken
            )
            results[place] = (*results[place], *restored)
