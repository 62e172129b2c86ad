"""A witness: it remembers the largest checkpoint of each log, and signs only what continues it.

Two histories shown to two auditors would need two checkpoints that no proof connects; a witness
that signed one never signs the other. Source: C2SP tlog-witness.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from governance.errors import TrailError
from governance.trail.cosignature import cosign
from governance.trail.keys import PublicKey, SigningKey
from governance.trail.merkle import EMPTY_ROOT, HASH_BYTES
from governance.trail.note import Checkpoint, decode_base64, is_signed_by, parse_checkpoint
from governance.trail.proofs import MAX_HASHES, is_consistent

MAX_REQUEST_BYTES = 65_536
SIZE_TYPE = "text/x.tlog.size"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,15})")
_STATE = "witnessed.json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the witness answers: a status of HTTP, and the body with its type."""

    status: int
    body: str = ""
    type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: this checkpoint, with the proof that it continues the one of size ``old``."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def encode(self) -> bytes:
        """Return the body of the request."""
        hashes = "".join(f"{base64.b64encode(item).decode()}\n" for item in self.proof)
        return f"old {self.old}\n{hashes}\n{self.note}".encode()


def parse_request(body: bytes) -> AddCheckpoint:
    """Read the body of a request; ValueError unless it is spelt as the protocol says."""
    if len(body) > MAX_REQUEST_BYTES:
        raise ValueError("too long")
    head, separator, note = body.decode("utf-8").partition("\n\n")
    first, *lines = head.split("\n")
    old = _OLD.fullmatch(first)
    if not separator or old is None or len(lines) > MAX_HASHES:
        raise ValueError("not a size, at most 63 hashes, and a checkpoint")
    proof = tuple(decode_base64(line) for line in lines)
    if any(len(item) != HASH_BYTES for item in proof):
        raise ValueError("a hash that is not 32 bytes")
    return AddCheckpoint(int(old[1]), proof, note)


@dataclass(frozen=True)
class Witness:
    """A witness of some logs.

    Args:
        logs: The key of each log that is known, by origin.
        folder: Where it remembers; several processes may share it.
    """

    name: str
    key: SigningKey
    logs: Mapping[str, PublicKey]
    folder: Path
    clock: Callable[[], datetime]

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer one request; what is signed is on disk before it is answered.

        Raises:
            TrailError: If the memory cannot be read or written; nothing is signed then.
        """
        try:
            asked = parse_request(body)
            told = parse_checkpoint(asked.note)
        except ValueError as cause:
            return Answer(400, f"{cause}\n")
        key = self.logs.get(told.origin)
        if key is None:
            return Answer(404, "a log that is not known here\n")
        if not is_signed_by(asked.note, key.named(told.origin)):
            return Answer(403, "not signed with the key of this log\n")
        if asked.old > told.size:
            return Answer(400, "a tree does not shrink\n")
        with self._memory() as memory:
            return self._judge(asked, told, memory)

    def _judge(self, asked: AddCheckpoint, told: Checkpoint, memory: dict[str, str]) -> Answer:
        known = self._known(told.origin, memory)
        if asked.old != known.size:
            return Answer(409, f"{known.size}\n", SIZE_TYPE)
        if told.size == known.size and told.root != known.root:
            return Answer(409, f"{known.size}\n", SIZE_TYPE)
        old, new = (known.size, known.root), (told.size, told.root)
        if not is_consistent(old, new, asked.proof):
            return Answer(422, "the proof does not lead from the one to the other\n")
        line = cosign(asked.note, self.name, self.key, self.clock())
        memory[told.origin] = asked.note
        self._remember(memory)
        return Answer(200, line)

    def _known(self, origin: str, memory: Mapping[str, str]) -> Checkpoint:
        note = memory.get(origin)
        return parse_checkpoint(note) if note else Checkpoint(origin, 0, EMPTY_ROOT)

    @contextmanager
    def _memory(self) -> Iterator[dict[str, str]]:
        """Hold the memory alone: to compare and to remember is one step, or a race."""
        path = self.folder / _STATE
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (self.folder / f"{_STATE}.lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield self._read(path)
        except OSError as cause:
            problem = f"the witness cannot remember: {(cause.strerror or 'unknown').lower()}"
            raise TrailError(str(path), problem, "check the folder and its free space") from cause

    def _read(self, path: Path) -> dict[str, str]:
        if not path.exists():
            return {}
        try:
            memory = json.loads(path.read_text(encoding="utf-8"))
            for origin, note in memory.items():
                if parse_checkpoint(note).origin != origin:
                    raise ValueError
        except (ValueError, AttributeError, TypeError):
            problem = "the witness's memory is not readable, so it signs nothing"
            raise TrailError(str(path), problem, "restore the file from a copy") from None
        return dict(memory)

    def _remember(self, memory: Mapping[str, str]) -> None:
        path = self.folder / _STATE
        draft = path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(memory, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
