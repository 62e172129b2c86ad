"""SARIF against its published schema, and the parts that code hosts read."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from governance.formats.registry import render
from governance.formats.sarif import MAX_NOTIFICATIONS, MAX_RESULTS
from governance.model.outcome import Outcome, Status
from governance.model.run import Run


def _sarif(run: Run) -> dict[str, Any]:
    log = json.loads(render("sarif", run))
    return log["runs"][0]


@pytest.mark.parametrize("name", ["ordinary", "empty", "hostile", "crowded"])
def test_sarif_validates(name: str, request: pytest.FixtureRequest, shared_data: Path) -> None:
    schema = json.loads((shared_data / "schemas" / "sarif-2.1.0.json").read_text())
    validator = jsonschema.Draft7Validator(schema)
    validator.validate(json.loads(render("sarif", request.getfixturevalue(name))))


def test_file_names_are_percent_encoded(hostile: Run) -> None:
    location = _sarif(hostile)["results"][1]["locations"][0]["physicalLocation"]
    uri = location["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9._~/-]+(%[0-9A-F]{2}[A-Za-z0-9._~/-]*)+", uri)


def test_open_findings_alone_are_results(ordinary: Run) -> None:
    run = _sarif(ordinary)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == [
        "byproducts-clean", "no-shadow-data", "pii-declared", "retention-declared", "not-evaluated"
    ]  # fmt: skip
    assert [result["ruleId"] for result in run["results"]] == [
        "not-evaluated", "byproducts-clean", "pii-declared", "retention-declared", "no-shadow-data"
    ]  # fmt: skip
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])


def test_result_points_at_the_policy_line_else_the_data_else_the_project(ordinary: Run) -> None:
    places = {
        result["ruleId"]: result["locations"][0]["physicalLocation"]
        for result in _sarif(ordinary)["results"]
    }
    assert places["pii-declared"] == {
        "artifactLocation": {"uri": "policies/orders.yaml"},
        "region": {"startLine": 14, "startColumn": 3},
    }
    assert places["byproducts-clean"]["artifactLocation"]["uri"] == "logs/app.log"
    assert places["no-shadow-data"]["artifactLocation"]["uri"] == "governance.yaml"


def test_fingerprint_is_the_finding_and_not_its_words(ordinary: Run) -> None:
    result = _sarif(ordinary)["results"][1]
    expected = f"{result['properties']['findingId']}:1"
    assert result["partialFingerprints"] == {"primaryLocationLineHash": expected}


def test_too_many_results_are_rolled_up_and_counted(crowded: Run) -> None:
    results = _sarif(crowded)["results"]
    assert len(results) == MAX_RESULTS
    assert results[-1]["message"]["text"] == "1,002 more findings of pii-declared not listed here"
    assert results[0]["level"] == "error"


def test_what_was_not_read_and_not_evaluated_is_a_notification(ordinary: Run) -> None:
    invocation = _sarif(ordinary)["invocations"][0]
    ids = [note["descriptor"]["id"] for note in invocation["toolExecutionNotifications"]]
    assert ids == ["note", "note", "coverage-partial", "coverage-skipped", "not-evaluated"]
    assert invocation["executionSuccessful"] is False
    assert _sarif(replace(ordinary, exit_code=1))["invocations"][0]["executionSuccessful"]


def test_notifications_are_capped_with_their_true_number(ordinary: Run) -> None:
    many = tuple(
        Outcome("owner-declared", f"a{n}", Status.NOT_EVALUATED, f"reason {n}") for n in range(2000)
    )
    run = _sarif(replace(ordinary, outcomes=many, assets=(), notes=(), baseline=None))
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert len(notes) == MAX_NOTIFICATIONS
    assert notes[-1]["message"]["text"] == "first 999 of 2,000 notifications"


def test_message_holds_no_embedded_link(hostile: Run) -> None:
    messages = [result["message"]["text"] for result in _sarif(hostile)["results"]]
    assert not [text for text in messages if "](" in text]
