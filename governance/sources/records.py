"""JSON records of an audit log: one a line, in an array, wrapped in an object, or in a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from governance.sources.batches import BatchBuilder
from governance.sources.encoding import SAMPLE_BYTES
from governance.sources.events import AccessEvent
from governance.sources.flatten import DECODER
from governance.sources.jsonlines import JsonLine, json_lines, row_of
from governance.sources.lines import open_text, text_blocks
from governance.sources.source import Job, Part
from governance.sources.tally import Tally, Trouble

Record = Mapping[str, Any]
Told = tuple[AccessEvent, ...]
_WRAPPED = re.compile(r'\s*\{\s*"(?:Records|records|entries)"\s*:\s*\[')
_ARRAY = re.compile(r"\s*\[")
_BETWEEN = re.compile(r"[\s,]*")
_WHOLE = re.compile(r"\s*\{.*\}\s*(?:\n|$)")


def read_records(
    job: Job,
    tell: Callable[[Record, int], Told],
    told_last: Callable[[], Told],
    machine: frozenset[str],
    machine_payload: frozenset[str] = frozenset(),
) -> Iterator[Part]:
    """Yield the accesses that records tell, and rows of what else stands in them.

    Args:
        tell: Returns what one record tells; counts in the tally what it cannot understand.
        told_last: Returns what only the end of the file makes clear.
        machine: Keys of a record that such a log is there to hold, or that no person wrote.
        machine_payload: Such keys of the record's ``protoPayload``.
    """
    builder = BatchBuilder(job.limits, job.tally)
    events: list[AccessEvent] = []
    for line in records(job):
        value = line.value
        kept = _without(value, machine, machine_payload) if isinstance(value, dict) else value
        for batch in builder.add_named(row_of(line, kept, job)):
            yield Part(batch, accesses=tuple(events))
            events = []
        if isinstance(value, dict):
            events += tell(value, job.line_offset + line.number)
        elif value is not None:
            job.tally.add(Trouble.STRANGE, line=line.number)
    events += told_last()
    # NOTE: there is a batch left: the last row waits for a next one that would fill it.
    for batch in builder.finish():
        yield Part(batch, accesses=tuple(events))


def _without(value: Record, machine: frozenset[str], inner: frozenset[str]) -> dict[str, object]:
    kept = {key: child for key, child in value.items() if key not in machine}
    payload = kept.get("protoPayload")
    if inner and isinstance(payload, dict):
        kept["protoPayload"] = {key: child for key, child in payload.items() if key not in inner}
    return kept


def records(job: Job) -> Iterator[JsonLine]:
    """Yield every record with its line number, or its number where lines mean nothing."""
    encoding = open_text(job)
    start = job.stream.tell()
    head = next(text_blocks(job.stream, encoding, Tally()), "")[:SAMPLE_BYTES]
    job.stream.seek(0)
    opening = _WRAPPED.match(head) or _ARRAY.match(head)
    if opening is None and _WHOLE.match(head):
        yield from json_lines(job)
        return
    job.stream.seek(start)
    skipped = opening.end() if opening else 0
    number = 0
    try:
        blocks = text_blocks(job.stream, encoding, job.tally)
        for number, value in enumerate(_values(job, blocks, skipped), start=1):
            job.tally.lines = number
            yield JsonLine(number, value)
    except _BrokenError as fault:
        job.tally.stop(f"{fault} behind record {number}")


class _BrokenError(ValueError):
    """What follows is no record, in words for the coverage."""


def _values(job: Job, blocks: Iterator[str], skipped: int) -> Iterator[object]:
    """Yield the JSON values of a text from a position on, until its list or the text ends."""
    held, at = next(blocks, ""), skipped
    listed = skipped > 0
    for block in chain([""], blocks):
        held, at = (held[at:] + block, 0) if block else (held, at)
        while True:
            at = _BETWEEN.match(held, at).end()  # type: ignore[union-attr] # it matches nothing too
            if listed and held.startswith("]", at):
                return
            try:
                value, at = DECODER.raw_decode(held, at)
            except ValueError:
                break
            except RecursionError:
                raise _BrokenError("nested deeper than the limit") from None
            yield value
        if len(held) - at > job.limits.record_bytes:
            raise _BrokenError("larger than the limit")
    if listed or held[at:].strip():
        raise _BrokenError("cut short, or not valid JSON")
