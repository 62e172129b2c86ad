"""The indentation that each line of a YAML text ought to have: two spaces a level.

Only the space before a line, and after a dash, is ever decided here. What a line says is not
read, so nothing can be lost: a comment and a line of a long text move with what they belong to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from governance.policy.reading import YAML_LOADER

STEP = 2
LINE_BREAK = re.compile("[\n\x85\u2028\u2029]")
"""What ends a line for a YAML parser, once CR is gone."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of one line.

    Args:
        indent: The spaces it ought to have.
        within: Whether it goes on with a text that began above; then its blanks may count.
        goes_on: Whether the text goes on below, so that blanks at its end may count.
        dashes: Columns of dashes (as written) whose gap to what follows ought to be one space.
        root_key: The key of the document's own map that starts on this line.
    """

    indent: int
    within: bool = False
    goes_on: bool = False
    dashes: tuple[int, ...] = ()
    root_key: str | None = None


@dataclass(slots=True)
class _Frame:
    """An open block list or map: its column as written and as it ought to be."""

    is_map: bool
    old: int
    new: int
    compact: bool = False


@dataclass(slots=True)
class _Lines:
    """What the tokens say of the lines so far, by line number from 0."""

    indent: dict[int, int] = field(default_factory=dict)
    shift: dict[int, int] = field(default_factory=dict)
    within: set[int] = field(default_factory=set)
    goes_on: set[int] = field(default_factory=set)
    dashes: dict[int, list[int]] = field(default_factory=dict)
    root_keys: dict[int, str] = field(default_factory=dict)
    columns: dict[int, dict[int, int]] = field(default_factory=dict)


def lay_out(text: str) -> list[Line]:
    """Return how each line of a text ought to be laid out; the text is valid YAML."""
    rows = LINE_BREAK.split(text)
    known = _Reading(rows).read(text)
    return [
        Line(
            _indent(number, rows, known),
            number in known.within,
            number in known.goes_on,
            tuple(known.dashes.get(number, ())),
            known.root_keys.get(number),
        )
        for number in range(len(rows))
    ]


class _Reading:
    """Walks the tokens with a stack of open block collections."""

    def __init__(self, rows: list[str]) -> None:
        self._rows = rows
        self._stack: list[_Frame] = []
        self._flow = 0
        self._flow_start = 0
        self._known = _Lines()
        self._key_next = False

    def read(self, text: str) -> _Lines:
        for token in yaml.scan(text, Loader=YAML_LOADER):
            if self._flow:
                self._inside_flow(token)
            else:
                self._take(token)
        return self._known

    def _take(self, token: Any) -> None:  # noqa: ANN401 (PyYAML's tokens carry no types)
        at = token.start_mark
        match token:
            case yaml.BlockMappingStartToken():
                self._open(at, is_map=True)
            case yaml.BlockSequenceStartToken():
                self._open(at, is_map=False)
            case yaml.BlockEndToken():
                self._leave_compact()
                self._stack.pop()
            case yaml.KeyToken() | yaml.ValueToken():
                self._leave_compact()
                self._begins(at)
                self._key_next = isinstance(token, yaml.KeyToken)
            case yaml.BlockEntryToken():
                if self._stack[-1].is_map:
                    self._stack.append(_Frame(False, at.column, self._stack[-1].new + STEP, True))
                self._begins(at)
                self._known.dashes.setdefault(at.line, []).append(at.column)
            case yaml.FlowMappingStartToken() | yaml.FlowSequenceStartToken():
                self._flow, self._flow_start = 1, at.line
                self._move(at.line, at.line)
            case yaml.ScalarToken():
                self._scalar(token)

    def _open(self, at: Any, *, is_map: bool) -> None:  # noqa: ANN401
        new = self._stack[-1].new + STEP if self._stack else 0
        self._stack.append(_Frame(is_map, at.column, new))

    def _leave_compact(self) -> None:
        """Close a list whose dashes stand in the column of the map that holds it."""
        if self._stack and self._stack[-1].compact:
            self._stack.pop()

    def _begins(self, at: Any) -> None:  # noqa: ANN401
        """Note that a line begins with a key or a dash of the innermost collection."""
        if not self._stack or self._rows[at.line][: at.column].strip(" "):
            return
        self._known.indent[at.line] = self._stack[-1].new
        self._known.columns[at.line] = {frame.old: frame.new for frame in self._stack}

    def _scalar(self, token: Any) -> None:  # noqa: ANN401
        at = token.start_mark
        if self._key_next and len(self._stack) == 1 and self._stack[0].is_map:
            self._known.root_keys[at.line] = token.value
        self._key_next = False
        last = self._last_line(token)
        self._move(at.line, last)
        self._spans(token, last)

    def _spans(self, token: Any, last: int) -> None:  # noqa: ANN401
        first: int = token.start_mark.line
        self._known.within.update(range(first + 1, last + 1))
        self._known.goes_on.update(range(first + (token.style in ("|", ">")), last))

    def _last_line(self, token: Any) -> int:  # noqa: ANN401
        """Return the last line of a text, without blank lines that it does not count."""
        last: int = token.end_mark.line - int(token.end_mark.column == 0)
        if token.style in ("|", ">") and not token.value.endswith("\n\n"):
            while last > token.start_mark.line and not self._rows[last].strip():
                last -= 1
        return last

    def _inside_flow(self, token: Any) -> None:  # noqa: ANN401
        match token:
            case yaml.FlowMappingStartToken() | yaml.FlowSequenceStartToken():
                self._flow += 1
            case yaml.FlowMappingEndToken() | yaml.FlowSequenceEndToken():
                self._flow -= 1
                if not self._flow:
                    self._move(self._flow_start, token.end_mark.line)
            case yaml.ScalarToken():
                self._spans(token, token.end_mark.line)

    def _move(self, first: int, last: int) -> None:
        """Let lines that no key or dash begins move with the collection that holds them."""
        shift = self._stack[-1].new - self._stack[-1].old if self._stack else 0
        for line in range(first, last + 1):
            self._known.shift.setdefault(line, shift)


def _indent(number: int, rows: list[str], known: _Lines) -> int:
    row = rows[number]
    old = len(row) - len(row.lstrip(" "))
    if number in known.indent:
        return known.indent[number]
    if number in known.shift:
        return max(0, old + known.shift[number])
    if row.lstrip().startswith("#"):
        return _comment_indent(number, old, rows, known)
    return old


def _comment_indent(number: int, old: int, rows: list[str], known: _Lines) -> int:
    """Return where a comment belongs: beside what follows, or at the end of what precedes."""
    below = next((line for line in range(number + 1, len(rows)) if line in known.indent), None)
    above = next((line for line in range(number - 1, -1, -1) if line in known.indent), None)
    if below is not None and old == _old(rows[below]):
        return known.indent[below]
    if old == 0:
        return 0
    if above is not None and old in known.columns[above]:
        return known.columns[above][old]
    nearest = below if below is not None else above
    return known.indent[nearest] if nearest is not None else old


def _old(row: str) -> int:
    return len(row) - len(row.lstrip(" "))


def respaced(row: str, line: Line) -> str:
    """Return a line with the spaces that it ought to have."""
    for column in sorted(line.dashes, reverse=True):
        row = f"{row[: column + 1]}{_after_dash(row[column + 1 :])}"
    content = row.lstrip(" ")
    if not content:
        return " " * line.indent if row and line.within else ""
    kept = content if line.within or line.goes_on else content.rstrip(" \t")
    return " " * line.indent + kept


def _after_dash(rest: str) -> str:
    content = rest.lstrip(" ")
    return f" {content}" if content and not content.startswith("#") else rest


def blank_runs(rows: list[str], lines: list[Line]) -> Iterator[int]:
    """Yield the numbers of blank lines that say nothing: a second one, and those at both ends."""
    ends = [n for n, row in enumerate(rows) if row.strip() or lines[n].within]
    first, last = (ends[0], ends[-1]) if ends else (len(rows), -1)
    for number, row in enumerate(rows):
        if row.strip() or lines[number].within:
            continue
        follows_blank = number > 0 and not rows[number - 1].strip()
        if number < first or number > last or (follows_blank and not lines[number - 1].within):
            yield number
