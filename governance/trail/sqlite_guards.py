"""What guards a trail's tables in a SQLite file, and whether a file has exactly these."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from governance.trail.shape import FORMAT, FORMATS, IS_RARE, Column, columns_of
from governance.trail.statements import Row, Through, ask_plainly

if TYPE_CHECKING:
    from sqlalchemy import Connection

APPLICATION_ID = 0x676F7674
"""``govt``, in the header of the file, so that ``file`` and we know what it is."""

# These stop honest mistakes, not whoever holds the file: that is what the hashes are for.
GUARDS = {
    **{
        f"{table}_no_{verb.lower()}": (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END"
        )
        for table in ("trail_entry", "trail_index", "trail_writer", "trail_checkpoint")
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
RARE = {"trail_index_rare": f"CREATE INDEX trail_index_rare ON trail_index (type) WHERE {IS_RARE}"}


def guards_of(form: int) -> dict[str, str]:
    """Return the statements that make triggers and indexes of a format; 1 had fewer."""
    if form == 1:
        return {name: sql for name, sql in GUARDS.items() if not name.startswith("trail_writer")}
    return GUARDS | RARE


def create(connection: Connection) -> None:
    """Create tables and guards in an empty SQLite file, inside the caller's transaction."""
    from governance.trail.schema import TrailTable

    TrailTable.metadata.create_all(connection)
    for statement in guards_of(FORMAT).values():
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")


def is_blank(through: Through) -> bool:
    """Return whether the file holds nothing at all yet."""
    return not ask_plainly(through, "SELECT 1 FROM sqlite_schema LIMIT 1")


def problem(through: Through) -> str | None:
    """Return how a SQLite file's schema differs from a trail's, or None.

    A trigger that changes what is inserted or a view in a table's place would show readers
    something else than what was hashed; so anything unexpected is refused.
    """
    version = stored_format(through)
    ((application,),) = ask_plainly(through, "PRAGMA application_id")
    if application != APPLICATION_ID:
        return "not a trail of this tool"
    if version not in FORMATS:
        return f"a trail of format {version}, and this version reads formats up to {FORMAT}"
    rows = ask_plainly(through, "SELECT type, name, sql FROM sqlite_schema")
    tables = {str(name) for kind, name, _ in rows if kind == "table"}
    columns, guards = columns_of(version), guards_of(version)
    expected = set(columns)
    others = {str(name) for kind, name, sql in rows if kind != "table" and not _is_auto(name, sql)}
    strange = sorted((tables - expected - {"sqlite_sequence"}) | (others - set(guards)))
    if strange:
        return f"the schema holds {len(strange)} unexpected object(s)"
    missing = sorted((expected - tables) | (set(guards) - others))
    if missing:
        return f"the schema lacks {missing[0]}"
    for kind, name, sql in rows:
        if str(name) in guards and _spelling(sql) != _spelling(guards[str(name)]):
            return f"the {kind} {name} is not the one that was made"
    return _column_problem(through, columns)


def stored_format(through: Through) -> int:
    """Return the format that the file's header tells."""
    ((version,),) = ask_plainly(through, "PRAGMA user_version")
    return int(version)


@contextmanager
def set_aside(connection: Connection) -> Iterator[None]:
    """Let rows be deleted inside the caller's transaction, and their bytes be overwritten."""
    connection.exec_driver_sql("PRAGMA secure_delete = ON")
    names = [name for name in guards_of(stored_format(connection)) if name.endswith("_no_delete")]
    for name in names:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for name in names:
        connection.exec_driver_sql(GUARDS[name])


def damage(through: Through) -> str | None:
    """Return how the file itself is damaged, or None."""
    answer = ask_plainly(through, "PRAGMA quick_check(1)")
    return None if answer == [("ok",)] else "the database file is damaged"


def _column_problem(through: Through, columns: Mapping[str, tuple[Column, ...]]) -> str | None:
    for name, expected in columns.items():
        found = ask_plainly(through, f"PRAGMA table_xinfo({name})")
        if tuple(_column(row) for row in found) != expected:
            return f"the columns of {name} are not those of a trail"
    return None


def _column(row: Row) -> Column:
    """Return a column as ``PRAGMA table_xinfo`` describes it; a hidden one is no trail's."""
    _, name, kind, required, _, key, hidden = row
    return Column(name, kind if not hidden else "", bool(required), bool(key))


def _is_auto(name: object, sql: object) -> bool:
    return sql is None and str(name).startswith("sqlite_autoindex_")


def _spelling(sql: object) -> str:
    return re.sub(r"\s+", " ", str(sql)).strip()
