"""Where facts are kept: a SQLite file of one machine, or a team's PostgreSQL.

Both have the same tables. An address may hold a password, and a driver's message may repeat what
it was given: neither goes into any error.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from governance.errors import FactsError, UsageError
from governance.facts.tables import FORMAT, FactsTable

_BUSY_MILLISECONDS = 30_000
_CONNECT_SECONDS = 10
_MARK = FactsTable.metadata.tables["facts_format"]
# What a database refuses, by the first characters of its SQLSTATE (PostgreSQL, appendix A).
_REFUSALS = (
    ("28", "the database refuses the login", "check user and password"),
    ("3D", "there is no such database", "check the name behind the last '/'"),
    ("42P01", "it holds no facts", "fill it: 'governance facts export -o' and its address"),
    ("42501", "this user may not do that there", "let an owner of the tables grant the right"),
    ("25006", "this connection may only read", "name a user who may write"),
    ("53", "the database has no room or no connection left", "try again later"),
)


def sqlite_engine(path: Path) -> Engine:
    """Return the engine of a file, made with mode 0600 if new."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        connection.execute("PRAGMA trusted_schema = OFF")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def postgres_engine(address: str) -> tuple[Engine, str]:
    """Return the engine of a database, and its address without user, password and options.

    Raises:
        UsageError: If it is no such address.
        FactsError: If the driver is not installed.
    """
    url = _parse(address)
    told = f"postgresql://{url.host or 'localhost'}{f':{url.port}' if url.port else ''}"
    told = f"{told}/{url.database or ''}"
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={"connect_timeout": _CONNECT_SECONDS, "client_encoding": "utf8"},
        )
    except ModuleNotFoundError:
        problem = "the driver for PostgreSQL is not installed"
        raise FactsError(told, problem, "run: pip install 'governance[postgres]'") from None
    return engine, told


def stored_format(connection: Connection) -> int:
    """Return the format of the tables there; 0 where there are none."""
    if connection.dialect.name == "sqlite":
        return int(connection.exec_driver_sql("PRAGMA user_version").scalar() or 0)
    if not inspect(connection).has_table(_MARK.name):
        return 0
    return int(connection.execute(select(_MARK.c.format)).scalar() or 0)


def bring_up(connection: Connection) -> None:
    """Make the tables where there are none, and the ones that an older format lacks."""
    found = stored_format(connection)
    if connection.dialect.name == "sqlite":
        if _is_blank(connection) or 0 < found < FORMAT:
            FactsTable.metadata.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")
    elif found == 0:
        FactsTable.metadata.create_all(connection)
        connection.execute(_MARK.insert(), {"format": FORMAT})


@contextmanager
def explaining(where: str) -> Iterator[None]:
    """Turn what a driver raises into an error that a person can act on."""
    try:
        yield
    except OSError as cause:
        reason = (cause.strerror or "unknown").lower()
        problem = f"cannot open the facts: {reason}"
        raise FactsError(where, problem, "check the folder and its rights") from cause
    except SQLAlchemyError as cause:
        raise _explain(where, getattr(cause, "orig", None)) from None
    except (sqlite3.Error, zlib.error, ValueError, KeyError, TypeError) as cause:
        raise _explain(where, cause) from None


def unusable(where: str, problem: str) -> FactsError:
    """Return the error for facts that only a new scan can replace."""
    if where.startswith("postgresql:"):
        return FactsError(where, problem, "fill another database by 'governance facts export -o'")
    return FactsError(where, problem, "delete it and scan again")


def _parse(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise _no_address() from None
    if url.drivername not in ("postgresql", "postgres") or not url.database:
        raise _no_address()
    return url


def _no_address() -> UsageError:
    remedy = "write it as postgresql://user@host/database; special characters in %-form"
    return UsageError("the address of the facts", "not an address of a database", remedy)


def _is_blank(connection: Connection) -> bool:
    return connection.exec_driver_sql("SELECT 1 FROM sqlite_schema LIMIT 1").first() is None


def _explain(where: str, cause: object) -> FactsError:
    if where.startswith("postgresql:") and not isinstance(cause, (ValueError, zlib.error)):
        return _refused(where, str(getattr(cause, "sqlstate", None) or ""))
    name = str(getattr(cause, "sqlite_errorname", ""))
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_BUSY")):
        remedy = "free some space, check the rights, or wait for the other run, and scan again"
        return FactsError(where, "the facts cannot be written now", remedy)
    return unusable(where, "the facts are damaged")


def _refused(where: str, state: str) -> FactsError:
    for start, problem, remedy in _REFUSALS:
        if state.startswith(start):
            return FactsError(where, problem, remedy)
    if not state:
        problem = "cannot connect to the database, or it ended the connection"
        return FactsError(where, problem, "check host, port, name, user and password")
    return FactsError(where, f"the database refused (SQLSTATE {state})", "see the server's log")
