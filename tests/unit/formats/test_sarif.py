"""SARIF against its published schema, and the parts that code hosts read."""

from __future__ import annotations

import gzip
import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from governance.formats.contract import View
from governance.formats.registry import render
from governance.formats.sarif import MAX_NOTIFICATIONS, MAX_RESULTS
from governance.model.ladders import Severity
from governance.model.outcome import Outcome, Status
from governance.model.position import Position
from governance.model.run import Run
from tests.unit.formats.conftest import make_failure


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


def test_waived_findings_are_left_out_or_suppressed_results(ordinary: Run) -> None:
    log = json.loads(render("sarif", ordinary, View(include_waived=True)))
    with_waived, without = log["runs"][0]["results"], _sarif(ordinary)["results"]
    added = [result for result in with_waived if "suppressions" in result]
    assert len(with_waived) - len(without) == len(added) == 1
    assert added[0]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "legal hold"}
    ]


def test_a_rule_has_what_a_code_host_shows_and_not_more(ordinary: Run) -> None:
    failure = ordinary.outcomes[0]
    assert failure.finding is not None
    cited = replace(failure.finding, references=tuple(f"gdpr:art{n}" for n in range(60)))
    run = _sarif(replace(ordinary, outcomes=(replace(failure, finding=cited),)))
    (rule, _) = run["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "8.0"
    assert len(rule["properties"]["tags"]) == 10
    assert rule["properties"]["tags"][:2] == ["security", "governance"]
    assert rule["help"]["markdown"]
    assert rule["help"]["text"]


@pytest.mark.parametrize(
    "file",
    ["pack:gdpr/rules.yaml", "/srv/x.yaml", "../../x.yaml", "C:\\x.yaml", "https://x/y"],
)
def test_what_the_repository_does_not_hold_is_shown_at_the_line_that_declares_it(
    file: str, ordinary: Run
) -> None:
    failure, declared = ordinary.outcomes[0], ordinary.assets[0]
    assert failure.finding is not None
    elsewhere = replace(failure.finding, location=Position(file, 4, 1))
    asset = replace(declared.asset, position=Position("policies/orders.yaml", 2, 5))
    run = replace(
        ordinary,
        outcomes=(replace(failure, finding=elsewhere),),
        assets=(replace(declared, asset=asset),),
    )
    place = _sarif(run)["results"][1]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "policies/orders.yaml"
    assert place["region"] == {"startLine": 2, "startColumn": 5}


def test_a_log_of_noise_is_cut_until_a_code_host_takes_it(ordinary: Run) -> None:
    draw = random.Random(7)
    noise = ["".join(map(chr, draw.choices(range(0x4E00, 0x9FA5), k=400))) for _ in range(200)]
    many = tuple(
        make_failure(f"d{n}", "pii-declared", Severity.HIGH, field=text, title=text)
        for n, text in enumerate(noise)
    )
    written = render("sarif", replace(ordinary, outcomes=many), View(room=99_000)).encode()
    assert len(gzip.compress(written)) < 99_000
    results = json.loads(written)["runs"][0]["results"]
    shown = len(results) - 2
    assert f"{200 - shown:,} more findings" in results[-1]["message"]["text"]
