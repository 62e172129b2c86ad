"""What guards a trail's tables in a SQLite file, and whether a file has exactly these."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, RowMapping

from governance.trail.schema import FORMAT, TrailTable

APPLICATION_ID = 0x676F7674
"""``govt``, in the header of the file, so that ``file`` and we know what it is."""

# These stop honest mistakes, not whoever holds the file: that is what the hashes are for.
GUARDS = {
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


def create(connection: Connection) -> None:
    """Create tables and guards in an empty SQLite file, inside the caller's transaction."""
    TrailTable.metadata.create_all(connection)
    for statement in GUARDS.values():
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")


def is_blank(connection: Connection) -> bool:
    """Return whether the file holds nothing at all yet."""
    return connection.exec_driver_sql("SELECT 1 FROM sqlite_schema LIMIT 1").first() is None


def problem(connection: Connection) -> str | None:
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
    strange = sorted((tables - expected - {"sqlite_sequence"}) | (others - set(GUARDS)))
    if strange:
        return f"the schema holds {len(strange)} unexpected object(s)"
    missing = sorted((expected - tables) | (set(GUARDS) - others))
    if missing:
        return f"the schema lacks {missing[0]}"
    for kind, name, sql in rows:
        if kind == "trigger" and _spelling(sql) != _spelling(GUARDS[str(name)]):
            return f"the trigger {name} is not the one that was made"
    return _column_problem(connection)


@contextmanager
def set_aside(connection: Connection) -> Iterator[None]:
    """Let rows be deleted inside the caller's transaction, and their bytes be overwritten."""
    connection.exec_driver_sql("PRAGMA secure_delete = ON")
    names = [name for name in GUARDS if name.endswith("_no_delete")]
    for name in names:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for name in names:
        connection.exec_driver_sql(GUARDS[name])


def damage(connection: Connection) -> str | None:
    """Return how the file itself is damaged, or None."""
    answer = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    return None if answer == "ok" else "the database file is damaged"


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
