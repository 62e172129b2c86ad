"""Packed content that is not read from front to back, unpacked for as long as it is read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from governance.errors import SourceError
from governance.model.asset import PlaceType
from governance.sources.archives import Opened
from governance.sources.limits import ReadLimits

# Their libraries open a path, or jump about in the file.
BY_PATH = frozenset({PlaceType.SQLITE, PlaceType.DUCKDB})
BY_PLACE = frozenset({PlaceType.PARQUET, PlaceType.FEATHER, PlaceType.ORC, PlaceType.EXCEL})

_BLOCK_BYTES = 1024 * 1024


@contextmanager
def spooled(opened: Opened, kind: PlaceType, limits: ReadLimits) -> Iterator[tuple[BinaryIO, Path]]:
    """Give a stream that can be read as its type asks, and a path for what needs one.

    The copy has no name of the archive's choosing, is readable by its owner alone, and is gone
    afterwards.

    Raises:
        SourceError: If it is larger than may be unpacked at once.
    """
    stream = opened.stream
    if stream is None:
        raise ValueError("there is nothing to spool")
    if opened.budget is None or kind not in BY_PATH | BY_PLACE:
        yield stream, Path(opened.file)
    elif kind in BY_PLACE:
        with tempfile.TemporaryFile() as copy:
            _copy(stream, copy, limits)
            yield copy, Path(opened.file)
    else:
        # NOTE: a folder of its own, mode 0700: a database may look for files beside its own.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "content"
            with path.open("w+b") as copy:
                _copy(stream, copy, limits)
                copy.flush()
                yield copy, path


def _copy(stream: BinaryIO, copy: BinaryIO, limits: ReadLimits) -> None:
    stream.seek(0)
    left = limits.spooled_bytes
    while block := stream.read(min(_BLOCK_BYTES, left + 1)):
        left -= len(block)
        if left < 0:
            size = limits.spooled_bytes // (1024 * 1024)
            raise SourceError(
                "packed file", f"unpacks to more than {size} MiB, not read", "unpack it first"
            )
        copy.write(block)
    copy.seek(0)
