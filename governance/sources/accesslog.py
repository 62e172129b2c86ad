"""Access logs as JSON lines or as a table, read by the field map that the policy declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from governance.errors import SourceError
from governance.model.asset import PlaceType
from governance.sources.batches import BatchBuilder
from governance.sources.delimited import delimited_rows, sample_dialect
from governance.sources.events import AccessEvent
from governance.sources.flatten import scalar_text
from governance.sources.jsonlines import JsonLine, json_lines, row_of
from governance.sources.lines import open_text, physical_lines
from governance.sources.source import Job, Part
from governance.sources.tally import Trouble
from governance.sources.timestamps import parse_instant
from governance.sources.values import value_at

NEEDED = ("at", "who", "action", "asset")

# What the log is there to hold; everything else in it is scanned like any text.
_EXPECTED = ("at", "who", "network")
# It concerns another kind of log.
_PREFIX = "prefix"


class AccessSource:
    """One access a line; yields the events, and the fields that a log need not hold.

    A table (CSV and its relatives) names its columns in the first line. Row numbers are line
    numbers, of the last line where a record of a table has several. A line that is not JSON, or
    lacks an instant, a principal, an action or an asset, tells no event and is counted; its text
    is scanned all the same.
    """

    reads: ClassVar[PlaceType] = PlaceType.ACCESS

    def faults(self) -> tuple[type[Exception], ...]:
        return ()

    def read(self, job: Job) -> Iterator[Part]:
        fields = {name: path for name, path in job.fields if name != _PREFIX}
        missing = [name for name in NEEDED if not fields.get(name)]
        if missing:
            names = ", ".join(missing)
            raise SourceError(
                job.path.name, f"the log's fields do not map {names}", "declare them in 'fields'"
            )
        hidden = frozenset(fields[name] for name in _EXPECTED if name in fields)
        builder = BatchBuilder(job.limits, job.tally)
        events: list[AccessEvent] = []
        for line in _lines(job, fields):
            event = _event(line.value, fields, job.line_offset + line.number)
            if event is None and line.value is not None:
                job.tally.add(Trouble.UNMAPPED, line=line.number)
            row = row_of(line, line.value, job)
            kept = {name: row[name] for name in row if event is None or name not in hidden}
            for batch in builder.add_named(kept):
                yield Part(batch, accesses=tuple(events))
                events = []
            if event is not None:
                events.append(event)
        for batch in builder.finish():
            yield Part(batch, accesses=tuple(events))


def _lines(job: Job, fields: Mapping[str, str]) -> Iterator[JsonLine]:
    """Yield what each line holds by name: of JSON, or of a table whose first line has the names."""
    dialect = sample_dialect(job)
    first = next(physical_lines(Job(job.stream, job.path, job.limits), open_text(job)), "")
    job.stream.seek(0)
    named = {name.strip() for name in next(dialect.reader([first]), [])}
    if first.lstrip().startswith("{") or not named.issuperset(fields[name] for name in NEEDED):
        yield from json_lines(job)
        return
    rows = delimited_rows(job, dialect, open_text(job))
    names = [name.strip() or f"column_{at}" for at, name in enumerate(next(rows), start=1)]
    for cells in rows:
        if len(cells) != len(names):
            job.tally.add(Trouble.RAGGED, line=job.tally.lines)
        more = (f"column_{at}" for at in range(len(names) + 1, len(cells) + 1))
        told = {name: cell or None for name, cell in zip([*names, *more], cells, strict=False)}
        yield JsonLine(job.tally.lines, told)


def _event(value: object, fields: Mapping[str, str], line: int) -> AccessEvent | None:
    if not isinstance(value, dict):
        return None
    found = {name: _leaf(value, path) for name, path in fields.items() if name != "fields"}
    at = parse_instant(found.get("at") or "")
    who, action, asset = found.get("who"), found.get("action"), found.get("asset")
    if at is None or not who or not action or not asset:
        return None
    return AccessEvent(
        at=at,
        who=who,
        action=action.lower(),
        asset=asset,
        purpose=found.get("purpose") or None,
        network=found.get("network") or None,
        region=found.get("region") or None,
        line=line,
        fields=_columns(_at(value, fields["fields"])) if "fields" in fields else (),
    )


def _leaf(value: dict[str, Any], path: str) -> str | None:
    """Return the scalar at a dotted path."""
    found = value.get(path)
    if type(found) is str:  # as most are
        return found.strip()
    found = _at(value, path)
    if isinstance(found, dict | list):
        return None
    text = scalar_text(found)
    return text.strip() if text else None


def _at(value: dict[str, Any], path: str) -> object:
    """Return what stands at a dotted path; a key that itself has dots is found first."""
    return value[path] if path in value else value_at(value, *path.split("."))


def _columns(found: object) -> tuple[str, ...]:
    """Return the names of columns from a list, or from text that parts them by commas."""
    names = found if isinstance(found, list) else str(found or "").split(",")
    return tuple(name.strip() for name in names if isinstance(name, str) and name.strip())
