"""Findings of the run under review as counted, capped and sorted rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from governance.reporting.counting import MAX_ROWS, Counting
from governance.reporting.documents import Evidence, RunDocument
from governance.reporting.outcomes import Outcome
from governance.reporting.parts import Capped, FindingRow, FindingsView, HeatRow, Row, Tally
from governance.reporting.rowmaking import SEVERITIES, finding_row, number_of

MAX_RUNS = 12  # what a chart of runs still shows legibly: one a month of a year
MAX_OWNERS = 9  # columns of the heat table that an upright page holds


def view_findings(evidence: Evidence) -> FindingsView:
    """Return the findings of the basis run; empty where there is no run."""
    counting = evidence.basis.counting if evidence.basis else Counting()
    newest = tuple(reversed(evidence.whole_scans()[:MAX_RUNS]))
    return FindingsView(
        by_severity=_tally("all", counting.severities),
        by_control=_tallies(counting.open),
        by_owner=_tallies({name or "nobody": each for name, each in counting.owners.items()}),
        by_run=tuple(_tally(_label(d), d.counting.severities) for d in newest),
        new=counting.states["new"],
        existing=counting.states["existing"] + counting.states["baselined"],
        waived=counting.waived,
        serious=counting.serious,
        serious_gaps=counting.serious_gaps,
        table=counting.register.capped(),
        later=_later(evidence),
        heat_owners=(owners := _columns(counting)),
        heat=_heat(counting, owners),
    )


def cap(rows: Sequence[Row]) -> Capped[Row]:
    """Return the first thousand rows with their true number."""
    return Capped(tuple(rows[:MAX_ROWS]), len(rows))


def count_open(document: RunDocument | None) -> tuple[tuple[str, int], ...]:
    """Return a run's open findings by severity; no pairs where there is no run."""
    return _tally("", document.counting.severities).counts if document else ()


def _later(evidence: Evidence) -> Capped[FindingRow]:
    """What scans of single targets found after the basis, and the basis does not have.

    What the basis holds as waived is known to it as well.
    """
    if not evidence.narrower or evidence.basis is None:
        return Capped((), 0)
    known = set(evidence.basis.counting.open_ids)
    known |= {number_of(row.id) for row in evidence.basis.counting.register.capped().rows}
    found: dict[str, FindingRow] = {}

    def take(outcome: Outcome) -> None:
        finding = outcome.finding
        if finding is not None and outcome.status == "fail":
            row = finding_row(outcome, finding)
            if number_of(row.id) not in known:
                found[row.id] = row

    for document in reversed(evidence.narrower):
        document.each_outcome(take)
    return cap(sorted(found.values(), key=_order))


def _order(row: FindingRow) -> tuple[int, str, str, str, str, str]:
    rank = SEVERITIES.index(row.severity) if row.severity in SEVERITIES else -1
    return (rank, row.control, row.asset, row.place or "", row.field or "", row.id)


def _columns(counting: Counting) -> tuple[str, ...]:
    """The owners with most open findings, whose columns a page holds."""
    totals = sorted(counting.owners.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    return tuple(name for name, _ in totals[:MAX_OWNERS])


def _heat(counting: Counting, owners: Sequence[str]) -> tuple[HeatRow, ...]:
    rows = []
    for control, counts in counting.heat.items():
        cells = tuple(counts[owner] for owner in owners)
        rows.append(HeatRow(control, cells, counts.total() - sum(cells), counts.total()))
    return tuple(sorted(rows, key=lambda row: (-row.total, row.control)))


def _tallies(groups: Mapping[str, Mapping[str, int]]) -> tuple[Tally, ...]:
    tallies = (_tally(name, counts) for name, counts in groups.items() if sum(counts.values()))
    return tuple(sorted(tallies, key=_worst_first))


def _tally(name: str, counts: Mapping[str, int]) -> Tally:
    return Tally(name, tuple((severity, counts.get(severity, 0)) for severity in SEVERITIES))


def _worst_first(tally: Tally) -> tuple[tuple[int, ...], str]:
    return (tuple(-count for _, count in tally.counts), tally.name)


def _label(document: RunDocument) -> str:
    return document.finished.strftime("%Y-%m-%d")
