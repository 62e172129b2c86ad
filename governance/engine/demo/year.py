"""A year of a small organisation, month by month: its files as they were on the day of each scan.

Twelve monthly scans over it show what a single scan cannot: findings that are new, stay, are
mended and come back, a waiver that covers and runs out, a month in which a file was damaged,
and policy files that change. Every person is invented; addresses are at example.org.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from governance.engine.ledger import Ledger
from governance.engine.pool import Progress
from governance.engine.report import Issued, ReportOrder, report
from governance.engine.scan import ScanRequest, scan
from governance.engine.workspace import Workspace, open_workspace
from governance.errors import UsageError
from governance.model.run import Run
from governance.reporting.render import Layout

MONTHS = range(1, 13)
YEAR = 2026
REPORTS = {"review-2026.pdf": "auditor", "board-2026.pdf": "board"}

_PROJECT = """\
apiVersion: governance/v1
kind: Project
id: small-year
title: Linden & Moor, a small year
packs: [baseline, gdpr]
timezone: Europe/Berlin
countries: [DE]
watch: ["data/**"]
"""
_TEAM = """\
apiVersion: governance/v1
kind: Team
id: {team}
title: {title}
lead: user:{lead}
members:
  user:{lead}: {{since: 2020-01-01, roles: [lead]}}
contacts: {{email: "{team}@example.org"}}
"""
_DATASET = """\
apiVersion: governance/v1
kind: Dataset
id: {id}
title: {title}
{owner}classification: {classification}
subjects: [customer]
purposes: [billing]
legal_basis: contract
collected: {{from: sign-up pages, since: 2021-01-01, notice: privacy notice 2}}
locations:
  file: {{type: {type}, path: "{path}", region: DE}}
retention: {{max_age: 10y, measured_by: changed_on, then: delete}}
residency: [EU]
fields:
{fields}
reviews:
  - {{on: 2025-12-01, by: [user:ida.holm]}}
"""
_WAIVER = """\
apiVersion: governance/v1
kind: Waiver
id: notes-until-cleaned
control: free-text-clean
target: {dataset: care.notes}
reason: The support tool masks addresses from September on.
compensating: Only the care team can read the notes.
author: user:ole.brandt
approved_by: [user:ida.holm]
opened: 2026-05-01
expires: 2026-08-31
"""
_FIRST = ("Ada", "Ben", "Cleo", "Dora", "Emil", "Fenja", "Gustav", "Hanna", "Ivo", "Jule")
_LAST = ("Adler", "Brandt", "Claasen", "Dietz", "Ebert", "Falk", "Gerlach", "Hahn", "Iske")
_CUSTOMER = {
    "customer_no": "user.unique_id", "first_name": "user.name.first",
    "last_name": "user.name.last", "email": "user.contact.email",
    "changed_on": "system.operations.time",
}  # fmt: skip
_ORDER = {"order_no": "system.operations.identifier", "changed_on": "system.operations.time"}
_NOTE = {
    "note_no": "system.operations.identifier", "text": "user.content",
    "changed_on": "system.operations.time",
}  # fmt: skip
_STAFF = {
    "staff_no": "user.unique_id", "work_email": "user.contact.email",
    "changed_on": "system.operations.time",
}  # fmt: skip


def scan_days() -> Iterator[datetime]:
    """Yield the instants of the twelve scans: the third of each month, four in the morning."""
    return (datetime(YEAR, month, 3, 4, tzinfo=UTC) for month in MONTHS)


def live_through(
    directory: Path, request: Callable[[Workspace, datetime], ScanRequest], progress: Progress
) -> Iterator[Run]:
    """Write each month's files and scan them; yields the twelve runs as they end.

    Args:
        directory: Must be empty or absent. request: Makes the order of one scan at an instant.

    Raises:
        UsageError: If there is something in the folder.
    """
    if directory.exists() and any(directory.iterdir()):
        problem = "there is something here already"
        raise UsageError(str(directory), problem, "name a folder that does not exist yet")
    for day in scan_days():
        write_month(directory, day.month)
        workspace = open_workspace(directory, explicit=True)
        yield scan(request(workspace, day), progress)


def write_month(directory: Path, month: int) -> None:
    """Write everything as it is in a month, and take away what is gone by then."""
    files = {
        "governance.yaml": _PROJECT,
        "policies/care.yaml": _TEAM.format(team="care", title="Customer care", lead="ole.brandt"),
        "policies/shop.yaml": _TEAM.format(team="shop", title="Shop", lead="ida.holm"),
        "policies/people.yaml": _TEAM.format(team="people", title="People", lead="jan.feld"),
        "policies/customers.yaml": _dataset("shop.customers", "team:shop", _CUSTOMER),
        "policies/orders.yaml": _dataset(
            "shop.orders", "team:shop", _ORDER | ({} if month < 6 else _GIFTEE)
        ),
        "policies/notes.yaml": _dataset("care.notes", "team:care", _NOTE),
        # nobody answers for the staff list until somebody asks in April
        "policies/staff.yaml": _dataset("people.staff", "team:people" if month > 3 else "", _STAFF),
        "policies/waivers.yaml": _WAIVER if month >= 5 else None,
        "data/shop.customers.csv": _table(_CUSTOMER, 80 + 5 * month),
        "data/shop.orders.csv": _table(_ORDER | _GIFTEE, 200 + 20 * month),
        "data/care.notes.csv": _table(_NOTE, 120, told=month < 12, card=month in (10, 11)),
        # one month in which the nightly copy was cut off
        "data/people.staff.csv": b"\x00\x01" * 40 if month == 7 else _table(_STAFF, 30),
        # copied for a meeting in March, deleted in May, and back in October
        "data/tmp/customers_copy.csv": _table(_CUSTOMER, 40) if month in _COPIED else None,
    }
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink(missing_ok=True)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")


def report_year(workspace: Workspace, ledgers: Callable[[], Ledger], at: datetime) -> list[Issued]:
    """Write the review of the year for the auditor and for the board."""
    return [
        report(
            ReportOrder(
                workspace=workspace,
                kind="annual",
                period=str(YEAR),
                as_of=at,
                target=workspace.root / name,
                layout=Layout(cut=cut),
            ),
            ledgers(),
        )
        for name, cut in REPORTS.items()
    ]


_COPIED = (3, 4, 10, 11, 12)
_GIFTEE = {"giftee_email": "user.contact.email"}


def _dataset(name: str, owner: str, fields: dict[str, str]) -> str:
    return _DATASET.format(
        id=name,
        title=name.replace(".", " ").capitalize(),
        owner=f"owner: {owner}\n" if owner else "",
        classification="confidential",
        type="csv",
        path=f"data/{name}.csv",
        fields="\n".join(f"  {field}: {{category: {told}}}" for field, told in fields.items()),
    )


def _table(fields: dict[str, str], rows: int, *, told: bool = False, card: bool = False) -> str:
    lines = [",".join(fields)]
    for row in range(rows):
        cells = (_cell(name, row, told=told, card=card) for name in fields)
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def _cell(name: str, row: int, *, told: bool, card: bool) -> str:
    first, last = _FIRST[row % len(_FIRST)], _LAST[row % len(_LAST)]
    if name == "text":
        if card and row % 40 == 7:
            return "paid with 4000 0000 0000 0002 by phone"
        told_here = told and row % 11 == 3
        return f"write to {first}.{last}{row}@example.org please" if told_here else "called back"
    cells = {
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}{row}@example.org".lower(),
        "work_email": f"{last}.{first}@example.org".lower(),
        "giftee_email": f"gift{row}@example.org" if row % 9 == 2 else "",
        "changed_on": f"2025-{1 + row % 12:02d}-{1 + row % 28:02d}",
    }
    return cells.get(name, f"{name[:1].upper()}{100000 + 7 * row}")
