"""Making proofs from a stored trail: files that convince somebody who has nothing but the key."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from governance.errors import TrailError
from governance.trail.note import (
    Checkpoint,
    decode_base64,
    parse_checkpoint,
    signature_lines,
    with_signatures,
)
from governance.trail.outside import WITNESS
from governance.trail.proofs import MAX_HASHES, included_root, is_consistent
from governance.trail.rows import DamagedError, newest_checkpoint, read_checkpoints
from governance.trail.storage import Where, exists, failing_closed, reading_engine, told
from governance.trail.stream import read_anchors, read_notes, read_one
from governance.trail.tree import StoredTree

PROOF_TYPE = "c2sp.org/tlog-proof@v1"
MAX_PROOF_CHARACTERS = 262_144
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class EntryProof:
    """That an entry is in a log. Source: C2SP tlog-proof.

    Args:
        extra: The entry's own bytes, so that the file is complete; b"" where they are not in it.
        note: The signed checkpoint, with the signatures of witnesses.
    """

    index: int
    path: tuple[bytes, ...]
    note: str
    extra: bytes = b""

    def encode(self) -> str:
        """Return the text of the file."""
        extra = f"extra {base64.b64encode(self.extra).decode()}\n" if self.extra else ""
        hashes = "".join(f"{base64.b64encode(item).decode()}\n" for item in self.path)
        return f"{PROOF_TYPE}\n{extra}index {self.index}\n{hashes}\n{self.note}"

    def root(self, leaf: bytes) -> bytes:
        """Return the root that the proof leads to from a leaf; ValueError if it leads nowhere."""
        size = parse_checkpoint(self.note).size
        return included_root(leaf, self.index, size, self.path)


def parse_proof(text: str) -> EntryProof:
    """Read the text of a ``.tlog-proof`` file; ValueError unless it is spelt as C2SP says."""
    head, separator, note = text[:MAX_PROOF_CHARACTERS].partition("\n\n")
    lines = head.split("\n")
    if not separator or lines[0] != PROOF_TYPE or len(text) > MAX_PROOF_CHARACTERS:
        raise ValueError("not a proof of C2SP tlog-proof")
    rest = iter(lines[1:])
    line, extra = next(rest, ""), b""
    if line.startswith("extra "):
        extra, line = decode_base64(line.removeprefix("extra ")), next(rest, "")
    index = _INDEX.fullmatch(line)
    hashes = tuple(decode_base64(item) for item in rest)
    if index is None or len(hashes) > MAX_HASHES:
        raise ValueError("no index, or too many hashes")
    parse_checkpoint(note)
    return EntryProof(int(index[1]), hashes, note, extra)


@contextmanager
def open_tree(where: Where) -> Iterator[Prover]:
    """Open a trail for making proofs.

    Raises:
        TrailError: If there is none, or it cannot be read.
    """
    if not exists(where):
        remedy = "run 'governance scan' first, or name the file with --trail"
        raise TrailError(told(where), "there is no trail", remedy)
    with failing_closed(where), reading_engine(where).connect() as connection:
        try:
            yield Prover(connection, told(where))
        except DamagedError as damage:
            remedy = "run 'governance audit verify' to see what is broken"
            raise TrailError(told(where), str(damage), remedy) from None


@dataclass(frozen=True, slots=True)
class Prover:
    """Makes proofs from one open trail; each is checked before it is handed out."""

    connection: Connection
    where: str

    def newest_note(self) -> str:
        """Return the newest checkpoint; TrailError if there is none."""
        newest = newest_checkpoint(self.connection)
        if newest is None:
            remedy = "run 'governance audit verify'"
            raise TrailError(self.where, "no checkpoint is stored", remedy)
        return newest.note

    def begins_with(self, checkpoint: Checkpoint) -> bool:
        """Return whether the log is as long as a checkpoint says and begins as it says."""
        newest = parse_checkpoint(self.newest_note())
        if checkpoint.size > newest.size:
            return False
        self.consistency(checkpoint.size, newest.size)
        return StoredTree(self.connection).root(checkpoint.size) == checkpoint.root

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Return the proof that the first ``new`` entries begin with the first ``old``.

        Raises:
            DamagedError: If the stored tree proves no such thing.
        """
        tree = StoredTree(self.connection)
        proof = tree.consistency(old, new)
        if not is_consistent((old, tree.root(old)), (new, tree.root(new)), proof):
            raise DamagedError("the stored tree does not lead to its own root")
        return proof

    def inclusion(self, index: int, *, first: bool = False) -> EntryProof:
        """Return the proof that an entry is under the best checkpoint that covers it.

        The newest one that witnesses co-signed, else the newest.

        Args:
            first: Take the first checkpoint that covers it: the proof stays the same while the
                log grows.

        Raises:
            TrailError: If no checkpoint covers the entry.
            DamagedError: If the stored tree does not lead to the checkpoint's root.
        """
        note = self._first_note(index) if first else self._best_note(index)
        checkpoint = parse_checkpoint(note)
        if not 0 <= index < checkpoint.size:
            raise TrailError(
                where=self.where,
                problem=f"no signed checkpoint covers entry {index}",
                remedy=f"name one below {checkpoint.size}, or let a run end that signs more",
            )
        tree = StoredTree(self.connection)
        leaf, path = tree.leaf(index), tree.inclusion(index, checkpoint.size)
        proof = EntryProof(index, tuple(path), note, self._body(index))
        if proof.root(leaf) != checkpoint.root:
            raise DamagedError(f"entry {index} is not under the root that was signed")
        return proof

    def _first_note(self, index: int) -> str:
        covering = (one for one in read_checkpoints(self.connection) if one.size > index)
        first = min(covering, key=lambda one: one.size, default=None)
        return first.note if first else self.newest_note()

    def _best_note(self, index: int) -> str:
        cosigned: dict[int, str] = {}
        for receipt in read_anchors(self.connection):
            if receipt.kind != WITNESS or receipt.size <= index:
                continue
            note = cosigned.get(receipt.size) or next(
                iter(read_notes(self.connection, receipt.size)), None
            )
            if note is not None:
                lines = signature_lines(receipt.receipt.decode("utf-8", "replace"))
                cosigned[receipt.size] = with_signatures(note, lines)
        return cosigned[max(cosigned)] if cosigned else self.newest_note()

    def _body(self, index: int) -> bytes:
        entry = read_one(self.connection, index)
        return entry[1] if entry else b""
