"""JSON documents: an array of records, one object, or several objects one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from governance.model.asset import PlaceType
from governance.sources.batches import BatchBuilder
from governance.sources.flatten import ROOT, FlatRow, scalar_text
from governance.sources.jsonstream import TooLargeError, Utf8Stream, json_events, json_faults
from governance.sources.source import Job, Part
from governance.sources.tally import Trouble


class JsonSource:
    """A JSON document, streamed: memory does not grow with its size.

    The elements of an outermost list are the rows, in an array ``[{…}, {…}]`` as well as in
    ``{"customers": [{…}, {…}]}``, where they have the fields ``customers[].…``. What an
    outermost object holds beside lists of objects is one more row, at its end.
    """

    reads: ClassVar[PlaceType] = PlaceType.JSON

    def faults(self) -> tuple[type[Exception], ...]:
        return json_faults()

    def read(self, job: Job) -> Iterator[Part]:
        builder = BatchBuilder(job.limits, job.tally)
        walker = _Walker(job)
        try:
            for event, value in json_events(Utf8Stream(job, job.limits.record_bytes)):
                for row in walker.take(event, value):
                    for batch in builder.add_named(row):
                        yield Part(batch)
        except json_faults() as fault:
            # What came before the fault is worth reading; where it is, the row tells.
            for row in walker.rest():
                for batch in builder.add_named(row):
                    yield Part(batch)
            what = "larger than the limit" if isinstance(fault, TooLargeError) else "not valid JSON"
            job.tally.stop(f"{what} behind row {walker.rows}")
        for batch in builder.finish():
            yield Part(batch)


@dataclass(slots=True)
class _Level:
    """An open object or list: its field name, and the keys an object has shown."""

    name: str
    is_list: bool
    key: str = ""
    keys: set[str] = field(default_factory=set)
    is_row: bool = False


class _Walker:
    """Follows the events, and hands out a row whenever one is complete."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._levels: list[_Level] = []
        self._outer = FlatRow(job.limits)
        self._row: FlatRow | None = None
        self._skipped = 0
        self.rows = 0

    def take(self, event: str, value: object) -> Iterator[Mapping[str, str | None]]:
        if self._skipped or (event.startswith("start") and self._is_too_deep()):
            self._skip(event)
        elif event == "map_key":
            self._take_key(str(value))
        elif event.startswith("start"):
            self._open(is_list=event == "start_array")
        elif event.startswith("end"):
            yield from self._close()
        else:
            yield from self._take_scalar(value)

    def rest(self) -> Iterator[Mapping[str, str | None]]:
        """Hand out the rows that the end of the text left open."""
        for row in (self._row, self._outer):
            if row is not None and row.cells():
                yield self._finish(row)

    @property
    def _filled(self) -> FlatRow:
        return self._row or self._outer

    def _name(self) -> str:
        """Return the field name of the value that comes now."""
        if not self._levels:
            return ""
        level = self._levels[-1]
        if not level.is_list:
            return self._filled.child(level.name, level.key)
        # NOTE: an array of records is the table itself; its fields need no mark of a list.
        return level.name if len(self._levels) == 1 else f"{level.name or ROOT}[]"

    def _take_key(self, key: str) -> None:
        level = self._levels[-1]
        if key in level.keys:
            self._filled.repeats_key = True
        elif len(level.keys) < self._job.limits.columns:
            level.keys.add(key)
        level.key = key

    def _open(self, *, is_list: bool) -> None:
        in_list = bool(self._levels) and self._levels[-1].is_list
        is_row = in_list and self._row is None
        name = self._name()
        if is_row:
            self._row = FlatRow(self._job.limits)
        self._levels.append(_Level(name, is_list, is_row=is_row))

    def _close(self) -> Iterator[Mapping[str, str | None]]:
        level = self._levels.pop()
        if level.is_row and self._row is not None:
            row, self._row = self._row, None
            yield self._finish(row)
        elif not self._levels:
            row, self._outer = self._outer, FlatRow(self._job.limits)
            if row.cells() or row.too_deep:
                yield self._finish(row)

    def _take_scalar(self, value: object) -> Iterator[Mapping[str, str | None]]:
        alone = not self._levels or (len(self._levels) == 1 and self._levels[0].is_list)
        if alone and self._row is None:
            row = FlatRow(self._job.limits)
            row.add("", scalar_text(value))
            yield self._finish(row)
        else:
            self._filled.add(self._name(), scalar_text(value))

    def _is_too_deep(self) -> bool:
        return len(self._levels) > self._job.limits.depth

    def _skip(self, event: str) -> None:
        self._filled.too_deep = True
        if event.startswith("start"):
            self._skipped += 1
        elif event.startswith("end"):
            self._skipped -= 1

    def _finish(self, row: FlatRow) -> Mapping[str, str | None]:
        self.rows += 1
        if row.too_deep:
            self._job.tally.add(Trouble.DEPTH, line=self.rows)
        if row.repeats_key:
            self._job.tally.add(Trouble.REPEATED_KEYS, line=self.rows)
        return row.cells()
