"""Bytes to documents, strictly: the only place that parses YAML.

The parser's events are read one by one and never constructed into objects. Depth and size
are bounded, anchors, aliases and tags are refused, and duplicate keys are errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from governance.model.position import Position
from governance.policy.faults import Fault, quoted
from governance.policy.nodes import Entry, Mapping, Node, Scalar, Sequence

MAX_BYTES = 1_000_000
MAX_DEPTH = 50

# NOTE: libyaml is ten times faster; both parsers give the same events and positions.
YAML_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LETTERS = r"\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
# NOTE: without what turns the direction of a text: a person would read other words than we do.
_UNPRINTABLE = re.compile(rf"[^\t\n\r\x20-\x7e\x85\u2028\u2029{_LETTERS}]")
_ESCAPED = re.compile(rf"[^\t\n\r\x20-\x7e{_LETTERS}]")


@dataclass(frozen=True, slots=True)
class FileContent:
    """What a file says.

    Args:
        complete: False when reading stopped early, so that later documents are unknown.
    """

    documents: tuple[Mapping, ...]
    faults: tuple[Fault, ...]
    lines: tuple[str, ...]
    complete: bool


def read_documents(file: str, data: bytes) -> FileContent:
    """Return the documents of one file and everything wrong with its syntax.

    Args:
        file: The path as shown to people.
        data: The bytes of the file; more than ``MAX_BYTES`` are refused.
    """
    builder = _Builder(file)
    text = ""
    try:
        text = _decode(file, data)
        documents = builder.build(text)
    except _StoppedError as stop:
        lines = tuple(text.splitlines())
        return FileContent((), (*builder.faults, stop.fault), lines, complete=False)
    return FileContent(documents, tuple(builder.faults), tuple(text.splitlines()), complete=True)


def lines_of(data: bytes) -> tuple[str, ...]:
    """Return the lines of a file for showing one of them; none of a file that is no text."""
    try:
        return tuple(_decode("", data).splitlines())
    except _StoppedError:
        return ()


class _StoppedError(Exception):
    """Reading the file cannot go on."""

    def __init__(self, position: Position, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.fault = Fault(position, problem, remedy)


def _decode(file: str, data: bytes) -> str:
    if len(data) > MAX_BYTES:
        problem = f"the file is larger than {MAX_BYTES // 1_000_000} MB"
        raise _StoppedError(Position(file, 1, 1), problem, "split it into several files")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        before = data[: cause.start].decode("utf-8", errors="replace")
        raise _StoppedError(
            _position_after(file, before), "the file is not UTF-8", "save it as UTF-8"
        ) from None
    bad = _UNPRINTABLE.search(text)
    if bad:
        position = _position_after(file, text[: bad.start()])
        raise _StoppedError(position, "a control character", "remove it")
    return text


def _position_after(file: str, before: str) -> Position:
    line = before.count("\n") + 1
    return Position(file, line, len(before) - (before.rfind("\n") + 1) + 1)


class _Open:
    """A list or map that is still being read; ``key`` waits for its value."""

    __slots__ = ("key", "node")

    def __init__(self, node: Mapping | Sequence) -> None:
        self.node = node
        self.key: Scalar | None = None


class _Builder:
    """Builds nodes from parser events without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self._stack: list[_Open] = []
        self._roots: list[Node] = []

    def build(self, text: str) -> tuple[Mapping, ...]:
        """Return the documents that are maps; anything else is a fault."""
        self._take_all(text)
        roots = [root for root in self._roots if not (isinstance(root, Scalar) and root.is_null)]
        if not roots:
            raise _StoppedError(
                Position(self.file, 1, 1), "the file is empty", "write a document or delete it"
            )
        for root in roots:
            if not isinstance(root, Mapping):
                self._fault(
                    root.position,
                    "a document must be a map",
                    "start it with 'apiVersion: governance/v1'",
                )
        return tuple(root for root in roots if isinstance(root, Mapping))

    def _take_all(self, text: str) -> None:
        try:
            for event in yaml.parse(text, Loader=YAML_LOADER):
                self._take(event)
        except yaml.MarkedYAMLError as cause:
            mark = cause.problem_mark or cause.context_mark
            position = self._at(mark) if mark else Position(self.file, 1, 1)
            raise _StoppedError(position, *_explain_syntax(cause, position, text)) from None

    def _take(self, event: Any) -> None:  # noqa: ANN401 (PyYAML's events carry no types)
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._check(event)
            mark = event.start_mark
            place = (self.file, mark.line + 1, mark.column + 1)
            if event.style == '"':
                self._check_escapes(event)
            self._add(Scalar(*place, event.value, event.implicit[0]))
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._add(self._stack.pop().node)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._check(event)
            self._open(event, is_map=kind is yaml.MappingStartEvent)
        elif kind is yaml.AliasEvent:
            self._refuse_anchor(event)

    def _open(self, event: Any, *, is_map: bool) -> None:  # noqa: ANN401
        position = self._at(event.start_mark)
        if len(self._stack) >= MAX_DEPTH:
            raise _StoppedError(position, f"nested deeper than {MAX_DEPTH} levels", "flatten it")
        if self._stack and isinstance(self._stack[-1].node, Mapping) and not self._stack[-1].key:
            raise _StoppedError(
                position, "a key must be plain text", "write one word before the ':'"
            )
        place = (self.file, position.line, position.column)
        self._stack.append(_Open(Mapping(*place) if is_map else Sequence(*place, [])))

    def _add(self, node: Node) -> None:
        if not self._stack:
            self._roots.append(node)
            return
        parent = self._stack[-1]
        if isinstance(parent.node, Sequence):
            parent.node.items.append(node)
        elif parent.key is not None:
            self._add_entry(parent.node, parent.key, node)
            parent.key = None
        elif isinstance(node, Scalar):
            parent.key = node

    def _add_entry(self, mapping: Mapping, key: Scalar, value: Node) -> None:
        first = mapping.entries.get(key.text)
        if first is None:
            mapping.entries[key.text] = Entry(key.line, key.column, value)
            return
        problem = f"duplicate key {quoted(key.text)}, first on line {first.line}"
        self._fault(key.position, problem, "keep one of the two")

    def _check(self, event: Any) -> None:  # noqa: ANN401
        if event.anchor is not None:
            self._refuse_anchor(event)
        if event.tag is not None:
            problem = f"the tag {quoted(event.tag)} is not allowed"
            raise _StoppedError(
                self._at(event.start_mark), problem, "remove it; values carry no types"
            )

    def _check_escapes(self, event: Any) -> None:  # noqa: ANN401
        """Refuse by name what was written as an escape and may not stand there as it is."""
        bad = _ESCAPED.search(event.value)
        if bad:
            problem = f"a control character, written as an escape (U+{ord(bad[0]):04X})"
            self._fault(self._at(event.start_mark), problem, "remove it")

    def _refuse_anchor(self, event: Any) -> None:  # noqa: ANN401
        sign = "alias '*" if isinstance(event, yaml.AliasEvent) else "anchor '&"
        problem = f"the {sign}{quoted(event.anchor)[1:-1]}' is not allowed"
        raise _StoppedError(
            self._at(event.start_mark), problem, "write the value out where it is used"
        )

    def _at(self, mark: Any) -> Position:  # noqa: ANN401
        return Position(self.file, mark.line + 1, mark.column + 1)

    def _fault(self, position: Position, problem: str, remedy: str) -> None:
        self.faults.append(Fault(position, problem, remedy))


def _explain_syntax(cause: yaml.MarkedYAMLError, position: Position, text: str) -> tuple[str, str]:
    lines = text.split("\n")
    line = lines[position.line - 1] if position.line <= len(lines) else ""
    if line[position.column - 1 : position.column] == "\t":
        return "a tab where spaces are expected", "indent with spaces"
    problem = str(cause.problem or "unreadable").replace("\n", " ")
    context = f" ({cause.context})" if cause.context else ""
    return f"not valid YAML: {problem}{context}", "check indentation, quotes, brackets and colons"
