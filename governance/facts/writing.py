"""Writing a run into the tables of the facts, and what is derived from its document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from governance.facts.seen import see
from governance.facts.tables import DERIVED, FactsTable
from governance.facts.unpack import derive_findings, derive_rows

_TABLES = FactsTable.metadata.tables
_RUN = _TABLES["run"]


def write_run(connection: Connection, row: Mapping[str, Any], document: bytes) -> None:
    """Store a run in the place of what is stored of it.

    Args:
        row: Of the table ``run``. document: The run document, as the trail vouches for it.
    """
    connection.execute(_RUN.delete().where(_RUN.c.id == row["id"]))
    connection.execute(_RUN.insert(), row)
    for name in ("asset_fact", "field_fact", "entity_fact"):
        table = _TABLES[name]
        connection.execute(table.delete().where(table.c.run == row["id"]))
    derive(connection, row["id"], document, row["finished"])


def derive(connection: Connection, run: str, document: bytes, finished: str) -> None:
    """Fill the derived tables from a run's document.

    Args:
        finished: When the run ended, as the run table writes it.
    """
    told = json.loads(document)
    for name, rows in derive_rows(told, run).items():
        if rows:
            connection.execute(_TABLES[name].insert(), rows)
    see(connection, [*derive_findings(told, run, finished)])


def clear(connection: Connection) -> None:
    """Empty the derived tables."""
    for name in DERIVED:
        connection.execute(_TABLES[name].delete())
