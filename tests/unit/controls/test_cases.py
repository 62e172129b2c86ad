"""Every control against the worlds of its case file."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.controls.evaluate import evaluate
from governance.controls.registry import CONTROLS
from governance.model.outcome import Outcome, Status

_FOLDER = Path(__file__).parents[2] / "cases" / "controls"
_FILES = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in _FOLDER.glob("*.yaml")}
_CASES = [
    pytest.param(control, case, id=f"{control}: {case['name']}")
    for control, cases in sorted(_FILES.items())
    for case in cases
]


@pytest.mark.parametrize(("control", "case"), _CASES)
def test_a_world_ends_as_its_case_file_says(control: str, case: dict[str, Any], build) -> None:
    asset, world = build(case)
    every = [one for one in evaluate((asset,), world) if one.control == control]
    outcomes = [one for one in every if one.status.value == case["expect"]]
    # Beside a breach, what could not be judged is told in one outcome of its own.
    beside = [one for one in every if one.status.value != case["expect"]]
    unknown = [case["unknown"]] if "unknown" in case else []
    assert [one.status for one in beside] == [Status.NOT_EVALUATED] * len(unknown), every
    assert all(said in one.reason for said, one in zip(unknown, beside, strict=True))
    wanted = case.get("findings", [{}] if case["expect"] == "fail" else [])
    assert len(outcomes) == max(1, len(wanted)), [one.reason for one in outcomes]
    for outcome, expected in zip(outcomes, wanted, strict=False):
        assert {key: _said(outcome, key) for key in expected} == expected
    if "reason" in case:
        assert case["reason"] in outcomes[0].reason
    for key in {"measured", "threshold"} & case.keys():
        assert getattr(outcomes[0], key) == case[key]


@pytest.mark.parametrize("control", [control.id for control in CONTROLS])
def test_every_control_has_cases_for_both_sides_and_for_missing_evidence(control: str) -> None:
    seen = {case["expect"] for case in _FILES[control]}
    if control in _NEVER_MEASURED:
        assert seen == {"not_applicable", "not_evaluated"}
        return
    assert {"pass", "fail", "not_applicable"} <= seen
    assert "not_evaluated" in seen or control in _JUDGED_FROM_FILES_ALONE


# What they ask for is measured by nobody here: they neither pass nor fail.
_NEVER_MEASURED = {"anonymity-thresholds"}

# These ask the policy files alone: a missing word there is a failure, never missing evidence.
_JUDGED_FROM_FILES_ALONE = {
    "access-recertified",
    "collection-recorded",
    "contacts-named",
    "owner-declared",
    "ownership-unbroken",
    "reviewed-in-time",
    "waiver-expired",
}


def _said(outcome: Outcome, key: str) -> Any:
    assert outcome.status is Status.FAIL
    found = getattr(outcome, key, None)
    return getattr(outcome.finding, key) if found is None and key != "place" else found
