"""SARIF 2.1.0: findings as code hosts and editors show them, at the policy line to mend."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote

from governance.formats.anchor import Anchors
from governance.formats.cleaning import clean, count, inert_json
from governance.formats.contract import View
from governance.formats.sarifrules import (
    NOT_EVALUATED_RULE,
    SEVERITY_LEVELS,
    SEVERITY_SCORES,
    Found,
    describe_rule,
)
from governance.formats.verdict import (
    NOT_EVALUATED,
    baseline_told,
    incomplete_places,
    not_evaluated,
    open_findings,
    verdict,
    waived_findings,
)
from governance.model.outcome import Finding, FindingState, Outcome, Status
from governance.model.run import Run

MAX_RESULTS = 5_000
"""What GitHub shows of one run; the rest is rolled up, one result for each control."""
MAX_COMPRESSED_BYTES = 9_000_000
"""GitHub takes 10 MB after gzip."""
MAX_NOTIFICATIONS = 1_000
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LONGEST = 1_000
_LONGEST_NAME = 250


class SarifFormat:
    """One result for each open finding; what was not read is a notification of the tool.

    Waived findings are left out, or with ``include_waived`` are suppressed results. A run from
    which nothing can be concluded has a result of its own: without it a code host would close
    every alert.
    """

    name: ClassVar[str] = "sarif"

    def render(self, run: Run, view: View) -> str:
        limit, room = MAX_RESULTS, view.room or MAX_COMPRESSED_BYTES
        written = _written(run, view, limit)
        while limit > 1 and not _fits(written, room):
            limit //= 2
            written = _written(run, view, limit)
        return written


def _fits(written: str, room: int) -> bool:
    data = written.encode("ascii")
    return len(data) <= room or len(gzip.compress(data, 6)) <= room


def _written(run: Run, view: View, limit: int) -> str:
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(run, view, limit)]}
    return inert_json(json.dumps(log, indent=2, sort_keys=True, ensure_ascii=True)) + "\n"


def _run(run: Run, view: View, limit: int) -> dict[str, Any]:
    found = open_findings(run) + (waived_findings(run) if view.include_waived else [])
    controls = sorted({outcome.control for outcome, _ in found})
    is_open = run.exit_code >= NOT_EVALUATED
    ids = [*controls, *([NOT_EVALUATED_RULE["id"]] if is_open else [])]
    index = {control: position for position, control in enumerate(ids)}
    anchors = Anchors(run, view.prefix)
    shown, rest = _split(found, limit, len(ids))
    reasons = {use.id: use.reason for use in run.waivers}
    results = [_open_question(run, index, anchors)] if is_open else []
    results += [_result(each, index, anchors, reasons) for each in shown]
    rules = [describe_rule(control, found, view.rules.get(control)) for control in controls]
    states = {state.value: number for state, number in run.count_states().items()}
    return {
        "tool": {
            "driver": {
                "name": "governance",
                "version": run.tool_version,
                "rules": [*rules, *([NOT_EVALUATED_RULE] if is_open else [])],
            }
        },
        "automationDetails": {"id": f"governance/{clean(run.command)}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(run)],
        "results": [*results, *_rolled_up(rest, index, anchors)],
        "properties": {"policyDigest": run.policy_digest, "runId": run.id, "findings": states},
    }


def _split(found: Found, limit: int, reserved: int) -> tuple[Found, Found]:
    if len(found) + 1 <= limit:
        return found, []
    room = max(limit - reserved, 0)
    return found[:room], found[room:]


def _result(
    pair: tuple[Outcome, Finding],
    index: dict[str, int],
    anchors: Anchors,
    reasons: dict[str, str],
) -> dict[str, Any]:
    outcome, finding = pair
    known = "Baselined: " if finding.state is FindingState.BASELINED else ""
    result: dict[str, Any] = {
        "ruleId": outcome.control,
        "ruleIndex": index[outcome.control],
        "level": SEVERITY_LEVELS[finding.severity],
        "message": {
            "text": _message(f"{known}{finding.title}. {finding.message} {finding.remedy}")
        },
        "locations": [_location(outcome, finding, anchors)],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.id}:1"},
        "properties": {
            "confidence": round(finding.confidence, 4),
            "findingId": finding.id,
            "kind": finding.kind.value,
            "owner": clean(finding.owner or "none", _LONGEST_NAME),
            "security-severity": SEVERITY_SCORES[finding.severity],
            "severity": finding.severity.value,
            "state": finding.state.value,
        },
    }
    if outcome.status is Status.WAIVED:
        why = _message(reasons.get(finding.waiver or "") or "waived")
        suppression = {"kind": "external", "status": "accepted", "justification": why}
        result["suppressions"] = [suppression]
    return result


def _location(outcome: Outcome, finding: Finding, anchors: Anchors) -> dict[str, Any]:
    parts = (outcome.asset, outcome.place, outcome.field, outcome.subject)
    name = "/".join(clean(part, _LONGEST_NAME) for part in parts if part)
    logical = [{"fullyQualifiedName": name, "kind": "resource"}]
    path, line, column = anchors.of(outcome, finding)
    region = {"startLine": line, **({"startColumn": column} if column else {})}
    return {"physicalLocation": _physical(path, region), "logicalLocations": logical}


def _physical(path: str, region: dict[str, int]) -> dict[str, Any]:
    # NOTE: the colon is quoted as well: before the first slash it would end a scheme.
    return {"artifactLocation": {"uri": quote(path, safe="/~")}, "region": region}


def _open_question(run: Run, index: dict[str, int], anchors: Anchors) -> dict[str, Any]:
    questions = [f"{control}: {reason}" for control, reason, _ in not_evaluated(run)[:5]]
    unread = [f"{asset}: {reason}" for asset, _, _, reason in incomplete_places(run)[:5]]
    text = "; ".join([verdict(run), *unread, *questions])
    return _of_the_run(NOT_EVALUATED_RULE["id"], "error", text, index, anchors)


def _rolled_up(rest: Found, index: dict[str, int], anchors: Anchors) -> list[dict[str, Any]]:
    counts = Counter(outcome.control for outcome, _ in rest)
    worst = {outcome.control: finding.severity for outcome, finding in reversed(rest)}
    return [
        _of_the_run(
            control,
            SEVERITY_LEVELS[worst[control]],
            f"{count(number, 'more finding')} of {control} not listed here",
            index,
            anchors,
        )
        for control, number in sorted(counts.items())
    ]


def _of_the_run(
    rule: str, level: str, text: str, index: dict[str, int], anchors: Anchors
) -> dict[str, Any]:
    """Return a result about no finding in particular, at the project's file."""
    return {
        "ruleId": rule,
        "ruleIndex": index[rule],
        "level": level,
        "message": {"text": _message(text)},
        "locations": [{"physicalLocation": _physical(anchors.file("").path, {"startLine": 1})}],
        "partialFingerprints": {"primaryLocationLineHash": f"more-{rule}:1"},
    }


def _invocation(run: Run) -> dict[str, Any]:
    baseline = baseline_told(run)
    notes = [*run.notes, *([baseline] if baseline else [])]
    notifications = [_notification("note", "note", note) for note in notes]
    notifications += [
        _notification(
            "error" if status == "skipped" else "warning",
            f"coverage-{status}",
            f"{asset} ({uri}): {status}: {reason}",
        )
        for asset, uri, status, reason in incomplete_places(run)
    ]
    notifications += [
        _notification(
            "warning", "not-evaluated", f"{control}: {reason} ({count(len(assets), 'asset')})"
        )
        for control, reason, assets in not_evaluated(run)
    ]
    if len(notifications) > MAX_NOTIFICATIONS:
        text = f"first {MAX_NOTIFICATIONS - 1:,} of {len(notifications):,} notifications"
        notifications[MAX_NOTIFICATIONS - 1 :] = [_notification("warning", "more", text)]
    return {
        "executionSuccessful": run.exit_code in (0, 1),
        "exitCode": run.exit_code,
        "startTimeUtc": _instant(run.started),
        "endTimeUtc": _instant(run.finished),
        "toolExecutionNotifications": notifications,
    }


def _notification(level: str, id: str, text: str) -> dict[str, Any]:
    return {"descriptor": {"id": id}, "level": level, "message": {"text": _message(text)}}


def _message(text: str) -> str:
    """Clean a sentence and break what SARIF viewers would take for an embedded link."""
    return clean(text.strip(), _LONGEST).replace("](", "] (")


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
