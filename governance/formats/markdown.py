"""A summary for a pull request or a job page. Data is quoted so that it renders inert."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from governance.formats.cleaning import clean
from governance.formats.contract import View
from governance.formats.verdict import group_of, not_evaluated, open_findings, tally, verdict
from governance.model.outcome import Finding, Outcome
from governance.model.run import Run

MAX_BYTES = 1_000_000
"""Below the 1 MiB that job summaries take."""
_TABLE_BYTES = 220_000
"""Four tables, so that even four full ones stay below ``MAX_BYTES``."""
_LONGEST = 400
_SPECIAL = re.compile(r"([\\`*_\[\]#|~$])")
_JOINER = "&#8203;"


class MarkdownFormat:
    """Verdict, findings, coverage and what was not evaluated, as GitHub-flavoured tables."""

    name: ClassVar[str] = "markdown"

    def render(self, run: Run, view: View) -> str:  # noqa: ARG002 (a page has no columns)
        lines = [f"## Governance {_prose(run.command)}: {_prose(verdict(run))}", ""]
        lines += [_prose(tally(run)), ""]
        for note in run.notes[:20]:
            lines += [f"> {_prose(note)}", ""]
        lines += _section("Findings", _FINDING_COLUMNS, map(_finding_row, open_findings(run)))
        lines += _section("Coverage", _COVERAGE_COLUMNS, _coverage_rows(run))
        lines += _section("Not evaluated", _GROUP_COLUMNS, _group_rows(run))
        lines += _section("Waivers", _WAIVER_COLUMNS, _waiver_rows(run))
        return "\n".join(lines)


_FINDING_COLUMNS = ("Severity", "Where", "What", "Fix", "Owner", "Control", "Line")
_COVERAGE_COLUMNS = ("Asset", "Place", "Read", "Rows", "Why not all")
_GROUP_COLUMNS = ("Control", "Why", "Assets")
_WAIVER_COLUMNS = ("Waiver", "Covers", "Until", "In force", "Findings")


def _finding_row(pair: tuple[Outcome, Finding]) -> tuple[str, ...]:
    outcome, finding = pair
    parts = (outcome.asset, outcome.place, outcome.field, outcome.subject)
    return (
        group_of(finding),
        " ".join(_code(part) for part in parts if part),
        f"**{_prose(finding.title)}** {_prose(finding.message)}",
        _prose(finding.remedy),
        _code(finding.owner or "none"),
        _code(outcome.control),
        _code(str(finding.location)) if finding.location else "",
    )


def _coverage_rows(run: Run) -> list[tuple[str, ...]]:
    rows = []
    for facts in sorted(run.assets, key=lambda facts: facts.asset.id):
        for place in facts.places:
            part = place.coverage
            reason = part.reason or ("sampled" if part.sampled else "")
            cells = (_code(facts.asset.id), _code(place.uri), part.status.value)
            rows.append((*cells, f"{part.rows:,}", _prose(reason)))
    return sorted(rows, key=lambda row: row[2] == "complete")


def _group_rows(run: Run) -> list[tuple[str, ...]]:
    return [
        (_code(control), _prose(reason), f"{len(assets):,}")
        for control, reason, assets in not_evaluated(run)
    ]


def _waiver_rows(run: Run) -> list[tuple[str, ...]]:
    return [
        (
            _code(use.id),
            f"{_code(use.control)} on {_code(use.target)}",
            use.expires.isoformat(),
            "yes" if use.in_force else "no",
            f"{use.matched:,}",
        )
        for use in sorted(run.waivers, key=lambda use: use.id)
    ]


def _section(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return a heading and a table; rows beyond the byte budget are counted, not shown."""
    every = list(rows)
    lines = [f"### {title}", ""]
    if not every:
        return [*lines, "None.", ""]
    lines += [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    size, shown = 0, 0
    for row in every:
        line = f"| {' | '.join(row)} |"
        size += len(line.encode())
        if size > _TABLE_BYTES:
            break
        lines.append(line)
        shown += 1
    if shown < len(every):
        lines += ["", f"First {shown:,} of {len(every):,}."]
    return [*lines, ""]


def _code(text: str) -> str:
    """Return a code span: nothing in it is markup, a link or a mention."""
    inner = clean(text, _LONGEST).replace("`", "'").replace("\\", "/").replace("|", "\\|")
    return f"`{inner.strip() or ' '}`"


def _prose(text: str) -> str:
    """Return a sentence in which nothing is markup, HTML, a link, a mention or a number sign."""
    quoted = clean(text, _LONGEST).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    quoted = _SPECIAL.sub(r"\\\1", quoted)
    for trigger in ("@", "://", "www."):
        quoted = quoted.replace(trigger, f"{trigger[0]}{_JOINER}{trigger[1:]}")
    return quoted
