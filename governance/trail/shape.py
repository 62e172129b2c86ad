"""The shape of a trail's tables in a SQLite file, for whoever reads one without making one.

Told once more beside ``schema``, so that reading loads no library of databases; a test holds the
two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

FORMAT = 2
"""Of new trails. One that was made in an earlier format stays in it, and grows in it."""

FORMATS = (1, 2)

RARE_TYPES = ("key.added", "key.revoked", "key.rotated", "log.created", "segment.pruned")
"""What verifying looks up before it begins: few among millions, so they have an index."""

IS_RARE = f"type IN ({', '.join(repr(each) for each in RARE_TYPES)})"
"""Spelt alike in the index and in each question, or SQLite does not use the one for the other."""


class Column(NamedTuple):
    """A column as SQLite describes it."""

    name: str
    type: str
    required: bool
    key: bool = False


COLUMNS: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "trail_entry": (
            Column("seq", "INTEGER", True, key=True),
            Column("body", "BLOB", True),
            Column("leaf", "BLOB", True),
        ),
        "trail_index": (
            Column("seq", "INTEGER", True, key=True),
            Column("type", "VARCHAR", True),
            Column("ts", "VARCHAR", True),
            Column("asset", "VARCHAR", False),
            Column("severity", "VARCHAR", False),
            Column("writer", "INTEGER", True),
        ),
        "trail_writer": (
            Column("id", "INTEGER", True, key=True),
            Column("run", "VARCHAR", False),
            Column("actor", "VARCHAR", True),
        ),
        "trail_tile": (
            Column("level", "INTEGER", True, key=True),
            Column("idx", "INTEGER", True, key=True),
            Column("hashes", "BLOB", True),
        ),
        "trail_checkpoint": (
            Column("size", "INTEGER", True, key=True),
            Column("key_id", "VARCHAR", True, key=True),
            Column("root", "BLOB", True),
            Column("note", "VARCHAR", True),
            Column("created", "VARCHAR", True),
        ),
        "trail_anchor": (
            Column("id", "INTEGER", True, key=True),
            Column("checkpoint_size", "BIGINT", True),
            Column("kind", "VARCHAR", True),
            Column("receipt", "BLOB", True),
            Column("status", "VARCHAR", True),
            Column("anchored_at", "VARCHAR", True),
        ),
    }
)

_FIRST_INDEX = (
    Column("seq", "INTEGER", True, key=True),
    Column("type", "VARCHAR", True),
    Column("ts", "VARCHAR", True),
    Column("run", "VARCHAR", False),
    Column("asset", "VARCHAR", False),
    Column("actor", "VARCHAR", True),
    Column("severity", "VARCHAR", False),
)


def columns_of(form: int) -> Mapping[str, tuple[Column, ...]]:
    """Return the tables of a format: 1 told run and actor again in every row of the index."""
    if form != 1:
        return COLUMNS
    first = {name: columns for name, columns in COLUMNS.items() if name != "trail_writer"}
    return first | {"trail_index": _FIRST_INDEX}
