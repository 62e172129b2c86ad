"""A summary for a pull request or a job page. Data is quoted so that it renders inert."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from governance.formats.contract import View
from governance.formats.prose import code, prose
from governance.formats.verdict import (
    GAP,
    baseline_told,
    beside_base,
    group_of,
    not_evaluated,
    open_findings,
    tally,
    verdict,
)
from governance.model.ladders import Severity
from governance.model.outcome import Finding, Outcome
from governance.model.run import Run

MAX_BYTES = 1_000_000
"""Below the 1 MiB that job summaries take."""
_NOTES_SHOWN = 20
_HEADINGS = 4_000
"""Bytes for the headings of the tables and what was left out of them."""


class MarkdownFormat:
    """Verdict, findings, coverage and what was not evaluated, as GitHub-flavoured tables."""

    name: ClassVar[str] = "markdown"

    def render(self, run: Run, view: View) -> str:
        room = MAX_BYTES if view.room is None else min(view.room, MAX_BYTES)
        baseline = baseline_told(run)
        lines = [f"## Governance {prose(run.command)}: {prose(verdict(run), 2_000)}", ""]
        lines += [prose(tally(run)), ""]
        lines += [prose(baseline), ""] if baseline else []
        sections = [
            *_beside(run),
            ("Findings", _FINDING_COLUMNS, [_finding_row(*pair) for pair in open_findings(run)]),
            ("Coverage", _COVERAGE_COLUMNS, _coverage_rows(run)),
            ("Not evaluated", _GROUP_COLUMNS, _group_rows(run)),
            ("Waivers", _WAIVER_COLUMNS, _waiver_rows(run)),
        ]
        notes = [line for note in run.notes[:_NOTES_SHOWN] for line in (f"> {prose(note)}", "")]
        if _size([*lines, *notes]) + _HEADINGS < room:
            lines += notes
        budget = max((room - _size(lines) - _HEADINGS) // len(sections), 0)
        for title, columns, rows in sections:
            lines += _section(title, columns, rows, budget)
        return "\n".join(lines)


def _beside(run: Run) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    if run.comparison is None:
        return []
    names = [*(each.value for each in sorted(Severity, key=lambda each: -each.rank)), GAP]
    rows = [(state, *(str(counts[name]) for name in names), str(sum(counts.values())))
            for state, counts in beside_base(run)]  # fmt: skip
    return [(f"Beside the base {prose(run.comparison.base)}", ("State", *names, "all"), rows)]


class GithubSummaryFormat(MarkdownFormat):
    """The same page, appended to the summary of a step of GitHub Actions."""

    name: ClassVar[str] = "github-summary"


_FINDING_COLUMNS = ("Severity", "State", "Where", "What", "Fix", "Owner", "Control", "Line")
_COVERAGE_COLUMNS = ("Asset", "Place", "Read", "Rows", "Why not all")
_GROUP_COLUMNS = ("Control", "Why", "Assets")
_WAIVER_COLUMNS = ("Waiver", "Covers", "Until", "State", "Findings")


def _finding_row(outcome: Outcome, finding: Finding) -> tuple[str, ...]:
    parts = (outcome.asset, outcome.place, outcome.field, outcome.subject)
    return (
        group_of(finding),
        finding.state.value,
        " ".join(code(part) for part in parts if part),
        f"**{prose(finding.title)}** {prose(finding.message)}",
        prose(finding.remedy),
        code(finding.owner or "none"),
        code(outcome.control),
        code(str(finding.location)) if finding.location else "",
    )


def _coverage_rows(run: Run) -> list[tuple[str, ...]]:
    rows = []
    for facts in sorted(run.assets, key=lambda facts: facts.asset.id):
        for place in facts.places:
            part = place.coverage
            reason = part.reason or ("sampled" if part.sampled else "")
            cells = (code(facts.asset.id), code(place.uri), part.status.value)
            rows.append((*cells, f"{part.rows:,}", prose(reason)))
    return sorted(rows, key=lambda row: row[2] == "complete")


def _group_rows(run: Run) -> list[tuple[str, ...]]:
    return [
        (code(control), prose(reason), f"{len(assets):,}")
        for control, reason, assets in not_evaluated(run)
    ]


def _waiver_rows(run: Run) -> list[tuple[str, ...]]:
    return [
        (
            code(use.id),
            f"{code(use.control)} on {code(use.target)}",
            use.expires.isoformat(),
            use.state.value,
            f"{use.matched:,}",
        )
        for use in sorted(run.waivers, key=lambda use: use.id)
    ]


def _section(
    title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]], budget: int
) -> list[str]:
    """Return a heading and a table; rows beyond the byte budget are counted, not shown."""
    every = list(rows)
    lines = [f"### {title}", ""]
    if not every:
        return [*lines, "None.", ""]
    lines += [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    size, shown = 0, 0
    for row in every:
        line = f"| {' | '.join(row)} |"
        size += _size([line])
        if size > budget:
            break
        lines.append(line)
        shown += 1
    if shown < len(every):
        lines += ["", f"First {shown:,} of {len(every):,}."]
    return [*lines, ""]


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)
