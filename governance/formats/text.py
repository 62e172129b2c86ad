"""What a person reads in a terminal: findings first, coverage always, the verdict last.

Everything that comes from data is cleaned and put into ``rich.text.Text``, which interprets
no markup: a column called ``[red]`` or ``[link=...]`` prints as it is spelled.
"""

from __future__ import annotations

from io import StringIO
from itertools import groupby
from typing import ClassVar

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from governance.formats.cleaning import clean, count, inert_line
from governance.formats.contract import View
from governance.formats.verdict import (
    EXIT_MEANINGS,
    GAP,
    baseline_told,
    beside_base,
    group_of,
    not_evaluated,
    open_findings,
    tally,
    verdict,
)
from governance.model.asset import AssetKind
from governance.model.coverage import CoverageStatus
from governance.model.ladders import Severity
from governance.model.outcome import Finding, Outcome
from governance.model.run import Run, WaiverState, WaiverUse

MAX_FINDINGS = 50
MAX_PLACES = 100
MAX_GROUPS = 30
_LONGEST = 400
"""Characters of one message; a name of 100,000 characters must not hide what follows."""
_NARROWEST = 40
_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", GAP: "magenta"}
_WAIVER_ORDER = (
    WaiverState.EXPIRED,
    WaiverState.UNUSED,
    WaiverState.ACTIVE,
    WaiverState.FUTURE,
)
_COVERAGE_STYLES = {
    CoverageStatus.COMPLETE: "green",
    CoverageStatus.PARTIAL: "yellow",
    CoverageStatus.SKIPPED: "red",
}


class TextFormat:
    """A table on a terminal or in a log."""

    name: ClassVar[str] = "text"

    def render(self, run: Run, view: View) -> str:
        output = StringIO()
        console = Console(
            file=output,
            width=max(view.width, _NARROWEST),
            force_terminal=view.color,
            color_system="standard" if view.color else None,
            legacy_windows=False,
            markup=False,
            highlight=False,
            emoji=False,
        )
        sections = (
            _findings(run, console.width),
            _coverage(run),
            _unevaluated(run),
            _waivers(run),
            _beside(run),
            _closing(run),
        )
        for section in sections:
            if section:
                console.print(*section, "", sep="\n")
        lines = output.getvalue().splitlines()
        return "\n".join(inert_line(line.rstrip()) for line in lines).rstrip() + "\n"


def _findings(run: Run, width: int) -> list[RenderableType]:
    found = open_findings(run)
    if not found:
        return [_heading("Findings", "none")]
    parts: list[RenderableType] = []
    shown = found[:MAX_FINDINGS]
    totals = run.count_findings()
    for name, pairs in groupby(shown, key=lambda pair: group_of(pair[1])):
        noun = "gap (nobody declared it)" if name == GAP else f"{name} finding"
        plural = "gaps (nobody declared them)" if name == GAP else None
        table = _table("where", "what, and what to do", expand=True)
        table.columns[0].max_width = max(width // 3, 8)
        table.columns[1].ratio = 1
        for outcome, finding in pairs:
            table.add_row(_where(outcome, finding), _what(outcome, finding))
        parts += [Text(count(totals[name], noun, plural), style=_STYLES[name]), table]
    return [
        *parts,
        *_capped(len(shown), len(found), "findings, worst first; --output json has all"),
    ]


def _where(outcome: Outcome, finding: Finding) -> Text:
    lines = [_said(part) for part in (outcome.asset, outcome.place, outcome.field) if part]
    if outcome.subject:
        lines.append(_said(outcome.subject))
    text = Text("\n".join(lines))
    text.append(f"\n{_said(finding.owner or 'nobody owns it')}", style="dim")
    return text


def _what(outcome: Outcome, finding: Finding) -> Text:
    text = Text(_said(finding.title), style="bold")
    rest = Text(style="not bold")
    if finding.message and finding.message != finding.title:
        rest.append(f"\n{_said(finding.message)}")
    rest.append(f"\nfix: {_said(finding.remedy)}")
    rule = f" · {_said(finding.rule)}" if finding.rule else ""
    at = f" · {_said(str(finding.location))}" if finding.location else ""
    rank = f" · {finding.severity.value}" if group_of(finding) == GAP else ""
    control = f"{_said(outcome.control)}{rule}{rank} · {finding.state.value}{at} · {finding.id}"
    rest.append(f"\n{control}", style="dim")
    return text.append_text(rest)


def _coverage(run: Run) -> list[RenderableType]:
    rows = _coverage_rows(run)
    statuses = [row[2] for row in rows]
    ended = ", ".join(
        f"{statuses.count(status):,} {status.value}"
        for status in CoverageStatus
        if status in statuses
    )
    heading = _heading("Coverage", ended or "nothing was read")
    if not rows:
        return [heading]
    is_told = any(row[5] for row in rows)
    measured = ("measured",) if is_told else ()
    table = _table("asset", "place", "read", "rows", "why not all", *measured)
    table.columns[2].no_wrap = table.columns[3].no_wrap = True
    table.columns[3].justify = "right"
    for asset, uri, status, size, reason, taken in rows[:MAX_PLACES]:
        styled = Text(status.value, style=_COVERAGE_STYLES[status])
        cells = [_text(asset), _text(uri), styled, Text(size), _text(reason)]
        table.add_row(*cells, *([Text(taken)] if is_told else []))
    return [heading, table, *_capped(min(len(rows), MAX_PLACES), len(rows), "places")]


def _coverage_rows(run: Run) -> list[tuple[str, str, CoverageStatus, str, str, str]]:
    """Return what was read, the least read first; models and the trail have nothing to read."""
    rows = []
    for facts in run.assets:
        for place in facts.places:
            part = place.coverage
            reason = part.reason or ("sampled" if part.sampled else "")
            uri = "" if place.uri == facts.asset.id else place.uri
            taken = f"{place.taken:%Y-%m-%d}" if place.taken else ""
            rows.append((facts.asset.id, uri, part.status, f"{part.rows:,}", reason, taken))
        if not facts.places and facts.asset.kind in (AssetKind.DATASET, AssetKind.LOG):
            skipped = (facts.asset.id, "", CoverageStatus.SKIPPED, "0", "no place was read", "")
            rows.append(skipped)
    order = [CoverageStatus.SKIPPED, CoverageStatus.PARTIAL, CoverageStatus.COMPLETE]
    return sorted(rows, key=lambda row: (order.index(row[2]), row[0], row[1]))


def _unevaluated(run: Run) -> list[RenderableType]:
    groups = not_evaluated(run)
    if not groups:
        return [_heading("Not evaluated", "nothing")]
    table = _table("control", "why", "where")
    for control, reason, assets in groups[:MAX_GROUPS]:
        more = f" and {len(assets) - 2:,} more" if len(assets) > 2 else ""
        where = ", ".join(_said(asset) for asset in assets[:2]) + more
        table.add_row(_text(control), _text(reason), Text(where, overflow="fold"))
    shown = min(len(groups), MAX_GROUPS)
    return [_heading("Not evaluated"), table, *_capped(shown, len(groups), "reasons")]


def _waivers(run: Run) -> list[RenderableType]:
    if not run.waivers:
        return [_heading("Waivers", "none")]
    table = _table("waiver", "covers", "until", "state", "approved by")
    order = _WAIVER_ORDER.index
    uses = sorted(run.waivers, key=lambda use: (order(use.state), use.expires, use.id))
    for use in uses[:MAX_GROUPS]:
        covers = f"{_said(use.control)} on {_said(use.target)}"
        approvers = ", ".join(_said(name) for name in use.approved_by)
        table.add_row(
            _text(use.id),
            Text(covers, overflow="fold"),
            Text(use.expires.isoformat()),
            Text(_waiver_state(use)),
            Text(approvers, overflow="fold"),
        )
    return [_heading("Waivers"), table, *_capped(min(len(uses), MAX_GROUPS), len(uses), "waivers")]


def _waiver_state(use: WaiverUse) -> str:
    if use.state is WaiverState.FUTURE:
        return f"from {use.opened.isoformat()}"
    return count(use.matched, "finding") if use.matched else use.state.value


def _beside(run: Run) -> list[RenderableType]:
    comparison = run.comparison
    if comparison is None:
        return []
    names = [*(severity.value for severity in Severity), GAP]
    table = _table("", *reversed(names[:-1]), GAP, "all")
    for state, counts in beside_base(run):
        ranked = [counts[name] for name in (*reversed(names[:-1]), GAP)]
        table.add_row(state, *(f"{number:,}" for number in (*ranked, sum(ranked))))
    for column in table.columns[1:]:
        column.justify = "right"
    return [_heading(f"Beside the base {_said(comparison.base)}"), table]


def _closing(run: Run) -> list[RenderableType]:
    baseline = baseline_told(run)
    notes: list[RenderableType] = [
        Text(f"note: {_said(note)}", style="yellow")
        for note in (*run.notes, *([baseline] if baseline else []))
    ]
    style = "bold green" if run.exit_code == 0 else "bold red"
    meaning = EXIT_MEANINGS.get(run.exit_code, "unknown")
    lines = [Text(tally(run)), Text(verdict(run), style=style)]
    if meaning not in verdict(run):
        lines.append(Text(f"exit code {run.exit_code} means: {meaning}", style="dim"))
    return [Group(*notes, *lines)]


def _heading(title: str, said: str = "") -> Text:
    text = Text(title, style="bold")
    return text.append(f": {said}", style="not bold") if said else text


def _table(*columns: str, expand: bool = False) -> Table:
    """Return a table as wide as its cells; where they are too wide, the widest column gives way."""
    table = Table(box=box.ROUNDED, expand=expand, show_lines=expand, header_style="dim")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _capped(shown: int, total: int, noun: str) -> list[RenderableType]:
    return [Text(f"first {shown:,} of {total:,} {noun}")] if shown < total else []


def _text(value: str) -> Text:
    return Text(_said(value), overflow="fold")


def _said(value: str) -> str:
    return clean(value, _LONGEST)
