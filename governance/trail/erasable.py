"""A SQLite file from which something can be removed so that its bytes are gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, MetaData, event

from governance.trail.sqlite import vacuum, writing_engine
from governance.trail.storage import failing_closed


class ErasableFile:
    """Such a file, opened for each use. Every method raises ``TrailError``."""

    def __init__(self, path: Path, tables: MetaData) -> None:
        self._path = path
        self._tables = tables

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept."""
        return self._path.exists()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Lock the file, made with mode 0600 if new; what is deleted is overwritten."""
        with failing_closed(self._path):
            engine = writing_engine(self._path)

            @event.listens_for(engine, "connect")
            def _overwrite(connection: sqlite3.Connection, _record: object) -> None:
                # NOTE: a write-ahead log would keep what was deleted until it is folded.
                for pragma in (
                    "journal_mode = DELETE",
                    "synchronous = EXTRA",
                    "secure_delete = ON",
                ):
                    connection.execute(f"PRAGMA {pragma}")

            try:
                with engine.begin() as connection:
                    self._tables.create_all(connection)
                    yield connection
            finally:
                engine.dispose()

    def compact(self) -> None:
        """Write the file anew, without what was deleted."""
        with failing_closed(self._path):
            vacuum(self._path)
