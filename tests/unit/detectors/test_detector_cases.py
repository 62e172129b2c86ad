"""Each detector against its own examples in tests/cases/detectors/<id>.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.detectors.base import Detector
from governance.detectors.patterns import yaml_detectors
from governance.detectors.presidio import presidio_detectors
from governance.detectors.registry import DETECTORS
from governance.detectors.scanning import scan_values
from governance.model.evidence import Grade
from governance.model.rules import PatternDetector

CASES = Path(__file__).resolve().parents[2] / "cases" / "detectors"


def _load() -> list[tuple[str, str, str]]:
    rows = []
    for path in sorted(CASES.rglob("*.yaml")):
        case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        rows += [(path.stem, kind, text) for kind in case for text in case[kind]]
    return rows


@lru_cache(maxsize=1)
def _built_in() -> dict[str, Detector]:
    return {detector.id: detector for detector in (make() for make in DETECTORS)}


@pytest.fixture(scope="module")
def known(
    baseline: Mapping[str, PatternDetector], packed: Mapping[str, PatternDetector]
) -> dict[str, Detector]:
    ours = {detector.id: detector for detector in yaml_detectors({**packed, **baseline})}
    presidio = {detector.id: detector for detector in presidio_detectors()}
    return {**_built_in(), **ours, **presidio}


@pytest.mark.parametrize(("id", "kind", "text"), _load())
def test_detector_keeps_to_its_cases(
    known: dict[str, Detector], id: str, kind: str, text: str
) -> None:
    (scored,) = scan_values([text], [known[id]]).results
    grades = {item.mark.grade for item in scored}
    if kind == "certain":
        assert grades == {Grade.STRONG}
    elif kind == "possible":
        assert grades and grades <= {Grade.WEAK, Grade.CONTEXT}
    elif kind == "invalid":
        assert grades == {Grade.INVALID}
    else:
        assert kind == "nothing"
        assert not grades


def test_every_detector_of_ours_has_a_case_file(
    baseline: Mapping[str, PatternDetector], packed: Mapping[str, PatternDetector]
) -> None:
    wanted = {*_built_in(), *baseline, *packed}
    assert wanted - {path.stem for path in CASES.rglob("*.yaml")} == set()


def test_registry_is_sorted_and_its_ids_are_unique() -> None:
    ids = [make().id for make in DETECTORS]
    assert ids == sorted(set(ids))


def test_every_library_module_is_registered(root: Path) -> None:
    modules = {path.stem for path in (root / "governance/detectors/library").glob("[a-z]*.py")}
    assert modules == {type(make()).__module__.rpartition(".")[2] for make in DETECTORS}


def test_every_docstring_is_a_manual_page() -> None:
    for make in DETECTORS:
        page = type(make()).__doc__ or ""
        assert "Why:" in page and "Source:" in page, type(make()).__name__
