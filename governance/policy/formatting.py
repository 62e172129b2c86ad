"""``policy fmt``: one layout for policy files, and never another meaning.

Decided: two spaces a level, dashes one level below their key, ``apiVersion``, ``kind``, ``id`` and
``title`` first, one blank line at most, no blanks at the end of a line, one line break at the end
of the file. Left as written: quotes, brackets, the order of all other keys, every comment.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from governance.errors import InvalidPolicyError, PolicyError
from governance.policy.faults import as_errors
from governance.policy.layout import LINE_BREAK, Line, blank_runs, lay_out, respaced
from governance.policy.nodes import Node, Scalar
from governance.policy.nodes import Sequence as ListNode
from governance.policy.reading import read_documents
from governance.policy.validation import validate

HEADER = ("apiVersion", "kind", "id", "title")
_BREAKS = re.compile("\r\n?")
_SPACE = re.compile(r"\s+")
# The head of a text block to which blank lines below it belong.
_KEEPS_BLANKS = re.compile(r"[|>]\d?\+\d?\s*(#.*)?$")


def format_policy(file: str, data: bytes) -> str:
    """Return the text of a policy file in the one layout; formatting it again changes nothing.

    Args:
        file: The path as shown to people.

    Raises:
        InvalidPolicyError: If the file does not load: what is broken is not touched.
    """
    _refuse_broken(file, data)
    text = _BREAKS.sub("\n", data.decode("utf-8-sig"))
    formatted = _laid_out(_ordered(text))
    if not _means_the_same(text, formatted):
        # A guard: no text is known that comes here.
        problem = "the layout cannot be changed without changing the meaning"
        error = PolicyError(f"{file}:1:1", problem, "format it by hand")
        raise InvalidPolicyError([error])
    return formatted


def _refuse_broken(file: str, data: bytes) -> None:
    content = read_documents(file, data)
    faults = list(content.faults)
    for node in content.documents:
        faults += validate(node, file)[1]
    if faults:
        raise InvalidPolicyError(as_errors(faults, {file: content.lines}))


def _laid_out(text: str) -> str:
    rows, lines = LINE_BREAK.split(text), lay_out(text)
    dropped = set(blank_runs(rows, lines))
    breaks = [*LINE_BREAK.findall(text), ""]
    kept = [
        (respaced(row, line), ending)
        for number, (row, line, ending) in enumerate(zip(rows, lines, breaks, strict=True))
        if number not in dropped
    ]
    joined = "".join(row + ending for row, ending in kept)
    return joined if joined.endswith("\n") or _is_open(rows, lines) else f"{joined}\n"


def _is_open(rows: Sequence[str], lines: Sequence[Line]) -> bool:
    """Whether the file ends within a text block, to which a line break would be added."""
    return lines[-1].within and bool(rows[-1])


def _ordered(text: str) -> str:
    """Return the text with the header's keys first in every document."""
    rows, lines = LINE_BREAK.split(text), lay_out(text)
    if len(rows) != text.count("\n") + 1 or _is_open(rows, lines):
        return text  # rare line breaks, or an open end: the keys stay where they are
    if rows[-1]:
        return _ordered(f"{text}\n")
    ends = [number for number, row in enumerate(rows) if _is_marker(row, lines[number])]
    result: list[str] = []
    start = 0
    for end in [*ends, len(rows) - 1]:  # the last row is what follows the last line break
        result += _header_first(rows[start:end], lines[start:end])
        result += rows[end : end + 1]
        start = end + 1
    return "\n".join(result)


def _is_marker(row: str, line: Line) -> bool:
    return row.startswith(("---", "...")) and not line.within


@dataclass(frozen=True, slots=True)
class _Entry:
    """A key of a document: the comments above it, and its own lines."""

    key: str
    above: tuple[str, ...]
    rows: tuple[str, ...]


def _header_first(rows: Sequence[str], lines: Sequence[Line]) -> list[str]:
    starts = [number for number, line in enumerate(lines) if line.root_key is not None]
    entries = list(_entries(rows, lines, starts))
    header = [entry for key in HEADER for entry in entries if entry.key == key]
    if entries[: len(header)] == header:
        return list(rows)
    others = [entry for entry in entries if entry not in header]
    preamble, tail = entries[0].above, rows[_last_said(rows, lines, len(rows)) :]
    result, swallows = list(preamble), True
    for entry in [*header, *others]:
        above = () if entry is entries[0] else entry.above  # the first key's is the document's
        result += [*_without_blanks(above, entry in header or swallows), *entry.rows]
        swallows = any(_KEEPS_BLANKS.search(row) for row in entry.rows)
    return [*result, *_without_blanks(tail, swallows)]


def _without_blanks(rows: Sequence[str], wanted: bool) -> Iterator[str]:
    return (row for row in rows if row.strip() or not wanted)


def _entries(rows: Sequence[str], lines: Sequence[Line], starts: Sequence[int]) -> Iterator[_Entry]:
    above_from = 0
    for index, start in enumerate(starts):
        limit = starts[index + 1] if index + 1 < len(starts) else len(rows)
        end = _last_said(rows, lines, limit)
        yield _Entry(
            lines[start].root_key or "", tuple(rows[above_from:start]), tuple(rows[start:end])
        )
        above_from = end


def _last_said(rows: Sequence[str], lines: Sequence[Line], limit: int) -> int:
    """Return the end of what a key says before ``limit``: comments below it are not its own."""
    end = limit
    while end > 0 and not lines[end - 1].within:
        row = rows[end - 1].strip()
        if row and not row.startswith("#"):
            break
        end -= 1
    return end


def _means_the_same(before: str, after: str) -> bool:
    return _meaning(before) == _meaning(after) and _said(before) == _said(after)


def _said(text: str) -> Counter[str]:
    """Return every line that says something, comments too, however often, without its spaces."""
    rows = (_SPACE.sub("", row) for row in LINE_BREAK.split(text))
    return Counter(row for row in rows if row)


def _meaning(text: str) -> list[Any]:
    content = read_documents("", text.encode())
    return [_plain(node) for node in content.documents] if not content.faults else [None]


def _plain(node: Node) -> Any:  # noqa: ANN401 (nested lists and maps)
    if isinstance(node, Scalar):
        return node.text, node.plain
    if isinstance(node, ListNode):
        return [_plain(item) for item in node.items]
    return {key: _plain(entry.value) for key, entry in node.entries.items()}
