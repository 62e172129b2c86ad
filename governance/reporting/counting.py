"""One pass over the outcomes of a run: every count and every capped list that a report needs.

A run may hold millions of outcomes, so nothing here keeps them: counts, the ids of what is
open (eight bytes each), and of every list the first rows in an order that no input decides.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, TypeVar

from governance.reporting.outcomes import Found, Outcome
from governance.reporting.parts import Capped, FindingRow
from governance.reporting.rowmaking import (
    SERIOUS,
    Key,
    finding_row,
    number_of,
    order_of,
    rank_of,
    severity_of,
    subject_of,
)

_ENDED = attrgetter("control", "status", "grade")
_OPEN = attrgetter("control", "finding.owner", "finding.kind", "finding.severity", "finding.state")
_CITED = attrgetter("control", "finding.references")
_ASSET, _ID = attrgetter("asset"), attrgetter("finding.id")
# NOTE: getters, because the library counts what they give without a step of Python for each.
_UNQUOTED = ("fail", "not_applicable")

MAX_ROWS = 1000  # a reader gives up long before; the attached document has every row
EXCEPTIONS = 10  # findings shown in the block of one control
SAMPLE = 4  # passed outcomes that a block quotes as evidence
SUBJECTS = 40  # names in one row of what was not examined

Row = TypeVar("Row")


class Least(Generic[Row]):
    """The rows with the smallest keys of all that were added, and how many those were."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.total = 0
        self._kept: list[tuple[Key, Row]] = []
        self._worst: Key | None = None

    def passes(self, first: int) -> bool:
        """Return whether a key that begins with ``first`` could be wanted; count it if not."""
        if self._worst is None or first <= self._worst[0]:
            return True
        self.total += 1
        return False

    def wants(self, key: Key) -> bool:
        """Count a row, and return whether it is worth making."""
        self.total += 1
        return self._worst is None or key < self._worst

    def add(self, key: Key, row: Row) -> None:
        """Keep a wanted row."""
        self._kept.append((key, row))
        if len(self._kept) >= 2 * self.most + 50:
            self._prune()

    def capped(self) -> Capped[Row]:
        """Return the rows in order, with the true number."""
        self._prune()
        return Capped(tuple(row for _, row in self._kept), self.total)

    def _prune(self) -> None:
        self._kept.sort(key=lambda pair: pair[0])
        del self._kept[self.most :]
        if len(self._kept) == self.most:
            self._worst = self._kept[-1][0]


@dataclass
class ControlCount:
    """What the block of one control quotes: findings and passed outcomes."""

    exceptions: Least[FindingRow] = field(default_factory=lambda: Least(EXCEPTIONS))
    sample: Least[tuple[str, str]] = field(default_factory=lambda: Least(SAMPLE))


@dataclass
class Reason:
    """Subjects that were not evaluated for one reason."""

    count: int = 0
    subjects: Least[str] = field(default_factory=lambda: Least(SUBJECTS))


class Counting:
    """Everything that is counted over the outcomes of one run.

    What is derived (``severities`` and the like) may be asked for once all outcomes were taken.
    """

    def __init__(self) -> None:
        self.controls: defaultdict[str, ControlCount] = defaultdict(ControlCount)
        self.assets: Counter[str] = Counter()
        self.unevaluated: defaultdict[tuple[str, str], Reason] = defaultdict(Reason)
        self.register: Least[FindingRow] = Least(MAX_ROWS)
        self.open_ids: array[int] = array("Q")
        self.waived = 0
        self.ended: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self._models: Set[str] | None = None
        self._ended: Counter[tuple[str, str, str | None]] = Counter()
        self._open: Counter[tuple[str | None, ...]] = Counter()
        self._cited: set[tuple[str, tuple[str, ...] | None]] = set()

    def take(self, head: Mapping[str, Any], outcomes: Sequence[Outcome]) -> None:
        """Count the next outcomes.

        Args:
            head: What was read of the document before them.
        """
        if self._models is None:
            rows = head.get("assets") or ()
            self._models = {str(row["id"]) for row in rows if row.get("kind") == "model"}
        found = [outcome for outcome in outcomes if outcome.finding is not None]
        opened = [outcome for outcome in found if outcome.status == "fail"]
        for control in {outcome.control for outcome in outcomes}:
            self.controls.setdefault(control, ControlCount())
        self._ended.update(map(_ENDED, outcomes))
        self._open.update(map(_OPEN, opened))
        self._cited.update(map(_CITED, found))
        self.assets.update(map(_ASSET, opened))
        self.open_ids.extend(map(number_of, map(_ID, opened)))
        self.waived += sum(outcome.status == "waived" for outcome in found)
        for outcome in outcomes:
            if outcome.status not in _UNQUOTED or outcome.asset in self._models:
                self._quote(outcome)
        for outcome in found:
            if outcome.finding is not None:
                self._show(outcome, outcome.finding)

    def let_go_of_rows(self) -> None:
        """Keep the counts alone: of a run that is only compared with, no row is printed."""
        self.register = Least(MAX_ROWS)
        for control in self.controls:
            self.controls[control] = ControlCount()

    @cached_property
    def references(self) -> dict[str, set[str]]:
        """What the findings of each control cite."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for control, references in self._cited:
            found[control].update(references or ())
        return dict(found)

    @cached_property
    def statuses(self) -> Counter[str]:
        """Outcomes by status."""
        return _summed(self._ended, 1)

    @cached_property
    def severities(self) -> Counter[str]:
        """Open findings by severity, a gap as a gap."""
        return _summed(self._opened, 2)

    @cached_property
    def states(self) -> Counter[str]:
        """Open findings by state."""
        return _summed(self._opened, 3)

    @cached_property
    def owners(self) -> dict[str, Counter[str]]:
        """Open findings by owner (empty for nobody) and severity."""
        return _nested(self._opened, 1, 2)

    @cached_property
    def open(self) -> dict[str, Counter[str]]:
        """Open findings by control and severity."""
        return _nested(self._opened, 0, 2)

    @cached_property
    def heat(self) -> dict[str, Counter[str]]:
        """Open findings by control and owner."""
        return _nested(self._opened, 0, 1)

    @cached_property
    def by_control(self) -> dict[str, Counter[str]]:
        """Outcomes by control and status."""
        return _nested(self._ended, 0, 1)

    @cached_property
    def grades(self) -> dict[str, Counter[str]]:
        """Outcomes that applied by control and grade of evidence."""
        applied = {key: n for key, n in self._ended.items() if key[1] != "not_applicable"}
        return _nested(applied, 0, 2)

    @cached_property
    def serious(self) -> int:
        """Open findings and gaps of critical or high severity."""
        return sum(n for key, n in self._opened.items() if key[4] in SERIOUS)

    @cached_property
    def serious_gaps(self) -> int:
        """The gaps among them."""
        return sum(n for key, n in self._opened.items() if key[4] in SERIOUS and key[2] == "gap")

    @cached_property
    def _opened(self) -> Counter[tuple[str, str, str, str, str]]:
        """Open findings by control, owner, severity (a gap as a gap), state and weight."""
        found: Counter[tuple[str, str, str, str, str]] = Counter()
        for (control, owner, kind, weight, state), count in self._open.items():
            severity = "gap" if kind == "gap" else str(weight)
            found[str(control), owner or "", severity, str(state), str(weight)] += count
        return found

    def _quote(self, outcome: Outcome) -> None:
        """Keep what a block quotes of an outcome that found nothing, and how models ended."""
        control, status = outcome.control, outcome.status
        if status == "not_applicable":
            return
        if self._models and outcome.asset in self._models:
            self.ended[outcome.asset].add((control, status))
        if status == "not_evaluated":
            group = self.unevaluated[control, str(outcome.reason)]
            group.count += 1
            name = subject_of(outcome)
            if group.subjects.wants((name,)):
                group.subjects.add((name,), name)
        elif status == "pass":
            key = (outcome.asset, str(outcome.reason))
            sample = self.controls[control].sample
            if sample.wants(key):
                sample.add(key, key)

    def _show(self, outcome: Outcome, finding: Found) -> None:
        """Make a row of it only where a list has room for it."""
        severity = severity_of(finding)
        rank = rank_of(severity)
        exceptions = self.controls[outcome.control].exceptions
        wanted = self.register.passes(rank)
        shown = outcome.status == "fail" and exceptions.passes(rank)
        if not (wanted or shown):
            return
        key = order_of(severity, outcome, finding)
        wanted = wanted and self.register.wants(key)
        shown = shown and exceptions.wants(key)
        if wanted or shown:
            row = finding_row(outcome, finding)
            if wanted:
                self.register.add(key, row)
            if shown:
                exceptions.add(key, row)


def _summed(counts: Mapping[Any, int], part: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for key, count in counts.items():
        found[key[part]] += count
    return found


def _nested(counts: Mapping[Any, int], outer: int, inner: int) -> dict[str, Counter[str]]:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key, count in counts.items():
        if key[inner] is not None:
            found[key[outer]][key[inner]] += count
    return dict(found)
