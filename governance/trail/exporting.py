"""A trail as plain files, for somebody who has neither the database nor this tool.

With one body a line, or as the static tiles of C2SP that other programs for such logs read. The
program that verifies them goes along, so that nobody needs us to doubt us.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from governance.errors import TrailError
from governance.trail.note import parse_checkpoint
from governance.trail.proving import open_tree
from governance.trail.storage import Where
from governance.trail.stream import iterate_checkpoints, read_anchors, read_plain
from governance.trail.tiles import TILE_HASHES, tile_path
from governance.trail.tree import StoredTree

_PROGRAM = "verify_trail.py"
_README = """\
The audit trail {origin}, {size} entries.

    python -m venv check && check/bin/pip install cryptography
    check/bin/python verify_trail.py . --key KEY
    echo $?

KEY is the public key that must have signed, name+keyid+base64. Take it from where the makers of
this export cannot change it: trail.public_key in the governance.yaml of a repository that you
trust. Add --checkpoint FILE for each checkpoint that was kept elsewhere, as trail/checkpoint.txt of
that repository: without one, whoever holds the key could have rewritten everything. 0 says that the
trail holds under that key; read verify_trail.py, or write your own: docs/trail.md tells the steps.
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: how many entries, and of these the ones without a body."""

    entries: int
    pruned: int
    root: bytes


def export_lines(where: Where, folder: Path) -> Exported:
    """Write ``entries.jsonl``, one body a line exactly as it was hashed, and what verifies it.

    Raises:
        TrailError: If the trail cannot be read, or the folder is not empty or cannot be written.
    """
    with _writing(folder), open_tree(where) as prover:
        connection = prover.connection
        pruned = count = 0
        with (folder / "entries.jsonl").open("xb") as file:
            for seq, body, leaf in _entries(connection):
                line = b'{"pruned":"%s"}' % leaf.hex().encode() if body is None else body
                file.write(line + b"\n")
                pruned += body is None
                count = seq + 1
        _write_around(connection, folder, count)
        return Exported(count, pruned, StoredTree(connection).root(count))


def export_tiles(where: Where, folder: Path) -> Exported:
    """Write the log as C2SP tlog-tiles describes it, up to its newest checkpoint.

    A bundle of which a body was pruned is left out; what was kept of it is in ``kept.jsonl``.

    Raises:
        TrailError: As above.
    """
    with _writing(folder), open_tree(where) as prover:
        connection, note = prover.connection, prover.newest_note()
        size = parse_checkpoint(note).size
        _write_hashes(connection, folder, size)
        pruned = _write_bundles(connection, folder, size)
        (folder / "checkpoint").write_text(note, encoding="utf-8")
        _write_around(connection, folder, size)
        return Exported(size, pruned, StoredTree(connection).root(size))


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            remedy = "name a new folder; nothing is written over"
            raise TrailError(str(folder), "the folder is not empty", remedy)
        yield
    except OSError as cause:
        problem = f"cannot be written: {(cause.strerror or 'unknown').lower()}"
        raise TrailError(str(folder), problem, "name a folder that you may write to") from cause


def _entries(
    connection: Connection, upto: int | None = None
) -> Iterator[tuple[int, bytes | None, bytes]]:
    """Yield number, body and leaf of each entry; of a pruned one the leaf that its tile keeps."""
    expected = 0
    for page in read_plain(connection):
        for seq, body, leaf in page:
            if upto is not None and seq >= upto:
                return
            while expected < seq:
                first = expected % TILE_HASHES
                stop = min(TILE_HASHES, first + seq - expected)
                tile = StoredTree(connection).hashes(0, expected // TILE_HASHES, stop)
                for leaf_hash in tile[first:]:
                    yield expected, None, leaf_hash
                    expected += 1
            yield seq, body, leaf
            expected += 1


def _write_hashes(connection: Connection, folder: Path, size: int) -> None:
    tree, level, width = StoredTree(connection), 0, size
    while width:
        for first in range(0, width, TILE_HASHES):
            count = min(TILE_HASHES, width - first)
            hashes = tree.hashes(level, first // TILE_HASHES, count)
            _write(folder / tile_path(level, first // TILE_HASHES, count), b"".join(hashes))
        level, width = level + 1, width // TILE_HASHES


def _write_bundles(connection: Connection, folder: Path, size: int) -> int:
    """Write the bodies in bundles; return how many entries have none."""
    pruned, entries = 0, _entries(connection, size)
    with (folder / "kept.jsonl").open("x", encoding="ascii") as kept:
        for first in range(0, size, TILE_HASHES):
            bundle = list(islice(entries, TILE_HASHES))
            bodies = [body for _, body, _ in bundle if body is not None]
            if len(bodies) == len(bundle):
                content = b"".join(struct.pack(">H", len(body)) + body for body in bodies)
                path = tile_path(None, first // TILE_HASHES, len(bundle))
                _write(folder / path, content)
                continue
            pruned += len(bundle) - len(bodies)
            for seq, body, _ in bundle:
                if body is not None:
                    told = {"seq": seq, "body": base64.b64encode(body).decode()}
                    kept.write(json.dumps(told) + "\n")
    return pruned


def _write_around(connection: Connection, folder: Path, size: int) -> None:
    """Write the checkpoints, the receipts, and the program that verifies them."""
    origin = ""
    with (folder / "checkpoints.jsonl").open("x", encoding="ascii") as file:
        for stored in iterate_checkpoints(connection):
            if stored.size <= size:
                file.write(json.dumps(stored.note) + "\n")
                origin = stored.note.partition("\n")[0]
    with (folder / "anchors.jsonl").open("x", encoding="ascii") as file:
        for anchor in read_anchors(connection, size):
            receipt = base64.b64encode(anchor.receipt).decode()
            told = {"kind": anchor.kind, "size": anchor.size, "receipt": receipt}
            file.write(json.dumps(told) + "\n")
    program = Path(__file__).with_name(_PROGRAM).read_bytes()
    _write(folder / _PROGRAM, program)
    _write(folder / "README.txt", _README.format(origin=origin, size=size).encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
