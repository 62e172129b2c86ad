"""The review says what the trail and the documents carry, and never more."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import example_year as year
import pytest

from governance.errors import ReportError, UsageError
from governance.model.trail import Assurance, Verification
from governance.reporting.findings import MAX_ROWS
from governance.reporting.parts import Conclusion
from governance.reporting.review import build_review, parse_period


def _clean(**changes):
    """A scan without a finding, a waiver or anything left unread."""
    document = year.document("r-clean", year.NOVEMBER, 0, waivers=[])
    for asset in document["assets"]:
        if asset["coverage"]:
            asset["coverage"] |= {"status": "complete", "reason": None}
    for outcome in document["outcomes"]:
        if outcome["status"] == "not_evaluated":
            outcome["status"] = "pass"
    return document | changes


def test_open_high_finding_means_not_conform():
    review = build_review(year.request())
    assert review.statement.conclusion is Conclusion.NOT_CONFORM


def test_a_clean_complete_year_conforms_without_a_reason():
    review = build_review(year.request(documents=(_clean(),)))
    assert review.statement.conclusion is Conclusion.CONFORM
    assert review.statement.reasons == ()


@pytest.mark.parametrize(
    ("severity", "conclusion"),
    [("critical", Conclusion.NOT_CONFORM), ("low", Conclusion.EXCEPTIONS)],
)
def test_a_gap_weighs_what_its_severity_says(severity, conclusion):
    document = _clean()
    gap = year.failure("pii-declared", "data/keys.csv", "key", kind="gap", severity=severity)
    document["outcomes"].append(gap)
    review = build_review(year.request(documents=(document,)))
    assert review.statement.conclusion is conclusion
    assert review.findings.serious == (severity == "critical")


def test_a_waived_finding_is_an_exception_not_a_pass():
    waived = year.failure("pii-declared", "sales.orders", "email", state="waived", waiver="w")
    waived["status"] = "waived"
    document = _clean()
    document["outcomes"].append(waived)
    review = build_review(year.request(documents=(document,)))
    assert review.statement.conclusion is Conclusion.EXCEPTIONS


def test_no_run_in_the_period_cannot_be_concluded():
    review = build_review(year.request(documents=(), entries=()))
    assert review.statement.conclusion is Conclusion.CANNOT_CONCLUDE
    assert review.basis is None
    assert review.kpis == ()


def test_a_broken_trail_cannot_be_concluded_even_if_all_is_clean():
    broken = Verification(Assurance.UNVERIFIABLE, 3, year.ROOT, problem="entry 2 was changed")
    review = build_review(year.request(documents=(_clean(),), verification=broken))
    assert review.statement.conclusion is Conclusion.CANNOT_CONCLUDE
    assert "entry 2 was changed" in str(review.statement.reasons[0])


@pytest.mark.parametrize(("unread", "expected"), [(1, "EXCEPTIONS"), (2, "CANNOT_CONCLUDE")])
def test_coverage_below_nine_places_in_ten_cannot_be_concluded(unread, expected):
    document = _clean()  # eleven places
    for asset in document["assets"][:unread]:
        asset["coverage"] |= {"status": "skipped", "reason": "permission denied"}
    review = build_review(year.request(documents=(document,)))
    assert review.statement.conclusion is Conclusion[expected]


def test_a_newer_scan_whose_document_is_gone_cannot_be_hidden():
    clean = year.stored_bytes(_clean())
    gone = year.stored_bytes(_clean(run={**_clean()["run"], "id": "r-gone",
                                         "finished": "2026-12-20T10:00:00+00:00"}))  # fmt: skip
    entries = tuple(year.entries_of((clean, gone)))
    review = build_review(year.request(documents=(_clean(),), entries=entries))
    assert review.statement.conclusion is Conclusion.CANNOT_CONCLUDE
    assert any(run.role == "result missing" for run in review.runs.rows)


def test_a_later_scan_of_one_target_neither_replaces_nor_hides():
    narrow = year.document("r-narrow", year.NOVEMBER + timedelta(days=3), 0, waivers=[])
    narrow["outcomes"] = [year.failure("pii-declared", "sales.orders", "late_column")]
    whole, stored = year.stored_bytes(_clean()), year.stored_bytes(narrow)
    entries = (*year.entries_of((whole,)), *year.entries_of((stored,), targets=("sales.orders",)))
    review = build_review(year.request(documents=(narrow, _clean()), entries=entries))
    assert review.basis.id == "r-clean"
    assert [row.field for row in review.findings.later.rows] == ["late_column"]
    assert review.statement.conclusion is Conclusion.NOT_CONFORM


def test_a_document_that_differs_from_the_trail_is_refused():
    request = year.request()
    forged = request.documents[0].replace(b"sales.orders", b"sales.0rders")
    with pytest.raises(ReportError, match="differs from the digest"):
        build_review(dataclasses.replace(request, documents=(forged,)))


def test_a_parsed_document_is_attached_with_the_bytes_that_the_trail_knows():
    request = year.request()
    parsed = tuple(json.loads(document) for document in request.documents)
    review = build_review(dataclasses.replace(request, documents=parsed))
    assert {row.match for row in review.evidence} == {"matches the trail"}
    assert {file.content for file in review.attached} == set(request.documents)


def test_what_happened_after_as_of_does_not_exist():
    review = build_review(year.request(as_of=year.JUNE + timedelta(days=1)))
    assert review.basis.id == "r-2026-06"
    assert review.runs.total == 1


def test_findings_are_sorted_by_severity_then_control_then_asset():
    rows = build_review(year.request()).findings.table.rows
    ranks = ["critical", "high", "medium", "low", "gap"]
    order = [(ranks.index(row.severity), row.control, row.asset) for row in rows]
    assert order == sorted(order)
    assert len(rows) == 30


def test_the_order_of_documents_and_outcomes_changes_nothing():
    request = year.request()
    turned = []
    for stored in reversed(request.documents):
        document = json.loads(stored)
        document["outcomes"].reverse()
        turned.append(document)
    plain = dataclasses.replace(request, entries=())
    one, two = build_review(plain), build_review(dataclasses.replace(plain, documents=turned))
    assert one.findings == two.findings
    assert one.controls == two.controls
    assert one.kpis == two.kpis


def test_a_table_is_cut_at_a_thousand_rows_and_tells_the_true_number():
    document = year.document("r-many", year.NOVEMBER, 1500)
    table = build_review(year.request(documents=(document,))).findings.table
    assert (len(table.rows), table.total) == (MAX_ROWS, 1500)


def test_nothing_not_evaluated_is_left_out_of_what_was_not_examined():
    review = build_review(year.request())
    assert {(row.what, row.count) for row in review.unexamined.rows} == {
        ("place partial", 1),
        ("control retention-kept", 1),
    }


def test_a_control_without_evidence_never_reads_as_kept():
    document = _clean()
    document["outcomes"] = [o | {"status": "not_evaluated"} for o in document["outcomes"]]
    review = build_review(year.request(documents=(document,)))
    assert {row.result for row in review.controls} == {"not evaluated"}
    assert review.statement.conclusion is Conclusion.CANNOT_CONCLUDE


@pytest.mark.parametrize(
    ("label", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-Q3", "2026-07-01", "2026-09-30"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2025-12..2026-06", "2025-12-01", "2026-06-30"),
    ],
)
def test_a_period_is_whole_months(label, first, last):
    period = parse_period(label, "Europe/Berlin")
    assert (str(period.first_day), str(period.last_day)) == (first, last)


@pytest.mark.parametrize(
    "label", ["", "26", "2026-13", "2026-Q5", "2026-06..2026-01", "9999", "0000"]
)
def test_anything_else_is_no_period(label):
    with pytest.raises(UsageError, match="not a period"):
        parse_period(label)
