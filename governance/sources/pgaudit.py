"""PostgreSQL logs with the entries of pgaudit: plain text, csvlog and jsonlog.

Source: pgAudit 1.7 README, "Format"; PostgreSQL 15 documentation, 20.8 "Error Reporting and
Logging" (log_line_prefix, csvlog, jsonlog).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import ClassVar

from governance.model.asset import PlaceType
from governance.sources.batches import BatchBuilder
from governance.sources.delimited import delimited_rows
from governance.sources.dialect import Dialect
from governance.sources.encoding import SAMPLE_BYTES, find_encoding
from governance.sources.events import AccessEvent
from governance.sources.jsonlines import JsonLine, json_lines, row_of
from governance.sources.lines import open_text, physical_lines
from governance.sources.pgentry import ENTRY, Spoken, entry_of
from governance.sources.pgprefix import LinePrefix
from governance.sources.source import Job, Part
from governance.sources.tally import Trouble
from governance.sources.values import address_at, text_at

_SEVERITIES = frozenset(
    {"DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5", "INFO", "NOTICE", "WARNING",
     "ERROR", "LOG", "FATAL", "PANIC"}
)  # fmt: skip
# The columns of csvlog that are read, and what of a log is text that people wrote.
_AT, _USER, _DATABASE, _FROM, _SEVERITY, _MESSAGE = 0, 1, 2, 4, 11, 13
_TEXTS = {13: "message", 14: "detail", 15: "hint", 16: "internal_query", 18: "context",
          19: "query", 22: "application_name"}  # fmt: skip
_TEXT_KEYS = frozenset({"message", "detail", "hint", "internal_query", "context", "statement",
                        "application_name"})  # fmt: skip
_Row = Mapping[str, str | None]


class PgAuditSource:
    """A server's log in one of its three formats; entries of pgaudit are accesses.

    Entries of other classes than READ and WRITE tell of no data, but for DROP TABLE, which deletes
    it. An entry that names no object, because ``pgaudit.log_relation`` is off, is counted, and so
    is one that tells no user. Other messages of the server are scanned like any text.
    """

    reads: ClassVar[PlaceType] = PlaceType.PGAUDIT

    def faults(self) -> tuple[type[Exception], ...]:
        return ()

    def read(self, job: Job) -> Iterator[Part]:
        builder = BatchBuilder(job.limits, job.tally)
        events: list[AccessEvent] = []
        for row, spoken in _lines(job):
            for batch in builder.add_named(row):
                yield Part(batch, accesses=tuple(events))
                events = []
            events += _told(spoken, job) if spoken else ()
        for batch in builder.finish():
            yield Part(batch, accesses=tuple(events))


def _told(spoken: Spoken, job: Job) -> list[AccessEvent]:
    """Return the accesses of an entry; what it should tell and does not is counted."""
    uses, trouble = entry_of(spoken)
    if trouble is not None:
        job.tally.add(trouble, line=spoken.line)
        return []
    at, who = spoken.instant, spoken.user
    if uses and (at is None or not who):
        job.tally.add(Trouble.UNMAPPED, line=spoken.line)
        return []
    return [
        AccessEvent(at, who, done, asset, None, spoken.host, None, job.line_offset + spoken.line)
        for done, asset in uses
        if at is not None and who
    ]


def _lines(job: Job) -> Iterator[tuple[_Row, Spoken | None]]:
    """Yield the text of each row of a log, and what pgaudit says in it."""
    first = _first_line(job)
    if first.startswith("{"):
        yield from _json(job)
    elif _is_csv(first):
        yield from _csv(job)
    else:
        yield from _plain(job)


def _first_line(job: Job) -> str:
    sample = job.stream.read(SAMPLE_BYTES)
    job.stream.seek(0)
    encoding = find_encoding(sample)
    text = sample[encoding.mark_bytes :].decode(encoding.name, "replace") if encoding else ""
    return next((line for line in text.splitlines() if line.strip()), "").lstrip()


def _is_csv(line: str) -> bool:
    try:
        cells = next(csv.reader([line]), [])
    except csv.Error:
        return False
    return len(cells) > _MESSAGE and cells[_SEVERITY] in _SEVERITIES


def _json(job: Job) -> Iterator[tuple[_Row, Spoken | None]]:
    for line in json_lines(job):
        value = line.value
        if not isinstance(value, dict):
            yield row_of(line, value, job), None
            continue
        texts = {key: child for key, child in value.items() if key in _TEXT_KEYS}
        message = text_at(value, "message") or ""
        spoken = Spoken(
            message,
            text_at(value, "timestamp"),
            text_at(value, "user"),
            text_at(value, "dbname"),
            address_at(value, "remote_host"),
            line.number,
        )
        yield row_of(JsonLine(line.number), texts, job), spoken if _speaks(message) else None


def _csv(job: Job) -> Iterator[tuple[_Row, Spoken | None]]:
    for cells in delimited_rows(job, Dialect(",", '"'), open_text(job)):
        texts = {name: cells[at] or None for at, name in _TEXTS.items() if at < len(cells)}
        if len(cells) <= _MESSAGE or cells[_SEVERITY] not in _SEVERITIES:
            job.tally.add(Trouble.STRANGE, line=job.tally.lines)
            yield {"message": " ".join(cells) or None}, None
            continue
        host = {"host": cells[_FROM].rpartition(":")[0]}
        message = cells[_MESSAGE]
        spoken = Spoken(
            message, cells[_AT], cells[_USER], cells[_DATABASE], address_at(host, "host"),
            job.tally.lines,
        )  # fmt: skip
        yield texts, spoken if _speaks(message) else None


def _plain(job: Job) -> Iterator[tuple[_Row, Spoken | None]]:
    prefix = LinePrefix(dict(job.fields).get("prefix"))
    for line in physical_lines(job, open_text(job)):
        # NOTE: the server begins each further line of a message with a tab, whatever it holds.
        entry = None if line.startswith("\t") else ENTRY.search(line)
        if entry is None:
            yield {"message": line or None}, None
            continue
        message = line[entry.start("said") :]
        told = prefix.read(line[: entry.start()])
        host = {"host": told.get("host")}
        yield (
            {"message": message},
            Spoken(message, told.get("at"), told.get("user"), told.get("database"),
                   address_at(host, "host"), job.tally.lines),
        )  # fmt: skip


def _speaks(message: str) -> bool:
    return message.startswith("AUDIT: ")
