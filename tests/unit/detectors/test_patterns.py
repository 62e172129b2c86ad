"""Detectors written in YAML."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from governance.detectors.conclude import conclude
from governance.detectors.examine import Examiner
from governance.detectors.patterns import YamlDetector, compile_pattern
from governance.detectors.scanning import scan_values
from governance.errors import DetectionError
from governance.model.evidence import Grade
from governance.model.rules import PatternDetector


def _detector(**definition: Any) -> YamlDetector:
    given = {"entity": "STAFF_NUMBER", "patterns": {"plain": {"regex": r"S-\d{6}"}}} | definition
    return YamlDetector("staff-number", PatternDetector.model_validate(given))


def _grades(detector: YamlDetector, text: str) -> list[Grade]:
    return [item.mark.grade for item in scan_values([text], [detector]).results[0]]


@pytest.mark.parametrize(
    "pattern",
    [r"(a+)+$", r"(a|aa)+$", r"(?:[a-z]+\s?)*x", r"((ab)*c)*", r"(\d|[0-9])+", r"(x{1,100})+",
     r"(.*,)*y", r"(a*){2,}"],
)  # fmt: skip
def test_pattern_that_could_run_away_is_refused(pattern: str) -> None:
    with pytest.raises(DetectionError, match="exponential"):
        compile_pattern("staff.x", pattern)


@pytest.mark.parametrize(
    "pattern", [r"[A-Z]{2}\d+", r"(?:ab|cd)+x", r"(?:\d{3}-){2}\d{4}", r"[(+*]+", r"a\)+"]
)
def test_bounded_pattern_is_accepted(pattern: str) -> None:
    assert compile_pattern("staff.x", pattern)


@pytest.mark.parametrize("pattern", ["(", "a" * 2001, "x*"])
def test_pattern_that_says_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(DetectionError, match=r"detector staff\.x"):
        compile_pattern("staff.x", pattern)


def test_unknown_checksum_is_refused() -> None:
    with pytest.raises(DetectionError, match="unknown checksum"):
        _detector(checksum="md5")
    with pytest.raises(DetectionError, match="no number"):
        _detector(checksum="stdnum:nowhere")


def test_deterministic_detector_is_certain_and_others_are_not() -> None:
    assert _grades(_detector(deterministic=True), "see S-123456") == [Grade.STRONG]
    assert _grades(_detector(), "see S-123456") == [Grade.WEAK]
    assert _grades(_detector(context=("staff",)), "staff S-123456") == [Grade.CONTEXT]


def test_checksum_allow_and_deny_decide() -> None:
    luhn = _detector(checksum="luhn", patterns={"plain": {"regex": r"\d{8}"}})
    assert _grades(luhn, "12345678") == [Grade.INVALID]
    assert _grades(_detector(allow=("S-000000",)), "S-000000") == []
    assert _grades(_detector(patterns={}, deny=("Projekt Blau",), deterministic=True),
                   "zu Projekt Blau") == [Grade.STRONG]  # fmt: skip


def test_group_named_value_narrows_the_match() -> None:
    detector = _detector(patterns={"said": {"regex": r"staff=(?P<value>\d+)"}})
    (scored,) = scan_values(["staff=123"], [detector]).results[0]
    assert (scored.start, scored.end) == (6, 9)


def test_national_pattern_waits_for_its_country() -> None:
    definition = PatternDetector.model_validate(
        {"entity": "XX_ID", "deterministic": True, "countries": ["AT"],
         "patterns": {"plain": {"regex": r"AT-\d{6}"}}}
    )  # fmt: skip
    for countries, expected in (((), []), (("AT",), ["XX_ID"])):
        examiner = Examiner(countries=countries, patterns={"xx-id": definition}, key=b"k")
        batch = pa.record_batch({"note": ["AT-123456"]})
        (field,) = conclude(examiner.examine(batch, 1))
        assert [item.entity for item in field.contains] == expected
