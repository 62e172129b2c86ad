"""A table for a spreadsheet: a row for each finding, and for each place not read to its end."""

from __future__ import annotations

import csv
import io
from typing import ClassVar

from governance.formats.anchor import Anchors
from governance.formats.cleaning import clean
from governance.formats.contract import View
from governance.formats.verdict import group_of, incomplete_places
from governance.model.outcome import Status
from governance.model.run import Run

COLUMNS = (
    "what", "severity", "state", "control", "asset", "place", "field", "subject", "title",
    "message", "remedy", "owner", "file", "line", "waiver", "finding",
)  # fmt: skip
# A spreadsheet takes a cell that begins like this for a formula. Source: OWASP, CSV Injection.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 2_000


class CsvFormat:
    """Every cell quoted; a cell that would be a formula begins with an apostrophe."""

    name: ClassVar[str] = "csv"

    def render(self, run: Run, view: View) -> str:  # noqa: ARG002 (a program needs no width)
        written = io.StringIO()
        table = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
        table.writerow(COLUMNS)
        for row in (*sorted(_findings(run)), *_unread(run)):
            table.writerow([_cell(value) for value in row])
        return written.getvalue()


def _findings(run: Run) -> list[tuple[str, ...]]:
    anchors = Anchors(run)
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


def _unread(run: Run) -> list[tuple[str, ...]]:
    told = [
        {"what": "coverage", "state": status, "asset": asset, "message": reason, "file": uri}
        for asset, uri, status, reason in incomplete_places(run)
    ]
    return [tuple(each.get(name, "") for name in COLUMNS) for each in told]


def _cell(value: str) -> str:
    value = clean(value, _LONGEST)
    return f"'{value}" if value.startswith(_FORMULA) else value
