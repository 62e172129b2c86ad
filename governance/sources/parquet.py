"""Parquet files, streamed by row groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from governance.model.asset import PlaceType
from governance.sources.columns import flat_batches
from governance.sources.limits import ReadLimits
from governance.sources.source import Job, Part

if TYPE_CHECKING:
    import pyarrow.parquet as pq

# The footer's own limits: a hostile one declares more than it holds.
_FOOTER_STRING_BYTES = 64 * 1024 * 1024
_FOOTER_ITEMS = 1_000_000
_BUFFER_BYTES = 1024 * 1024
MAGIC = b"PAR1"


class ParquetSource:
    """Row groups in order; page checksums are verified where the file has them.

    Text columns are read as dictionaries first, because a few kilobytes of a dictionary's
    indexes can stand for gigabytes of text.
    """

    reads: ClassVar[PlaceType] = PlaceType.PARQUET

    def faults(self) -> tuple[type[Exception], ...]:
        import pyarrow as pa

        return (pa.ArrowException, ValueError, OverflowError)

    def read(self, job: Job) -> Iterator[Part]:
        file = open_parquet(job.stream)
        groups = _left(file, job)
        rows = _batch_rows(file, job.limits)
        for batch in file.iter_batches(batch_size=rows, row_groups=groups, use_threads=False):
            for piece in flat_batches(batch, job.limits, job.tally):
                yield Part(piece)


def open_parquet(stream: BinaryIO) -> pq.ParquetFile:
    """Return an open file whose text columns are read as dictionaries.

    Raises:
        pa.ArrowException, ValueError, OverflowError, OSError: If it is no such file.
    """
    stream.seek(0)
    file = _open(stream, ())
    texts = _text_columns(file)
    if not texts:
        return file
    stream.seek(0)
    return _open(stream, texts)


def _left(file: pq.ParquetFile, job: Job) -> list[int]:
    """Return the row groups to read; those left out count as read, for an earlier run did.

    Raises:
        ValueError: If the file no longer begins with them.
    """
    groups = [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)]
    if sum(groups[: job.begun.groups]) != job.begun.rows:
        raise ValueError("the file was changed while it was read")
    job.tally.rows += job.begun.rows
    return list(range(job.begun.groups, len(groups)))


def _open(stream: BinaryIO, texts: tuple[str, ...]) -> pq.ParquetFile:
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(
        stream,
        read_dictionary=list(texts),
        buffer_size=_BUFFER_BYTES,
        pre_buffer=False,
        thrift_string_size_limit=_FOOTER_STRING_BYTES,
        thrift_container_size_limit=_FOOTER_ITEMS,
        page_checksum_verification=True,
    )


def _text_columns(file: pq.ParquetFile) -> tuple[str, ...]:
    schema = file.schema
    columns = (schema.column(index) for index in range(len(schema)))
    return tuple(
        column.path
        for column in columns
        if column.physical_type == "BYTE_ARRAY" and column.max_repetition_level == 0
    )


def _batch_rows(file: pq.ParquetFile, limits: ReadLimits) -> int:
    """Return how many rows fit a batch, by the sizes that the footer declares."""
    metadata = file.metadata
    rows = limits.batch_rows
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        if group.num_rows > 0 and group.total_byte_size > 0:
            rows = min(rows, limits.batch_bytes * group.num_rows // group.total_byte_size)
    return max(1, rows)
