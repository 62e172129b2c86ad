"""GitLab's Code Quality report: what a merge request shows beside its lines."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

from governance.formats.anchor import Anchor, Anchors
from governance.formats.cleaning import clean, inert_json
from governance.formats.contract import View
from governance.formats.verdict import (
    NOT_EVALUATED,
    baseline_told,
    facts_age,
    incomplete_places,
    not_evaluated,
    open_findings,
    verdict,
)
from governance.model.ladders import Severity
from governance.model.outcome import FindingState
from governance.model.run import Run

_LONGEST = 1_000
_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}
_KNOWN = "info"
_OPEN_QUESTION = "major"


class GitlabFormat:
    """One entry for each open finding, each place not read to its end, each open question.

    GitLab keeps the first entry of each fingerprint, so each is there once. A baselined finding
    is an entry of severity ``info``.
    """

    name: ClassVar[str] = "gitlab"

    def render(self, run: Run, view: View) -> str:
        seen: Counter[str] = Counter()
        entries = []
        for entry in _entries(run, Anchors(run, view.prefix)):
            seen[entry["fingerprint"]] += 1
            double = seen[entry["fingerprint"]]
            if double > 1:
                entry["fingerprint"] = _hashed("double", entry["fingerprint"], str(double))
            entries.append(entry)
        return inert_json(json.dumps(entries, indent=2, sort_keys=True, ensure_ascii=False)) + "\n"


def _entries(run: Run, anchors: Anchors) -> Iterator[dict[str, Any]]:
    for outcome, finding in open_findings(run):
        is_known = finding.state is FindingState.BASELINED
        yield _entry(
            f"{'Baselined: ' if is_known else ''}{finding.title}. {finding.message} "
            f"{finding.remedy}",
            outcome.control,
            finding.id,
            _KNOWN if is_known else _SEVERITIES[finding.severity],
            anchors.of(outcome, finding),
        )
    for asset, uri, status, reason in incomplete_places(run):
        told = f"{asset} ({uri}): {status}: {reason}"
        key = _hashed(asset, uri)
        yield _entry(told, "coverage", key, _OPEN_QUESTION, anchors.file(uri))
    project = anchors.file("")
    for control, reason, assets in not_evaluated(run):
        told = f"not evaluated: {control}: {reason} ({len(assets):,} assets)"
        yield _entry(told, control, _hashed(control, reason), _OPEN_QUESTION, project)
    if run.exit_code >= NOT_EVALUATED:
        yield _entry(verdict(run), "verdict", _hashed("verdict"), "blocker", project)
    baseline = baseline_told(run)
    if baseline:
        yield _entry(baseline, "baseline", _hashed("baseline"), _KNOWN, project)
    age = facts_age(run)
    if age:
        yield _entry(age, "facts-age", _hashed("facts-age"), _KNOWN, project)


def _entry(
    text: str, check: str, fingerprint: str, severity: str, anchor: Anchor
) -> dict[str, Any]:
    return {
        "description": clean(text.strip(), _LONGEST),
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": anchor.path, "lines": {"begin": anchor.line}},
    }


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()
