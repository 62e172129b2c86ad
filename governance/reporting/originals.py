"""The stored bytes of a run document: read piece by piece, embedded as they were packed."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.errors import ReportError
from governance.reporting.jsonstream import read_object
from governance.reporting.outcomes import Outcomes, Take

_PIECE = 1 << 16  # packed bytes; about a megabyte of JSON
_MOST = 1 << 20  # characters of one piece, however well it was packed


@dataclass(frozen=True)
class Original:
    """A run document's bytes, packed with zlib as the facts and PDF both keep them.

    Args:
        packed: A zlib stream. id, command, finished: What the facts say of the run.
        verbatim: False when the bytes were made anew from parsed content.
    """

    packed: bytes
    id: str | None = None
    command: str | None = None
    finished: datetime | None = None
    verbatim: bool = True

    @classmethod
    def pack(cls, content: bytes, *, verbatim: bool = True) -> Original:
        """Return the original of plain bytes."""
        return cls(zlib.compress(content), verbatim=verbatim)

    @property
    def content(self) -> bytes:
        """The plain bytes, all at once."""
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Yield the plain bytes in pieces of at most a megabyte.

        Raises:
            ReportError: If the packed bytes are damaged.
        """
        unpacking = zlib.decompressobj()
        try:
            for start in range(0, len(self.packed), _PIECE):
                rest = self.packed[start : start + _PIECE]
                while rest:
                    yield unpacking.decompress(rest, _MOST)
                    rest = unpacking.unconsumed_tail
            yield unpacking.flush()
        except zlib.error as cause:
            raise _unreadable(str(cause)) from cause
        if not unpacking.eof:
            raise _unreadable("its end is missing")

    def read(self, take: Take) -> Content:
        """Return the document without its outcomes, which go to ``take`` in parts.

        Raises:
            ReportError: If it is not JSON.
        """
        sha256, size = hashlib.sha256(), 0

        def measured() -> Iterator[bytes]:
            nonlocal size
            for piece in _ahead(self.pieces()):
                sha256.update(piece)
                size += len(piece)
                yield piece

        try:
            head = read_object(measured(), {"outcomes": take}, Outcomes())
        except (ValueError, RecursionError) as cause:
            raise _unreadable("not JSON") from cause
        return Content(head, "sha256:" + sha256.hexdigest(), size)


@dataclass(frozen=True)
class Content:
    """What reading an original gave: its head, and what identifies its plain bytes.

    Args:
        size: In bytes.
    """

    head: dict[str, Any]
    digest: str
    size: int


def _ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces while the next one is being unpacked beside; the library lets others work."""
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = beside.submit(next, pieces, None)
            yield piece


def _unreadable(problem: str) -> ReportError:
    return ReportError(
        where="facts",
        problem=f"a stored run document cannot be read ({problem})",
        remedy="restore .governance/facts.db from a backup, or delete it and scan again",
    )
