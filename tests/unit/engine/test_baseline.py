"""The baseline marks what was there; it hides nothing, and nothing worse than what was accepted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from governance.engine.baseline import (
    Baseline,
    apply_baseline,
    dump_baseline,
    entry_of,
    open_entries,
    parse_baseline,
)
from governance.engine.triage import FailOn, exit_code, in_words
from governance.errors import UsageError
from governance.model.asset import Asset, AssetKind
from governance.model.coverage import Coverage, CoverageStatus
from governance.model.facts import AssetFacts, PlaceFacts
from governance.model.ladders import Severity
from governance.model.outcome import (
    Finding,
    FindingKind,
    FindingState,
    Outcome,
    Status,
    finding_id,
)
from governance.model.position import Position

PATH = "governance-baseline.jsonl"
READ = AssetFacts(
    Asset("orders", AssetKind.DATASET),
    (PlaceFacts("here", "orders.csv", Coverage(CoverageStatus.COMPLETE, rows=3)),),
)


def failure(
    asset: str = "orders", severity: Severity = Severity.HIGH, *, line: int = 3, said: str = "m"
) -> Outcome:
    identity = finding_id("pii-declared", asset, place="here", field="email", subject=None)
    place = Position("policies/orders.yaml", line, 1)
    finding = Finding(
        identity, FindingKind.FINDING, severity, 1.0, said, said, "r", "team:sales", place
    )
    return Outcome(
        "pii-declared", asset, Status.FAIL, said, place="here", field="email", finding=finding
    )


def listing(*outcomes: Outcome) -> Baseline:
    return parse_baseline(PATH, dump_baseline(map(entry_of, outcomes)).encode())


def test_a_baselined_finding_stays_open_and_fails_no_threshold() -> None:
    outcomes, use = apply_baseline([failure()], listing(failure()))
    assert use is not None
    assert (use.entries, use.matched, use.worse, use.unmatched) == (1, 1, 0, 0)
    (outcome,) = outcomes
    assert outcome.status is Status.FAIL
    assert outcome.finding is not None
    assert outcome.finding.state is FindingState.BASELINED
    for threshold in FailOn:
        assert exit_code(outcomes, [READ], [threshold], trail_broken=False) == 0
    assert in_words(outcomes, [FailOn.LOW]) == ""


def test_another_line_another_message_and_another_count_are_the_same_finding() -> None:
    moved = failure(line=103, said="998 of 998 values, elsewhere")
    moved = replace(moved, measured="998 rows")
    outcomes, _ = apply_baseline([moved], listing(failure()))
    assert outcomes[0].finding is not None
    assert outcomes[0].finding.state is FindingState.BASELINED


def test_the_same_column_of_another_dataset_is_another_finding() -> None:
    outcomes, use = apply_baseline([failure("customers")], listing(failure("orders")))
    assert outcomes[0].finding is not None
    assert outcomes[0].finding.state is FindingState.NEW
    assert use is not None
    assert use.unmatched == 1


def test_what_became_more_severe_is_new_and_what_became_less_severe_is_known() -> None:
    accepted = listing(failure(severity=Severity.MEDIUM))
    worse, use = apply_baseline([failure(severity=Severity.HIGH)], accepted)
    assert exit_code(worse, [READ], [FailOn.NEW], trail_broken=False) == 1
    assert use is not None
    assert (use.matched, use.worse) == (0, 1)
    better, _ = apply_baseline([failure(severity=Severity.LOW)], accepted)
    assert exit_code(better, [READ], [FailOn.LOW], trail_broken=False) == 0


def test_a_waived_finding_is_not_counted_as_baselined() -> None:
    known = failure().finding
    assert known is not None
    waived = replace(
        failure(),
        status=Status.WAIVED,
        finding=replace(known, state=FindingState.WAIVED, waiver="w"),
    )
    outcomes, use = apply_baseline([waived], listing(failure()))
    assert outcomes == (waived,)
    assert use is not None
    assert use.unmatched == 1


def test_a_file_holds_one_sorted_line_for_each_finding_and_nothing_that_changes_by_itself() -> None:
    outcomes = [failure(f"d{n}", said="secret message", line=99) for n in range(9)]
    text = dump_baseline(open_entries(outcomes).values())
    header, *lines = text.splitlines()
    assert json.loads(header) == {"schema": "governance/baseline/v1"}
    assert [json.loads(line)["id"] for line in lines] == sorted(open_entries(outcomes))
    assert {key for line in lines for key in json.loads(line)} == {
        "id", "severity", "control", "asset", "place", "field"
    }  # fmt: skip
    assert text == dump_baseline(parse_baseline(PATH, text.encode()).entries.values())


def test_lines_of_two_branches_in_any_order_are_read_and_the_milder_acceptance_counts() -> None:
    mild, grave = failure(severity=Severity.LOW), failure(severity=Severity.CRITICAL)
    one = dump_baseline([entry_of(grave), entry_of(failure("b"))])
    other = dump_baseline([entry_of(mild)])
    met = parse_baseline(PATH, (one + other.replace("\n", "\r\n") + "\n\n").encode())
    assert len(met.entries) == 2
    assert met.entries[entry_of(mild).id].severity is Severity.LOW


_LINE = dump_baseline([entry_of(failure())]).splitlines()[1]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("<<<<<<< HEAD", "were not merged"),
        ("=======", "were not merged"),
        (_LINE.replace("orders", "customers"), "the id is not that of"),
        (_LINE.replace('"high"', '"highest"'), "no entry"),
        (_LINE.replace('"high"', "3"), "no entry"),
        (_LINE[:-1] + ', "reason": "x"}', "no entry"),
        ("[" * 100_000, "no entry"),
        ("null", "no entry"),
        ("pii-declared orders", "no entry"),
    ],
)
def test_a_line_that_is_no_entry_is_refused_with_its_number(line: str, problem: str) -> None:
    text = dump_baseline([entry_of(failure("other"))]) + line + "\n"
    with pytest.raises(UsageError, match=problem) as caught:
        parse_baseline(PATH, text.encode())
    assert caught.value.where == f"{PATH}:3"


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b'{"schema": "governance/baseline/v9"}\n'])
def test_a_file_of_another_kind_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match="the first line is not"):
        parse_baseline(PATH, data)
