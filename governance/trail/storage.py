"""Where a trail is kept, a SQLite file or a team's PostgreSQL, and how failures become errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from governance.trail import postgres, postgres_guards, sqlite, sqlite_guards

Where: TypeAlias = Path | str
"""A file, or an address that begins with ``postgresql://``."""


def told(where: Where) -> str:
    """Return the place as it may be printed: an address without user and password."""
    return str(where) if isinstance(where, Path) else postgres.told(where)


def writing_engine(where: Where) -> Engine:
    """Return an engine with one connection whose transactions lock before they read.

    Call it, and use the engine, inside ``failing_closed``.
    """
    if isinstance(where, Path):
        return sqlite.writing_engine(where)
    return postgres.writing_engine(where)


def reading_engine(where: Where) -> Engine:
    """Return an engine that cannot write; no transaction spans statements."""
    if isinstance(where, Path):
        return sqlite.reading_engine(where)
    return postgres.reading_engine(where)


def exists(where: Where) -> bool:
    """Return whether there is anything at the place.

    Raises:
        TrailError: If a database cannot be asked.
    """
    if isinstance(where, Path):
        return where.is_file()
    with failing_closed(where), reading_engine(where).connect() as connection:
        return not is_blank(connection)


def is_blank(connection: Connection) -> bool:
    """Return whether nothing of a trail is there yet."""
    return _guards(connection).is_blank(connection)


def awaits_first_entry(connection: Connection) -> bool:
    """Return whether an owner made the tables in a database and nobody wrote yet.

    A file is made with its first entry in one step: one without entries has lost them.
    """
    if connection.dialect.name == "sqlite":
        return False
    rows = "SELECT 1 FROM trail_entry UNION ALL SELECT 1 FROM trail_checkpoint LIMIT 1"
    return connection.execute(text(rows)).first() is None


def create_schema(connection: Connection) -> None:
    """Create tables and guards in an empty place, inside the caller's transaction."""
    _guards(connection).create(connection)


def schema_problem(connection: Connection) -> str | None:
    """Return how tables and guards differ from a trail's, or None.

    A trigger that changes what is inserted or a view in a table's place would show readers
    something else than what was hashed; so anything unexpected is refused.
    """
    return _guards(connection).problem(connection)


def file_problem(connection: Connection) -> str | None:
    """Return how the file itself is damaged, or None; a database server answers for its own."""
    return _guards(connection).damage(connection)


def compact(where: Where) -> None:
    """Write the tables anew, without what was deleted from them."""
    if isinstance(where, Path):
        sqlite.vacuum(where)
    else:
        postgres.vacuum(where)


@contextmanager
def failing_closed(where: Where) -> Iterator[None]:
    """Turn whatever the database or the system reports into a ``TrailError`` with a remedy."""
    explain = sqlite.explain if isinstance(where, Path) else postgres.explain
    try:
        yield
    except SQLAlchemyError as cause:
        origin = cause.orig if isinstance(cause, DBAPIError) else cause
        # NOTE: a driver's message may repeat the address, password and all.
        raise explain(where, origin) from (cause if isinstance(where, Path) else None)  # type: ignore[arg-type]
    except (sqlite3.Error, OSError, UnicodeError, OverflowError) as cause:
        raise explain(where, cause) from cause  # type: ignore[arg-type]


def _guards(connection: Connection) -> postgres_guards.Guards:
    return sqlite_guards if connection.dialect.name == "sqlite" else postgres_guards
