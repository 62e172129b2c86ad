"""JSON lines: one value a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from governance.model.asset import PlaceType
from governance.sources.batches import BatchBuilder
from governance.sources.flatten import FlatRow, parse_json, plain_cells
from governance.sources.lines import open_text, physical_lines
from governance.sources.source import Job, Part
from governance.sources.tally import Trouble

UNPARSED = "unparsed"


@dataclass(frozen=True, slots=True)
class JsonLine:
    """One line: its number in the file, its value, or its text where it is not JSON."""

    number: int
    value: object = None
    unparsed: str | None = None


class JsonLinesSource:
    """One JSON value a line; row numbers are line numbers.

    A blank line is a row of nulls. A line that is not JSON is read as plain text in the
    column ``unparsed`` and counted.
    """

    reads: ClassVar[PlaceType] = PlaceType.JSONL

    def faults(self) -> tuple[type[Exception], ...]:
        return ()

    def read(self, job: Job) -> Iterator[Part]:
        builder = BatchBuilder(job.limits, job.tally)
        for line in json_lines(job):
            for batch in builder.add_named(row_of(line, line.value, job)):
                yield Part(batch)
        for batch in builder.finish():
            yield Part(batch)


def json_lines(job: Job) -> Iterator[JsonLine]:
    """Yield every line of a file, parsed where it can be."""
    for text in physical_lines(job, open_text(job)):
        number = job.tally.lines
        if not text.strip():
            yield JsonLine(number)
            continue
        try:
            yield JsonLine(number, parse_json(text))
        except (ValueError, RecursionError):
            job.tally.add(Trouble.MALFORMED, line=number)
            yield JsonLine(number, unparsed=text)


def row_of(line: JsonLine, value: object, job: Job) -> Mapping[str, str | None]:
    """Return the row of a line; ``value`` is what of it is to be scanned."""
    if line.unparsed is not None:
        return {UNPARSED: line.unparsed}
    plain = plain_cells(value, job.limits)
    if plain is not None:
        return plain
    row = FlatRow(job.limits)
    if value is not None:
        row.add_tree(value)
    if row.too_deep:
        job.tally.add(Trouble.DEPTH, line=line.number)
    if row.repeats_key:
        job.tally.add(Trouble.REPEATED_KEYS, line=line.number)
    return row.cells()
