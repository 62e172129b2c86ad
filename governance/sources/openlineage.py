"""OpenLineage run events: JSON lines, one array, one object, or objects in a row.

Source: OpenLineage 2-0-2, RunEvent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from governance.model.asset import PlaceType
from governance.sources.batches import BatchBuilder
from governance.sources.events import LineageEvent
from governance.sources.facets import column_origins, full_name, purpose_of
from governance.sources.flatten import Number
from governance.sources.jsonlines import JsonLine, json_lines, row_of
from governance.sources.jsonstream import TooLargeError, Utf8Stream, json_faults, json_values
from governance.sources.lines import open_text, physical_lines
from governance.sources.source import Job, Part
from governance.sources.tally import Trouble
from governance.sources.timestamps import parse_instant

# Ids, instants and addresses of schemas: never personal, and many.
_MACHINE_KEYS = frozenset(
    {"_producer", "_schemaURL", "producer", "schemaURL", "eventTime", "eventType", "eventUuid"}
)
_ID_ENDINGS = ("Id", "ID", "_id", "uuid", "Uuid")


class OpenLineageSource:
    """Run events, and a row for each with its text: SQL, documentation, names.

    Row numbers are line numbers in JSON lines, and numbers of events otherwise.
    """

    reads: ClassVar[PlaceType] = PlaceType.OPENLINEAGE

    def faults(self) -> tuple[type[Exception], ...]:
        return json_faults()

    def read(self, job: Job) -> Iterator[Part]:
        builder = BatchBuilder(job.limits, job.tally)
        events: list[LineageEvent] = []
        for line in _event_lines(job):
            event = lineage_event(line.value, job.line_offset + line.number)
            if event is None and line.value is not None:
                job.tally.add(Trouble.EVENTS, line=line.number)
            for batch in builder.add_named(row_of(line, _texts(line.value, job.limits.depth), job)):
                yield Part(batch, lineage=tuple(events))
                events = []
            if event is not None:
                events.append(event)
        for batch in builder.finish():
            yield Part(batch, lineage=tuple(events))


def lineage_event(value: object, line: int) -> LineageEvent | None:
    """Return the run event that a JSON value tells, or None where it tells none."""
    if not isinstance(value, dict):
        return None
    job, at = full_name(value.get("job")), value.get("eventTime")
    instant = parse_instant(at) if isinstance(at, str) else None
    if job is None or instant is None:
        return None
    run, kind = value.get("run"), value.get("eventType")
    run_id = run.get("runId") if isinstance(run, dict) else None
    return LineageEvent(
        at=instant,
        job=job,
        run=run_id if isinstance(run_id, str) else "",
        event=kind.upper() if isinstance(kind, str) else "",
        inputs=_datasets(value.get("inputs")),
        outputs=_datasets(value.get("outputs")),
        line=line,
        purpose=purpose_of(value),
        columns=tuple(dict.fromkeys(column_origins(value.get("outputs")))),
    )


def _event_lines(job: Job) -> Iterator[JsonLine]:
    if _is_lines(job):
        yield from json_lines(job)
        return
    stream = Utf8Stream(job, job.limits.record_bytes)
    number = 0
    try:
        values = json_values(stream, job.limits.depth, job.tally)
        for number, value in enumerate(values, start=1):
            job.tally.lines = number
            yield JsonLine(number, value)
    except TooLargeError:
        job.tally.stop(f"event {number + 1} is larger than the limit")
    except json_faults():
        job.tally.stop(f"not valid JSON behind event {number}")


def _is_lines(job: Job) -> bool:
    """Return whether the first line is a whole JSON object."""
    probe = Job(job.stream, job.path, job.limits)
    probe_lines = physical_lines(probe, open_text(probe))
    first = next((line for line in probe_lines if line.strip()), "")
    job.stream.seek(0)
    return first.lstrip().startswith("{") and first.rstrip().endswith("}")


def _texts(value: object, depth: int) -> object:
    """Return a value with its text alone: no ids, instants, numbers or schema addresses.

    Below ``depth`` levels the value is returned as it is, for the row to refuse.
    """
    if depth < 0:
        return value
    if isinstance(value, dict):
        kept = {
            key: _texts(child, depth - 1)
            for key, child in value.items()
            if key not in _MACHINE_KEYS and not key.endswith(_ID_ENDINGS)
        }
        return {key: child for key, child in kept.items() if child not in (None, {}, [])}
    if isinstance(value, list):
        return type(value)(
            kept
            for kept in (_texts(child, depth - 1) for child in value)
            if kept not in (None, {}, [])
        )
    return value if isinstance(value, str) and not isinstance(value, Number) else None


def _datasets(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    names = (full_name(each) for each in value)
    return tuple(dict.fromkeys(name for name in names if name is not None))
