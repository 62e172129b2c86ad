"""The file of one machine's facts, read by Python's own driver and no library of databases."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

FORMAT = 2
"""2 added ``reading``; a file of format 1 gains it when it is opened."""

_BUSY_MILLISECONDS = 30_000

Row = tuple[Any, ...]


class Ask(Protocol):
    """Return the rows that answer SQL, whose values stand as ``:name``."""

    def __call__(self, sql: str, /, **given: Any) -> list[Row]: ...  # noqa: ANN401


def make_file(path: Path) -> None:
    """Make a file with mode 0600 where there is none."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection to a file in which nothing of its schema may run."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


@contextmanager
def asking(path: Path) -> Iterator[Ask]:
    """Yield what asks a file; every answer is of the same state of it."""
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")

        def ask(sql: str, /, **given: Any) -> list[Row]:  # noqa: ANN401
            return connection.execute(sql, given).fetchall()

        yield ask


def format_of(path: Path) -> int:
    """Return the format of a file's tables; 0 where there are none, or no file."""
    if not path.exists():
        return 0
    with asking(path) as ask:
        ((found,),) = ask("PRAGMA user_version")
    return int(found)
