"""The run document ``governance/run/v1``: everything a run concluded, as JSON.

Facts store it, reports read it, other tools parse it. Its shape is published by
``governance.formats.schema`` and may only grow.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from governance.formats.cleaning import inert_json, interoperable
from governance.formats.dumping import dump_indented
from governance.model.facts import (
    AssetFacts,
    EntityFacts,
    FieldFacts,
    PlaceFacts,
    ProtectionFacts,
    Verdict,
)
from governance.model.outcome import Finding, Outcome
from governance.model.run import AccessSummary, BaselineUse, Comparison, Run, WaiverUse

SCHEMA_ID = "governance/run/v1"
_TOOL = "governance"
_PLACES = 4
"""Digits after the point of confidences, shares and rates."""


def run_document(run: Run) -> dict[str, Any]:
    """Return the document of a run: plain JSON types, in an order that no worker decides.

    Assets are sorted by id and outcomes by control, asset, place, field and subject; places
    and columns keep the order in which they were declared and read.
    """
    details = dict(run.details)
    assets = sorted(run.assets, key=lambda facts: facts.asset.id)
    rows = [
        row for facts in assets for row in _asset_rows(facts, dict(details.get(facts.asset.id, ())))
    ]
    document: dict[str, Any] = {
        "schema": SCHEMA_ID,
        "run": _header(run),
        "assets": rows,
        "outcomes": [_outcome(outcome) for outcome in sorted(run.outcomes, key=_outcome_order)],
        "waivers": [_waiver(use) for use in sorted(run.waivers, key=lambda use: use.id)],
        "baseline": _baseline(run.baseline) if run.baseline else None,
        "accesses": [_access(use) for use in sorted(run.accesses, key=lambda use: use.dataset)],
        "comparison": _comparison(run.comparison) if run.comparison else None,
        "notes": list(run.notes),
        "summary": {
            "assets": len(run.assets),
            "outcomes": {status.value: n for status, n in run.count_outcomes().items()},
            "findings": run.count_findings(),
            "states": {state.value: n for state, n in run.count_states().items()},
        },
    }
    return {key: interoperable(value) for key, value in document.items()}


def dump_document(document: dict[str, Any]) -> bytes:
    """Return the document's bytes: sorted keys, two spaces, ASCII, one newline at the end.

    ASCII because escapes reach a terminal as harmless text, whatever a column is called; and
    ``##`` is escaped, because some build services look for their commands behind it.

    Raises:
        ValueError: If a number is not finite.
    """
    return inert_json(dump_indented(document)).encode("ascii") + b"\n"


def _header(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "command": run.command,
        "project": run.project,
        "started": _instant(run.started),
        "finished": _instant(run.finished),
        "tool": {"name": _TOOL, "version": run.tool_version},
        "policy_digest": run.policy_digest,
        "exit_code": run.exit_code,
    }


def _asset_rows(facts: AssetFacts, details: dict[str, str]) -> list[dict[str, Any]]:
    places: tuple[PlaceFacts | None, ...] = facts.places or (None,)
    return [_asset_row(facts, place, details) for place in places]


def _asset_row(
    facts: AssetFacts, read: PlaceFacts | None, details: dict[str, str]
) -> dict[str, Any]:
    asset = facts.asset
    declared = {place.name: place for place in asset.places}
    place = declared.get(read.place) if read else None
    return {
        "id": asset.id,
        "kind": asset.kind.value,
        "owner": asset.owner,
        "declared": asset.declared,
        "place": read.place if read else None,
        "uri": read.uri if read else None,
        "region": place.region if place else None,
        "environment": place.environment if place else None,
        "details": details,
        "coverage": _coverage(read) if read else None,
        "fields": [_field(field) for field in read.fields] if read else [],
    }


def _coverage(read: PlaceFacts) -> dict[str, Any]:
    coverage = read.coverage
    return {
        "status": coverage.status.value,
        "reason": coverage.reason,
        "rows": coverage.rows,
        "bytes": coverage.bytes,
        "sampled": coverage.sampled,
        "content": read.content,
        "read_by": read.read_by,
        "taken": _instant(read.taken) if read.taken else None,
    }


def _field(field: FieldFacts) -> dict[str, Any]:
    contains = sorted(field.contains, key=lambda facts: (facts.entity, facts.detail or ""))
    return {
        "name": field.name,
        "type": field.type,
        "rows": field.rows,
        "nulls": field.nulls,
        "distinct": field.distinct,
        "free_text": field.free_text,
        "entity": _verdict(field.verdict) if field.verdict else None,
        "contains": [_contained(facts) for facts in contains],
        "protection": _protection(field.protection) if field.protection else None,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.entity,
        "confidence": round(verdict.confidence, _PLACES),
        "because": list(verdict.because),
        "runner_up": verdict.runner_up,
    }


def _contained(facts: EntityFacts) -> dict[str, Any]:
    rate = facts.checksum_rate
    return {
        "entity": facts.entity,
        "rows": facts.rows,
        "distinct": facts.distinct,
        "share": round(facts.share, _PLACES),
        "checksum_rate": None if rate is None else round(rate, _PLACES),
        "lines": list(facts.lines),
        "preview": facts.preview,
        "fingerprint": facts.fingerprint,
        "deterministic": facts.deterministic,
        "detail": facts.detail,
    }


def _protection(facts: ProtectionFacts) -> dict[str, Any]:
    return {
        "distinct": facts.distinct,
        "redacted": facts.redacted,
        "masked": facts.masked,
        "hashed": facts.hashed,
        "hash_bits": facts.hash_bits,
        "other": facts.other,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "control": outcome.control,
        "asset": outcome.asset,
        "place": outcome.place,
        "field": outcome.field,
        "subject": outcome.subject,
        "status": outcome.status.value,
        "grade": outcome.grade.value if outcome.grade else None,
        "reason": outcome.reason,
        "measured": outcome.measured,
        "threshold": outcome.threshold,
        "finding": _finding(outcome.finding) if outcome.finding else None,
    }


def _outcome_order(outcome: Outcome) -> tuple[str, ...]:
    where = (outcome.place or "", outcome.field or "", outcome.subject or "")
    return (outcome.control, outcome.asset, *where, outcome.status.value, outcome.reason)


def _finding(finding: Finding) -> dict[str, Any]:
    location = finding.location
    return {
        "id": finding.id,
        "kind": finding.kind.value,
        "severity": finding.severity.value,
        "confidence": round(finding.confidence, _PLACES),
        "title": finding.title,
        "message": finding.message,
        "remedy": finding.remedy,
        "owner": finding.owner,
        "state": finding.state.value,
        "location": location
        and {"file": location.file, "line": location.line, "column": location.column},
        "references": list(finding.references),
        "rule": finding.rule,
        "waiver": finding.waiver,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "base": comparison.base,
        "resolved": [_gone(outcome) for outcome in comparison.resolved],
        "unclear": [_gone(outcome) for outcome in comparison.unclear],
        "unasked": [_gone(outcome) for outcome in comparison.unasked],
    }


def _gone(outcome: Outcome) -> dict[str, Any]:
    finding = outcome.finding
    return {
        "control": outcome.control,
        "asset": outcome.asset,
        "place": outcome.place,
        "field": outcome.field,
        "subject": outcome.subject,
        "finding": finding.id if finding else None,
        "severity": finding.severity.value if finding else None,
        "title": finding.title if finding else None,
    }


def _waiver(use: WaiverUse) -> dict[str, Any]:
    return {
        "id": use.id,
        "target": use.target,
        "control": use.control,
        "reason": use.reason,
        "approved_by": list(use.approved_by),
        "opened": use.opened.isoformat(),
        "expires": use.expires.isoformat(),
        "state": use.state.value,
        "in_force": use.in_force,
        "matched": use.matched,
    }


def _baseline(use: BaselineUse) -> dict[str, Any]:
    return {
        "path": use.path,
        "sha256": use.sha256,
        "entries": use.entries,
        "matched": use.matched,
        "worse": use.worse,
        "unmatched": use.unmatched,
    }


def _access(use: AccessSummary) -> dict[str, Any]:
    return {
        "dataset": use.dataset,
        "events": use.events,
        "denied": use.denied,
        "actors": use.actors,
        "first": _instant(use.first),
        "last": _instant(use.last),
    }


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
