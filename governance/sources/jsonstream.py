"""JSON as a stream of bytes in UTF-8, and its events, for files that do not fit in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any

from governance.sources.lines import open_text, text_blocks
from governance.sources.source import Job
from governance.sources.tally import Tally, Trouble

_BUFFER_BYTES = 16 * 1024


class TooLargeError(ValueError):
    """One record takes more bytes than the limit."""


class Utf8Stream:
    """A file's text as UTF-8 bytes, whatever its encoding.

    It ends early, and is too large, when more than ``record_bytes`` are read between two
    calls of ``begin_record``.
    """

    def __init__(self, job: Job, record_bytes: int) -> None:
        self._blocks = text_blocks(job.stream, open_text(job), job.tally)
        self._held = b""
        self._bound = record_bytes
        self._since = 0
        self._has_ended = False

    @property
    def is_too_large(self) -> bool:
        """Whether the record that was being read is larger than the bound."""
        return self._since > self._bound

    def begin_record(self) -> None:
        """Start counting the bytes of the next record."""
        self._since = 0

    def end(self) -> None:
        """Read nothing more."""
        self._has_ended = True

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes; empty at the end, and behind the bound."""
        if self._has_ended or self.is_too_large:
            return b""
        while not self._held:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._held = block.encode("utf-8", "replace")
        taken, self._held = self._held[:size], self._held[size:]
        self._since += len(taken)
        return taken


def json_events(stream: Utf8Stream) -> Iterator[tuple[str, Any]]:
    """Yield the parser's events of one or several JSON values, one after the other.

    Raises:
        TooLargeError: If one key, string or number takes more bytes than the stream's bound.
    """
    for event in _events(stream):
        stream.begin_record()
        yield event


def json_values(stream: Utf8Stream, depth: int, tally: Tally) -> Iterator[object]:
    """Yield the elements of an array, or the values that follow one another, whole.

    Args:
        depth: Levels that are built; what lies deeper is left out and counted.

    Raises:
        TooLargeError: If one takes more bytes than the stream's bound.
    """
    from ijson.common import ObjectBuilder

    builder, level, number, is_cut = None, 0, 1, False
    in_array = False
    for event, value in _events(stream):
        if builder is None:
            if event == "end_array" or (event == "start_array" and not in_array):
                in_array = event == "start_array"
                continue
            builder, level, is_cut = ObjectBuilder(), 0, False
        level += event.startswith("start")
        if level <= depth:
            builder.event(event, value)
        else:
            is_cut = True
        level -= event.startswith("end")
        if not level:
            if is_cut:
                tally.add(Trouble.DEPTH, line=number)
            stream.begin_record()
            yield builder.value
            builder, number = None, number + 1


def json_faults() -> tuple[type[Exception], ...]:
    """Return what the parser raises for text that is not JSON, or too large a number."""
    import ijson

    return (ijson.JSONError, ValueError, ArithmeticError)


def _events(stream: Utf8Stream) -> Iterator[tuple[str, Any]]:
    events = _parser().basic_parse(stream, buf_size=_BUFFER_BYTES, multiple_values=True)
    try:
        for event in events:  # noqa: UP028 (closing must reach the finally below first)
            yield event
    except json_faults():
        if stream.is_too_large:
            raise TooLargeError from None
        raise
    finally:
        # NOTE: run to its end, the parser would complain on stderr about an open string.
        stream.end()
        with suppress(*json_faults()):
            for _ in events:
                pass


def _parser() -> ModuleType:
    # NOTE: the parser in plain Python on purpose. The faster one in C ends the process when a
    # number has more digits than Python converts (ijson 3.6.0), and data may hold such a one.
    from ijson.backends import python

    return python  # type: ignore[no-any-return]
