"""Access logs as JSON lines, read by the field map that the policy declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from governance.errors import SourceError
from governance.model.asset import PlaceType
from governance.sources.batches import BatchBuilder
from governance.sources.events import AccessEvent
from governance.sources.flatten import scalar_text
from governance.sources.jsonlines import json_lines, row_of
from governance.sources.source import Job, Part
from governance.sources.tally import Trouble
from governance.sources.timestamps import parse_instant

NEEDED = ("at", "who", "action", "asset")

# What the log is there to hold; everything else in it is scanned like any text.
_EXPECTED = ("at", "who", "network")


class AccessSource:
    """One access a line; yields the events, and the fields that a log need not hold.

    Row numbers are line numbers. A line that is not JSON, or lacks an instant, a principal,
    an action or an asset, tells no event and is counted; its text is scanned all the same.
    """

    reads: ClassVar[PlaceType] = PlaceType.ACCESS

    def faults(self) -> tuple[type[Exception], ...]:
        return ()

    def read(self, job: Job) -> Iterator[Part]:
        fields = dict(job.fields)
        missing = [name for name in NEEDED if not fields.get(name)]
        if missing:
            names = ", ".join(missing)
            raise SourceError(
                job.path.name, f"the log's fields do not map {names}", "declare them in 'fields'"
            )
        hidden = frozenset(fields[name] for name in _EXPECTED if name in fields)
        builder = BatchBuilder(job.limits, job.tally)
        events: list[AccessEvent] = []
        for line in json_lines(job):
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


def _event(value: object, fields: Mapping[str, str], line: int) -> AccessEvent | None:
    if not isinstance(value, dict):
        return None
    found = {name: _leaf(value, path) for name, path in fields.items()}
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
    )


def _leaf(value: dict[str, Any], path: str) -> str | None:
    """Return the scalar at a dotted path; a key that itself has dots is found first."""
    if path in value:
        found = value[path]
    else:
        found = value
        for key in path.split("."):
            if not isinstance(found, dict):
                return None
            found = found.get(key)
    if isinstance(found, dict | list):
        return None
    text = scalar_text(found)
    return text.strip() if text else None
