"""JSON as a stream of bytes in UTF-8, and its events, for files that do not fit in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from governance.sources.lines import open_text, text_blocks
from governance.sources.source import Job

NOT_JSON = "not valid JSON from here on"


class TooLargeError(ValueError):
    """One record takes more bytes than the limit."""


class Utf8Stream:
    """A file's text as UTF-8 bytes, whatever its encoding.

    Args:
        record_bytes: Bytes that may be read between two calls of ``begin_record``; None for
            no bound.
    """

    def __init__(self, job: Job, record_bytes: int | None = None) -> None:
        self._blocks = text_blocks(job.stream, open_text(job), job.tally)
        self._held = b""
        self._bound = record_bytes
        self._since = 0

    def begin_record(self) -> None:
        """Start counting the bytes of the next record."""
        self._since = 0

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes; empty at the end.

        Raises:
            TooLargeError: If the current record is larger than the bound.
        """
        while not self._held:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._held = block.encode("utf-8", "replace")
        taken, self._held = self._held[:size], self._held[size:]
        self._since += len(taken)
        if self._bound is not None and self._since > self._bound:
            raise TooLargeError
        return taken


def json_events(stream: Utf8Stream) -> Iterator[tuple[str, Any]]:
    """Yield the parser's events of one or several JSON values, one after the other."""
    import ijson

    # NOTE: a small buffer, so that a byte bound is met soon after it is passed.
    yield from ijson.basic_parse(stream, buf_size=16 * 1024, multiple_values=True)


def json_faults() -> tuple[type[Exception], ...]:
    """Return what the parser raises for text that is not JSON, or too large a number."""
    import ijson

    return (ijson.JSONError, ValueError, ArithmeticError)
