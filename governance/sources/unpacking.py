"""Streams that unpack while they are read, and end where their budget does."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast

from governance.sources.limits import ReadLimits

if TYPE_CHECKING:
    import zstandard

_WINDOW_BYTES = 128 * 1024 * 1024


@dataclass
class Budget:
    """What may still come out of one file on disk, over all of its members."""

    limits: ReadLimits
    bytes: int = field(init=False)
    members: int = field(init=False)

    def __post_init__(self) -> None:
        self.bytes = self.limits.unpacked_bytes
        self.members = self.limits.members


def decompressed(kind: str, stream: BinaryIO) -> BinaryIO:
    """Return the content of a stream that is compressed by gzip, bzip2, xz or zstd."""
    stream.seek(0)
    if kind == "gzip":
        return cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb"))
    if kind == "bzip2":
        return cast("BinaryIO", bz2.BZ2File(stream, "rb"))
    if kind == "xz":
        return cast("BinaryIO", lzma.LZMAFile(stream, "rb"))
    return cast("BinaryIO", _Zstandard(stream))


class Capped(io.RawIOBase):
    """A stream that ends where its budget does; bytes read again after a rewind count once."""

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        self._farthest = 0
        self.is_cut = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            while self.read(1024 * 1024):
                pass
            offset, whence = self._stream.tell() + offset, io.SEEK_SET
        return self._stream.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        if size is None or size < 0:
            blocks = []
            while block := self.read(1024 * 1024):
                blocks.append(block)
            return b"".join(blocks)
        here = self._stream.tell()
        left = self._budget.bytes + max(0, self._farthest - here)
        block = self._stream.read(min(size, left))
        new = max(0, here + len(block) - self._farthest)
        self._farthest += new
        self._budget.bytes -= new
        if size and not block and not left:
            self.is_cut = self.is_cut or bool(self._stream.read(1))
        return block

    def readall(self) -> bytes:
        return self.read(-1)

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


class _Zstandard(io.RawIOBase):
    """Zstandard, all frames of it; a step back begins anew, as the other decompressors do."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._reader = self._begin()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return int(self._reader.tell())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        target = offset if whence == io.SEEK_SET else self.tell() + offset
        if target < self.tell():
            self._reader = self._begin()
        while (missing := target - self.tell()) > 0 and self.read(min(missing, 1 << 20)):
            pass
        return self.tell()

    def read(self, size: int = -1) -> bytes:
        import zstandard

        try:
            return bytes(self._reader.read(size))
        except zstandard.ZstdError:
            raise OSError("damaged") from None

    def _begin(self) -> zstandard.ZstdDecompressionReader:
        import zstandard

        self._stream.seek(0)
        decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES)
        return decompressor.stream_reader(self._stream, read_across_frames=True, closefd=False)
