"""Text: logs, and whatever else has lines and no columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pyarrow as pa

from governance.model.asset import PlaceType
from governance.sources.batches import BatchBuilder
from governance.sources.encoding import ASCII_LIKE
from governance.sources.lines import open_text, physical_lines
from governance.sources.plain import plain_lines
from governance.sources.source import Job, Part

MESSAGE = "message"


class TextSource:
    """One column ``message``; a row is a line, an empty line is null."""

    reads: ClassVar[PlaceType] = PlaceType.TEXT

    def faults(self) -> tuple[type[Exception], ...]:
        return ()

    def read(self, job: Job) -> Iterator[Part]:
        builder = BatchBuilder(job.limits, job.tally, (MESSAGE,))
        encoding = open_text(job)
        if encoding.name in ASCII_LIKE:
            at = job.stream.tell()
            for lines, end in plain_lines(job.stream, job.limits):
                job.tally.lines += len(lines)
                rows = pa.RecordBatch.from_arrays([lines], [MESSAGE])
                yield from map(Part, builder.whole(rows))
                at = end
            job.stream.seek(at)
        for line in physical_lines(job, encoding):
            for batch in builder.add((line or None,)):
                yield Part(batch)
        for batch in builder.finish():
            yield Part(batch)
