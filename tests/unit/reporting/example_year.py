"""A believable year of a small shop: two scans, thirty findings, built without any data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from governance.model.outcome import finding_id
from governance.model.trail import Assurance, Entry, Verification
from governance.reporting.controls import ControlText
from governance.reporting.review import ReviewRequest, parse_period

AS_OF = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 23, 10, 4, tzinfo=UTC)
JUNE = datetime(2026, 6, 15, 2, 7, tzinfo=UTC)
ROOT = "9f" * 32

_DETAILS = {
    "title": "Web shop orders", "classification": "confidential", "steward": "team:data-platform",
    "purposes": "billing, analytics.product", "retention": "3y, then delete",
}  # fmt: skip
_DATASETS = (
    ("sales.orders", "team:sales", "data/shop.db#orders"),
    ("sales.customers", "team:sales", "data/shop.db#customers"),
    ("sales.payments", "team:finance", "data/shop.db#payments"),
    ("crm.contacts", "team:marketing", "data/crm/contacts.csv"),
    ("support.tickets", "team:support", "data/tickets/*.jsonl"),
    ("analytics.orders", "team:analytics", "data/export/orders.parquet"),
    ("hr.absences", "team:people", "data/hr/absences.csv"),
    ("data/tmp/copy_of_customers.csv", None, "data/tmp/copy_of_customers.csv"),
)
_CONTROLS = (
    "access-granted", "access-in-window", "byproducts-clean", "collection-recorded",
    "contacts-named", "free-text-clean", "no-shadow-data", "owner-declared", "ownership-unbroken",
    "pii-declared", "residency-kept", "retention-kept", "reviewed-in-time",
    "special-category-safeguarded", "technique-applied", "tests-fresh", "trail-unbroken",
    "use-within-purpose",
)  # fmt: skip
_SEVERITIES = {
    "special-category-safeguarded": "critical", "pii-declared": "high", "technique-applied": "high",
    "access-granted": "high", "byproducts-clean": "medium", "free-text-clean": "medium",
    "retention-kept": "medium", "residency-kept": "high", "contacts-named": "low",
    "reviewed-in-time": "low", "owner-declared": "medium", "tests-fresh": "medium",
}  # fmt: skip


def request(**changes: Any) -> ReviewRequest:
    """The year 2026 with both scans; keyword arguments replace fields."""
    documents = changes.pop("documents", (document("r-2026-11", NOVEMBER, 30),
                                          document("r-2026-06", JUNE, 22)))  # fmt: skip
    stored = tuple(stored_bytes(each) for each in documents)
    fields: dict[str, Any] = {
        "period": parse_period("2026", "Europe/Berlin"),
        "as_of": AS_OF,
        "project": "Example Retail Cooperative",
        "entries": tuple(entries_of(stored)),
        "documents": stored,
        "verification": Verification(
            level=Assurance.SIGNED, entries=412, root=ROOT, checkpoint_size=412,
            checkpoint_time=NOVEMBER, key_id="9a3c51d0", pin="governance.yaml in git",
        ),
        "tool_version": "0.1.0",
        "texts": {"pii-declared": ControlText("Personal data found equals personal data declared")},
    }  # fmt: skip
    return ReviewRequest(**(fields | changes))


def stored_bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=2, sort_keys=True).encode() + b"\n"


def entries_of(stored: Iterable[bytes], *, targets: tuple[str, ...] = ()) -> Iterable[Entry]:
    """The trail's entries of each run: begun, its findings, ended with the document's digest."""
    for content in stored:
        run = json.loads(content)["run"]
        finished = datetime.fromisoformat(run["finished"])
        started = finished - timedelta(minutes=4)
        begun = {"command": run["command"], "targets": list(targets)}
        yield entry("scan.started", started, run["id"], begun)
        digest = hashlib.sha256(content).hexdigest()
        yield entry("scan.finished", finished, run["id"], {"document_sha256": digest})


def entry(type: str, ts: datetime, run: str, payload: dict[str, Any]) -> Entry:
    return Entry(0, ts, type, run, "user:ana@example.org", payload, b"\0" * 32)


def document(run: str, finished: datetime, findings: int, **changes: Any) -> dict[str, Any]:
    """One run document; ``findings`` failures are spread over controls and assets."""
    outcomes = [*_failures(findings), *_others()]
    return {
        "schema": "governance/run/v1",
        "run": {
            "id": run, "command": "scan", "project": "shop",
            "started": (finished - timedelta(minutes=4)).isoformat(),
            "finished": finished.isoformat(), "policy_digest": "sha256:" + "4e" * 32,
            "tool": {"name": "governance", "version": "0.1.0"}, "exit_code": 1,
        },
        "assets": [*_dataset_rows(), *_other_rows()],
        "outcomes": outcomes,
        "waivers": _waivers(),
        "accesses": [
            {"dataset": "sales.orders", "events": 8312, "denied": 0, "actors": 7,
             "first": "2026-09-01T06:00:00Z", "last": "2026-11-22T21:14:00Z"},
            {"dataset": "hr.absences", "events": 41, "denied": 6, "actors": 3,
             "first": "2026-09-03T08:12:00Z", "last": "2026-11-19T16:40:00Z"},
        ],
        "notes": ["Log lines before 1 September 2026 are no longer kept by the platform."],
        "summary": {},
    } | changes  # fmt: skip


def failure(control: str, asset: str, field: str | None, **finding: Any) -> dict[str, Any]:
    """One failed outcome with its finding."""
    identity = finding_id(control, asset, place=None, field=field, subject=None)
    severity = _SEVERITIES.get(control, "medium")
    return {
        "control": control, "asset": asset, "place": None, "field": field, "subject": None,
        "status": "fail", "reason": "measured", "grade": "A", "measured": "1", "threshold": "0",
        "finding": {
            "id": identity, "kind": "finding", "severity": severity, "confidence": 0.99,
            "title": f"{asset} does not satisfy {control}",
            "message": f"991 of 991 distinct values of {field} look like EMAIL_ADDRESS "
            "(a***@***.***); the policy file declares no category for the field.",
            "remedy": "declare the category in the policy file, or drop the column from the export",
            "owner": "team:sales", "state": "new", "rule": None, "waiver": None,
            "location": {"file": "policies/sales/orders.yaml", "line": 14, "column": 3},
            "references": ["gdpr:art30", "gdpr:art5.1c"],
        } | finding,
    }  # fmt: skip


def _failures(count: int) -> Iterable[dict[str, Any]]:
    controls = sorted(_SEVERITIES)
    for index in range(count):
        control = controls[index % len(controls)]
        asset, owner, _ = _DATASETS[index % len(_DATASETS)]
        finding: dict[str, Any] = {"owner": owner, "state": "existing" if index < 20 else "new"}
        if owner is None:
            finding["kind"] = "gap"
        row = failure(control, asset, f"column_{index}", **finding)
        if index % 14 == 5:
            row["status"] = "waived"
            row["finding"] |= {"state": "waived", "waiver": "w-free-text"}
        yield row


def _others() -> Iterable[dict[str, Any]]:
    empty = {"place": None, "field": None, "subject": None, "grade": "A", "measured": None,
             "threshold": None, "finding": None}  # fmt: skip
    for control in _CONTROLS:
        for asset, _, _ in _DATASETS[:-1]:
            late = control == "retention-kept" and asset.startswith("hr")
            status = "not_evaluated" if late else "pass"
            if control in ("tests-fresh", "trail-unbroken"):
                status = "not_applicable"
            reason = "no date column is declared" if late else "as declared"
            yield {"control": control, "asset": asset, "status": status, "reason": reason} | empty
    yield {"control": "tests-fresh", "asset": "models.churn", "status": "pass",
           "reason": "tested 12 days ago"} | empty  # fmt: skip
    yield {"control": "trail-unbroken", "asset": "trail", "status": "pass",
           "reason": "412 entries verify"} | empty  # fmt: skip


def _dataset_rows() -> Iterable[dict[str, Any]]:
    for index, (asset, owner, uri) in enumerate(_DATASETS):
        coverage = {"status": "complete", "reason": None, "rows": 12_500 * (index + 1),
                    "bytes": 1_234_567 * (index + 1), "sampled": False}  # fmt: skip
        if asset == "support.tickets":
            coverage |= {"status": "partial", "reason": "line 90,112 is longer than 16 MiB"}
        yield {
            "id": asset, "kind": "dataset", "place": "warehouse", "uri": uri, "owner": owner,
            "declared": owner is not None, "region": "DE", "environment": None,
            "coverage": coverage, "fields": [], "details": _DETAILS if owner else {},
        }  # fmt: skip


def _other_rows() -> Iterable[dict[str, Any]]:
    read = {"status": "complete", "reason": None, "rows": 90_000, "bytes": 9_000_000,
            "sampled": False}  # fmt: skip
    for log in ("etl.orders/app", "warehouse/access", "etl.orders/lineage"):
        yield {"id": log, "kind": "log", "place": "log", "uri": f"logs/{log}.jsonl",
               "owner": "team:data-platform", "declared": True, "details": {},
               "coverage": read, "fields": []}  # fmt: skip
    details = {"title": "Churn prediction", "risk_class": "limited", "version": "3.2.0",
               "intended_use": "rank customers for a retention call; never for pricing",
               "trained_on": "2026-03-01", "training": "analytics.orders"}  # fmt: skip
    for name, kind, about in (("models.churn", "model", details), ("trail", "trail", {})):
        yield {"id": name, "kind": kind, "place": None, "uri": None, "owner": "team:analytics",
               "declared": True, "details": about, "coverage": None, "fields": []}  # fmt: skip


def _waivers() -> list[dict[str, Any]]:
    common = {"control": "free-text-clean", "target": "support.tickets.body",
              "approved_by": ["user:dpo@example.org"]}  # fmt: skip
    return [
        common | {"id": "w-free-text", "reason": "redaction ships with release 7",
                  "expires": "2027-01-31", "in_force": True, "matched": 2},
        common | {"id": "w-legacy", "reason": "old system, switched off in March",
                  "expires": "2026-03-31", "in_force": False, "matched": 0},
        common | {"id": "w-spare", "reason": "pilot without personal data",
                  "expires": "2027-03-31", "in_force": True, "matched": 0},
    ]  # fmt: skip
