"""How a trail in a team's PostgreSQL is opened, and what its failures mean.

An address may hold a password, and a driver's message may repeat what it was given: neither goes
into any error.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, QueuePool

from governance.errors import TrailError, UsageError

SCHEMES = ("postgresql://", "postgres://")
_CONNECT_SECONDS = 10
_LOCK_MILLISECONDS = 30_000
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('governance trail ' || current_schema(), 0))"
# What a database refuses, by the first characters of its SQLSTATE (PostgreSQL, appendix A).
_REFUSALS = (
    ("28", "the database refuses the login", "check user and password"),
    ("3D", "there is no such database", "check the name behind the last '/'"),
    ("42P01", "the database holds no trail", "make it: 'governance audit setup --trail ADDRESS'"),
    ("42501", "this user may not do that there", "let the owner of the tables do it, or grant it"),
    ("25006", "this connection may only read", "name a user who may write"),
    ("55P03", "another process holds the trail", "wait until it is done and run again"),
    ("53", "the database has no room or no connection left", "free some, and run again"),
    ("P0001", "the trail refused the write: it only grows", "run 'governance audit verify'"),
    ("23", "the trail refused the write: it only grows", "run 'governance audit verify'"),
)


def told(address: str) -> str:
    """Return an address without user, password and options; UsageError if it is none."""
    url = _parse(address)
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{url.host or 'localhost'}{port}/{url.database}"


def writing_engine(address: str) -> Engine:
    """Return an engine with one connection whose transactions lock before they read.

    Raises:
        UsageError: If it is no such address.
        TrailError: If the driver is not installed.
    """
    engine = _engine(address, poolclass=QueuePool, pool_size=1, max_overflow=0)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401
        connection.execute("SET synchronous_commit = on")
        connection.execute(f"SET lock_timeout = {_LOCK_MILLISECONDS}")
        connection.commit()

    @event.listens_for(engine, "begin")
    def _lock_first(connection: Connection) -> None:
        connection.exec_driver_sql(_LOCK)

    # NOTE: under a stricter level the lock's own statement would fix what the transaction sees,
    # before the lock is held, and the head would be that of a moment ago.
    return engine.execution_options(isolation_level="READ COMMITTED")


def reading_engine(address: str) -> Engine:
    """Return an engine that cannot write; each statement sees one state of the tables."""
    engine = _engine(address, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401
        connection.execute("SET default_transaction_read_only = on")
        connection.commit()

    return engine.execution_options(isolation_level="AUTOCOMMIT")


def vacuum(address: str) -> None:
    """Write the tables anew, without what was deleted; the server's own logs and copies keep it."""
    engine = _engine(address, poolclass=NullPool).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        tables = "trail_entry, trail_index"
        if connection.exec_driver_sql("SELECT to_regclass('trail_writer')").scalar() is not None:
            tables += ", trail_writer"  # since format 2
        connection.exec_driver_sql(f"VACUUM (FULL) {tables}")


def explain(address: str, cause: object) -> TrailError:
    """Return what the driver reported as an error that a person can act on."""
    place = told(address)
    state = str(getattr(cause, "sqlstate", None) or "")
    for start, problem, remedy in _REFUSALS:
        if state.startswith(start):
            return TrailError(place, problem, remedy)
    if not state:
        problem = "cannot connect to the database, or it ended the connection"
        return TrailError(place, problem, "check host, port, name, user and password")
    return TrailError(place, f"the database refused (SQLSTATE {state})", "see the server's log")


def _engine(address: str, **pool: Any) -> Engine:  # noqa: ANN401
    url = _parse(address)
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            connect_args={"connect_timeout": _CONNECT_SECONDS, "client_encoding": "utf8"},
            **pool,
        )
    except ModuleNotFoundError:
        problem = "the driver for PostgreSQL is not installed"
        raise TrailError(told(address), problem, "pip install 'governance[postgres]'") from None


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
    return UsageError("the address of the trail", "not an address of a database", remedy)
