"""A file's bytes as lines of text: decoded tolerantly, cut to length, in bounded memory."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from governance.errors import SourceError
from governance.sources.encoding import SAMPLE_BYTES, Encoding, find_encoding
from governance.sources.source import Job
from governance.sources.tally import Tally, Trouble

_BLOCK_BYTES = 256 * 1024
_ESCAPED = re.compile("[\udc80-\udcff]")


def open_text(job: Job) -> Encoding:
    """Return the encoding of a job's file and put the stream behind its byte order mark.

    Raises:
        SourceError: If the file holds no text.
    """
    sample = job.stream.read(SAMPLE_BYTES)
    encoding = find_encoding(sample)
    if encoding is None:
        raise SourceError(job.path.name, "binary content, not text", "declare its type")
    job.stream.seek(encoding.mark_bytes)
    return encoding


def text_blocks(stream: BinaryIO, encoding: Encoding, tally: Tally) -> Iterator[str]:
    """Yield decoded text with all line ends as ``\\n``.

    A byte that does not fit is read as Latin-1, so that the text around it survives; in
    UTF-16 and UTF-32 it becomes U+FFFD. Both are counted.
    """
    wide = encoding.name.startswith(("utf-16", "utf-32"))
    decode = codecs.getincrementaldecoder(encoding.name)("replace" if wide else "surrogateescape")
    decoder = io.IncrementalNewlineDecoder(decode, translate=True)
    while True:
        block = stream.read(_BLOCK_BYTES)
        text = decoder.decode(block, final=not block)
        if not text.isascii():
            text = _mend(text, wide, tally)
        if text:
            yield text
        if not block:
            return


def physical_lines(job: Job, encoding: Encoding) -> Iterator[str]:
    """Yield the lines of a file without their ends; counts them in the tally.

    A line longer than the limit is cut, NUL characters are left out; both are counted. A
    line end at the end of the file begins no further line.
    """
    limit, tally = job.limits.line_chars, job.tally
    pending: list[str] = []
    held = 0
    for block in text_blocks(job.stream, encoding, tally):
        *ended, tail = block.split("\n")
        for index, piece in enumerate(ended):
            line = piece if index or not pending else "".join([*pending, piece])
            yield _line(line, held + len(piece) if index == 0 else len(piece), limit, tally)
        if ended:
            pending, held = [], 0
        pending.append(tail[: max(0, limit + 1 - held)])
        held += len(tail)
    if held:
        yield _line("".join(pending), held, limit, tally)


def _line(line: str, length: int, limit: int, tally: Tally) -> str:
    tally.lines += 1
    if length > limit:
        tally.add(Trouble.CUT_LINES, line=tally.lines)
        line = line[:limit]
    if "\x00" in line:
        tally.add(Trouble.NULS, line=tally.lines)
        line = line.replace("\x00", "")
    return line


def _mend(text: str, wide: bool, tally: Tally) -> str:
    if wide:
        tally.add(Trouble.ENCODING, count=text.count("\ufffd"))
        return text
    mended, count = _ESCAPED.subn(lambda match: chr(ord(match[0]) - 0xDC00), text)
    tally.add(Trouble.ENCODING, count=count)
    return mended
