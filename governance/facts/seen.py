"""The findings of all runs, told together: when each was first and last seen, and as what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from governance.facts.tables import FactsTable
from governance.facts.unpack import Row

_FINDING = FactsTable.metadata.tables["finding_fact"]
_ASKED_AT_ONCE = 500


def see(connection: Connection, rows: Sequence[Row]) -> None:
    """Insert findings, or widen the time in which they were seen; the newest run describes them."""
    known: dict[str, Row] = {}
    for start in range(0, len(rows), _ASKED_AT_ONCE):
        ids = [row["id"] for row in rows[start : start + _ASKED_AT_ONCE]]
        found = connection.execute(select(_FINDING).where(_FINDING.c.id.in_(ids)))
        known |= {row["id"]: dict(row) for row in found.mappings()}
    seen: dict[str, Row] = {}
    for row in rows:
        before = seen.get(row["id"]) or known.get(row["id"])
        seen[row["id"]] = row if before is None else _widened(row, before)
    fresh = [row for name, row in seen.items() if name not in known]
    again = [{"known": name, **row} for name, row in seen.items() if name in known]
    if fresh:
        connection.execute(_FINDING.insert(), fresh)
    if again:
        values: dict[str, Any] = {each.name: bindparam(each.name) for each in _FINDING.c}
        same = _FINDING.c.id == bindparam("known")
        connection.execute(_FINDING.update().where(same).values(values), again)


def _widened(row: Row, known: Row) -> Row:
    newest = row if row["last_seen"] >= known["last_seen"] else known
    return {**newest, "first_seen": min(row["first_seen"], known["first_seen"])}
