"""A trail's rows as verifying reads them: in pages, so that memory does not grow with the log.

As in ``rows``, nothing is taken on trust: sizes are capped and types checked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from governance.trail.canonical import MAX_BYTES
from governance.trail.merkle import HASH_BYTES
from governance.trail.rows import DamagedError, StoredCheckpoint
from governance.trail.shape import IS_RARE
from governance.trail.statements import Statement, Through, ask, is_file

Plain = tuple[int, bytes, bytes]
"""An entry's number, body and leaf."""

_PAGE = 1_000
_NOTE_CHARACTERS = 65_537
_RECEIPT_BYTES = 65_537
_NEWEST_ANCHORS = 1_000
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_ENTRIES = Statement(
    "SELECT seq, substr(body, 1, :body), substr(leaf, 1, :leaf) FROM trail_entry "
    "WHERE seq >= :first ORDER BY seq LIMIT :page"
)
_CHECKPOINTS = Statement(
    "SELECT size, key_id, substr(root, 1, :root), substr(note, 1, :note) FROM trail_checkpoint "
    "WHERE size > :size OR (size = :size AND :resumes = 1 AND key_id > :key) "
    "ORDER BY size, key_id LIMIT :page"
)
_NOTES = Statement(
    "SELECT substr(note, 1, :note) FROM trail_checkpoint WHERE size = :size ORDER BY key_id"
)
_MARKED = Statement(
    f"SELECT 1 FROM trail_index WHERE seq >= :first AND {IS_RARE} "  # noqa: S608
    "AND type IN :types LIMIT 1",
    listed="types",
)
_ANCHORS = Statement(
    "SELECT checkpoint_size, kind, substr(receipt, 1, :receipt) FROM trail_anchor "
    "WHERE checkpoint_size <= :upto ORDER BY checkpoint_size DESC, id DESC LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class StoredAnchor:
    """One row of ``trail_anchor``: what somebody outside answered about a checkpoint."""

    size: int
    kind: str
    receipt: bytes


def read_plain(connection: Through, first: int = _LOWEST) -> Iterator[list[Plain]]:
    """Yield the entries from ``first`` in pages, in order; constant memory.

    Raises:
        DamagedError: At a row of the wrong type or size.
    """
    while True:
        page = _fetch(connection, first, _PAGE)
        if page:
            yield page
        if len(page) < _PAGE:
            return
        first = page[-1][0] + 1


def read_one(connection: Through, seq: int) -> Plain | None:
    """Return one entry, or None where there is none; DamagedError as above."""
    page = _fetch(connection, seq, 1)
    return page[0] if page and page[0][0] == seq else None


def iterate_checkpoints(connection: Through, first: int = 0) -> Iterator[StoredCheckpoint]:
    """Yield the checkpoints of more than ``first`` entries, by size; constant memory."""
    size, key, resumes = first, "", 0
    while True:
        given = {"root": HASH_BYTES + 1, "note": _NOTE_CHARACTERS, "page": _PAGE}
        rows = ask(connection, _CHECKPOINTS, size=size, key=key, resumes=resumes, **given)
        for row in rows:
            stored = _checkpoint(row)
            size, key, resumes = stored.size, stored.key_id, 1
            yield stored
        if len(rows) < _PAGE:
            return


def read_anchors(connection: Through, upto: int = _HIGHEST) -> list[StoredAnchor]:
    """Return the newest receipts for checkpoints of at most ``upto`` entries, newest first."""
    given = {"receipt": _RECEIPT_BYTES, "upto": upto, "limit": _NEWEST_ANCHORS}
    rows = ask(connection, _ANCHORS, **given)
    anchors = []
    for size, kind, receipt in rows:
        if not (isinstance(size, int) and isinstance(kind, str) and isinstance(receipt, bytes)):
            raise DamagedError("an anchor is not a row of a trail")
        anchors.append(StoredAnchor(size, kind, receipt))
    return anchors


def has_marked(connection: Through, types: Collection[str], first: int) -> bool:
    """Return whether the search index shows an entry of these rare types from ``first`` on."""
    return bool(ask(connection, _MARKED, types=sorted(types), first=first))


def read_notes(connection: Through, size: int) -> list[str]:
    """Return the signed notes of one size, verbatim; whoever asked has verified them."""
    given = {"note": _NOTE_CHARACTERS, "size": size}
    found = ask(connection, _NOTES, **given)
    return [note for (note,) in found if isinstance(note, str)]


def _fetch(connection: Through, first: int, count: int) -> list[Plain]:
    given = {"body": MAX_BYTES + 1, "leaf": HASH_BYTES + 1, "first": first, "page": count}
    rows = ask(connection, _ENTRIES, **given)
    if not is_file(connection):
        rows = [(seq, bytes(body), bytes(leaf)) for seq, body, leaf in rows]
    for seq, body, leaf in rows:
        if not (
            type(seq) is int
            and type(body) is bytes
            and type(leaf) is bytes
            and len(leaf) == HASH_BYTES
        ):
            raise DamagedError(f"entry {seq} is not a row of a trail")
    return rows


def _checkpoint(row: Sequence[Any]) -> StoredCheckpoint:
    size, key_id, root, note = row
    sound = isinstance(size, int) and isinstance(key_id, str) and isinstance(note, str)
    if not sound or not isinstance(root, bytes) or len(root) != HASH_BYTES:
        raise DamagedError("a checkpoint is not a row of a trail")
    return StoredCheckpoint(size, key_id, root, note)
