"""A policy file as it was written: scalars, lists and maps, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field

from governance.model.position import Position

Path = tuple[str | int, ...]
"""Keys and list indices from the root of a document to one of its values."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One word or text. ``plain`` tells that it stands without quotes."""

    position: Position
    text: str
    plain: bool

    @property
    def is_null(self) -> bool:
        """Whether YAML 1.2 reads it as nothing at all."""
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    position: Position
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key's place and its value."""

    key: Position
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map; keys stay text, whatever they look like."""

    position: Position
    entries: dict[str, Entry] = field(default_factory=dict)

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
