"""The statement of result: one of four conclusions, with every reason that weighs on it."""

from __future__ import annotations

from collections.abc import Sequence

from governance.model.trail import Assurance, Verification
from governance.reporting.documents import Evidence, TrailRun
from governance.reporting.findings import SERIOUS
from governance.reporting.parts import (
    Conclusion,
    ControlRow,
    CoverageView,
    FindingsView,
    Statement,
)
from governance.reporting.text import plural, share

MIN_COVERAGE = 0.9
"""Least share of places read completely for any conclusion: below nine in ten, what was not
read could hold more than what was found."""

_HEADLINES = {
    Conclusion.CONFORM: "Everything in scope was examined, and every control that applies is kept.",
    Conclusion.EXCEPTIONS: "No serious finding is open; the exceptions below need attention.",
    Conclusion.NOT_CONFORM: "Serious findings are open. They are listed with owner and remedy.",
    Conclusion.CANNOT_CONCLUDE: "The evidence does not carry a conclusion, for the reasons below.",
}


def conclude(
    evidence: Evidence,
    verification: Verification,
    coverage: CoverageView,
    findings: FindingsView,
    controls: Sequence[ControlRow],
) -> Statement:
    """Return the statement; the first group of reasons that is not empty decides it."""
    blocked = _obstacles(evidence, verification, coverage, controls)
    breaches = _breaches(findings)
    exceptions = _exceptions(evidence, verification, coverage, findings, controls)
    if blocked:
        conclusion = Conclusion.CANNOT_CONCLUDE
    elif breaches:
        conclusion = Conclusion.NOT_CONFORM
    elif exceptions:
        conclusion = Conclusion.EXCEPTIONS
    else:
        conclusion = Conclusion.CONFORM
    return Statement(conclusion, _HEADLINES[conclusion], (*blocked, *breaches, *exceptions))


def _obstacles(
    evidence: Evidence,
    verification: Verification,
    coverage: CoverageView,
    controls: Sequence[ControlRow],
) -> list[str]:
    reasons = []
    if not verification.holds:
        problem = verification.problem or "nothing was proved"
        reasons.append(f"The audit trail does not verify: {problem}.")
    if evidence.lost:
        count = plural(len(evidence.lost), "finished scan")
        reasons.append(f"The results of {count} newer than the one reviewed are missing.")
    if evidence.basis is None:
        return [*reasons, "No scan of the period is on record."]
    if not coverage.places:
        reasons.append("The scan read no place at all.")
    elif coverage.share_complete < MIN_COVERAGE:
        reasons.append(
            f"Only {coverage.complete} of {plural(coverage.places, 'place')} "
            f"({share(coverage.share_complete)}) were read completely; "
            f"{share(MIN_COVERAGE)} are needed for a conclusion."
        )
    if not any(row.passed or row.failed or row.waived for row in controls):
        reasons.append("No control was evaluated.")
    return reasons


def _breaches(findings: FindingsView) -> list[str]:
    counts = dict(findings.by_severity.counts)
    reasons = []
    for severity in SERIOUS:
        one, many = f"finding of {severity} severity", f"findings of {severity} severity"
        if counts[severity]:
            reasons.append(_are(counts[severity], one, many) + " open.")
    if findings.serious_gaps:
        weight = "gap of critical or high severity", "gaps of critical or high severity"
        reasons.append(_are(findings.serious_gaps, *weight) + " open.")
    later = [row for row in findings.later.rows if row.weight in SERIOUS]
    if later:
        reasons.append(f"Later scans of single targets found {len(later)} more of that weight.")
    return reasons


def _exceptions(
    evidence: Evidence,
    verification: Verification,
    coverage: CoverageView,
    findings: FindingsView,
    controls: Sequence[ControlRow],
) -> list[str]:
    counts = dict(findings.by_severity.counts)
    lesser = sum(counts[severity] for severity in ("medium", "low"))
    unknown = counts["gap"] - findings.serious_gaps
    unevaluated = sum(row.not_evaluated for row in controls)
    unfinished = [run for run in evidence.runs.values() if _is_unfinished(run)]
    incomplete = coverage.places - coverage.complete
    basis = evidence.basis
    possible = (
        (lesser, _are(lesser, *_LESSER) + " open."),
        (unknown, _are(unknown, "other gap" if findings.serious_gaps else "gap") + _UNDECLARED),
        (findings.waived, _are(findings.waived, "finding") + " waived."),
        (unevaluated, plural(unevaluated, "check") + " could not be evaluated."),
        (incomplete, _are(incomplete, "place") + " not, or not wholly, read."),
        (findings.later.total, _later(findings.later.total)),
        (basis and not evidence.is_whole(basis), "The reviewed scan was of single targets only."),
        (len(unfinished), plural(len(unfinished), "run") + " began and did not finish."),
        (verification.unsigned_tail, _unsigned(verification.unsigned_tail)),
        (verification.holds and verification.level < Assurance.SIGNED, _NO_SIGNATURE),
    )
    return [sentence for happened, sentence in possible if happened]


_LESSER = ("finding of medium or low severity", "findings of medium or low severity")
_UNDECLARED = " open: something in use that nobody declared."
_NO_SIGNATURE = "The audit trail is intact but carries no verified signature."


def _later(count: int) -> str:
    found = plural(count, "finding")
    return f"Later scans of single targets found {found} that the reviewed scan does not have."


def _unsigned(count: int) -> str:
    entries = plural(count, "entry", "entries")
    return f"{entries} of the trail came after its newest signed checkpoint."


def _is_unfinished(run: TrailRun) -> bool:
    return run.started is not None and run.finished is None


def _are(count: int, one: str, many: str | None = None) -> str:
    return f"{plural(count, one, many)} {'is' if count == 1 else 'are'}"
