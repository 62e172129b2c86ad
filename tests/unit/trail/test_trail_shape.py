"""The shape that readers hold a file against is the one that writers make."""

from __future__ import annotations

from sqlalchemy.dialects import sqlite

from governance.trail.schema import TrailTable
from governance.trail.shape import COLUMNS, Column


def test_readers_expect_the_tables_that_writers_make() -> None:
    made = {
        name: tuple(
            Column(
                each.name,
                each.type.compile(sqlite.dialect()),
                not each.nullable,
                bool(each.primary_key),
            )
            for each in table.columns
        )
        for name, table in TrailTable.metadata.tables.items()
    }
    assert made == COLUMNS
