"""The bytes of a place as one keyed digest: the same digest, the same content."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from governance.errors import SourceError
from governance.model.asset import Place
from governance.sources.paths import FoundFile, find_files, open_regular

_CONTEXT = "governance 2026-11 digest of a place's content"
_BLOCK_BYTES = 16 * 1024 * 1024
# What a database keeps beside its file until it is folded in.
_SIDE_FILES = ("-wal", "-journal", ".wal")


@dataclass(frozen=True, slots=True)
class Content:
    """What a place held at one moment.

    Args:
        digest: ``b3:`` and 64 hex digits. Keyed, because the digest of a short file can be
            guessed from what it might hold.
        stamp: Inode, size and times of every file: as long as they stand, nobody wrote.
        files: Keyed digest of each file with its name, in the order in which they are read.
    """

    digest: str
    stamp: tuple[tuple[int, ...], ...]
    files: tuple[str, ...] = ()


def content_of(place: Place, root: Path, secret: bytes) -> Content | None:
    """Return the content of a place, or None where a file of it cannot be opened.

    Args:
        secret: The workspace's secret.
    """
    files = _files(place, root)
    if not files:
        return None
    key = blake3(secret, derive_key_context=_CONTEXT).digest()
    whole = blake3(key=key)
    stamp, each = [], []
    try:
        for file in files:
            digest, written = _file_digest(file, key)
            named = f"{len(file.name)}:".encode() + os.fsencode(file.name) + digest
            whole.update(named)
            each.append(blake3(named, key=key).hexdigest())
            stamp.append(written)
    except (OSError, SourceError):
        return None
    return Content(f"b3:{whole.hexdigest()}", tuple(stamp), tuple(each))


def is_untouched(content: Content, place: Place, root: Path) -> bool:
    """Return whether nobody wrote to a place since its content was taken."""
    try:
        now = tuple(_stamp(os.stat(file.path)) for file in _files(place, root))  # noqa: PTH116
    except OSError:
        return False
    return now == content.stamp


def _files(place: Place, root: Path) -> tuple[FoundFile, ...]:
    """Return the files of a place, with those that a database keeps beside its own."""
    found = find_files(place.opened_as, root, confined=place.confined).files
    if any(file.problem for file in found):
        return ()
    beside = [
        FoundFile(f"{file.name}{ending}", path)
        for file in found
        for ending in _SIDE_FILES
        if (path := file.path.with_name(f"{file.path.name}{ending}")).is_file()
    ]
    return (*found, *beside)


def _file_digest(file: FoundFile, key: bytes) -> tuple[bytes, tuple[int, ...]]:
    digest = blake3(key=key, max_threads=blake3.AUTO)
    with open_regular(file) as stream:
        written = _stamp(os.fstat(stream.fileno()))
        # NOTE: blocks instead of a memory map: a file cut while it is mapped kills the process.
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.digest(), written


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
