"""Keeping and finding what the last runs measured. The file can be deleted: a scan refills it."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, select

from governance.errors import FactsError
from governance.facts.engines import (
    bring_up,
    explaining,
    postgres_engine,
    sqlite_engine,
    stored_format,
    unusable,
)
from governance.facts.known import load_known
from governance.facts.readings import load_readings, save_readings
from governance.facts.seen import see
from governance.facts.tables import DERIVED, FORMAT, FactsTable
from governance.facts.unpack import Row, derive_findings, derive_rows

_TABLES = FactsTable.metadata.tables
_RUN = _TABLES["run"]
_FINDING = _TABLES["finding_fact"]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One stored run.

    Args:
        finished: Aware. document: The bytes of its run document, as the trail vouches for them.
        snapshot: Its measurements as the engine writes them; empty when it kept none.
    """

    id: str
    command: str
    finished: datetime
    policy_digest: str
    exit_code: int
    document: bytes
    snapshot: bytes = b""


class FactStore:
    """Open facts. Every method raises ``FactsError`` when they are unusable."""

    def __init__(self, where: str, engine: Engine) -> None:
        self.where = where
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> FactStore:
        """Open the facts, made with mode 0600 if new.

        Raises:
            FactsError: If the file is damaged or of another version.
        """
        with explaining(str(path)):
            engine = sqlite_engine(path)
        return cls(str(path), engine)._brought_up()

    @classmethod
    def connect(cls, address: str, *, create: bool = False) -> FactStore:
        """Open the facts in a team's PostgreSQL, in the tables that a file has too.

        Args:
            address: As ``postgresql://user@host/database``. create: Make the tables if need be.

        Raises:
            UsageError: If it is no such address.
            FactsError: If it cannot be reached, holds no facts, or is of another version.
        """
        engine, told = postgres_engine(address)
        store = cls(told, engine)
        if create:
            return store._brought_up()
        with store._reading() as connection:
            found = stored_format(connection)
        if not found:
            remedy = "fill it: 'governance facts export -o' and its address"
            raise FactsError(told, "the database holds no facts", remedy)
        return store._of_this_version(found)

    def _brought_up(self) -> FactStore:
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
        with self._reading() as connection:
            return frozenset(_ids(connection, None))

    def project(self) -> str | None:
        """Return the project of the newest run; None where there is no run."""
        latest = self.latest(None)
        if latest is None:
            return None
        with explaining(self.where):
            return str(json.loads(latest.document)["run"]["project"])

    def findings_by_asset(self) -> Mapping[str, tuple[tuple[str, datetime], ...]]:
        """Return each asset's findings and when they were first seen, sorted."""
        seen = select(_FINDING.c.asset, _FINDING.c.id, _FINDING.c.first_seen)
        found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
        with self._reading() as connection:
            for asset, known, first in connection.execute(seen.order_by(_FINDING.c.id)):
                found[asset].append((known, datetime.fromisoformat(first)))
        return {asset: tuple(pairs) for asset, pairs in found.items()}

    def readings(self, keys: Iterable[str]) -> Mapping[str, bytes]:
        """Return what was measured of contents, by key; an unknown key is absent."""
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
        with self._writing() as connection:
            document = json.loads(record.document)
            connection.execute(_RUN.delete().where(_RUN.c.id == record.id))
            connection.execute(_RUN.insert(), _run_row(record, document))
            _forget(connection, record.id)
            _derive(connection, record.id, document, _stamp(record.finished))
            save_readings(connection, used, readings or {}, _stamp(record.finished))

    def documents(self, *, until: datetime | None) -> Iterator[RunRecord]:
        """Yield the runs that finished by then (None: all), the newest first."""
        with self._reading() as connection:
            runs = _ids(connection, until)
        # NOTE: one short reading each, so that a slow reader never keeps a writer waiting.
        for run in runs:
            with self._reading() as connection:
                record = _load(connection, run)
            yield record

    def packed_documents(self, runs: Collection[str]) -> Iterator[tuple[str, str, bytes]]:
        """Yield id, SHA-256 and zlib stream of some runs' documents, unread, the newest first."""
        with self._reading() as connection:
            known = [run for run in _ids(connection, None) if run in runs]
        for run in known:
            with self._reading() as connection:
                row = connection.execute(select(_RUN).where(_RUN.c.id == run)).mappings().one()
            yield run, row["sha256"], row["document"]

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
        with self._reading() as connection:
            return load_known(connection, _stamp(before) if before else None)

    def rebuild(self) -> None:
        """Fill the derived tables again from the documents of the runs."""
        with self._writing() as connection:
            for name in DERIVED:
                connection.execute(_TABLES[name].delete())
            for run in reversed(_ids(connection, None)):
                record = _load(connection, run)
                _derive(connection, run, json.loads(record.document), _stamp(record.finished))

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def __enter__(self) -> FactStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        cause: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explaining(self.where), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        engine = self._engine.execution_options(writes=True)
        with explaining(self.where), engine.begin() as connection:
            yield connection


def _run_row(record: RunRecord, document: Mapping[str, Any]) -> Row:
    return {
        "id": record.id,
        "command": record.command,
        "started": str(document["run"]["started"]),
        "finished": _stamp(record.finished),
        "policy_digest": record.policy_digest,
        "exit_code": record.exit_code,
        "sha256": hashlib.sha256(record.document).hexdigest(),
        "document": zlib.compress(record.document),
        "snapshot": zlib.compress(record.snapshot),
    }


def _ids(connection: Connection, until: datetime | None) -> list[str]:
    chosen = select(_RUN.c.id).order_by(_RUN.c.finished.desc(), _RUN.c.id.desc())
    if until is not None:
        chosen = chosen.where(_RUN.c.finished <= _stamp(until))
    return list(connection.execute(chosen).scalars())


def _load(connection: Connection, id: str) -> RunRecord:
    row = connection.execute(select(_RUN).where(_RUN.c.id == id)).mappings().one()
    document = zlib.decompress(row["document"])
    if hashlib.sha256(document).hexdigest() != row["sha256"]:
        raise ValueError("a run document was changed")
    return RunRecord(
        id=row["id"],
        command=row["command"],
        finished=datetime.fromisoformat(row["finished"]),
        policy_digest=row["policy_digest"],
        exit_code=row["exit_code"],
        document=document,
        snapshot=zlib.decompress(row["snapshot"]),
    )


def _forget(connection: Connection, run: str) -> None:
    for name in ("asset_fact", "field_fact", "entity_fact"):
        table = _TABLES[name]
        connection.execute(table.delete().where(table.c.run == run))


def _derive(connection: Connection, run: str, document: Mapping[str, Any], finished: str) -> None:
    for name, rows in derive_rows(document, run).items():
        if rows:
            connection.execute(_TABLES[name].insert(), rows)
    see(connection, [*derive_findings(document, run, finished)])


def _stamp(instant: datetime) -> str:
    """Return UTC with microseconds, so that text sorts as time."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
