"""A policy file as it was written: scalars, lists and maps, each with its place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from governance.model.position import Position

Path = tuple[str | int, ...]
"""Keys and list indices from the root of a document to one of its values."""


class Scalar:
    """One word or text. ``plain`` tells that it stands without quotes.

    NOTE: nodes are made by the ten thousand and asked for their place only when something is
    wrong there, so that they hold bare numbers and no ``Position``.
    """

    __slots__ = ("column", "file", "line", "plain", "text")

    def __init__(self, file: str, line: int, column: int, text: str, plain: bool) -> None:
        self.file, self.line, self.column = file, line, column
        self.text, self.plain = text, plain

    @property
    def position(self) -> Position:
        return Position(self.file, self.line, self.column)

    @property
    def is_null(self) -> bool:
        """Whether YAML 1.2 reads it as nothing at all."""
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")


class Sequence:
    """A list."""

    __slots__ = ("column", "file", "items", "line")

    def __init__(self, file: str, line: int, column: int, items: list[Node]) -> None:
        self.file, self.line, self.column, self.items = file, line, column, items

    @property
    def position(self) -> Position:
        return Position(self.file, self.line, self.column)


class Entry:
    """A key's place and its value."""

    __slots__ = ("column", "line", "value")

    def __init__(self, line: int, column: int, value: Node) -> None:
        self.line, self.column, self.value = line, column, value

    @property
    def key(self) -> Position:
        return Position(self.value.file, self.line, self.column)


class Mapping:
    """A map; keys stay text, whatever they look like."""

    __slots__ = ("column", "entries", "file", "line")

    def __init__(self, file: str, line: int, column: int) -> None:
        self.file, self.line, self.column = file, line, column
        self.entries: dict[str, Entry] = {}

    @property
    def position(self) -> Position:
        return Position(self.file, self.line, self.column)

    def text(self, key: str) -> str | None:
        """Return the text under a key, or None when it is missing or no text."""
        entry = self.entries.get(key)
        return entry.value.text if entry and isinstance(entry.value, Scalar) else None


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a path leads: ``key`` is the key (or list item) that holds ``node``."""

    key: Position
    node: Node
    rest: Path = ()


def find(root: Node, path: Path) -> Spot:
    """Follow a path as far as it is written; ``rest`` holds what is not there."""
    spot = Spot(root.position, root)
    for depth, step in enumerate(path):
        node = spot.node
        if isinstance(node, Mapping) and isinstance(step, str) and step in node.entries:
            entry = node.entries[step]
            spot = Spot(entry.key, entry.value)
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            spot = Spot(node.items[step].position, node.items[step])
        else:
            return Spot(spot.key, node, path[depth:])
    return spot


def describe(node: Node) -> str:
    """Return what a node is, in the words of an error message."""
    if isinstance(node, Scalar):
        return "nothing" if node.is_null else "text"
    return "a list" if isinstance(node, Sequence) else "a map"


def fold(node: Node) -> list[Any]:
    """Return a node as plain lists and maps, without its file, for ``unfold``."""
    if isinstance(node, Scalar):
        return [node.line, node.column, node.text, int(node.plain)]
    if isinstance(node, Sequence):
        return [node.line, node.column, [fold(item) for item in node.items]]
    folded = {
        key: [entry.line, entry.column, fold(entry.value)] for key, entry in node.entries.items()
    }
    return [node.line, node.column, folded]


def unfold(file: str, folded: list[Any]) -> Node:
    """Return the node that was folded, in a file of that name.

    Raises:
        TypeError, ValueError, IndexError: If it was not made by ``fold``.
    """
    line, column, content = folded[0], folded[1], folded[2]
    if isinstance(content, str):
        return Scalar(file, line, column, content, bool(folded[3]))
    if isinstance(content, list):
        return Sequence(file, line, column, [unfold(file, item) for item in content])
    mapping = Mapping(file, line, column)
    for key, (key_line, key_column, value) in content.items():
        mapping.entries[key] = Entry(key_line, key_column, unfold(file, value))
    return mapping


class Tree:
    """A document as it was written; one that was kept is unfolded when somebody asks for it."""

    __slots__ = ("_file", "_folded", "_node")

    def __init__(self, file: str, node: Mapping | None = None, *, folded: str = "") -> None:
        self._file, self._node, self._folded = file, node, folded

    @property
    def node(self) -> Mapping:
        if self._node is None:
            node = unfold(self._file, json.loads(self._folded))
            self._node = node if isinstance(node, Mapping) else Mapping(self._file, 1, 1)
        return self._node
