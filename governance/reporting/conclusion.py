"""The statement of result: one of four conclusions, with every reason that weighs on it."""

from __future__ import annotations

from collections.abc import Sequence

from governance.model.trail import Assurance, Verification
from governance.reporting.controls import ControlRow
from governance.reporting.documents import Evidence, TrailRun
from governance.reporting.language import Said, said
from governance.reporting.parts import Conclusion, CoverageView, FindingsView, Statement
from governance.reporting.rowmaking import SERIOUS

MIN_COVERAGE = 0.9
"""Least share of places read completely for any conclusion: below nine in ten, what was not
read could hold more than what was found."""

_HEADLINES = {
    Conclusion.CONFORM: said(
        "Everything in scope was examined, and every control that applies is kept."
    ),
    Conclusion.EXCEPTIONS: said("No serious finding is open; the exceptions below need attention."),
    Conclusion.NOT_CONFORM: said(
        "Serious findings are open. They are listed with owner and remedy."
    ),
    Conclusion.CANNOT_CONCLUDE: said(
        "The evidence does not carry a conclusion, for the reasons below."
    ),
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
) -> list[Said]:
    reasons = []
    if not verification.holds:
        problem = verification.problem or "nothing was proved"
        reasons.append(said("The audit trail does not verify: {problem}.", problem=problem))
    if evidence.lost:
        reasons.append(_count(len(evidence.lost), _LOST))
    if evidence.basis is None:
        return [*reasons, said("No scan of the period is on record.")]
    if not coverage.places:
        reasons.append(said("The scan read no place at all."))
    elif coverage.share_complete < MIN_COVERAGE:
        counts = {"complete": coverage.complete, "n": coverage.places}
        reasons.append(said(_TOO_LITTLE, **counts, least=int(MIN_COVERAGE * 100)))
    if not any(row.passed or row.failed or row.waived for row in controls):
        reasons.append(said("No control was evaluated."))
    return reasons


def _breaches(findings: FindingsView) -> list[Said]:
    counts = dict(findings.by_severity.counts)
    reasons = [
        _count(counts[severity], _OPEN[severity]) for severity in SERIOUS if counts[severity]
    ]
    if findings.serious_gaps:
        reasons.append(_count(findings.serious_gaps, _SERIOUS_GAPS))
    later = sum(row.weight in SERIOUS for row in findings.later.rows)
    if later:
        reasons.append(_count(later, _LATER_SERIOUS))
    return reasons


def _exceptions(
    evidence: Evidence,
    verification: Verification,
    coverage: CoverageView,
    findings: FindingsView,
    controls: Sequence[ControlRow],
) -> list[Said]:
    counts = dict(findings.by_severity.counts)
    unfinished = sum(1 for run in evidence.runs.values() if _is_unfinished(run))
    possible = (
        (sum(counts[severity] for severity in ("medium", "low")), _LESSER),
        (counts["gap"] - findings.serious_gaps, _GAPS),
        (findings.waived, _WAIVED),
        (sum(row.not_evaluated for row in controls), _UNEVALUATED),
        (coverage.places - coverage.complete, _INCOMPLETE),
        (findings.later.total, _LATER),
        (_is_narrow(evidence), "The reviewed scan was of single targets only."),
        (unfinished, _UNFINISHED),
        (verification.unsigned_tail, _UNSIGNED),
        (
            verification.holds and verification.level < Assurance.SIGNED,
            "The audit trail is intact but carries no verified signature.",
        ),
    )
    return [_count(int(count), text) for count, text in possible if count]


_LOST = (
    "The result of {n} finished scan newer than the one reviewed is missing.|"
    "The results of {n} finished scans newer than the one reviewed are missing."
)
_TOO_LITTLE = (
    "Only {complete} of {n} place was read completely; {least} in 100 are needed for a conclusion.|"
    "Only {complete} of {n} places were read completely; {least} in 100 are needed for a "
    "conclusion."
)
_OPEN = {
    "critical": "{n} finding of critical severity is open.|"
    "{n} findings of critical severity are open.",
    "high": "{n} finding of high severity is open.|{n} findings of high severity are open.",
}
_SERIOUS_GAPS = (
    "{n} gap of critical or high severity is open.|{n} gaps of critical or high severity are open."
)
_LATER_SERIOUS = (
    "Later scans of single targets found {n} more of that weight.|"
    "Later scans of single targets found {n} more of that weight."
)
_LESSER = (
    "{n} finding of medium or low severity is open.|"
    "{n} findings of medium or low severity are open."
)
_GAPS = (
    "{n} lesser gap is open: something in use that nobody declared.|"
    "{n} lesser gaps are open: something in use that nobody declared."
)
_WAIVED = "{n} finding is waived.|{n} findings are waived."
_UNEVALUATED = "{n} check could not be evaluated.|{n} checks could not be evaluated."
_INCOMPLETE = "{n} place is not, or not wholly, read.|{n} places are not, or not wholly, read."
_LATER = (
    "Later scans of single targets found {n} finding that the reviewed scan does not have.|"
    "Later scans of single targets found {n} findings that the reviewed scan does not have."
)
_UNFINISHED = "{n} run began and did not finish.|{n} runs began and did not finish."
_UNSIGNED = (
    "{n} entry of the trail came after its newest signed checkpoint.|"
    "{n} entries of the trail came after its newest signed checkpoint."
)


def _count(n: int, text: str) -> Said:
    return said(text, n=n)


def _is_narrow(evidence: Evidence) -> bool:
    return evidence.basis is not None and not evidence.is_whole(evidence.basis)


def _is_unfinished(run: TrailRun) -> bool:
    return run.started is not None and run.finished is None
