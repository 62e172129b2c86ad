"""A list of findings outside of a run: text, JSON, Markdown and CSV, the same in each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence

from governance.formats.cleaning import clean, inert_json, inert_line
from governance.formats.csvfmt import cell
from governance.formats.prose import code, prose

Row = Mapping[str, str | int | None]
COLUMNS = (
    "finding", "severity", "state", "age_days", "since", "owner", "control", "asset", "place",
    "field", "subject", "title", "message", "remedy", "rule", "waiver", "at",
)  # fmt: skip


def text(rows: Sequence[Row]) -> str:
    """Return two lines for each finding."""
    lines = []
    for row in rows:
        where = " ".join(str(row[name]) for name in ("asset", "place", "field") if row[name])
        days = "today" if row["age_days"] == 0 else f"{row['age_days']} d"
        head = (
            f"{row['finding']}  {row['severity']:<8}  {row['state']:<9}  {days:>6}  "
            f"{row['owner'] or 'none'}"
        )
        lines += [clean(head), clean(f"    {row['control']} on {where}: {row['title']}")]
    return "\n".join(map(inert_line, lines))


def as_json(rows: Sequence[Row]) -> str:
    """Return a list of objects, in ASCII."""
    plain = [{name: row[name] for name in COLUMNS} for row in rows]
    return inert_json(json.dumps(plain, indent=2, sort_keys=True))


def markdown(rows: Sequence[Row]) -> str:
    """Return a table in which nothing is markup, a link or a mention."""
    shown = ("finding", "severity", "state", "age_days", "owner", "control", "asset", "title")
    lines = [f"| {' | '.join(shown)} |", f"|{' --- |' * len(shown)}"]
    for row in rows:
        cells = [
            prose(str(row[name])) if name in ("title", "severity", "state", "age_days")
            else code(str(row[name] or "none"))
            for name in shown
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def as_csv(rows: Sequence[Row]) -> str:
    """Return a table with every cell quoted; none is a formula."""
    written = io.StringIO()
    table = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in rows:
        values = ("" if row[name] is None else str(row[name]) for name in COLUMNS)
        table.writerow([cell(clean(value)) for value in values])
    return written.getvalue().rstrip("\n")


LISTS: Mapping[str, Callable[[Sequence[Row]], str]] = {
    "csv": as_csv,
    "json": as_json,
    "markdown": markdown,
    "text": text,
}
