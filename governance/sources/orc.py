"""ORC files, streamed by stripes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from governance.model.asset import PlaceType
from governance.sources.columns import flat_batches
from governance.sources.source import Job, Part


class OrcSource:
    """Stripes in order, cut to bounded pieces."""

    reads: ClassVar[PlaceType] = PlaceType.ORC

    def faults(self) -> tuple[type[Exception], ...]:
        import pyarrow as pa

        return (pa.ArrowException, ValueError, OverflowError)

    def read(self, job: Job) -> Iterator[Part]:
        import pyarrow.orc

        file = pyarrow.orc.ORCFile(job.stream)
        for index in range(file.nstripes):
            stripe = file.read_stripe(index)
            stripe.validate(full=True)
            for piece in flat_batches(stripe, job.limits, job.tally):
                yield Part(piece)
