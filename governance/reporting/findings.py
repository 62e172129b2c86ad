"""Findings of a run document as sorted, capped and counted rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from governance.reporting.documents import Evidence, RunDocument
from governance.reporting.parts import Capped, FindingRow, FindingsView, Row, Tally

SEVERITIES = ("critical", "high", "medium", "low", "gap")
"""In the order of every table and chart; a gap is something that nobody declared."""

SERIOUS = ("critical", "high")
"""Severities of which one open finding or gap means "not conform": the same line as the default
``--fail-on high`` of a scan, so that a red pipeline never becomes a green review."""

MAX_ROWS = 1000  # a reader gives up long before; the attached document has every row
MAX_RUNS = 12  # what a chart of runs still shows legibly: one a month of a year


def view_findings(evidence: Evidence) -> FindingsView:
    """Return the findings of the basis run; empty where there is no run."""
    basis = evidence.basis
    every = sorted(_findings(basis), key=_order) if basis else []
    open_findings = [row for row in every if row.status == "fail"]
    serious = [row for row in open_findings if row.weight in SERIOUS]
    known = {row.id for row in every}
    later = {
        row.id: row
        for document in reversed(evidence.narrower)
        for row in _findings(document)
        if row.id not in known and row.status == "fail"
    }
    newest = reversed(evidence.whole_scans()[:MAX_RUNS])
    return FindingsView(
        by_severity=_tally("all", open_findings),
        by_control=_tallies(open_findings, lambda row: row.control),
        by_owner=_tallies(open_findings, lambda row: row.owner or "nobody"),
        by_run=tuple(_tally(_label(document), _open(document)) for document in newest),
        new=sum(row.state == "new" for row in open_findings),
        existing=sum(row.state == "existing" for row in open_findings),
        waived=sum(row.status == "waived" for row in every),
        serious=len(serious),
        serious_gaps=sum(row.severity == "gap" for row in serious),
        table=cap(every),
        later=cap(sorted(later.values(), key=_order)),
    )


def cap(rows: Sequence[Row]) -> Capped[Row]:
    """Return the first thousand rows with their true number."""
    return Capped(tuple(rows[:MAX_ROWS]), len(rows))


def count_open(document: RunDocument | None) -> tuple[tuple[str, int], ...]:
    """Return a run's open findings by severity; no pairs where there is no run."""
    return _tally("", _open(document)).counts if document else ()


def _open(document: RunDocument) -> list[FindingRow]:
    return [row for row in _findings(document) if row.status == "fail"]


def _findings(document: RunDocument) -> Iterable[FindingRow]:
    for outcome in document.rows("outcomes"):
        finding = outcome.get("finding")
        if finding:
            yield _row(outcome, finding)


def _row(outcome: Mapping[str, Any], finding: Mapping[str, Any]) -> FindingRow:
    severity = "gap" if finding.get("kind") == "gap" else str(finding.get("severity"))
    return FindingRow(
        id=str(finding["id"]),
        severity=severity,
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


def _location(location: Mapping[str, Any] | None) -> str | None:
    if not location:
        return None
    parts = (location.get("file"), location.get("line"))
    return ":".join(str(part) for part in parts if part is not None)


def _order(row: FindingRow) -> tuple[int, str, str, str, str, str]:
    """Severity, then control, then asset; the rest only fixes the order for good."""
    rank = SEVERITIES.index(row.severity) if row.severity in SEVERITIES else -1
    return (rank, row.control, row.asset, row.place or "", row.field or "", row.id)


def _tallies(rows: Sequence[FindingRow], name: Callable[[FindingRow], str]) -> tuple[Tally, ...]:
    groups: dict[str, list[FindingRow]] = {}
    for row in rows:
        groups.setdefault(name(row), []).append(row)
    tallies = (_tally(key, group) for key, group in groups.items())
    return tuple(sorted(tallies, key=_worst_first))


def _tally(name: str, rows: Iterable[FindingRow]) -> Tally:
    counts = Counter(row.severity for row in rows)
    return Tally(name, tuple((severity, counts[severity]) for severity in SEVERITIES))


def _worst_first(tally: Tally) -> tuple[tuple[int, ...], str]:
    return (tuple(-count for _, count in tally.counts), tally.name)


def _label(document: RunDocument) -> str:
    return document.finished.strftime("%Y-%m-%d")
