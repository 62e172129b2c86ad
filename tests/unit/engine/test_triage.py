"""Waivers cover, never hide; the exit code says the worst that is true."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from governance.engine.triage import FailOn, apply_waivers, exit_code, in_words, mark_known
from governance.model.asset import Asset, AssetKind
from governance.model.coverage import Coverage, CoverageStatus
from governance.model.documents import Project, Waiver
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
from governance.model.policy import EffectivePolicy
from governance.model.taxonomy import TaxonomyIndex

COMPLETE = Coverage(CoverageStatus.COMPLETE, rows=3)


def failure(
    severity: Severity = Severity.HIGH, *, kind: FindingKind = FindingKind.FINDING
) -> Outcome:
    identity = finding_id("pii-declared", "orders", place="here", field="email", subject=None)
    finding = Finding(identity, kind, severity, 1.0, "t", "m", "r", "team:sales", None)
    return Outcome(
        "pii-declared", "orders", Status.FAIL, "why", place="here", field="email", finding=finding
    )


def passing() -> Outcome:
    return Outcome("owner-declared", "orders", Status.PASS, "owned")


def policy(*waivers: Waiver) -> EffectivePolicy:
    return EffectivePolicy(
        project=Project(apiVersion="governance/v1", kind="Project", id="shop"),
        taxonomy=TaxonomyIndex({}, {}, {}, {}),
        teams={},
        datasets={},
        pipelines={},
        models={},
        policies={},
        grants={},
        waivers={waiver.id: waiver for waiver in waivers},
        detectors={},
        origins={},
        files=(),
        digest="sha256:0",
    )


def waiver(*, expires: date, field: str | None = "email", dataset: str = "orders") -> Waiver:
    return Waiver.model_validate(
        {
            "apiVersion": "governance/v1",
            "kind": "Waiver",
            "author": "user:author@example.org",
            "id": "known",
            "control": "pii-declared",
            "target": {"dataset": dataset, "field": field},
            "reason": "migration under way",
            "approved_by": ["user:dpo@example.org"],
            "opened": date(2026, 1, 1),
            "expires": expires,
        }
    )


def read(coverage: Coverage = COMPLETE) -> AssetFacts:
    asset = Asset("orders", AssetKind.DATASET)
    return AssetFacts(asset, (PlaceFacts("here", "orders.csv", coverage),))


def test_a_waiver_covers_a_finding_and_leaves_it_visible() -> None:
    outcomes, uses = apply_waivers(
        [failure()], policy(waiver(expires=date(2026, 3, 1))), date(2026, 3, 1)
    )
    assert outcomes[0].status is Status.WAIVED
    assert outcomes[0].finding is not None
    assert outcomes[0].finding.waiver == "known"
    assert uses[0].matched == 1


@pytest.mark.parametrize(
    "other",
    [
        waiver(expires=date(2026, 2, 28)),
        waiver(expires=date(2026, 9, 1), field="phone"),
        waiver(expires=date(2026, 9, 1), dataset="customers"),
    ],
    ids=["expired", "another field", "another dataset"],
)
def test_a_waiver_that_does_not_apply_hides_nothing(other: Waiver) -> None:
    outcomes, uses = apply_waivers([failure()], policy(other), date(2026, 3, 1))
    assert outcomes[0].status is Status.FAIL
    assert uses[0].matched == 0


def test_a_finding_of_an_earlier_run_is_not_new() -> None:
    known = failure().finding
    assert known is not None
    (outcome,) = mark_known([failure()], {known.id: datetime(2026, 1, 1, tzinfo=UTC)})
    assert outcome.finding is not None
    assert outcome.finding.state is FindingState.EXISTING
    assert exit_code([outcome], [read()], [FailOn.NEW], trail_broken=False) == 0
    assert exit_code([failure()], [read()], [FailOn.NEW], trail_broken=False) == 1


@pytest.mark.parametrize(
    ("outcomes", "coverage", "fail_on", "expected"),
    [
        ([passing()], COMPLETE, FailOn.HIGH, 0),
        ([passing(), failure()], COMPLETE, FailOn.HIGH, 1),
        ([passing(), failure(Severity.LOW)], COMPLETE, FailOn.HIGH, 0),
        ([passing(), failure()], COMPLETE, FailOn.NEVER, 0),
        ([failure(Severity.LOW, kind=FindingKind.GAP)], COMPLETE, FailOn.GAP, 1),
        ([], COMPLETE, FailOn.HIGH, 3),
        ([passing()], Coverage.skipped("locked"), FailOn.HIGH, 3),
        ([passing(), failure()], Coverage.skipped("locked"), FailOn.HIGH, 3),
        (
            [passing(), Outcome("tests-fresh", "m", Status.NOT_EVALUATED, "no evidence")],
            COMPLETE,
            FailOn.NEVER,
            3,
        ),
    ],
)
def test_the_exit_code_says_the_worst_that_is_true(
    outcomes: list[Outcome], coverage: Coverage, fail_on: FailOn, expected: int
) -> None:
    assert exit_code(outcomes, [read(coverage)], [fail_on], trail_broken=False) == expected
    assert exit_code(outcomes, [read(coverage)], [fail_on], trail_broken=True) == 4


def test_the_verdict_names_the_threshold_that_was_hit() -> None:
    assert in_words([failure(), passing()], [FailOn.HIGH]) == "1 finding at or above high"
    assert in_words([failure(), failure()], [FailOn.LOW]) == "2 findings at or above low"
    assert in_words([failure()], [FailOn.CRITICAL]) == ""


def test_a_waiver_in_place_of_evidence_alone_is_never_green() -> None:
    covering = waiver(expires=date(2026, 9, 1), field=None)
    gap = failure(kind=FindingKind.GAP).finding
    open_question = Outcome("pii-declared", "orders", Status.NOT_EVALUATED, "no log", gap=gap)
    waived, uses = apply_waivers([open_question], policy(covering), date(2026, 3, 1))
    assert (waived[0].status, uses[0].matched) == (Status.WAIVED, 1)
    assert exit_code(waived, [], [FailOn.NEVER], trail_broken=False) == 3
    assert exit_code([*waived, passing()], [], [FailOn.LOW], trail_broken=False) == 0
    untouched, _ = apply_waivers([Outcome("pii-declared", "orders", Status.NOT_EVALUATED, "no")],
                                 policy(covering), date(2026, 3, 1))  # fmt: skip
    assert untouched[0].status is Status.NOT_EVALUATED
