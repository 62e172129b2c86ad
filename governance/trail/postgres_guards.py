"""What guards a trail's tables in PostgreSQL, and whether a schema has exactly these.

The role that writes may insert and read, nothing else; tiles grow through a function of the
owner's. Triggers refuse the rest even to the owner, who could drop them: that is what the hashes
are for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Connection, text

from governance.trail.schema import TrailTable
from governance.trail.shape import FORMAT, FORMATS, IS_RARE

_MARK = "governance trail, format {}"
_FIRST_INDEX = [
    ("seq", "bigint", True, ""),
    ("type", "character varying", True, ""),
    ("ts", "character varying", True, ""),
    ("run", "character varying", False, ""),
    ("asset", "character varying", False, ""),
    ("actor", "character varying", True, ""),
    ("severity", "character varying", False, ""),
]
"""The columns of ``trail_index`` in format 1, as the catalogue tells them."""
_TABLES = tuple(TrailTable.metadata.tables)
_GUARDED = ("trail_entry", "trail_index", "trail_writer", "trail_checkpoint")
_REFUSE = "BEGIN RAISE EXCEPTION 'the trail only grows'; END"
_ONLY_GROWS = (
    "BEGIN IF NEW.level <> OLD.level OR NEW.idx <> OLD.idx "
    "OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes "
    "THEN RAISE EXCEPTION 'the trail only grows'; END IF; RETURN NEW; END"
)
# Name: arguments, result, volatility and security, body. A search path of its own, so that nobody
# puts another table in the way.
_FUNCTIONS = {
    "trail_refuse": ("", "trigger", "plpgsql", _REFUSE),
    "trail_only_grows": ("", "trigger", "plpgsql", _ONLY_GROWS),
}
_GROW_NAME = "FUNCTION trail_grow_tile(integer, bigint, bytea)"
_GROW = (
    "WITH grown AS (UPDATE {schema}.trail_tile SET hashes = $3 WHERE level = $1 AND idx = $2 "
    "RETURNING 1) SELECT count(*) FROM grown"
)
_TRIGGERS = {
    **{
        f"{table}_no_{verb.lower()}": (table, f"BEFORE {verb}", "ROW", "trail_refuse")
        for table in _GUARDED
        for verb in ("UPDATE", "DELETE")
    },
    **{f"{table}_no_truncate": (table, "BEFORE TRUNCATE", "STATEMENT", "trail_refuse")
       for table in _TABLES},
    "trail_tile_no_delete": ("trail_tile", "BEFORE DELETE", "ROW", "trail_refuse"),
    "trail_tile_only_grows": ("trail_tile", "BEFORE UPDATE", "ROW", "trail_only_grows"),
    "trail_anchor_no_delete": ("trail_anchor", "BEFORE DELETE", "ROW", "trail_refuse"),
}  # fmt: skip


class Guards(Protocol):
    """What both databases' modules of guards offer."""

    def is_blank(self, connection: Any) -> bool: ...  # noqa: ANN401
    def create(self, connection: Connection) -> None: ...
    def problem(self, connection: Any) -> str | None: ...  # noqa: ANN401
    def damage(self, connection: Any) -> str | None: ...  # noqa: ANN401
    def stored_format(self, connection: Any) -> int: ...  # noqa: ANN401


def is_blank(connection: Connection) -> bool:
    """Return whether the schema holds no table of a trail."""
    found = "SELECT 1 FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
    return connection.execute(text(found + "AND relname = 'trail_entry'")).first() is None


def create(connection: Connection) -> None:
    """Create tables and guards in the current schema, inside the caller's transaction."""
    TrailTable.metadata.create_all(connection)
    schema = _schema(connection)
    for name, (arguments, result, language, body) in _FUNCTIONS.items():
        connection.exec_driver_sql(
            f"CREATE FUNCTION {name}({arguments}) RETURNS {result} LANGUAGE {language} "
            f"SET search_path = pg_catalog, pg_temp AS $${body}$$"
        )
    connection.exec_driver_sql(
        f"CREATE {_GROW_NAME} RETURNS bigint LANGUAGE sql SECURITY DEFINER "
        f"SET search_path = pg_catalog, pg_temp AS $${_GROW.format(schema=schema)}$$"
    )
    for name, made in _TRIGGERS.items():
        connection.exec_driver_sql(_definition(name, *made))
    for table in _TABLES:
        connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM PUBLIC")
    connection.exec_driver_sql(f"REVOKE ALL ON {_GROW_NAME} FROM PUBLIC")
    connection.exec_driver_sql(
        f"CREATE INDEX trail_index_rare ON trail_index (type) WHERE {IS_RARE}"
    )
    connection.exec_driver_sql(f"COMMENT ON TABLE trail_entry IS '{_MARK.format(FORMAT)}'")


def grant(connection: Connection, role: str, *, writes: bool) -> None:
    """Let a role read the trail, or read it and add to it; it gets no other right."""
    schema = _schema(connection)
    name = connection.dialect.identifier_preparer.quote(role)
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
    for table in _tables(stored_format(connection)):
        connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM {name}")
        rights = "SELECT, INSERT" if writes else "SELECT"
        connection.exec_driver_sql(f"GRANT {rights} ON {table} TO {name}")
    if writes:
        connection.exec_driver_sql(f"GRANT EXECUTE ON {_GROW_NAME} TO {name}")
        connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE trail_anchor_id_seq TO {name}")


@contextmanager
def set_aside(connection: Connection) -> Iterator[None]:
    """Let the tables' owner delete rows inside the caller's transaction."""
    tables = {"trail_entry", "trail_index", "trail_writer"} & {*_tables(stored_format(connection))}
    guards = [(table, f"{table}_no_delete") for table in sorted(tables)]
    for table, name in guards:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    yield
    for table, name in guards:
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER {name}")


def damage(_connection: Connection) -> str | None:
    """Return None: the server checks its own files."""
    return None


def problem(connection: Connection) -> str | None:
    """Return how the tables of the current schema differ from a trail's, or None."""
    form = stored_format(connection)
    if form not in FORMATS:
        return "not a trail of this tool, or one of another format"
    return (
        _relation_problem(connection, form)
        or _column_problem(connection, form)
        or _function_problem(connection)
        or _trigger_problem(connection, form)
    )


def stored_format(connection: Connection) -> int:
    """Return the format that the comment on the table of entries tells; 0 for none."""
    told = connection.execute(text("SELECT obj_description('trail_entry'::regclass)")).scalar()
    return next((form for form in FORMATS if told == _MARK.format(form)), 0)


def _tables(form: int) -> tuple[str, ...]:
    return tuple(name for name in _TABLES if form > 1 or name != "trail_writer")


def _schema(connection: Connection) -> str:
    name = str(connection.execute(text("SELECT current_schema()")).scalar())
    return connection.dialect.identifier_preparer.quote(name)


def _relation_problem(connection: Connection, form: int) -> str | None:
    """Say which table is none, or has something that would change what is read or written."""
    rows = connection.execute(
        text(
            "SELECT c.relname, c.relkind, c.relpersistence, c.relrowsecurity, c.relhasrules, "
            "EXISTS (SELECT 1 FROM pg_inherits h WHERE c.oid IN (h.inhrelid, h.inhparent)), "
            "EXISTS (SELECT 1 FROM pg_constraint k WHERE k.contype = 'f' "
            "AND c.oid IN (k.conrelid, k.confrelid)) "
            "FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
            "AND c.relname = ANY(:names)"
        ),
        {"names": list(_TABLES)},
    ).all()
    found = {str(row[0]): tuple(_plain(value) for value in row[1:]) for row in rows}
    for table in _tables(form):
        if table not in found:
            return f"the schema lacks {table}"
        if found[table] != ("r", "p", False, False, False, False):
            return f"{table} is not the plain table that was made"
    return None


def _column_problem(connection: Connection, form: int) -> str | None:
    rows = connection.execute(
        text(
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, "
            "a.attgenerated FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
            "WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(:names) "
            "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum"
        ),
        {"names": list(_TABLES)},
    ).all()
    dialect = connection.dialect
    types = {"VARCHAR": "character varying"}
    for name in _tables(form):
        found = [tuple(_plain(value) for value in row[1:]) for row in rows if row[0] == name]
        expected = []
        for column in TrailTable.metadata.tables[name].columns:
            kind = column.type.compile(dialect)
            told = types.get(kind, kind.lower())
            expected.append((column.name, told, not column.nullable, ""))
        if form == 1 and name == "trail_index":
            expected = _FIRST_INDEX
        if found != expected:
            return f"the columns of {name} are not those of a trail"
    return None


def _function_problem(connection: Connection) -> str | None:
    rows = connection.execute(
        text(
            "SELECT proname, prosrc, prosecdef, proconfig FROM pg_proc "
            "WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'trail\\_%'"
        )
    ).all()
    path = ["search_path=pg_catalog, pg_temp"]
    expected = {name: (body, False, path) for name, (_, _, _, body) in _FUNCTIONS.items()}
    expected["trail_grow_tile"] = (_GROW.format(schema=_schema(connection)), True, path)
    found = {str(name): (str(body), safe, list(how or ())) for name, body, safe, how in rows}
    if found != expected or len(rows) != len(expected):
        return "the functions are not those that were made"
    return None


def _trigger_problem(connection: Connection, form: int) -> str | None:
    rows = connection.execute(
        text(
            "SELECT t.tgname, pg_get_triggerdef(t.oid, true), t.tgenabled FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal "
            "AND c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(:names)"
        ),
        {"names": list(_TABLES)},
    ).all()
    found = {str(name): (str(told), _plain(state)) for name, told, state in rows}
    for name, (table, when, each, function) in _TRIGGERS.items():
        if table not in _tables(form):
            continue
        told = (
            f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
        )
        if found.pop(name, None) != (told, "O"):
            return f"the trigger {name} is not the one that was made"
    return f"the schema holds {len(found)} unexpected trigger(s)" if found else None


def _definition(name: str, table: str, when: str, each: str, function: str) -> str:
    made = f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each}"
    return f"{made} EXECUTE FUNCTION {function}()"


def _plain(value: object) -> object:
    """Return a single character as text, whatever the driver made of PostgreSQL's ``char``."""
    return value.decode() if isinstance(value, bytes) else value
