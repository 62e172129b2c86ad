"""How a trail is asked: by Python's own driver where it is a file, else through SQLAlchemy.

Whoever only reads a file loads no library of databases. Both see the same rows of the same
statements, so that there is one way to verify and not two.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from sqlalchemy import Connection, TextClause

Through: TypeAlias = "sqlite3.Connection | Connection"
"""What rows are read through; only the second can write."""

Row: TypeAlias = tuple[Any, ...]

_WIDE = ("first", "count", "bound", "idx", "writer")


@dataclass(frozen=True, eq=False)
class Statement:
    """A question in the SQL that SQLite and PostgreSQL share; values stand as ``:name``.

    Args:
        fixed: Values that are always the same: lengths.
        listed: The name that stands for several values, as in ``IN :types``.
    """

    sql: str
    fixed: Mapping[str, int] = field(default_factory=dict)
    listed: str | None = None


def ask(through: Through, statement: Statement, **given: Any) -> list[Row]:  # noqa: ANN401
    """Return the rows that answer a statement."""
    if isinstance(through, sqlite3.Connection):
        sql, values = _spread(statement, given)
        return through.execute(sql, {**statement.fixed, **values}).fetchall()
    found = through.execute(_prepared(statement), {**statement.fixed, **given})
    return [tuple(row) for row in found]


def ask_plainly(through: Through, sql: str) -> list[Row]:
    """Return the rows that answer SQL without values, as a PRAGMA."""
    if isinstance(through, sqlite3.Connection):
        return through.execute(sql).fetchall()
    return [tuple(row) for row in through.exec_driver_sql(sql)]


def insert_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Row]
) -> None:
    """Insert many rows; straight by the driver, for this is what every entry costs."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    names, marks = ", ".join(columns), ", ".join([mark] * len(columns))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
    connection.exec_driver_sql(statement, list(rows) if len(rows) > 1 else rows[0])


def is_file(through: Through) -> bool:
    """Return whether this reads a SQLite file."""
    return isinstance(through, sqlite3.Connection) or through.dialect.name == "sqlite"


def _spread(statement: Statement, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the statement and its values with one name for each of several values."""
    name = statement.listed
    if name is None:
        return statement.sql, given
    several = {f"{name}{number}": value for number, value in enumerate(given[name])}
    names = ", ".join(f":{each}" for each in several)
    values = {key: value for key, value in given.items() if key != name}
    return statement.sql.replace(f":{name}", f"({names})"), values | several


@cache
def _prepared(statement: Statement) -> TextClause:
    """Return a statement whose numbers are 64 bits wide, but for those that bound a length."""
    from sqlalchemy import BigInteger, bindparam, text

    wide = [bindparam(name, type_=BigInteger) for name in _WIDE if f":{name}" in statement.sql]
    if statement.listed:
        wide.append(bindparam(statement.listed, expanding=True))
    return text(statement.sql).bindparams(*wide)
