"""What a recognizer of Presidio tells of a text, its detector here tells too, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.detectors.presidio import PresidioDetector, presidio_detectors
from governance.model.evidence import Grade

# Listed improvements, each with its reason.
NOISE = {"IN_PAN", "US_DRIVER_LICENSE"}
"""Their weakest patterns, below a score of 0.05, are any run of digits or letters."""
EDGED = {"MEDICAL_LICENSE"}
"""Its pattern has no edges, so that it tells pieces of longer numbers."""

DIGITS = st.text("0123456789", min_size=3, max_size=12)
CHUNKS = st.one_of(
    DIGITS,
    st.text("ABCDEFGHKLMNPRSTUVXYZ", min_size=1, max_size=6),
    st.sampled_from(
        ["::1", "192.0.2.7", "00:00:5e:00:53:af", "4111111111111111", "DE", "SSN", "ü"]
    ),
)
MARKS = st.sampled_from(["", " ", "-", ".", "/", ", "])
CELLS = st.lists(st.tuples(CHUNKS, MARKS), max_size=8).map(
    lambda pairs: "".join(f"{chunk}{mark}" for chunk, mark in pairs)
)


def _theirs(detector: PresidioDetector, text: str) -> set[tuple[int, int]]:
    found = detector.recognizer.analyze(text, [detector.entity], None)
    return {(each.start, each.end) for each in found}


def _ours(detector: PresidioDetector, text: str) -> set[tuple[int, int]]:
    return {(each.start, each.end) for each in detector.find(text)
            if each.grade is not Grade.INVALID}  # fmt: skip


def _differences(text: str) -> set[str]:
    wrong = set()
    for detector in presidio_detectors():
        theirs, ours = _theirs(detector, text), _ours(detector, text)
        # Presidio drops what lies inside of another result; here that is decided later.
        extra = {span for span in ours - theirs
                 if not any(one[0] <= span[0] and span[1] <= one[1] for one in theirs)}  # fmt: skip
        if extra or (theirs - ours and detector.entity not in NOISE | EDGED):
            wrong.add(detector.entity)
    return wrong


@settings(max_examples=60)
@given(CELLS)
def test_a_generated_cell_gives_what_presidio_gives(cell: str) -> None:
    assert _differences(cell) == set()


def test_real_texts_give_what_presidio_gives(shared_data: Path) -> None:
    folder = shared_data / "text"
    cases = json.loads((folder / "presidio_recognizer_cases.json").read_text("utf-8"))
    texts = {str(case["text"]) for case in cases if case.get("text")}
    generated = json.loads((folder / "presidio_research_generated_large.json").read_text("utf-8"))
    texts |= {str(each["full_text"]) for each in generated[:300]}
    assert len(texts) > 600
    assert {entity: 1 for text in sorted(texts) for entity in _differences(text)} == {}


@pytest.mark.parametrize(
    ("entity", "text"),
    [
        ("IN_PAN", "abcde12345"),
        ("US_DRIVER_LICENSE", "12345678"),
        ("MEDICAL_LICENSE", "xBB1388568"),
    ],
)
def test_every_listed_difference_is_one(entity: str, text: str) -> None:
    (detector,) = (each for each in presidio_detectors() if each.entity == entity)
    assert _theirs(detector, text) - _ours(detector, text)
    assert entity in NOISE | EDGED
