"""Feather and Arrow IPC, as a file or as a stream."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from governance.errors import SourceError
from governance.model.asset import PlaceType
from governance.sources.columns import flat_batches
from governance.sources.source import Job, Part

if TYPE_CHECKING:
    import pyarrow as pa

_STREAM_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_FILE_MAGIC = b"ARROW1"
_VERSION_1_MAGIC = b"FEA1"


class FeatherSource:
    """Record batches as they were written, cut to bounded pieces."""

    reads: ClassVar[PlaceType] = PlaceType.FEATHER

    def faults(self) -> tuple[type[Exception], ...]:
        import pyarrow as pa

        return (pa.ArrowException, ValueError, OverflowError)

    def read(self, job: Job) -> Iterator[Part]:
        for batch in _batches(job):
            # NOTE: a corrupt batch can point outside its own buffers; find out before use.
            batch.validate(full=True)
            for piece in flat_batches(batch, job.limits, job.tally):
                yield Part(piece)


def _batches(job: Job) -> Iterator[pa.RecordBatch]:
    import pyarrow.ipc

    magic = job.stream.read(len(_FILE_MAGIC))
    job.stream.seek(0)
    if magic.startswith(_VERSION_1_MAGIC):
        raise SourceError(
            job.path.name, "Feather version 1 is not read yet", "write it as version 2"
        )
    if magic == _FILE_MAGIC:
        file = pyarrow.ipc.open_file(job.stream)
        for index in range(file.num_record_batches):
            yield file.get_batch(index)
    else:
        yield from pyarrow.ipc.open_stream(job.stream)
        # NOTE: a stream that was cut between two batches reads like a whole one but for its end.
        job.stream.seek(-len(_STREAM_END), os.SEEK_END)
        if job.stream.read() != _STREAM_END:
            job.tally.stop("the stream has no end mark: it may have been cut short")
