"""A trail's rows as verifying reads them: in pages, so that memory does not grow with the log.

As in ``rows``, nothing is taken on trust: sizes are capped and types checked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, text

from governance.trail.canonical import MAX_BYTES
from governance.trail.merkle import HASH_BYTES
from governance.trail.rows import DamagedError, StoredCheckpoint

Plain = tuple[int, bytes, bytes]
"""An entry's number, body and leaf."""

_PAGE = 1_000
_NOTE_CHARACTERS = 65_537
_RECEIPT_BYTES = 65_537
_NEWEST_ANCHORS = 1_000
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_ENTRIES = (
    "SELECT seq, substr(body, 1, :body), substr(leaf, 1, :leaf) FROM trail_entry "
    "WHERE seq >= :first ORDER BY seq LIMIT :page"
)
_CHECKPOINTS = text(
    "SELECT size, key_id, substr(root, 1, :root), substr(note, 1, :note) FROM trail_checkpoint "
    "WHERE size > :size OR (size = :size AND :resumes = 1 AND key_id > :key) "
    "ORDER BY size, key_id LIMIT :page"
)
_NOTES = text(
    "SELECT substr(note, 1, :note) FROM trail_checkpoint WHERE size = :size ORDER BY key_id"
)
_MARKED = text(
    "SELECT 1 FROM trail_index WHERE seq >= :first AND type IN :types LIMIT 1"
).bindparams(bindparam("types", expanding=True), bindparam("first", type_=BigInteger))
_ANCHORS = text(
    "SELECT checkpoint_size, kind, substr(receipt, 1, :receipt) FROM trail_anchor "
    "WHERE checkpoint_size <= :upto ORDER BY checkpoint_size DESC, id DESC LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class StoredAnchor:
    """One row of ``trail_anchor``: what somebody outside answered about a checkpoint."""

    size: int
    kind: str
    receipt: bytes


def read_plain(connection: Connection, first: int = _LOWEST) -> Iterator[list[Plain]]:
    """Yield the entries from ``first`` in pages, in order; constant memory.

    Raises:
        DamagedError: At a row of the wrong type or size.
    """
    while True:
        page = _fetch(connection, first)
        for seq, body, leaf in page:
            if not (
                type(seq) is int
                and type(body) is bytes
                and type(leaf) is bytes
                and len(leaf) == HASH_BYTES
            ):
                raise DamagedError(f"entry {seq} is not a row of a trail")
        if page:
            yield page
        if len(page) < _PAGE:
            return
        first = page[-1][0] + 1


def iterate_checkpoints(connection: Connection, first: int = 0) -> Iterator[StoredCheckpoint]:
    """Yield the checkpoints of more than ``first`` entries, by size; constant memory."""
    size, key, resumes = first, "", 0
    while True:
        given = {"root": HASH_BYTES + 1, "note": _NOTE_CHARACTERS, "page": _PAGE}
        after = {"size": size, "key": key, "resumes": resumes}
        rows = connection.execute(_CHECKPOINTS, given | after).all()
        for row in rows:
            stored = _checkpoint(row)
            size, key, resumes = stored.size, stored.key_id, 1
            yield stored
        if len(rows) < _PAGE:
            return


def read_anchors(connection: Connection, upto: int = _HIGHEST) -> list[StoredAnchor]:
    """Return the newest receipts for checkpoints of at most ``upto`` entries, newest first."""
    given = {"receipt": _RECEIPT_BYTES, "upto": upto, "limit": _NEWEST_ANCHORS}
    rows = connection.execute(_ANCHORS, given).all()
    anchors = []
    for size, kind, receipt in rows:
        if not (isinstance(size, int) and isinstance(kind, str) and isinstance(receipt, bytes)):
            raise DamagedError("an anchor is not a row of a trail")
        anchors.append(StoredAnchor(size, kind, receipt))
    return anchors


def has_marked(connection: Connection, types: Collection[str], first: int) -> bool:
    """Return whether the search index shows an entry of these types from ``first`` on."""
    return connection.execute(_MARKED, {"types": sorted(types), "first": first}).first() is not None


def read_notes(connection: Connection, size: int) -> list[str]:
    """Return the signed notes of one size, verbatim; whoever asked has verified them."""
    given = {"note": _NOTE_CHARACTERS, "size": size}
    found = connection.execute(_NOTES, given).scalars()
    return [note for note in found if isinstance(note, str)]


def _fetch(connection: Connection, first: int) -> list[Plain]:
    given = {"body": MAX_BYTES + 1, "leaf": HASH_BYTES + 1, "first": first, "page": _PAGE}
    driver = connection.connection.driver_connection
    if connection.dialect.name == "sqlite" and driver is not None:
        # NOTE: straight from the driver, for this is what every entry costs.
        return list(islice(driver.execute(_ENTRIES, given), _PAGE))
    return [
        (row[0], bytes(row[1]), bytes(row[2])) for row in connection.execute(text(_ENTRIES), given)
    ]


def _checkpoint(row: Sequence[Any]) -> StoredCheckpoint:
    size, key_id, root, note = row
    sound = isinstance(size, int) and isinstance(key_id, str) and isinstance(note, str)
    if not sound or not isinstance(root, bytes) or len(root) != HASH_BYTES:
        raise DamagedError("a checkpoint is not a row of a trail")
    return StoredCheckpoint(size, key_id, root, note)
