"""Runs to render: an ordinary one, an empty one, and one whose names are hostile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from governance.model.asset import Asset, AssetKind, Place, PlaceType
from governance.model.coverage import Coverage, CoverageStatus
from governance.model.facts import (
    AssetFacts,
    EntityFacts,
    FieldFacts,
    PlaceFacts,
    ProtectionFacts,
    Verdict,
)
from governance.model.ladders import Severity
from governance.model.outcome import (
    Finding,
    FindingKind,
    FindingState,
    Grade,
    Outcome,
    Status,
    finding_id,
)
from governance.model.position import Position
from governance.model.run import AccessSummary, BaselineUse, Run, WaiverState, WaiverUse

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOSTILE = (
    "a|b`c</td><script>alert(1)</script>\x1b[2J\u202e[red]x[/](http://e.example)\n@ops {{7*7}}"
)


def make_failure(asset: str, control: str, severity: Severity, **said: str | None) -> Outcome:
    """Return a failed outcome; ``said`` may set place, field, subject, title and owner."""
    place, field, subject = said.get("place"), said.get("field"), said.get("subject")
    finding = Finding(
        id=finding_id(control, asset, place=place, field=field, subject=subject),
        kind=FindingKind(said.get("kind") or "finding"),
        severity=severity,
        confidence=0.98765,
        title=said.get("title") or "E-mail addresses that nobody declared",
        message="991 of 991 distinct values match, in 997 of 1,000 rows.",
        remedy="declare its category: user.contact.email, or drop the column",
        owner=said.get("owner", "team:sales"),
        location=Position("policies/orders.yaml", 14, 3) if said.get("line") else None,
        references=("gdpr:art30",),
    )
    return Outcome(
        control, asset, Status.FAIL, "undeclared", Grade.MEASURED, place, field, subject,
        "997 rows", "0 rows", finding,
    )  # fmt: skip


def _email() -> FieldFacts:
    found = EntityFacts(
        "EMAIL_ADDRESS", 997, 991, 1.0, None, (1, 2, 3), "a***@***.***", "v1:" + "0" * 24, True
    )
    verdict = Verdict("EMAIL_ADDRESS", 0.99, ("991 of 991 distinct values match",), "URL")
    shapes = ProtectionFacts(991, 0, 0, 0, None, 991)
    return FieldFacts("email", "string", 1000, 3, 991, verdict, (found,), protection=shapes)


def _assets() -> tuple[AssetFacts, ...]:
    place = Place("shop", "data/shop.db#orders", PlaceType.SQLITE, "DE", "production")
    orders = Asset("sales.orders", AssetKind.DATASET, (place,), "team:sales")
    log = Asset("etl.orders/app", AssetKind.LOG, (Place("app", "logs/*.log"),), "team:data")
    gone = Asset("sales.old", AssetKind.DATASET, (Place("old", "data/old.csv"),), None)
    model = Asset("churn", AssetKind.MODEL, (), "team:ml")
    read = Coverage(CoverageStatus.COMPLETE, None, 1000, 123_456)
    partly = Coverage(CoverageStatus.PARTIAL, "line 812 is longer than 16 MiB", 811, 9_000)
    return (
        AssetFacts(orders, (PlaceFacts("shop", "data/shop.db#orders", read, (_email(),)),)),
        AssetFacts(log, (PlaceFacts("app", "logs/app.log", partly),)),
        AssetFacts(gone, (PlaceFacts("old", "data/old.csv", Coverage.skipped("no such file")),)),
        AssetFacts(model),
    )


def _outcomes() -> tuple[Outcome, ...]:
    undeclared = make_failure(
        "sales.orders", "pii-declared", Severity.HIGH, place="shop", field="email", line="14"
    )
    gap = make_failure(
        "marketing.leads", "no-shadow-data", Severity.MEDIUM, kind=FindingKind.GAP.value,
        title="A dataset that no policy file declares", owner=None,
    )  # fmt: skip
    secret = make_failure(
        "etl.orders/app", "byproducts-clean", Severity.CRITICAL, place="app", field="message",
        title="A secret in a log",
    )  # fmt: skip
    listed = make_failure("sales.orders", "retention-declared", Severity.HIGH, line="9")
    assert listed.finding is not None
    known = replace(listed.finding, state=FindingState.BASELINED)
    waived = make_failure("sales.old", "retention-kept", Severity.LOW, place="old")
    assert waived.finding is not None
    covered = replace(waived.finding, state=FindingState.WAIVED, waiver="old-orders")
    return (
        undeclared,
        gap,
        secret,
        replace(listed, finding=known),
        replace(waived, status=Status.WAIVED, finding=covered),
        Outcome("owner-declared", "sales.orders", Status.PASS, "owned by team:sales"),
        Outcome("technique-applied", "sales.old", Status.NOT_EVALUATED, "no such file"),
        Outcome("tests-fresh", "sales.orders", Status.NOT_APPLICABLE, "only models are tested"),
    )


@pytest.fixture
def ordinary() -> Run:
    """Return a run with every kind of row."""
    people = ("user:ana@example.org",)
    return Run(
        id="01J0000000000000000000TEST",
        command="scan",
        project="acme",
        started=NOON,
        finished=NOON.replace(second=9),
        tool_version="0.0.0",
        policy_digest="sha256:" + "a" * 64,
        exit_code=3,
        assets=_assets(),
        outcomes=_outcomes(),
        waivers=(
            WaiverUse("old-orders", "sales.old", "retention-kept", "legal hold", people,
                      date(2026, 11, 1), date(2026, 12, 31), WaiverState.ACTIVE, 1),
            WaiverUse("stale", "sales.orders", "pii-declared", "migration", people,
                      date(2025, 12, 1), date(2026, 1, 31), WaiverState.EXPIRED, 0),
            WaiverUse("idle", "sales.orders", "tests-fresh", "pilot", people,
                      date(2026, 11, 1), date(2027, 1, 31), WaiverState.UNUSED, 0),
            WaiverUse("soon", "sales.orders", "tests-fresh", "pilot", people,
                      date(2026, 12, 1), date(2027, 1, 31), WaiverState.FUTURE, 0),
        ),
        baseline=BaselineUse("governance-baseline.jsonl", "b" * 64, 3, 1, 0, 2),
        accesses=(AccessSummary("sales.orders", 120, 2, 4, NOON, NOON),),
        details=(("sales.orders", (("title", "Web shop orders"), ("purposes", "billing"))),),
        notes=("one log was read in part",),
        verdict="2 places were not read completely, and 2 findings are at or above high",
    )  # fmt: skip


@pytest.fixture
def empty(ordinary: Run) -> Run:
    """Return a run that found nothing to examine."""
    return replace(
        ordinary,
        assets=(),
        outcomes=(),
        waivers=(),
        accesses=(),
        details=(),
        notes=(),
        verdict="",
        baseline=None,
    )


@pytest.fixture
def hostile(ordinary: Run) -> Run:
    """Return a run in which every name that data can choose is an attack."""
    asset = Asset(HOSTILE, AssetKind.DATASET, (Place("here", HOSTILE),), None, declared=False)
    field = FieldFacts(HOSTILE, "string", 1, 0, 1)
    unread = Coverage(CoverageStatus.PARTIAL, f"cannot read {HOSTILE}", 1, 1)
    failure = make_failure(
        HOSTILE, "pii-declared", Severity.HIGH, place="here", field=HOSTILE, subject=HOSTILE,
        title=f"names in {HOSTILE}", owner=None,
    )  # fmt: skip
    unknown = Outcome("owner-declared", HOSTILE, Status.NOT_EVALUATED, f"not read: {HOSTILE}")
    read = PlaceFacts("here", HOSTILE + "\udcff", unread, (field,))
    return replace(
        ordinary,
        assets=(AssetFacts(asset, (read,)),),
        outcomes=(failure, unknown),
        notes=(HOSTILE,),
    )


@pytest.fixture
def crowded(ordinary: Run) -> Run:
    """Return a run with 6,000 findings of two severities and 300 places."""
    failures = tuple(
        make_failure(f"lake.t{n:04}", "pii-declared", level, field=f"f{n:04}", title="x" * 2000)
        for n in range(3000)
        for level in (Severity.LOW, Severity.HIGH)
    )
    unread = tuple(
        AssetFacts(
            Asset(f"lake.t{n:04}", AssetKind.DATASET),
            (PlaceFacts("here", f"t{n:04}.csv", Coverage.skipped("no such file")),),
        )
        for n in range(300)
    )
    return replace(ordinary, assets=unread, outcomes=failures)
