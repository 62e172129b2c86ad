"""CSV, TSV and their relatives."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain, islice
from typing import ClassVar

from governance.model.asset import PlaceType
from governance.sources.batches import BatchBuilder
from governance.sources.dialect import Dialect, find_dialect, has_header, quote_stays_open
from governance.sources.encoding import ASCII_LIKE, SAMPLE_BYTES, Encoding, find_encoding
from governance.sources.lines import open_text, physical_lines, text_blocks
from governance.sources.plain import plain_blocks
from governance.sources.source import Job, Part
from governance.sources.tally import Tally, Trouble

_PEEK_ROWS = 20


class CsvSource:
    """Delimited text; every cell is text, so that leading zeros survive.

    Delimiter, quoting, encoding and header are found out. An empty cell is null. A quote
    that is never closed is read as plain text from its line on. Row numbers count data
    rows, without the header and without blank lines.
    """

    reads: ClassVar[PlaceType] = PlaceType.CSV

    def faults(self) -> tuple[type[Exception], ...]:
        return ()

    def read(self, job: Job) -> Iterator[Part]:
        dialect = sample_dialect(job)
        encoding = open_text(job)
        # NOTE: the module's limit is global and smaller than ours; ours holds all the same.
        csv.field_size_limit(max(csv.field_size_limit(), 2 * job.limits.line_chars))
        start = job.stream.tell()
        rows = _rows(_records(physical_lines(job, encoding), dialect, job), dialect)
        first = next(rows, None)
        if first is None:
            return
        peeked = list(islice(rows, _PEEK_ROWS))
        is_named = has_header(first, peeked)
        names = first if is_named else [""] * len(first)
        if _is_simple(dialect, encoding):
            # NOTE: the rows above were read to learn the names; the file is read once more.
            job.stream.seek(start)
            job.tally.counts.clear()
            job.tally.lines = 0
            yield from _fast(names, is_named, dialect, encoding, job)
        else:
            body = chain([] if is_named else [first], peeked, rows)
            yield from _parts(BatchBuilder(job.limits, job.tally, names), body, job)


def _is_simple(dialect: Dialect, encoding: Encoding) -> bool:
    """Return whether Arrow's parser may be asked: it decides again for every block."""
    plain = dialect.quote == '"' and not dialect.escape and not dialect.skip_blanks
    return plain and encoding.name in ASCII_LIKE and len(dialect.delimiter.encode()) == 1


def _fast(
    names: list[str], is_named: bool, dialect: Dialect, encoding: Encoding, job: Job
) -> Iterator[Part]:
    """Read plain blocks by Arrow, and from the first odd one on line by line."""
    builder = BatchBuilder(job.limits, job.tally, names)
    at = job.stream.tell()
    if is_named:
        header = job.stream.readline(job.limits.line_chars)
        if _is_one_line(header, dialect, len(names)):
            at += len(header)
            job.tally.lines = 1
        else:
            job.stream.seek(at)
            yield from _exact(builder, dialect, encoding, job, skip=1)
            return
    if builder.width == len(names):
        for block in plain_blocks(job.stream, builder.names, dialect.delimiter, job.limits):
            for batch in builder.whole(block.rows):
                yield Part(batch)
            at = block.end
            job.tally.lines += block.lines
    job.stream.seek(at)
    yield from _exact(builder, dialect, encoding, job, skip=int(is_named and not job.tally.lines))


def _is_one_line(header: bytes, dialect: Dialect, width: int) -> bool:
    """Return whether the names stand in the first line, with nothing odd about them."""
    if not header.endswith(b"\n") or header.count(b"\r") > header.endswith(b"\r\n"):
        return False
    try:
        text = header.decode("utf-8").rstrip("\r\n")
        return len(next(dialect.reader([text]), [])) == width and "\0" not in text
    except (UnicodeDecodeError, csv.Error):
        return False


def _exact(
    builder: BatchBuilder, dialect: Dialect, encoding: Encoding, job: Job, *, skip: int
) -> Iterator[Part]:
    rows = _rows(_records(physical_lines(job, encoding), dialect, job), dialect)
    yield from _parts(builder, islice(rows, skip, None), job)


def delimited_rows(job: Job, dialect: Dialect, encoding: Encoding) -> Iterator[list[str]]:
    """Yield the cells of each record from where the stream stands; the tally counts the lines."""
    csv.field_size_limit(max(csv.field_size_limit(), 2 * job.limits.line_chars))
    return _rows(_records(physical_lines(job, encoding), dialect, job), dialect)


def sample_dialect(job: Job) -> Dialect:
    """Return the dialect of a job's file, and put the stream back to its start."""
    job.stream.seek(0)
    sample = job.stream.read(SAMPLE_BYTES)
    encoding = find_encoding(sample)
    if encoding is None:
        job.stream.seek(0)
        return Dialect()
    job.stream.seek(encoding.mark_bytes)
    text = next(text_blocks(job.stream, encoding, Tally()), "")[:SAMPLE_BYTES]
    job.stream.seek(0)
    return find_dialect(text, complete=len(sample) < SAMPLE_BYTES)


def _parts(builder: BatchBuilder, body: Iterator[list[str]], job: Job) -> Iterator[Part]:
    width, before = builder.asked, job.tally.rows
    if width > job.limits.columns:
        job.tally.add(Trouble.COLUMNS, count=width - job.limits.columns)
    for number, row in enumerate(body, start=before + 1):
        if len(row) != width:
            job.tally.add(Trouble.RAGGED, line=number)
        for batch in builder.add([cell or None for cell in row]):
            yield Part(batch)
    for batch in builder.finish():
        yield Part(batch)


def _rows(records: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    """Yield the cells of each record that is not blank; one that has none is one cell."""
    latest = [""]

    def followed() -> Iterator[str]:
        for record in records:
            latest[0] = record
            yield record

    reader = dialect.reader(followed())
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            row = [latest[0]]
        if row is None:
            return
        if row:
            yield row


def _records(lines: Iterator[str], dialect: Dialect, job: Job) -> Iterator[str]:
    """Join physical lines into records; a quote left open becomes plain text."""
    again: list[str] = []
    while True:
        line = again.pop() if again else next(lines, None)
        if line is None:
            return
        if dialect.quote not in line or not quote_stays_open(line, dialect, inside=False):
            yield line
            continue
        record, closed = _continue(line, lines, again, dialect, job)
        if closed:
            yield "\n".join(record)
            continue
        job.tally.add(Trouble.OPEN_QUOTE, line=max(1, job.tally.lines - len(record) + 1))
        yield line.replace(dialect.quote, "")
        again.extend(reversed(record[1:]))


def _continue(
    line: str, lines: Iterator[str], again: list[str], dialect: Dialect, job: Job
) -> tuple[list[str], bool]:
    """Return the lines of a record that began with an open quote, and whether it closed."""
    record, size = [line], len(line)
    while size <= job.limits.field_chars:
        following = again.pop() if again else next(lines, None)
        if following is None:
            return record, False
        record.append(following)
        size += len(following) + 1
        if dialect.quote in following and not quote_stays_open(following, dialect, inside=True):
            return record, True
    return record, False
