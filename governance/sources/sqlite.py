"""Tables and views of SQLite databases, read only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from governance.errors import SourceError
from governance.model.asset import PlaceType
from governance.sources.batches import BatchBuilder
from governance.sources.source import Job, Part
from governance.sources.tally import Trouble

MAGIC = b"SQLite format 3\x00"

_STEPS = 1_000_000
_WAL_VERSION = b"\x02\x02"


class SqliteSource:
    """One table or view as text; without a name, every one, as ``table.column``.

    Rows come in the order that the database gives them. The declared type of a column is
    kept as metadata ``type``. A binary cell is read as text where it is UTF-8.
    """

    reads: ClassVar[PlaceType] = PlaceType.SQLITE

    def faults(self) -> tuple[type[Exception], ...]:
        return (sqlite3.Error,)

    def read(self, job: Job) -> Iterator[Part]:
        if _is_cut(job.path):
            job.tally.stop("the database is shorter than it says: it may have been cut short")
        with closing(_connect(job.path, job.limits.record_bytes)) as database:
            tables = _tables(database)
            if job.table is None:
                for table in tables:
                    yield from _read_table(database, table, tables[table], f"{table}.", job)
                return
            name = next((each for each in tables if each == job.table), None) or next(
                (each for each in tables if each.lower() == job.table.lower()), None
            )
            if name is None:
                raise SourceError(
                    job.path.name, "the database has no such table or view", "check the name"
                )
            yield from _read_table(database, name, tables[name], "", job)


def table_names(path: Path) -> tuple[str, ...]:
    """Return the tables and views of a database, sorted; without SQLite's own.

    Raises:
        sqlite3.Error: If it cannot be read.
    """
    with closing(_connect(path, _STEPS)) as database:
        return tuple(sorted(_tables(database)))


def _connect(path: Path, cell_bytes: int) -> sqlite3.Connection:
    # NOTE: a database in WAL mode without its log would have files created beside it;
    # nobody writes it then, so it can be read as immutable.
    with path.open("rb") as file:
        header = file.read(20)
    is_idle = header[18:20] == _WAL_VERSION and not Path(f"{path}-wal").exists()
    mode = "mode=ro&immutable=1" if is_idle else "mode=ro"
    database = sqlite3.connect(
        f"file:{quote(str(path))}?{mode}", uri=True, isolation_level=None, timeout=5
    )
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(cell_bytes, _STEPS))
    database.text_factory = _decode
    for setting in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "query_only=ON"):
        database.execute(f"PRAGMA {setting}")
    return database


def _is_cut(path: Path) -> bool:
    """Return whether pages are missing at the end, which SQLite reads as zeros without a word.

    Source: the database file format, offsets 16, 24, 28 and 92 of the header.
    """
    with path.open("rb") as file:
        header = file.read(100)
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    is_current = header[24:28] == header[92:96]
    return is_current and path.stat().st_size < pages * (65_536 if page == 1 else page)


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _tables(database: sqlite3.Connection) -> dict[str, str]:
    """Return the kind, ``table`` or ``view``, of everything that has rows."""
    found = database.execute(
        "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return {str(name): str(kind) for name, kind in found}


def _read_table(
    database: sqlite3.Connection, table: str, kind: str, prefix: str, job: Job
) -> Iterator[Part]:
    limits = job.limits
    try:
        columns = _columns(database, table)
    except sqlite3.Error:
        job.tally.stop(f"the {kind} cannot be queried")
        return
    picked = ", ".join(_picked(name, limits.field_chars) for name in columns)
    names = [f"{prefix}{name}" for name in columns]
    types = dict(zip(names, columns.values(), strict=True))
    builder = BatchBuilder(limits, job.tally, names, types)
    query = f"SELECT {picked} FROM {_quoted(table)}"  # noqa: S608 (names are quoted)
    for number, row in enumerate(_rows(database, query, kind, job), start=1):
        if kind == "view" and number > limits.view_rows:
            job.tally.stop(f"the view has more than {limits.view_rows} rows")
            break
        for batch in builder.add([_text(cell, number, job) for cell in row]):
            yield Part(batch)
    for batch in builder.finish():
        yield Part(batch)


def _rows(
    database: sqlite3.Connection, query: str, kind: str, job: Job
) -> Iterator[tuple[str | bytes | None, ...]]:
    """Yield a query's rows; a fault ends them and is told, and what came before stays."""
    guard = _Guard(job.limits.row_steps)
    database.set_progress_handler(guard.step, _STEPS)
    try:
        for row in database.execute(query):
            guard.begin_row()
            yield row
    except sqlite3.Error as fault:
        job.tally.stop(_reason(fault, kind, guard))
    finally:
        database.set_progress_handler(None, 0)


def _columns(database: sqlite3.Connection, table: str) -> dict[str, str]:
    """Return the columns with their declared types; hidden ones of virtual tables apart."""
    found = database.execute(f"PRAGMA table_xinfo({_quoted(table)})")
    return {str(row[1]): str(row[2]) or "no type" for row in found if row[6] != 1}


def _picked(name: str, chars: int) -> str:
    """Every cell as text, blobs as blobs, cut where too long.

    substr() stops at a NUL, behind which anything could stand: such a text is taken as bytes.
    """
    column = _quoted(name)
    raw = f"CAST({column} AS BLOB)"
    has_nul = f"typeof({column}) = 'text' AND instr({raw}, x'00') > 0"
    whole, text = f"substr({raw}, 1, {4 * (chars + 1)})", f"substr({column}, 1, {chars + 1})"
    return f"CASE WHEN {has_nul} THEN {whole} ELSE {text} END"


def _text(cell: str | bytes | None, row: int, job: Job) -> str | None:
    if isinstance(cell, bytes):
        try:
            return cell.decode("utf-8")
        except UnicodeDecodeError:
            job.tally.add(Trouble.BLOBS, line=row)
            return None
    if cell is not None and not cell.isascii() and _is_broken(cell):
        job.tally.add(Trouble.ENCODING, line=row)
        return cell.encode("utf-8", "surrogateescape").decode("latin-1")
    return cell


def _is_broken(cell: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in cell)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _Guard:
    """Stops a query that works on and on without giving a row."""

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed
        self._steps = 0
        self.has_stopped = False

    def begin_row(self) -> None:
        self._steps = 0

    def step(self) -> int:
        self._steps += 1
        self.has_stopped = self._steps > self._allowed
        return int(self.has_stopped)


def _reason(fault: sqlite3.Error, kind: str, guard: _Guard) -> str:
    if guard.has_stopped:
        return f"the {kind} takes too long to give a row"
    if isinstance(fault, sqlite3.DataError):
        return f"the {kind} holds a cell larger than the limit"
    if isinstance(fault, sqlite3.OperationalError):
        return f"the {kind} cannot be queried"
    return f"the {kind} is damaged"
