"""One execution and everything it concluded: what formats print and reports cite."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from governance.model.facts import AssetFacts
from governance.model.ladders import Severity
from governance.model.outcome import FindingKind, FindingState, Outcome, Status


class WaiverState(StrEnum):
    """How a waiver stood in a run; ``unused`` is one in force that covered nothing."""

    ACTIVE = "active"
    UNUSED = "unused"
    FUTURE = "future"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """A waiver as this run saw it; ``matched`` counts the findings it covered.

    Args:
        opened: Its first day. expires: Its last; both belong to it.
    """

    id: str
    target: str
    control: str
    reason: str
    approved_by: tuple[str, ...]
    opened: date
    expires: date
    state: WaiverState
    matched: int

    @property
    def in_force(self) -> bool:
        """Whether it covered findings on the day of the run."""
        return self.state in (WaiverState.ACTIVE, WaiverState.UNUSED)


@dataclass(frozen=True, slots=True)
class BaselineUse:
    """The baseline as this run saw it.

    Args:
        path: As people know the file. sha256: Of its bytes.
        entries: Findings it lists. matched: Those that are open, and do not fail the run.
        worse: Those that are open and became more severe: they count as new.
        unmatched: Those that are not open now.
    """

    path: str
    sha256: str
    entries: int
    matched: int
    worse: int
    unmatched: int


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
class Comparison:
    """A run beside the policies that its branch left.

    Args:
        base: The commit and its ref, as ``0123456789 (origin/main)``.
        resolved: Failures of the base that the branch ends; as the base saw them.
        unclear: Failures of the base of which the branch cannot tell: not evaluated any more.
        unasked: Failures of the base that the branch no longer asks about: nothing was mended.
    """

    base: str
    resolved: tuple[Outcome, ...] = ()
    unclear: tuple[Outcome, ...] = ()
    unasked: tuple[Outcome, ...] = ()


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
        otherwise: What findings alone would have made it exit code 1 for, where the code is 3.
        baseline: The list of known findings that was read, if there is one.
        comparison: Beside which policies its findings are new; None beside none.
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
    baseline: BaselineUse | None = None
    comparison: Comparison | None = None
    otherwise: str = ""

    def count_outcomes(self) -> dict[Status, int]:
        """Return how many outcomes ended in each status; every status is present."""
        counts = Counter(outcome.status for outcome in self.outcomes)
        return {status: counts[status] for status in Status}

    def count_states(self) -> dict[FindingState, int]:
        """Return how many findings are new, existing, waived and baselined."""
        counts = Counter(outcome.finding.state for outcome in self.outcomes if outcome.finding)
        return {state: counts[state] for state in FindingState}

    def count_findings(self) -> dict[str, int]:
        """Return open findings by severity, highest first, and ``gap``; waived ones left out."""
        open_findings = [o.finding for o in self.outcomes if o.status is Status.FAIL and o.finding]
        ranked = sorted(Severity, key=lambda severity: -severity.rank)
        counts = {severity.value: 0 for severity in ranked} | {"gap": 0}
        for finding in open_findings:
            is_gap = finding.kind is FindingKind.GAP
            counts["gap" if is_gap else finding.severity.value] += 1
        return counts
