"""One entry of pgaudit: which class of statement touched which object.

Source: pgAudit 1.7 README, "Format".
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import datetime

from governance.sources.tally import Trouble
from governance.sources.timestamps import parse_instant

ENTRY = re.compile(r"(?:LOG|NOTICE|INFO|WARNING|DEBUG\d?):\s+(?P<said>AUDIT: (?:SESSION|OBJECT),)")
_SAID = re.compile(r"AUDIT: (?P<fields>(?:SESSION|OBJECT),.*)", re.DOTALL)
_CLASSES = frozenset({"READ", "WRITE", "FUNCTION", "ROLE", "DDL", "MISC", "MISC_SET"})
_ACTIONS = {
    "SELECT": "read", "INSERT": "write", "UPDATE": "write", "MERGE": "write", "DELETE": "delete",
    "TRUNCATE TABLE": "delete", "TRUNCATE": "delete",
}  # fmt: skip
_HOLD_DATA = frozenset(
    {"", "TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "PARTITIONED TABLE"}
)
_DROPS = frozenset({"DROP TABLE", "DROP MATERIALIZED VIEW", "DROP FOREIGN TABLE"})
# The server's own tables, and those that last as long as a session.
_SYSTEM = ("pg_catalog.", "information_schema.", "pg_toast.", "pg_temp_", "pg_toast_temp_")
_COPIES = re.compile(r"\s*copy\b", re.IGNORECASE)
_IDENTIFIER = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_TRUNCATED = re.compile(
    rf"\s*truncate\s+(?:table\s+)?(?:only\s+)?(?P<name>{_IDENTIFIER}(?:\.{_IDENTIFIER})?)"
    r"\s*(?:restart\s+identity|continue\s+identity|cascade|restrict|\s)*;?\s*$",
    re.IGNORECASE,
)
Uses = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a log line says, by whom, when and from where.

    Args:
        said: ``AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.orders,…``.
        line: Of the file, counted from 1.
    """

    said: str
    at: str | None
    user: str | None
    database: str | None
    host: str | None
    line: int

    @property
    def instant(self) -> datetime | None:
        return parse_instant(self.at or "")


def entry_of(spoken: Spoken) -> tuple[Uses, Trouble | None]:
    """Return the actions and objects of an entry, or what is wrong with it."""
    fields = _fields(spoken.said)
    if len(fields) < 7 or fields[3] not in _CLASSES:
        return [], Trouble.STRANGE
    _, _, _, kind, command, object_type, name = fields[:7]
    statement = fields[7] if len(fields) > 7 else ""
    if kind == "DDL" and command in _DROPS:
        action = "delete"
    elif kind in ("READ", "WRITE"):
        action = _ACTIONS.get(command, kind.lower())
        if kind == "READ" and (command == "COPY" or _COPIES.match(statement)):
            action = "export"
    else:
        return [], None
    if not name:
        truncated = _TRUNCATED.match(statement)
        name = truncated["name"] if truncated else ""
    if not name:
        # NOTE: a statement without any table, such as `select now()`, cannot be told apart.
        return [], Trouble.UNNAMED
    if object_type not in _HOLD_DATA or name.startswith(_SYSTEM):
        return [], None
    return [(action, f"{spoken.database}.{name}" if spoken.database else name)], None


def _fields(said: str) -> list[str]:
    """Return the columns of an entry; of a statement that goes on in further lines, its first."""
    found = _SAID.match(said)
    if found is None:
        return []
    try:
        rows = list(csv.reader([found["fields"]], strict=False))
    except csv.Error:
        return []
    return rows[0] if rows else []
