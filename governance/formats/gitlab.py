"""GitLab's Code Quality report: what a merge request shows beside its lines."""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar

from governance.formats.anchor import Anchor, Anchors, file_of
from governance.formats.cleaning import clean
from governance.formats.contract import View
from governance.formats.verdict import incomplete_places, open_findings
from governance.model.ladders import Severity
from governance.model.run import Run

_LONGEST = 1_000
_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}


class GitlabFormat:
    """One entry for each open finding, and for each place that was not read to its end."""

    name: ClassVar[str] = "gitlab"

    def render(self, run: Run, view: View) -> str:  # noqa: ARG002 (a program needs no width)
        anchors = Anchors(run)
        found = [
            _entry(
                f"{finding.title}. {finding.message} {finding.remedy}",
                outcome.control,
                finding.id,
                _SEVERITIES[finding.severity],
                anchors.of(outcome, finding),
            )
            for outcome, finding in open_findings(run)
        ]
        unread = [
            _entry(f"{asset} ({uri}): {status}: {reason}", "coverage",
                   hashlib.sha256(f"{asset}\0{uri}".encode(errors="surrogatepass")).hexdigest(),
                   "major", Anchor(uri, 1))
            for asset, uri, status, reason in incomplete_places(run)
        ]  # fmt: skip
        return json.dumps([*found, *unread], indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _entry(
    text: str, check: str, fingerprint: str, severity: str, anchor: Anchor
) -> dict[str, Any]:
    return {
        "description": clean(text.strip(), _LONGEST),
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": file_of(anchor.path), "lines": {"begin": anchor.line}},
    }
