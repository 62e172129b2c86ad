"""The tables of a trail, what guards them, and whether a file has exactly these.

Everything here is the stored format (docs/adr/0001-trail-format.md): add, never change.
"""

from __future__ import annotations

import re

from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, RowMapping
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

FORMAT = 1
APPLICATION_ID = 0x676F7674
"""``govt``, in the header of the file, so that ``file`` and we know what it is."""

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


class TrailTable(SQLModel, registry=registry()):
    """The base of the tables of a trail; their metadata is theirs alone."""


class TrailEntry(TrailTable, table=True):
    """One event. ``seq`` counts from 0 without a gap; ``body`` is the truth, ``leaf`` its hash."""

    __tablename__ = "trail_entry"
    seq: int = Field(sa_column=Column(_SEQUENCE, primary_key=True, autoincrement=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    leaf: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class TrailIndex(TrailTable, table=True):
    """What a person searches by; derived from ``body``, which alone is believed."""

    __tablename__ = "trail_index"
    seq: int = Field(sa_column=Column(_SEQUENCE, primary_key=True, autoincrement=False))
    type: str
    ts: str
    run: str | None = None
    asset: str | None = None
    actor: str
    severity: str | None = None


class TrailTile(TrailTable, table=True):
    """A tile of C2SP tlog-tiles: up to 256 hashes of 32 bytes; derived from the leaves."""

    __tablename__ = "trail_tile"
    level: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    idx: int = Field(sa_column=Column(_SEQUENCE, primary_key=True, autoincrement=False))
    hashes: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class TrailCheckpoint(TrailTable, table=True):
    """A signed note, verbatim; the other columns repeat it, ``created`` is not signed."""

    __tablename__ = "trail_checkpoint"
    size: int = Field(sa_column=Column(_SEQUENCE, primary_key=True, autoincrement=False))
    key_id: str = Field(primary_key=True)
    root: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    note: str
    created: str


class TrailAnchor(TrailTable, table=True):
    """Proof from outside (a time stamp, a witness) that a checkpoint existed."""

    __tablename__ = "trail_anchor"
    id: int | None = Field(
        default=None, sa_column=Column(_SEQUENCE, primary_key=True, autoincrement=True)
    )
    checkpoint_size: int = Field(sa_column=Column(BigInteger, nullable=False))
    kind: str
    receipt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    status: str
    anchored_at: str


# These stop honest mistakes, not whoever holds the file: that is what the hashes are for.
_GUARDS = {
    **{
        f"{table}_no_{verb.lower()}": (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END"
        )
        for table in ("trail_entry", "trail_index", "trail_checkpoint")
        for verb in ("UPDATE", "DELETE")
    },
    "trail_tile_no_delete": (
        "CREATE TRIGGER trail_tile_no_delete BEFORE DELETE ON trail_tile "
        "BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END"
    ),
    "trail_tile_only_grows": (
        "CREATE TRIGGER trail_tile_only_grows BEFORE UPDATE ON trail_tile "
        "WHEN NEW.level <> OLD.level OR NEW.idx <> OLD.idx "
        "OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes "
        "BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END"
    ),
    "trail_anchor_no_delete": (
        "CREATE TRIGGER trail_anchor_no_delete BEFORE DELETE ON trail_anchor "
        "BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END"
    ),
}


def create_schema(connection: Connection) -> None:
    """Create tables and guards in an empty SQLite file, inside the caller's transaction."""
    TrailTable.metadata.create_all(connection)
    for statement in _GUARDS.values():
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")


def is_blank(connection: Connection) -> bool:
    """Return whether the file holds nothing at all yet."""
    return connection.exec_driver_sql("SELECT 1 FROM sqlite_schema LIMIT 1").first() is None


def schema_problem(connection: Connection) -> str | None:
    """Return how a SQLite file's schema differs from a trail's, or None.

    A trigger that changes what is inserted or a view in a table's place would show readers
    something else than what was hashed; so anything unexpected is refused.
    """
    version = connection.exec_driver_sql("PRAGMA user_version").scalar()
    application = connection.exec_driver_sql("PRAGMA application_id").scalar()
    if application != APPLICATION_ID:
        return "not a trail of this tool"
    if version != FORMAT:
        return f"a trail of format {version}, and this version reads format {FORMAT}"
    rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_schema").all()
    tables = {str(name) for kind, name, _ in rows if kind == "table"}
    expected = set(TrailTable.metadata.tables)
    others = {str(name) for kind, name, sql in rows if kind != "table" and not _is_auto(name, sql)}
    strange = sorted((tables - expected - {"sqlite_sequence"}) | (others - set(_GUARDS)))
    if strange:
        return f"the schema holds {len(strange)} unexpected object(s)"
    missing = sorted((expected - tables) | (set(_GUARDS) - others))
    if missing:
        return f"the schema lacks {missing[0]}"
    for kind, name, sql in rows:
        if kind == "trigger" and _spelling(sql) != _spelling(_GUARDS[str(name)]):
            return f"the trigger {name} is not the one that was made"
    return _column_problem(connection)


def _column_problem(connection: Connection) -> str | None:
    for name, table in TrailTable.metadata.tables.items():
        found = connection.exec_driver_sql(f"PRAGMA table_xinfo({name})").mappings().all()
        expected = [
            (
                column.name,
                column.type.compile(connection.dialect),
                int(not column.nullable),
                bool(column.primary_key),
                0,
            )
            for column in table.columns
        ]
        if [_column(row) for row in found] != expected:
            return f"the columns of {name} are not those of a trail"
    return None


def _column(row: RowMapping) -> tuple[str, str, int, bool, int]:
    return row["name"], row["type"], row["notnull"], bool(row["pk"]), row["hidden"]


def _is_auto(name: object, sql: object) -> bool:
    return sql is None and str(name).startswith("sqlite_autoindex_")


def _spelling(sql: object) -> str:
    return re.sub(r"\s+", " ", str(sql)).strip()
