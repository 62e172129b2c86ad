"""Presidio's own cases: as many matches as its tests expect of each recognizer."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from governance.detectors.base import Detector
from governance.detectors.library.phone_number import PhoneNumber
from governance.detectors.presidio import presidio_detectors
from governance.detectors.registry import DETECTORS
from governance.model.evidence import Grade
from tests.benchmarks.accuracy_figures import Figure, Part

TARGET = 0.99
LISTED = Path(__file__).with_name("presidio_differences.yaml")
# Presidio's regions in its own cases.
REGIONS = ("US", "GB", "DE", "FR", "IL", "IN", "CA", "BR")
# Recognizers whose file is not named as their class, or that a module of the library replaces.
ENTITIES = {
    "date_recognizer": "DATE_TIME",
    "email_recognizer": "EMAIL_ADDRESS",
    "iban_recognizer": "IBAN_CODE",
    "mac_recognizer": "MAC_ADDRESS",
    "phone_recognizer": "PHONE_NUMBER",
    "uk_nhs_recognizer": "UK_NHS",
    "us_driver_license_recognizer": "US_DRIVER_LICENSE",
}


class Case(NamedTuple):
    """A text of one recognizer, its place among that one's cases, and the expected matches."""

    recognizer: str
    place: int
    text: str
    expected: int | None


def measure(texts: Path) -> Part:
    """Compare every case; ``texts`` is the folder that holds them."""
    listed = yaml.safe_load(LISTED.read_text("utf-8"))
    reasons = {(entry["recognizer"], place): " ".join(entry["reason"].split())
               for entry in listed["differences"] for place in entry["cases"]}  # fmt: skip
    detectors = _detectors()
    same, left_out = 0, Counter[str]()
    intended: list[bool] = []
    different: dict[tuple[str, int], str] = {}
    for case in _cases(texts):
        if case.recognizer in listed["not_looked_for"]:
            intended.append(case.expected == 0)
            left_out[case.recognizer] += 1
        elif case.recognizer in listed["no_peer"] or case.expected is None:
            left_out[case.recognizer] += 1
        elif (count := count_in(detectors[case.recognizer], case.text)) == case.expected:
            same += 1
        else:
            different[case[:2]] = f"{case.expected} expected, {count} told"
    looked = same + len(different)
    everything = (same + sum(intended)) / (looked + len(intended))
    figure = Figure("Presidio's own cases, same count", f"{same} of {looked}, {same / looked:.1%}",
                    "≥ 99 %", same / looked >= TARGET)  # fmt: skip
    lines = [f"{name}, case {place}: {what}. {reasons.get((name, place), 'NOT LISTED')}"
             for (name, place), what in sorted(different.items())]  # fmt: skip
    lines += [f"{name}, case {place}: LISTED, BUT NO DIFFERENCE"
              for name, place in sorted(reasons.keys() - different.keys())]  # fmt: skip
    lines += _left_out(left_out, listed["not_looked_for"] | listed["no_peer"])
    lines.append(f"with addresses of pages counted as looked for: {everything:.1%}")
    return Part("Presidio's cases judged otherwise, and why", (figure,), lines)


def count_in(detector: Detector, text: str) -> int:
    """Return how many matches a text holds, longer ones first, without overlaps."""
    found = {(match.start - match.end, match.start, match.end) for match in detector.find(text)
             if match.grade is not Grade.INVALID}  # fmt: skip
    kept: list[tuple[int, int]] = []
    for _, start, end in sorted(found):
        if all(end <= other[0] or start >= other[1] for other in kept):
            kept.append((start, end))
    return len(kept)


def _left_out(counts: Mapping[str, int], reasons: Mapping[str, str]) -> Iterator[str]:
    for name, count in sorted(counts.items()):
        yield f"left out, {name}: {count}, {reasons.get(name, 'the case states no count')}"


def _cases(texts: Path) -> Iterator[Case]:
    places = Counter[str]()
    for record in json.loads((texts / "presidio_recognizer_cases.json").read_text("utf-8")):
        name = record["recognizer"]
        places[name] += 1
        yield Case(name, places[name], record["text"], record["expected_matches"])


def _detectors() -> Mapping[str, Detector]:
    """Return the detector that answers for each of Presidio's recognizers."""
    from presidio_analyzer import predefined_recognizers

    adopted = {each.entity: each for each in presidio_detectors()}
    found: dict[str, Any] = {each.entity: each for each in (make() for make in DETECTORS)}
    found |= adopted
    found["PHONE_NUMBER"] = PhoneNumber(REGIONS)
    classes = {type(each.recognizer).__name__: each.entity for each in adopted.values()}
    snake = re.compile(r"(?<!^)(?=[A-Z])")
    names = {snake.sub("_", name).lower(): classes[name]
             for name in dir(predefined_recognizers) if name in classes}  # fmt: skip
    return {name: found[entity] for name, entity in (names | ENTITIES).items()}
