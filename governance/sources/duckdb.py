"""Tables and views of DuckDB files, read only and cut off from everything else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from governance.errors import SourceError
from governance.model.asset import PlaceType
from governance.sources.columns import flat_batches
from governance.sources.source import Job, Part

if TYPE_CHECKING:
    import duckdb

MAGIC = (8, b"DUCK")
_MEMORY = "512MB"
_OWN = ("information_schema", "pg_catalog")


class DuckDbSource:
    """One table or view; without a name, every one, as ``table.column``."""

    reads: ClassVar[PlaceType] = PlaceType.DUCKDB

    def faults(self) -> tuple[type[Exception], ...]:
        import duckdb
        import pyarrow as pa

        return (duckdb.Error, pa.ArrowException, ValueError, OverflowError)

    def read(self, job: Job) -> Iterator[Part]:
        with closing(_connect(job.path)) as database:
            tables = _tables(database)
            if job.table is None:
                for name, quoted in tables.items():
                    yield from _read_table(database, quoted, f"{name}.", job)
                return
            if job.table not in tables:
                raise SourceError(
                    job.path.name, "the database has no such table or view", "check the name"
                )
            yield from _read_table(database, tables[job.table], "", job)


def duckdb_table_names(path: Path) -> tuple[str, ...]:
    """Return the tables and views of a database, sorted.

    Raises:
        duckdb.Error: If it cannot be read.
    """
    with closing(_connect(path)) as database:
        return tuple(_tables(database))


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(
        str(path),
        read_only=True,
        # NOTE: a view may name other files, addresses and extensions; none of them is opened.
        config={
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_unsigned_extensions": "false",
            "memory_limit": _MEMORY,
            "threads": "1",
        },
    )


def _tables(database: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return every table and view with its quoted name; those of ``main`` by name alone."""
    found = database.execute(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_schema NOT IN (?, ?) ORDER BY table_schema, table_name",
        list(_OWN),
    ).fetchall()
    return {
        (name if schema == "main" else f"{schema}.{name}"): f"{_quoted(schema)}.{_quoted(name)}"
        for schema, name in found
    }


def _read_table(
    database: duckdb.DuckDBPyConnection, quoted: str, prefix: str, job: Job
) -> Iterator[Part]:
    import duckdb

    try:
        reader: Any = database.sql(f"SELECT * FROM {quoted}").to_arrow_reader(  # noqa: S608 (quoted)
            job.limits.batch_rows
        )
        for batch in reader:
            named = batch.rename_columns([f"{prefix}{name}" for name in batch.schema.names])
            for piece in flat_batches(named, job.limits, job.tally):
                yield Part(piece)
    except duckdb.Error:
        # NOTE: a view over files that may not be opened must not take the tables with it.
        job.tally.stop("a table or view cannot be queried")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
