"""A table for a spreadsheet: a row for each finding, each place not read, each open question."""

from __future__ import annotations

import csv
import io
import re
from typing import ClassVar

from governance.formats.anchor import Anchors
from governance.formats.cleaning import clean
from governance.formats.contract import View
from governance.formats.verdict import (
    baseline_told,
    facts_age,
    group_of,
    incomplete_places,
    not_evaluated,
    tally,
    verdict,
)
from governance.model.outcome import Status
from governance.model.run import Run

COLUMNS = (
    "what", "severity", "state", "control", "asset", "place", "field", "subject", "title",
    "message", "remedy", "owner", "file", "line", "waiver", "finding",
)  # fmt: skip
_LONGEST = 2_000
# A spreadsheet takes a cell that begins like this for a formula, its full-width forms too, and
# passes over spaces before it. Source: OWASP, CSV Injection.
_TRIGGERS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(rf"[\s\ufffd]*[{_TRIGGERS}]")
# Where a semicolon parts the cells, a quoted cell may end at one.
_AFTER_SEPARATOR = re.compile(rf"(;\s*)(?=[{_TRIGGERS}])")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?%?")


class CsvFormat:
    """Every cell quoted; a cell that would be a formula begins with an apostrophe."""

    name: ClassVar[str] = "csv"

    def render(self, run: Run, view: View) -> str:
        written = io.StringIO()
        table = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
        table.writerow(COLUMNS)
        for row in (*sorted(_findings(run, view)), *_said(run), *_age(run)):
            table.writerow([cell(value) for value in row])
        return written.getvalue()


def _findings(run: Run, view: View) -> list[tuple[str, ...]]:
    anchors = Anchors(run, view.prefix)
    rows: list[tuple[str, ...]] = []
    for each in run.outcomes:
        finding = each.finding
        if finding is None or each.status not in (Status.FAIL, Status.WAIVED):
            continue
        path, line, _ = anchors.of(each, finding)
        rows.append((
            finding.kind.value, group_of(finding), finding.state.value, each.control, each.asset,
            each.place or "", each.field or "", each.subject or "", finding.title, finding.message,
            finding.remedy, finding.owner or "", path, str(line), finding.waiver or "", finding.id,
        ))  # fmt: skip
    return rows


def _said(run: Run) -> list[tuple[str, ...]]:
    """Return what else a reader must not miss: places, open questions, baseline, verdict."""
    told = [
        {"what": "coverage", "state": status, "asset": asset, "message": reason, "file": uri}
        for asset, uri, status, reason in incomplete_places(run)
    ]
    told += [
        {"what": "not evaluated", "control": control, "asset": asset, "message": reason}
        for control, reason, assets in not_evaluated(run)
        for asset in assets
    ]
    baseline = baseline_told(run)
    told += [{"what": "baseline", "message": baseline}] if baseline else []
    told.append({"what": "verdict", "title": verdict(run), "message": tally(run)})
    return [tuple(each.get(name, "") for name in COLUMNS) for each in told]


def _age(run: Run) -> list[tuple[str, ...]]:
    told = facts_age(run)
    row = {"what": "facts", "message": told}
    return [tuple(row.get(name, "") for name in COLUMNS)] if told else []


def cell(value: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    value = clean(value, _LONGEST)
    if _NUMBER.fullmatch(value):
        return value
    value = _AFTER_SEPARATOR.sub(r"\1'", value)
    return f"'{value}" if _FORMULA.match(value) else value
