"""The search index: what it says of each entry, and who wrote which.

It is derived: nothing is shown from it, and ``verify --deep`` computes it anew. Format 1 told run
and actor in every row; since format 2 one opening tells them once, for a row of ``trail_writer``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from governance.trail.canonical import MAX_BYTES
from governance.trail.statements import Statement, Through, ask, insert_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

_FIRST = ("seq", "type", "ts", "run", "asset", "actor", "severity")
_COLUMNS = ("seq", "type", "ts", "asset", "severity", "writer")
_WRITER = Statement("SELECT run, actor FROM trail_writer WHERE id = :writer")
_LAST_WRITER = Statement("SELECT max(id) FROM trail_writer")
_FIRST_PAGE = Statement(
    "SELECT seq, substr(type, 1, :body), substr(ts, 1, :body), substr(run, 1, :body), "
    "substr(asset, 1, :body), substr(actor, 1, :body), substr(severity, 1, :body) "
    "FROM trail_index WHERE seq >= :first AND seq <= :bound",
    {"body": MAX_BYTES + 1},
)
_PAGE = Statement(
    "SELECT i.seq, substr(i.type, 1, :body), substr(i.ts, 1, :body), substr(w.run, 1, :body), "
    "substr(i.asset, 1, :body), substr(w.actor, 1, :body), substr(i.severity, 1, :body) "
    "FROM trail_index i LEFT JOIN trail_writer w ON w.id = i.writer "
    "WHERE i.seq >= :first AND i.seq <= :bound",
    {"body": MAX_BYTES + 1},
)
_STRAY_ROW = Statement(
    "SELECT 1 FROM trail_index WHERE seq NOT IN (SELECT seq FROM trail_entry) LIMIT 1"
)
_STRAY_WRITER = Statement(
    "SELECT 1 FROM trail_writer WHERE id NOT IN (SELECT writer FROM trail_index) LIMIT 1"
)
# NOTE: as many entries as there are now, for others may append while this is asked.
_STRAY_TILE = Statement(
    "SELECT 1 FROM trail_tile, (SELECT max(seq) + 1 AS size FROM trail_entry) AS log "
    "WHERE level < 0 OR level > 6 OR idx < 0 OR (level = 0 AND idx >= size / 256) "
    "OR (level > 0 AND idx >= ((size >> (8 * level)) + 255) / 256) LIMIT 1"
)

Said = tuple[int, str, str, str | None, str | None]
"""What the index says of an entry by itself: number, type, time, asset, severity."""

Values = tuple[Any, ...]
"""Type, time, run, asset, actor, severity: as ``body.index_values`` returns them."""


@dataclass(frozen=True, slots=True)
class Writer:
    """One opening of a trail, as the index knows it."""

    run: str | None
    actor: str


def insert_index(
    connection: Connection, form: int, who: Writer, known: int, said: Sequence[Said]
) -> int:
    """Insert the rows of some entries; return the number of their writer, 0 in format 1.

    Args:
        form: The format of the trail. known: What this returned before, or 0.
    """
    if form == 1:
        rows = [(seq, kind, ts, who.run, asset, who.actor, severity)
                for seq, kind, ts, asset, severity in said]  # fmt: skip
        insert_rows(connection, "trail_index", _FIRST, rows)
        return 0
    number = _number(connection, who, known)
    insert_rows(connection, "trail_index", _COLUMNS, [(*row, number) for row in said])
    return number


def read_index(connection: Through, form: int, seqs: Sequence[int]) -> dict[int, Values]:
    """Return what the index says of these consecutive entries, which are sorted."""
    statement = _FIRST_PAGE if form == 1 else _PAGE
    rows = ask(connection, statement, first=seqs[0], bound=seqs[-1])
    return {row[0]: tuple(row[1:]) for row in rows}


def has_strays(connection: Through, form: int) -> bool:
    """Return whether the index or a tile tells of an entry that is not there."""
    strays = (_STRAY_ROW, _STRAY_TILE) if form == 1 else (_STRAY_ROW, _STRAY_TILE, _STRAY_WRITER)
    return any(ask(connection, each) for each in strays)


def _number(connection: Connection, who: Writer, known: int) -> int:
    """Return the number of this opening's row; a new one if there is none, or pruning took it."""
    if known and ask(connection, _WRITER, writer=known) == [(who.run, who.actor)]:
        return known
    ((last,),) = ask(connection, _LAST_WRITER)
    number = (last or 0) + 1
    insert_rows(connection, "trail_writer", ("id", "run", "actor"), [(number, who.run, who.actor)])
    return number
