"""Findings over time: which are new, which stay, which came back, which are gone, how old."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.reporting.counting import MAX_ROWS, Least
from governance.reporting.documents import Evidence, RunDocument
from governance.reporting.outcomes import Outcome
from governance.reporting.parts import Capped, FindingRow, Tally
from governance.reporting.rowmaking import SEVERITIES, finding_row, number_of, order_of, severity_of

AGES = (30, 90, 180)
"""Days at which the bands of age end; the last band has no end."""

BANDS = ("up to 30 days", "31 to 90 days", "91 to 180 days", "over 180 days")


@dataclass(frozen=True, slots=True)
class HistoryView:
    """How the open findings came to be.

    Args:
        scans: How many scans of everything were compared. since: When the oldest of them ended.
        new: In no earlier scan. persisting: In every one since they were first seen.
        returned: Seen earlier, gone in between, and back. fixed: Seen earlier, looked for again,
            and not found. unclear: Not found, but the control was not evaluated there.
        ages: Open findings by band of age. oldest: First seen, by control.
        known: Finding id as a number to when it was first seen.
    """

    scans: int
    since: datetime | None
    new: int
    persisting: int
    returned: int
    fixed: int
    unclear: int
    ages: tuple[Tally, ...]
    oldest: tuple[tuple[str, datetime], ...]
    gone: Capped[FindingRow]

    @property
    def compares(self) -> bool:
        """Whether there was an earlier scan to compare with."""
        return self.scans > 1

    def first_seen(self, control: str) -> datetime | None:
        """Return when the oldest open finding of a control was first seen."""
        return dict(self.oldest).get(control)


def view_history(evidence: Evidence) -> HistoryView:
    """Compare the basis with every earlier scan of everything that is at hand."""
    basis = evidence.basis
    if basis is None:
        return HistoryView(0, None, 0, 0, 0, 0, 0, (), (), Capped((), 0))
    whole = [d for d in evidence.whole_scans() if d.finished < basis.finished]
    earlier = sorted([*evidence.earlier, *whole], key=lambda document: document.finished)
    if not earlier:
        count = len(basis.counting.open_ids)
        return HistoryView(1, None, count, 0, 0, 0, 0, _all_new(basis), (), Capped((), 0))
    first, back, before = _follow(basis, earlier)
    new = sum(1 for each in basis.counting.open_ids if each not in first)
    returned = len(back)
    gone, unclear = _gone(basis, before, earlier)
    ages, oldest = _ages(basis, first)
    return HistoryView(
        scans=len(earlier) + 1,
        since=earlier[0].finished,
        new=new,
        persisting=len(basis.counting.open_ids) - new - returned,
        returned=returned,
        fixed=gone.total,
        unclear=unclear,
        ages=ages,
        oldest=oldest,
        gone=gone,
    )


def _follow(
    basis: RunDocument, earlier: Sequence[RunDocument]
) -> tuple[dict[int, datetime], set[int], set[int]]:
    """Return when each open finding was first seen, which came back, and what else was seen."""
    current = set(basis.counting.open_ids)
    first: dict[int, datetime] = {}
    times: Counter[int] = Counter()
    began: dict[int, int] = {}
    others: set[int] = set()
    for number, document in enumerate(earlier):
        for each in document.counting.open_ids:
            if each in current:
                first.setdefault(each, document.finished)
                began.setdefault(each, number)
                times[each] += 1
            else:
                others.add(each)
    back = {each for each, number in began.items() if times[each] < len(earlier) - number}
    return first, back, others


def _gone(
    basis: RunDocument, ids: set[int], earlier: Sequence[RunDocument]
) -> tuple[Capped[FindingRow], int]:
    """List what was seen earlier and is gone, as the newest scan that saw it described it."""
    kept: Least[FindingRow] = Least(MAX_ROWS)
    unknown = _not_evaluated(basis) if ids else set()
    unclear = 0
    left = set(ids)

    def take(outcome: Outcome) -> None:
        nonlocal unclear
        finding = outcome.finding
        if finding is None or outcome.status != "fail":
            return
        number = number_of(finding.id)
        if number not in left:
            return
        left.discard(number)
        if (outcome.control, outcome.asset) in unknown:
            unclear += 1
            return
        key = order_of(severity_of(finding), outcome, finding)
        if kept.wants(key):
            kept.add(key, finding_row(outcome, finding))

    for document in reversed(earlier):
        if left:
            document.each_outcome(take)
    return kept.capped(), unclear


def _not_evaluated(basis: RunDocument) -> set[tuple[str, str]]:
    """What the basis could not judge: there, nothing found does not mean mended."""
    found: set[tuple[str, str]] = set()

    def take(outcome: Outcome) -> None:
        if outcome.status == "not_evaluated":
            found.add((outcome.control, outcome.asset))

    if basis.counting.statuses["not_evaluated"]:
        basis.each_outcome(take)
    return found


def _ages(
    basis: RunDocument, first: Mapping[int, datetime]
) -> tuple[tuple[Tally, ...], tuple[tuple[str, datetime], ...]]:
    bands = [Counter[str]() for _ in BANDS]
    oldest: dict[str, datetime] = {}

    def take(outcome: Outcome) -> None:
        finding = outcome.finding
        if finding is None or outcome.status != "fail":
            return
        seen = first.get(number_of(finding.id), basis.finished)
        bands[bisect_left(AGES, (basis.finished - seen).days)][severity_of(finding)] += 1
        control = outcome.control
        if control not in oldest or seen < oldest[control]:
            oldest[control] = seen

    basis.each_outcome(take)
    return _tallies(bands), tuple(sorted(oldest.items()))


def _all_new(basis: RunDocument) -> tuple[Tally, ...]:
    return _tallies([basis.counting.severities, *(Counter[str]() for _ in BANDS[1:])])


def _tallies(bands: Sequence[Counter[str]]) -> tuple[Tally, ...]:
    return tuple(
        Tally(name, tuple((severity, counts[severity]) for severity in SEVERITIES))
        for name, counts in zip(BANDS, bands, strict=True)
    )
