"""Avro object containers, record by record."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import ClassVar

from governance.model.asset import PlaceType
from governance.sources.batches import BatchBuilder
from governance.sources.flatten import ROOT, FlatRow
from governance.sources.source import Job, Part
from governance.sources.tally import Trouble


class AvroSource:
    """Records as flat rows of text; logical types (dates, decimals, UUIDs) as they read."""

    reads: ClassVar[PlaceType] = PlaceType.AVRO

    def faults(self) -> tuple[type[Exception], ...]:
        from fastavro.read import SchemaResolutionError
        from fastavro.schema import SchemaParseException, UnknownType

        return (
            SchemaResolutionError, SchemaParseException, UnknownType, ValueError, KeyError,
            IndexError, TypeError, AttributeError, EOFError, OverflowError, AssertionError,
            zlib.error, StopIteration,
        )  # fmt: skip

    def read(self, job: Job) -> Iterator[Part]:
        import fastavro

        builder = BatchBuilder(job.limits, job.tally)
        for number, record in enumerate(fastavro.reader(job.stream), start=1):
            row = FlatRow(job.limits)
            value = _plain(record, job, number)
            row.add_tree(value if isinstance(value, dict) else {ROOT: value})
            for batch in builder.add_named(row.cells()):
                yield Part(batch)
        for batch in builder.finish():
            yield Part(batch)


def _plain(value: object, job: Job, number: int, depth: int = 0) -> object:
    """Return a value of an Avro record as JSON would hold it; below the limit nothing is kept."""
    if isinstance(value, dict | list) and depth > job.limits.depth:
        job.tally.add(Trouble.DEPTH, line=number)
        return None
    if isinstance(value, dict):
        return {str(key): _plain(each, job, number, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, job, number, depth + 1) for each in value]
    if isinstance(value, bytes):
        return _text_of(value, job, number)
    return value.isoformat() if isinstance(value, datetime | date | time) else value


def _text_of(value: bytes, job: Job, number: int) -> str | None:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        job.tally.add(Trouble.BLOBS, line=number)
        return None
