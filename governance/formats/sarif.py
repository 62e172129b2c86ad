"""SARIF 2.1.0: findings as code hosts and editors show them, at the policy line to mend."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote

from governance.formats.anchor import PROJECT_FILE, Anchors
from governance.formats.cleaning import clean, count
from governance.formats.contract import View
from governance.formats.verdict import incomplete_places, not_evaluated, open_findings
from governance.model.ladders import Severity
from governance.model.outcome import Finding, Outcome
from governance.model.run import Run

MAX_RESULTS = 5_000
"""What GitHub shows of one run; the rest is rolled up, one result for each control."""
MAX_NOTIFICATIONS = 1_000
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LONGEST = 1_000
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
}
_Found = list[tuple[Outcome, Finding]]


class SarifFormat:
    """One result for each open finding; what was not read is a notification of the tool."""

    name: ClassVar[str] = "sarif"

    def render(self, run: Run, view: View) -> str:  # noqa: ARG002 (a program needs no width)
        log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(run)]}
        return json.dumps(log, indent=2, sort_keys=True, ensure_ascii=True) + "\n"


def _run(run: Run) -> dict[str, Any]:
    found = open_findings(run)
    controls = sorted({outcome.control for outcome, _ in found})
    index = {control: position for position, control in enumerate(controls)}
    anchors = Anchors(run)
    shown, rest = _split(found, len(controls))
    results = [_result(outcome, finding, index, anchors) for outcome, finding in shown]
    return {
        "tool": {
            "driver": {
                "name": "governance",
                "version": run.tool_version,
                "rules": [_rule(control, found) for control in controls],
            }
        },
        "automationDetails": {"id": f"governance/{clean(run.command)}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(run)],
        "results": [*results, *_rolled_up(rest, index)],
        "properties": {"policyDigest": run.policy_digest, "runId": run.id},
    }


def _split(found: _Found, controls: int) -> tuple[_Found, _Found]:
    if len(found) <= MAX_RESULTS:
        return found, []
    room = max(MAX_RESULTS - controls, 0)
    return found[:room], found[room:]


def _rule(control: str, found: _Found) -> dict[str, Any]:
    """Describe a control by its findings: formats cannot ask the controls themselves."""
    findings = [finding for outcome, finding in found if outcome.control == control]
    worst = max((finding.severity for finding in findings), key=lambda level: level.rank)
    references = sorted({name for finding in findings for name in finding.references})
    words = control.replace("-", " ")
    return {
        "id": control,
        "name": "".join(word.capitalize() for word in control.split("-")),
        "shortDescription": {"text": words},
        "help": {"text": _message(f"{words}. {findings[0].remedy}")},
        "defaultConfiguration": {"level": _LEVELS[worst]},
        "properties": {
            "security-severity": _SCORES[worst],
            "tags": ["governance", *(clean(name) for name in references)],
        },
    }


def _result(
    outcome: Outcome,
    finding: Finding,
    index: dict[str, int],
    anchors: Anchors,
) -> dict[str, Any]:
    return {
        "ruleId": outcome.control,
        "ruleIndex": index[outcome.control],
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(f"{finding.title}. {finding.message} {finding.remedy}")},
        "locations": [_location(outcome, finding, anchors)],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.id}:1"},
        "properties": {
            "confidence": round(finding.confidence, 4),
            "findingId": finding.id,
            "kind": finding.kind.value,
            "owner": clean(finding.owner or "none"),
            "security-severity": _SCORES[finding.severity],
            "severity": finding.severity.value,
            "state": finding.state.value,
        },
    }


def _location(outcome: Outcome, finding: Finding, anchors: Anchors) -> dict[str, Any]:
    parts = (outcome.asset, outcome.place, outcome.field, outcome.subject)
    name = "/".join(clean(part, _LONGEST) for part in parts if part)
    logical = [{"fullyQualifiedName": name, "kind": "resource"}]
    path, line, column = anchors.of(outcome, finding)
    region = {"startLine": line, **({"startColumn": column} if column else {})}
    physical = {"artifactLocation": {"uri": _uri(path)}, "region": region}
    return {"physicalLocation": physical, "logicalLocations": logical}


def _rolled_up(rest: _Found, index: dict[str, int]) -> list[dict[str, Any]]:
    counts = Counter(outcome.control for outcome, _ in rest)
    worst = {outcome.control: finding.severity for outcome, finding in reversed(rest)}
    return [
        {
            "ruleId": control,
            "ruleIndex": index[control],
            "level": _LEVELS[worst[control]],
            "message": {"text": f"{count(number, 'more finding')} of {control} not listed here"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": PROJECT_FILE},
                        "region": {"startLine": 1},
                    }
                }
            ],
            "partialFingerprints": {"primaryLocationLineHash": f"more-{control}:1"},
        }
        for control, number in sorted(counts.items())
    ]


def _invocation(run: Run) -> dict[str, Any]:
    notes = [_notification("note", "note", note) for note in run.notes]
    unread = [
        _notification(
            "error" if status == "skipped" else "warning",
            f"coverage-{status}",
            f"{asset} ({uri}): {status}: {reason}",
        )
        for asset, uri, status, reason in incomplete_places(run)
    ]
    unevaluated = [
        _notification(
            "warning", "not-evaluated", f"{control}: {reason} ({count(len(assets), 'asset')})"
        )
        for control, reason, assets in not_evaluated(run)
    ]
    notifications = [*notes, *unread, *unevaluated]
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


def _uri(path: str) -> str:
    """Return a URI reference for a path; the table after ``#`` is left to the logical location."""
    is_url = re.match(r"[a-z][a-z0-9+.-]*://", path) is not None
    file = path if is_url else path.partition("#")[0]
    return quote(clean(file.replace("\\", "/")), safe=":/" if is_url else "/")


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
