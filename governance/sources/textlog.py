"""Text: logs, and whatever else has lines and no columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from governance.model.asset import PlaceType
from governance.sources.batches import BatchBuilder
from governance.sources.lines import open_text, physical_lines
from governance.sources.source import Job, Part

MESSAGE = "message"


class TextSource:
    """One column ``message``; a row is a line, an empty line is null."""

    reads: ClassVar[PlaceType] = PlaceType.TEXT

    def faults(self) -> tuple[type[Exception], ...]:
        return ()

    def read(self, job: Job) -> Iterator[Part]:
        builder = BatchBuilder(job.limits, job.tally, (MESSAGE,))
        for line in physical_lines(job, open_text(job)):
            for batch in builder.add((line or None,)):
                yield Part(batch)
        for batch in builder.finish():
            yield Part(batch)
