"""Keeping and finding what the last runs measured. The file can be deleted: a scan refills it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from governance.errors import FactsError
from governance.facts.failing import explaining, unusable
from governance.facts.files import FORMAT, Ask, Row, asking, format_of
from governance.facts.runs import RunRecord, ids, load, run_row, stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class FactStore:
    """Open facts. Every method raises ``FactsError`` when they are unusable.

    Args:
        path: The file; what only reads one loads no library of databases.
        engine: Of a database.
    """

    def __init__(
        self, where: str, *, path: Path | None = None, engine: Engine | None = None
    ) -> None:
        self.where = where
        self._path = path
        self._made = engine

    @classmethod
    def open(cls, path: Path) -> FactStore:
        """Open the facts, made with mode 0600 if new.

        Raises:
            FactsError: If the file is damaged or of another version.
        """
        store = cls(str(path), path=path)
        with explaining(store.where):
            is_current = format_of(path) == FORMAT
        return store if is_current else store._brought_up()

    @classmethod
    def connect(cls, address: str, *, create: bool = False) -> FactStore:
        """Open the facts in a team's PostgreSQL, in the tables that a file has too.

        Args:
            address: As ``postgresql://user@host/database``. create: Make the tables if need be.

        Raises:
            UsageError: If it is no such address.
            FactsError: If it cannot be reached, holds no facts, or is of another version.
        """
        from governance.facts.engines import postgres_engine, stored_format

        engine, told = postgres_engine(address)
        store = cls(told, engine=engine)
        if create:
            return store._brought_up()
        with store._reading() as connection:
            found = stored_format(connection)
        if not found:
            remedy = "fill it: 'governance facts export -o' and its address"
            raise FactsError(told, "the database holds no facts", remedy)
        return store._of_this_version(found)

    def _brought_up(self) -> FactStore:
        from governance.facts.engines import bring_up, stored_format

        with self._reading() as connection:
            found = stored_format(connection)
        if found != FORMAT:
            with self._writing() as connection:
                bring_up(connection)
            with self._reading() as connection:
                found = stored_format(connection)
        return self._of_this_version(found)

    def _of_this_version(self, found: int) -> FactStore:
        if found != FORMAT:
            raise unusable(self.where, "the facts are of another version of this tool")
        return self

    def runs(self) -> frozenset[str]:
        """Return the ids of all runs."""
        with self._asking() as ask:
            return frozenset(ids(ask, None))

    def newest_end(self) -> datetime | None:
        """Return when the newest run ended; None where there is none."""
        with self._asking() as ask:
            ((last,),) = ask("SELECT MAX(finished) FROM run")
        return datetime.fromisoformat(last) if last else None

    def project(self) -> str | None:
        """Return the project of the newest run; None where there is no run."""
        latest = self.latest(None)
        if latest is None:
            return None
        with explaining(self.where):
            return str(json.loads(latest.document)["run"]["project"])

    def findings_by_asset(self) -> Mapping[str, tuple[tuple[str, datetime], ...]]:
        """Return each asset's findings and when they were first seen, sorted."""
        seen = "SELECT asset, id, first_seen FROM finding_fact ORDER BY id"
        found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
        with self._asking() as ask:
            for asset, known, first in ask(seen):
                found[asset].append((known, datetime.fromisoformat(first)))
        return {asset: tuple(pairs) for asset, pairs in found.items()}

    def readings(self, keys: Iterable[str]) -> Mapping[str, bytes]:
        """Return what was measured of contents, by key; an unknown key is absent."""
        from governance.facts.readings import load_readings

        with self._reading() as connection:
            return load_readings(connection, keys)

    def save(
        self,
        record: RunRecord,
        *,
        used: Iterable[str] = (),
        readings: Mapping[str, bytes] | None = None,
    ) -> None:
        """Store a run and derive its rows; a run saved twice is stored once.

        Args:
            used: Keys of earlier readings that it relied on. readings: New ones, by key.
        """
        from governance.facts.readings import save_readings
        from governance.facts.writing import write_run

        with self._writing() as connection:
            row = run_row(record, json.loads(record.document))
            write_run(connection, row, record.document)
            save_readings(connection, used, readings or {}, row["finished"])

    def documents(self, *, until: datetime | None) -> Iterator[RunRecord]:
        """Yield the runs that finished by then (None: all), the newest first."""
        with self._asking() as ask:
            runs = ids(ask, until)
        # NOTE: one short reading each, so that a slow reader never keeps a writer waiting.
        for run in runs:
            with self._asking() as ask:
                record = load(ask, run)
            yield record

    def packed_documents(self, runs: Collection[str]) -> Iterator[tuple[str, str, bytes]]:
        """Yield id, SHA-256 and zlib stream of some runs' documents, unread, the newest first."""
        packed = "SELECT sha256, document FROM run WHERE id = :run"
        with self._asking() as ask:
            known = [run for run in ids(ask, None) if run in runs]
        for run in known:
            with self._asking() as ask:
                ((sha256, document),) = ask(packed, run=run)
            yield run, sha256, document

    def snapshots(self, *, until: datetime | None) -> Iterator[bytes]:
        """Yield the measurements of those runs that kept some, the newest first."""
        for record in self.documents(until=until):
            if record.snapshot:
                yield record.snapshot

    def latest(self, until: datetime | None) -> RunRecord | None:
        """Return the newest run that finished by then, or None."""
        return next(self.documents(until=until), None)

    def known_findings(self, before: datetime | None = None) -> Mapping[str, datetime]:
        """Return when each finding was first seen, for those seen by then (None: all).

        One that was mended since is not known when it comes back.
        """
        from governance.facts.known import load_known

        with self._reading() as connection:
            return load_known(connection, stamp(before) if before else None)

    def rebuild(self) -> None:
        """Fill the derived tables again from the documents of the runs."""
        from governance.facts.writing import clear, derive

        with self._writing() as connection:
            clear(connection)
            ask = _through(connection)
            for run in reversed(ids(ask, None)):
                record = load(ask, run)
                derive(connection, run, record.document, stamp(record.finished))

    def close(self) -> None:
        """Let go of the file."""
        if self._made is not None:
            self._made.dispose()

    def __enter__(self) -> FactStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        cause: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _engine(self) -> Engine:
        if self._made is None:
            from governance.facts.engines import sqlite_engine

            with explaining(self.where):
                self._made = sqlite_engine(self._path or Path(self.where))
        return self._made

    @contextmanager
    def _asking(self) -> Iterator[Ask]:
        if self._path is None:
            with self._reading() as connection:
                yield _through(connection)
            return
        with explaining(self.where), asking(self._path) as ask:
            yield ask

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explaining(self.where), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        engine = self._engine.execution_options(writes=True)
        with explaining(self.where), engine.begin() as connection:
            yield connection


def _through(connection: Connection) -> Ask:
    """Return what asks by an open connection of SQLAlchemy."""
    from sqlalchemy import text

    def ask(sql: str, /, **given: Any) -> list[Row]:  # noqa: ANN401
        return [tuple(row) for row in connection.execute(text(sql), given)]

    return ask
