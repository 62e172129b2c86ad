"""Blocks of delimited text in which nothing is odd, read by Arrow's parser.

Most tables are plain: no stray quote, no ragged row, no blank line. Arrow reads those some twenty
times as fast as Python's csv module, with the same result. Whatever is not plain is left to the
exact reader, from the beginning of its block on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from governance.sources.limits import ReadLimits

Bytes = np.ndarray[Any, np.dtype[np.uint8]]

BLOCK_BYTES = 8 * 1024 * 1024
_LINE_END, _RETURN, _QUOTE = 10, 13, 34


@dataclass(frozen=True, slots=True)
class Plain:
    """Rows of one block.

    Args:
        lines: Line ends in the block. end: Where the next block begins in the file.
    """

    rows: pa.RecordBatch
    lines: int
    end: int


def plain_blocks(
    stream: BinaryIO, names: Sequence[str], delimiter: str, limits: ReadLimits
) -> Iterator[Plain]:
    """Yield plain blocks from the stream's place on, and end before the first that is not.

    Args:
        names: As many as a row has cells.
    """
    at, carry = stream.tell(), b""
    while True:
        block = stream.read(BLOCK_BYTES)
        text = carry + block
        if not text:
            return
        size = len(text)
        if not block and not text.endswith(b"\n"):  # the last line may lack its end
            text += b"\n"
        cut = _last_record_end(text, delimiter)
        if cut is None or not (block or cut == len(text)):
            return
        records = text[:cut]
        table = _parsed(records, names, delimiter) if _is_plain(records, limits) else None
        lines = records.count(b"\n")
        if table is None or (table.num_rows != lines and b'"' not in records):
            return  # a blank line is no row; beside quotes it was looked for before
        at += min(cut, size)
        for batch in table.combine_chunks().to_batches():
            yield Plain(batch, lines, at)
            lines = 0
        carry = text[cut:]


def plain_lines(stream: BinaryIO, limits: ReadLimits) -> Iterator[tuple[pa.Array, int]]:
    """Yield the lines of plain blocks, and where the next block begins in the file.

    Ends before the first block that is not plain. An empty line is null; the last line may lack
    its end.
    """
    at, carry = stream.tell(), b""
    while True:
        block = stream.read(BLOCK_BYTES)
        text = carry + block
        cut = text.rfind(b"\n") + 1 if block else len(text)
        whole = text[:cut]
        lines = _split(whole) if cut and _are_lines(whole, limits) else None
        if lines is None:
            return
        at += cut
        yield lines, at
        carry = text[cut:]


def _are_lines(text: bytes, limits: ReadLimits) -> bool:
    if b"\0" in text or (b"\r" in text and text.count(b"\r") != text.count(b"\r\n")):
        return False
    return _is_short(text, min(limits.line_chars, limits.field_chars))


def _is_short(text: bytes, most: int) -> bool:
    """Return whether no line is longer than so many bytes, with its end."""
    at = 0
    # NOTE: of each window only the last line end is looked for: what lies before it is shorter.
    while len(text) - at > most:
        at = text.rfind(b"\n", at, at + most) + 1
        if not at:
            return False
    return True


def _split(text: bytes) -> pa.Array | None:
    body = text.replace(b"\r\n", b"\n") if b"\r" in text else text
    body = body if body.endswith(b"\n") else body + b"\n"
    if not _is_utf8(body):
        return None
    ends = np.flatnonzero(np.frombuffer(body, dtype=np.uint8) == _LINE_END)
    bounds = np.zeros(len(ends) + 1, dtype=np.int32)
    bounds[1:] = ends - np.arange(len(ends))
    joined = body.translate(None, b"\n")
    lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(bounds), pa.py_buffer(joined))
    blank = np.diff(bounds) == 0
    return (
        pc.if_else(pa.array(blank), pa.scalar(None, pa.string()), lines) if blank.any() else lines
    )


def _is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    try:
        pa.array([text], pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _last_record_end(text: bytes, delimiter: str) -> int | None:
    """Return the end of the last whole record, or None where there is none, or a quote is odd.

    A quote opens behind a delimiter or a line end and closes before one; two of them inside are
    a closing and an opening one.
    """
    end = text.rfind(b"\n") + 1
    if b'"' not in text:
        return end or None
    raw = np.frombuffer(text, dtype=np.uint8)
    quotes = np.flatnonzero(raw == _QUOTE)
    opening, closing = quotes[::2], quotes[1::2]
    before = np.where(opening > 0, raw[opening - 1], _LINE_END)
    after = raw[closing[closing + 1 < len(raw)] + 1]
    apart = np.array([ord(delimiter), _LINE_END, _QUOTE], dtype=np.uint8)
    if not np.isin(before, apart).all() or not np.isin(after, np.append(apart, _RETURN)).all():
        return None
    ends = np.flatnonzero(raw == _LINE_END)
    outside = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else None


def _is_plain(text: bytes, limits: ReadLimits) -> bool:
    if b"\0" in text or text.startswith((b"\n", b"\r")) or (b'"' in text and b"\n\n" in text):
        return False
    if b"\r" in text and (b"\n\r" in text or text.count(b"\r") != text.count(b"\r\n")):
        return False
    return _is_short(text, min(limits.line_chars, limits.field_chars))


def _parsed(text: bytes, names: Sequence[str], delimiter: str) -> pa.Table | None:
    has_quotes = b'"' in text
    try:
        return pyarrow.csv.read_csv(
            pa.BufferReader(text),
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, block_size=len(text) + 1, column_names=list(names)
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if has_quotes else False,
                newlines_in_values=has_quotes,
                ignore_empty_lines=True,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):  # a ragged row, or bytes that are no text
        return None
