"""One pass over the outcomes of a run: every count and every capped list that a report needs.

A run may hold millions of outcomes, so nothing here keeps them: counts, the ids of what is
open (eight bytes each), and of every list the first rows in an order that no input decides.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from governance.reporting.parts import Capped, FindingRow

SEVERITIES = ("critical", "high", "medium", "low", "gap")
"""In the order of every table and chart; a gap is something that nobody declared."""

SERIOUS = ("critical", "high")
"""Severities of which one open finding or gap means "not conform": the same line as the default
``--fail-on high`` of a scan, so that a red pipeline never becomes a green review."""

MAX_ROWS = 1000  # a reader gives up long before; the attached document has every row
EXCEPTIONS = 10  # findings shown in the block of one control
SAMPLE = 4  # passed outcomes that a block quotes as evidence
SUBJECTS = 40  # names in one row of what was not examined

Row = TypeVar("Row")
Key = tuple[Any, ...]


class Least(Generic[Row]):
    """The rows with the smallest keys of all that were added, and how many those were."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.total = 0
        self._kept: list[tuple[Key, Row]] = []
        self._worst: Key | None = None

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
    """How one control ended: statuses, grades of evidence, and what its block quotes."""

    statuses: Counter[str] = field(default_factory=Counter)
    grades: Counter[str] = field(default_factory=Counter)
    exceptions: Least[FindingRow] = field(default_factory=lambda: Least(EXCEPTIONS))
    sample: Least[tuple[str, str]] = field(default_factory=lambda: Least(SAMPLE))
    open: Counter[str] = field(default_factory=Counter)
    references: set[str] = field(default_factory=set)


@dataclass
class Reason:
    """Subjects that were not evaluated for one reason."""

    count: int = 0
    subjects: Least[str] = field(default_factory=lambda: Least(SUBJECTS))


class Counting:
    """Everything that is counted over the outcomes of one run.

    Args:
        wanted: Assets whose outcomes are kept by control and status (the models).
    """

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.severities: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.controls: defaultdict[str, ControlCount] = defaultdict(ControlCount)
        self.owners: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.heat: Counter[tuple[str, str]] = Counter()
        self.assets: Counter[str] = Counter()
        self.unevaluated: defaultdict[tuple[str, str], Reason] = defaultdict(Reason)
        self.register: Least[FindingRow] = Least(MAX_ROWS)
        self.open_ids: array[int] = array("Q")
        self.waived = self.serious = self.serious_gaps = 0
        self.ended: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self._models: Set[str] | None = None

    def take(self, head: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
        """Count one outcome.

        Args:
            head: What was read of the document before it.
        """
        if self._models is None:
            rows = head.get("assets") or ()
            self._models = {str(row["id"]) for row in rows if row.get("kind") == "model"}
        control, status = str(outcome["control"]), str(outcome["status"])
        counted = self.controls[control]
        self.statuses[status] += 1
        counted.statuses[status] += 1
        if status == "not_applicable":
            return
        asset = str(outcome["asset"])
        if asset in self._models:
            self.ended[asset].add((control, status))
        if outcome.get("grade"):
            counted.grades[str(outcome["grade"])] += 1
        if status == "not_evaluated":
            self._not_evaluated(control, outcome)
        elif status == "pass":
            key = (asset, str(outcome["reason"]))
            if counted.sample.wants(key):
                counted.sample.add(key, key)
        finding = outcome.get("finding")
        if finding:
            self._finding(counted, outcome, finding)

    def _not_evaluated(self, control: str, outcome: Mapping[str, Any]) -> None:
        group = self.unevaluated[control, str(outcome["reason"])]
        group.count += 1
        name = subject_of(outcome)
        if group.subjects.wants((name,)):
            group.subjects.add((name,), name)

    def _finding(
        self, counted: ControlCount, outcome: Mapping[str, Any], finding: Mapping[str, Any]
    ) -> None:
        severity = severity_of(finding)
        counted.references.update(map(str, finding.get("references") or ()))
        is_open = outcome["status"] == "fail"
        if is_open:
            owner, control = str(finding.get("owner") or ""), str(outcome["control"])
            self.severities[severity] += 1
            counted.open[severity] += 1
            self.owners[owner][severity] += 1
            self.heat[control, owner] += 1
            self.states[str(finding.get("state"))] += 1
            self.assets[str(outcome["asset"])] += 1
            self.open_ids.append(number_of(str(finding["id"])))
            if finding.get("severity") in SERIOUS:
                self.serious += 1
                self.serious_gaps += severity == "gap"
        elif outcome["status"] == "waived":
            self.waived += 1
        key = order_of(severity, outcome, finding)
        wanted = self.register.wants(key)
        shown = is_open and counted.exceptions.wants(key)
        if wanted or shown:
            row = finding_row(outcome, finding)
            if wanted:
                self.register.add(key, row)
            if shown:
                counted.exceptions.add(key, row)


def severity_of(finding: Mapping[str, Any]) -> str:
    """Return what a finding counts as: its severity, or ``gap``."""
    return "gap" if finding.get("kind") == "gap" else str(finding.get("severity"))


def order_of(severity: str, outcome: Mapping[str, Any], finding: Mapping[str, Any]) -> Key:
    """Severity, then control, then asset; the rest only fixes the order for good."""
    rank = SEVERITIES.index(severity) if severity in SEVERITIES else -1
    return (
        rank,
        str(outcome["control"]),
        str(outcome["asset"]),
        str(outcome.get("place") or ""),
        str(outcome.get("field") or ""),
        str(finding["id"]),
    )


def number_of(id: str) -> int:
    """Return a finding's id as a number of 64 bits; what is no hex number is hashed."""
    try:
        return int(id, 16) if len(id) == 16 else _hashed(id)
    except ValueError:
        return _hashed(id)


def subject_of(outcome: Mapping[str, Any]) -> str:
    """Return what an outcome is about: the asset, with its field or subject."""
    parts = (outcome["asset"], outcome.get("field") or outcome.get("subject"))
    return ".".join(str(part) for part in parts if part)


def finding_row(outcome: Mapping[str, Any], finding: Mapping[str, Any]) -> FindingRow:
    """Return a finding as a row."""
    return FindingRow(
        id=str(finding["id"]),
        severity=severity_of(finding),
        weight=str(finding.get("severity")),
        control=str(outcome["control"]),
        asset=str(outcome["asset"]),
        place=outcome.get("place"),
        field=outcome.get("field"),
        subject=outcome.get("subject"),
        status=str(outcome["status"]),
        state=str(finding.get("state")),
        title=str(finding.get("title")),
        message=str(finding.get("message")),
        remedy=str(finding.get("remedy")),
        owner=finding.get("owner"),
        confidence=float(finding.get("confidence") or 0),
        location=_location(finding.get("location")),
        references=tuple(map(str, finding.get("references") or ())),
        waiver=finding.get("waiver"),
    )


def _hashed(id: str) -> int:
    return int.from_bytes(hashlib.sha256(id.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def _location(location: Mapping[str, Any] | None) -> str | None:
    if not location:
        return None
    parts = (location.get("file"), location.get("line"))
    return ":".join(str(part) for part in parts if part is not None)
