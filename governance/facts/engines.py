"""Where facts are kept: a SQLite file of one machine, or a team's PostgreSQL.

Both have the same tables. An address may hold a password, and a driver's message may repeat what
it was given: neither goes into any error.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from governance.errors import FactsError, UsageError
from governance.facts.files import FORMAT, connect, make_file
from governance.facts.tables import FactsTable

_CONNECT_SECONDS = 10
_MARK = FactsTable.metadata.tables["facts_format"]


def sqlite_engine(path: Path) -> Engine:
    """Return the engine of a file, made with mode 0600 if new."""
    make_file(path)
    engine = create_engine(
        "sqlite://", creator=lambda: connect(path), poolclass=NullPool, hide_parameters=True
    )

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
