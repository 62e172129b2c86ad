"""Where a trail is kept, a SQLite file or a team's PostgreSQL, and how failures become errors."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from governance.trail import sqlite, sqlite_guards
from governance.trail.statements import Statement, Through, ask, is_file

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from governance.errors import TrailError
    from governance.trail.postgres_guards import Guards

Where: TypeAlias = Path | str
"""A file, or an address that begins with ``postgresql://``."""

_ANY = Statement("SELECT 1 FROM trail_entry UNION ALL SELECT 1 FROM trail_checkpoint LIMIT 1")


def told(where: Where) -> str:
    """Return the place as it may be printed: an address without user and password."""
    if isinstance(where, Path):
        return str(where)
    from governance.trail import postgres

    return postgres.told(where)


def writing_engine(where: Where) -> Engine:
    """Return an engine with one connection whose transactions lock before they read.

    Call it, and use the engine, inside ``failing_closed``.
    """
    if isinstance(where, Path):
        return sqlite.writing_engine(where)
    from governance.trail import postgres

    return postgres.writing_engine(where)


def reading_engine(where: Where) -> Engine:
    """Return an engine that cannot write; no transaction spans statements."""
    if isinstance(where, Path):
        return sqlite.reading_engine(where)
    from governance.trail import postgres

    return postgres.reading_engine(where)


@contextmanager
def reading(where: Where) -> Iterator[Through]:
    """Yield what reads a trail and cannot write; a file is read by Python's own driver.

    Raises:
        TrailError: If it cannot be opened or read.
    """
    with failing_closed(where):
        if not isinstance(where, Path):
            with reading_engine(where).connect() as connection:
                yield connection
            return
        with closing(sqlite.reading_connection(where)) as plain:
            yield plain


def exists(where: Where) -> bool:
    """Return whether there is anything at the place.

    Raises:
        TrailError: If a database cannot be asked.
    """
    if isinstance(where, Path):
        return where.is_file()
    with reading(where) as through:
        return not is_blank(through)


def is_blank(through: Through) -> bool:
    """Return whether nothing of a trail is there yet."""
    return _guards(through).is_blank(through)


def awaits_first_entry(connection: Connection) -> bool:
    """Return whether an owner made the tables in a database and nobody wrote yet.

    A file is made with its first entry in one step: one without entries has lost them.
    """
    return not is_file(connection) and not ask(connection, _ANY)


def create_schema(connection: Connection) -> None:
    """Create tables and guards in an empty place, inside the caller's transaction."""
    _guards(connection).create(connection)


def schema_problem(through: Through) -> str | None:
    """Return how tables and guards differ from a trail's, or None.

    A trigger that changes what is inserted or a view in a table's place would show readers
    something else than what was hashed; so anything unexpected is refused.
    """
    return _guards(through).problem(through)


def stored_format(through: Through) -> int:
    """Return the format of a trail whose schema was found sound."""
    return _guards(through).stored_format(through)


def file_problem(through: Through) -> str | None:
    """Return how the file itself is damaged, or None; a database server answers for its own."""
    return _guards(through).damage(through)


def compact(where: Where) -> None:
    """Write the tables anew, without what was deleted from them."""
    if isinstance(where, Path):
        sqlite.vacuum(where)
    else:
        from governance.trail import postgres

        postgres.vacuum(where)


@contextmanager
def failing_closed(where: Where) -> Iterator[None]:
    """Turn whatever the database or the system reports into a ``TrailError`` with a remedy."""
    try:
        yield
    except _of_library() as cause:
        # NOTE: a driver's message may repeat the address, password and all.
        origin = getattr(cause, "orig", None) or cause
        raise _explain(where, origin) from (cause if isinstance(where, Path) else None)
    except (sqlite3.Error, OSError, UnicodeError, OverflowError) as cause:
        raise _explain(where, cause) from cause


def _of_library() -> tuple[type[BaseException], ...]:
    """Return what SQLAlchemy raises; nothing where nobody has loaded it."""
    library = sys.modules.get("sqlalchemy.exc")
    return (library.SQLAlchemyError,) if library else ()


def _explain(where: Where, cause: object) -> TrailError:
    if isinstance(where, Path):
        return sqlite.explain(where, cause)
    from governance.trail import postgres

    return postgres.explain(where, cause)


def _guards(through: Through) -> Guards:
    if is_file(through):
        return sqlite_guards
    from governance.trail import postgres_guards

    return postgres_guards
