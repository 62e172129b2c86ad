"""What is said when facts cannot be used.

An address may hold a password, and a driver's message may repeat what it was given: neither goes
into any error.
"""

from __future__ import annotations

import sqlite3
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from governance.errors import FactsError

# What a database refuses, by the first characters of its SQLSTATE (PostgreSQL, appendix A).
_REFUSALS = (
    ("28", "the database refuses the login", "check user and password"),
    ("3D", "there is no such database", "check the name behind the last '/'"),
    ("42P01", "it holds no facts", "fill it: 'governance facts export -o' and its address"),
    ("42501", "this user may not do that there", "let an owner of the tables grant the right"),
    ("25006", "this connection may only read", "name a user who may write"),
    ("53", "the database has no room or no connection left", "try again later"),
)


@contextmanager
def explaining(where: str) -> Iterator[None]:
    """Turn what a driver raises into an error that a person can act on."""
    try:
        yield
    except OSError as cause:
        reason = (cause.strerror or "unknown").lower()
        problem = f"cannot open the facts: {reason}"
        raise FactsError(where, problem, "check the folder and its rights") from cause
    except _of_library() as cause:
        raise _explain(where, getattr(cause, "orig", None)) from None
    except (sqlite3.Error, zlib.error, ValueError, KeyError, TypeError) as cause:
        raise _explain(where, cause) from None


def unusable(where: str, problem: str) -> FactsError:
    """Return the error for facts that only a new scan can replace."""
    if where.startswith("postgresql:"):
        return FactsError(where, problem, "fill another database by 'governance facts export -o'")
    return FactsError(where, problem, "delete it and scan again")


def _of_library() -> tuple[type[BaseException], ...]:
    """Return what SQLAlchemy raises; nothing where nobody has loaded it."""
    library = sys.modules.get("sqlalchemy.exc")
    return (library.SQLAlchemyError,) if library else ()


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
