"""One execution and everything it concluded: what formats print and reports cite."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from governance.model.facts import AssetFacts
from governance.model.ladders import Severity
from governance.model.outcome import FindingKind, Outcome, Status


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """A waiver as this run saw it; ``matched`` counts the findings it covered."""

    id: str
    target: str
    control: str
    reason: str
    approved_by: tuple[str, ...]
    expires: date
    in_force: bool
    matched: int


@dataclass(frozen=True, slots=True)
class AccessSummary:
    """Logged accesses to one dataset in this run; ``actors`` counts distinct principals."""

    dataset: str
    events: int
    denied: int
    actors: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of scan or check.

    Args:
        details: Per asset id, what the inventory of a report shows: ``title``,
            ``classification``, ``steward``, ``purposes``, ``retention``, ``risk_class``,
            ``intended_use`` …, in reading order.
        notes: Sentences a reader must not miss, as which controls an ad hoc scan leaves out.
        verdict: Why the exit code is what it is, in words, from whoever decided it, as
            ``3 findings at or above high``; empty leaves the wording to the format.
    """

    id: str
    command: str
    project: str
    started: datetime
    finished: datetime
    tool_version: str
    policy_digest: str
    exit_code: int
    assets: tuple[AssetFacts, ...]
    outcomes: tuple[Outcome, ...]
    waivers: tuple[WaiverUse, ...] = ()
    accesses: tuple[AccessSummary, ...] = ()
    details: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    notes: tuple[str, ...] = ()
    verdict: str = ""

    def count_outcomes(self) -> dict[Status, int]:
        """Return how many outcomes ended in each status; every status is present."""
        counts = Counter(outcome.status for outcome in self.outcomes)
        return {status: counts[status] for status in Status}

    def count_findings(self) -> dict[str, int]:
        """Return open findings by severity, highest first, and ``gap``; waived ones left out."""
        open_findings = [o.finding for o in self.outcomes if o.status is Status.FAIL and o.finding]
        ranked = sorted(Severity, key=lambda severity: -severity.rank)
        counts = {severity.value: 0 for severity in ranked} | {"gap": 0}
        for finding in open_findings:
            is_gap = finding.kind is FindingKind.GAP
            counts["gap" if is_gap else finding.severity.value] += 1
        return counts
