"""Compressed files and archives, opened as what they hold; nothing is written by its own name.

``orders.csv.gz`` is read as ``orders.csv``; a member of an archive is a file of its own, called
``dump.zip!a/b.csv``. What is opened counts the bytes that come out, and stops at the limit: a bomb
ends in a partial reading, whatever size its headers claim.
"""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from governance.errors import SourceError
from governance.sources.limits import ReadLimits
from governance.sources.unpacking import Budget, Capped, decompressed

FAULTS = (zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, RuntimeError)
"""What a damaged archive raises, beside ``OSError``."""

_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_ENDINGS = (".gz", ".bz2", ".xz", ".zst", ".gzip", ".zstd")
_SHORT_ENDINGS = {".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".tzst": ".tar"}
# Zip files that are documents: read, or refused, as what they are.
_DOCUMENTS = ("xl/workbook.xml", "word/document.xml", "ppt/presentation.xml", "mimetype")
_ENCRYPTED = 1


@dataclass(frozen=True)
class Opened:
    """One stream to read, or the reason why there is none.

    Args:
        name: What comes behind the file's own name: nothing, or ``!a/b.csv``.
        file: The name that tells the format, without endings of compression.
        budget: What is left of the limits; None for a file that is not packed.
    """

    name: str
    file: PurePosixPath
    stream: BinaryIO | None = None
    problem: str | None = None
    budget: Budget | None = None

    @property
    def is_cut(self) -> bool:
        """Whether the limit ended the stream before its own end."""
        return isinstance(self.stream, Capped) and self.stream.is_cut


def open_all(stream: BinaryIO, file: PurePosixPath, limits: ReadLimits) -> Iterator[Opened]:
    """Yield the streams that a file holds; each is valid until the next is taken.

    Raises:
        SourceError: If an archive cannot be trusted.
        OSError, zipfile.BadZipFile …: What ``FAULTS`` lists, for a damaged one.
    """
    return _open(stream, Opened("", file), Budget(limits), 0)


def member_names(stream: BinaryIO) -> tuple[str, ...] | None:
    """Return the files in a zip archive that is no document, in their order; None for others."""
    if not _is_zip(stream):
        return None
    with zipfile.ZipFile(stream) as archive:
        names = tuple(each.filename for each in archive.infolist() if not each.is_dir())
        return None if _is_document(archive) else names


def is_packed(stream: BinaryIO) -> bool:
    """Return whether a file is compressed or an archive; the stream is left at its start."""
    head = _head(stream)
    return (
        any(head.startswith(magic) for magic in _COMPRESSED)
        or head[257:262] == b"ustar"
        or (head.startswith(b"PK\x03\x04") and member_names(stream) is not None)
    )


def _open(stream: BinaryIO, at: Opened, budget: Budget, depth: int) -> Iterator[Opened]:
    head = _head(stream)
    kind = next((kind for magic, kind in _COMPRESSED.items() if head.startswith(magic)), None)
    packed = kind or head[257:262] == b"ustar" or (_is_zip(stream) and not _is_a_document(stream))
    if not packed:
        yield Opened(at.name, at.file, stream, budget=budget if depth else None)
    elif depth > budget.limits.nesting:
        yield Opened(at.name, at.file, problem="packed more often than the limit, not opened")
    elif kind:
        inside = Capped(decompressed(kind, stream), budget)
        yield from _open(
            cast("BinaryIO", inside), Opened(at.name, _bare(at.file)), budget, depth + 1
        )
    elif head[257:262] == b"ustar":
        yield from _tar_members(stream, at, budget, depth)
    else:
        yield from _zip_members(stream, at, budget, depth)


def _zip_members(stream: BinaryIO, at: Opened, budget: Budget, depth: int) -> Iterator[Opened]:
    stream.seek(0)
    with zipfile.ZipFile(stream) as archive:
        members = [each for each in archive.infolist() if not each.is_dir()]
        _refuse_overlaps(members)
        for member in members:
            inner = Opened(f"{at.name}!{member.filename}", PurePosixPath(member.filename))
            if not _counts(budget):
                yield Opened(inner.name, inner.file, problem=_too_many(budget))
                return
            if member.flag_bits & _ENCRYPTED:
                yield Opened(inner.name, inner.file, problem="encrypted")
                continue
            with archive.open(member) as unpacked:
                capped = cast("BinaryIO", Capped(cast("BinaryIO", unpacked), budget))
                yield from _inside(capped, inner, budget, depth + 1)


def _tar_members(stream: BinaryIO, at: Opened, budget: Budget, depth: int) -> Iterator[Opened]:
    stream.seek(0)
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        for member in archive:
            inner = Opened(f"{at.name}!{member.name}", PurePosixPath(member.name))
            if not _counts(budget):
                yield Opened(inner.name, inner.file, problem=_too_many(budget))
                return
            if member.isdir():
                continue
            unpacked = archive.extractfile(member) if member.isreg() else None
            if unpacked is None:
                yield Opened(inner.name, inner.file, problem="a link or device, not a file")
                continue
            with closing(unpacked):
                capped = cast("BinaryIO", Capped(cast("BinaryIO", unpacked), budget))
                yield from _inside(capped, inner, budget, depth + 1)


def _inside(stream: BinaryIO, at: Opened, budget: Budget, depth: int) -> Iterator[Opened]:
    """Open a member; a damaged one does not take the others with it."""
    try:
        yield from _open(stream, at, budget, depth)
    except (OSError, *FAULTS):
        yield Opened(at.name, at.file, problem="damaged, or cut short")


def _refuse_overlaps(members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive whose members share bytes: a bomb that no honest tool writes."""
    end = 0
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < end:
            raise SourceError("archive", "its members overlap: a zip bomb", "pack it anew")
        end = member.header_offset + 30 + len(member.filename) + member.compress_size


def _counts(budget: Budget) -> bool:
    budget.members -= 1
    return budget.members >= 0


def _too_many(budget: Budget) -> str:
    return f"more than {budget.limits.members:,} members, the rest was not read"


def _head(stream: BinaryIO) -> bytes:
    stream.seek(0)
    head = stream.read(512)
    stream.seek(0)
    return head


def _is_zip(stream: BinaryIO) -> bool:
    return _head(stream).startswith(b"PK\x03\x04")


def _is_a_document(stream: BinaryIO) -> bool:
    with zipfile.ZipFile(stream) as archive:
        return _is_document(archive)


def _is_document(archive: zipfile.ZipFile) -> bool:
    return not set(_DOCUMENTS).isdisjoint(archive.namelist())


def _bare(file: PurePosixPath) -> PurePosixPath:
    """Return a file's name without the ending of its compression."""
    ending = file.suffix.lower()
    if ending in _SHORT_ENDINGS:
        return file.with_suffix(_SHORT_ENDINGS[ending])
    return file.with_suffix("") if ending in _ENDINGS and file.stem else file
