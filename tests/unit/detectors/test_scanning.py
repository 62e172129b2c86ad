"""The prefilter finds what examining every value by every detector finds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.detectors.base import Detector, Found
from governance.detectors.occurring import _database
from governance.detectors.overlaps import Scored
from governance.detectors.patterns import yaml_detectors
from governance.detectors.presidio import presidio_detectors
from governance.detectors.registry import DETECTORS
from governance.detectors.scanning import CHUNK_LENGTH, scan_array, scan_each, scan_values
from governance.model.evidence import Grade
from governance.model.rules import PatternDetector


@pytest.fixture(scope="module")
def every(baseline: Mapping[str, PatternDetector]) -> tuple[Detector, ...]:
    ours = tuple(make() for make in DETECTORS)
    return (*ours, *presidio_detectors(), *yaml_detectors(baseline))


def test_prefilter_equals_brute_force_on_real_texts(
    every: tuple[Detector, ...], shared_data: Path
) -> None:
    cases = json.loads((shared_data / "text/presidio_recognizer_cases.json").read_text("utf-8"))
    log = (shared_data / "logs/datafog_100kb_sparse.log").read_text("utf-8").splitlines()
    texts = sorted({case["text"] for case in cases} | set(log[:130]))
    fast, slow = scan_values(texts, every), scan_each(texts, every)
    assert sum(map(bool, fast.results)) > 700
    assert fast.results == slow.results
    assert by_place(texts, every) == fast.results


def by_place(texts: list[str], detectors: Sequence[Detector]) -> list[tuple[Scored, ...]]:
    values = pa.array(texts, pa.string())
    found = scan_array(values, detectors).by_place(values)
    assert all(found.values())
    return [found.get(place, ()) for place in range(len(texts))]


_WORDS = """
536-22-1234 ana@example.org é ß ١٢٣ 4111-1111-1111-1111 DE89370400440532013000 203.0.113.77
::1 password=hunter22! T-12 - _ 0123456789 Straße AKIAIOSFODNN7EXAMPLE 00:1B:44:11:3A:B7 İ
1980-02-03 +1-202-555-0123
"""
_PIECES = st.sampled_from([*_WORDS.split(), " ", "\n", "\x00"])


@settings(max_examples=30)
@given(st.lists(st.lists(_PIECES, min_size=1, max_size=5).map("".join), min_size=1, max_size=6))
def test_prefilter_equals_brute_force_on_pieces_put_together(texts: list[str]) -> None:
    detectors = (*(make() for make in DETECTORS), *presidio_detectors())
    expected = scan_each(texts, detectors).results
    assert scan_values(texts, detectors).results == expected
    assert by_place(texts, detectors) == expected


@settings(max_examples=10)
@given(st.lists(st.lists(_PIECES, min_size=1, max_size=5).map("".join), min_size=1, max_size=6))
def test_the_result_is_the_same_without_hyperscan(texts: list[str]) -> None:
    detectors = (*(make() for make in DETECTORS), *presidio_detectors())
    with pytest.MonkeyPatch.context() as patch:
        _database.cache_clear()
        patch.setattr("governance.detectors.occurring.hyperscan", None)
        without = by_place(texts, detectors)
    _database.cache_clear()
    assert by_place(texts, detectors) == without


def test_long_value_is_examined_to_its_end_and_over_the_seams() -> None:
    detectors = [make() for make in DETECTORS if make().id == "email-address"]
    for at in (0, CHUNK_LENGTH - 7, 3 * CHUNK_LENGTH - 100, 50_000):
        text = "x " * (at // 2) + "ana@example.org" + " y" * 30_000
        (scored,) = scan_values([text], detectors).results[0]
        assert text[scored.start : scored.end] == "ana@example.org"


class _RunsAway:
    id, entity, words = "runs-away", "X", ()
    countries: frozenset[str] = frozenset()
    on_request = False
    is_trusted = False
    needs_digit = False
    gates = (regex.compile("a"),)

    def find(self, text: str) -> Iterator[Found]:
        raise TimeoutError
        yield Found(0, 1, Grade.STRONG)


def test_detector_that_runs_out_of_time_makes_the_evidence_incomplete() -> None:
    scan = scan_values(["aaa", "bbb"], [_RunsAway()])
    assert scan.results == [(), ()]
    assert scan.incomplete == {"detector runs-away took too long on a value"}


def test_hostile_run_of_one_character_takes_no_quadratic_time() -> None:
    detectors = [make() for make in DETECTORS if not make().on_request]
    scan = scan_values(["a-" * 100_000 + "@", "@" * 50_000, "1" * 200_000], detectors)
    assert not scan.incomplete


def test_weak_match_inside_a_certain_one_is_a_part_of_it(
    baseline: Mapping[str, PatternDetector],
) -> None:
    detectors = (*(make() for make in DETECTORS if not make().on_request),
                 *yaml_detectors(baseline))  # fmt: skip
    (scored,) = scan_values(["postgres://bo:hunter22@db.example.org/x"], detectors).results
    assert "SECRET" in {item.mark.entity for item in scored}
