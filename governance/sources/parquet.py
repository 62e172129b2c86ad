"""Parquet files, streamed by row groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

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
        file = _open(job, ())
        texts = _text_columns(file)
        if texts:
            job.stream.seek(0)
            file = _open(job, texts)
        rows = _batch_rows(file, job.limits)
        for batch in file.iter_batches(batch_size=rows, use_threads=False):
            for piece in flat_batches(batch, job.limits, job.tally):
                yield Part(piece)


def _open(job: Job, texts: tuple[str, ...]) -> pq.ParquetFile:
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(
        job.stream,
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
