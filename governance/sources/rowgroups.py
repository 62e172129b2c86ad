"""Whether a place still begins with what an earlier run read: row groups as keyed digests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from blake3 import blake3

from governance.errors import SourceError
from governance.model.asset import Place
from governance.sources.beginning import NOTHING, Beginning, Growth
from governance.sources.parquet import MAGIC, ParquetSource, open_parquet
from governance.sources.paths import find_files, open_regular

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_CONTEXT = "governance 2026-11 digest of a row group"
_BLOCK_BYTES = 16 * 1024 * 1024


def beginning_of(place: Place, root: Path, growth: Growth, secret: bytes) -> Beginning:
    """Return what need not be read of a place that may have grown; nothing where it has not."""
    if not growth.groups:
        return Beginning(growth.files)
    now = row_groups(place, root, secret, at=len(growth.files))
    count = len(growth.groups)
    if now[:count] != growth.groups:
        return NOTHING
    return Beginning(growth.files, count, growth.rows)


def row_groups(place: Place, root: Path, secret: bytes, at: int) -> tuple[str, ...]:
    """Return a keyed digest of each row group of a Parquet file; none of any other file.

    Args:
        at: Which of the place's files, from 0; -1 is the last.
    """
    faults: tuple[type[Exception], ...] = (OSError, SourceError, *ParquetSource().faults())
    files = find_files(place.opened_as, root, confined=place.confined).files
    if not files or at >= len(files) or files[at].problem is not None:
        return ()
    try:
        with open_regular(files[at]) as stream:
            if stream.read(len(MAGIC)) != MAGIC:
                return ()
            return tuple(_digests(stream, blake3(secret, derive_key_context=_CONTEXT).digest()))
    except faults:
        return ()


def _digests(stream: BinaryIO, key: bytes) -> list[str]:
    file = open_parquet(stream)
    return [_digest(stream, file, number, key) for number in range(file.metadata.num_row_groups)]


def _digest(stream: BinaryIO, file: pq.ParquetFile, number: int, key: bytes) -> str:
    """Cover the bytes of each column, and what the footer says of how to read them."""
    group = file.metadata.row_group(number)
    digest = blake3(key=key)
    digest.update(f"{group.num_rows} {file.schema_arrow.to_string()}".encode())
    for index in range(group.num_columns):
        column = group.column(index)
        start = column.data_page_offset
        if column.has_dictionary_page and column.dictionary_page_offset is not None:
            start = min(start, column.dictionary_page_offset)
        told = (column.path_in_schema, column.physical_type, column.compression,
                column.num_values, column.encodings, column.total_compressed_size)  # fmt: skip
        digest.update(repr(told).encode())
        _cover(stream, start, column.total_compressed_size, digest)
    return digest.hexdigest()


def _cover(stream: BinaryIO, start: int, length: int, digest: blake3) -> None:
    stream.seek(start)
    while length > 0 and (block := stream.read(min(length, _BLOCK_BYTES))):
        digest.update(block)
        length -= len(block)
