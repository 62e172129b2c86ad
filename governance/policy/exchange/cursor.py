"""A map of another format while it is read: what nobody took is told as lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from governance.model.position import Position
from governance.policy.exchange.remarks import Fate, Remark
from governance.policy.exchange.shapes import says_nothing
from governance.policy.nodes import Mapping as MapNode
from governance.policy.nodes import Node, Scalar, Sequence

NO_SUCH_KEY = "the policy language has no such key"


@dataclass(frozen=True, slots=True)
class Said:
    """A single value of the source, and where it stands.

    Args:
        key: The path of its key, for the report.
    """

    text: str
    position: Position
    key: str


@dataclass(slots=True)
class Ledger:
    """Which keys were taken, and what became of those that could not be carried.

    Args:
        names: The keys that name a map of a list, for telling it apart in the report.
    """

    names: tuple[str, ...] = ("name",)
    taken: set[Position] = field(default_factory=set)
    remarks: list[Remark] = field(default_factory=list)

    def lose(self, said: Said, reason: str) -> None:
        """Note a value that was read and cannot be carried."""
        self.remarks.append(Remark(said.position, said.key, Fate.LOST, reason))

    def doubt(self, said: Said, reason: str) -> None:
        """Note a value that was not carried word for word."""
        self.remarks.append(Remark(said.position, said.key, Fate.READ_AS, reason))

    def leftovers(
        self, root: MapNode, *, defaults: Mapping[str, Any], reasons: Mapping[str, str]
    ) -> Iterator[Remark]:
        """Yield a remark for every key that nobody took and that says something.

        Args:
            defaults: Keys whose value here is the format's own default: leaving one out changes
                nothing.
            reasons: Keys that have a reason of their own.
        """
        yield from self._below(root, "", defaults, reasons)

    def label(self, item: Node, index: int) -> str:
        """Return how a list's item is called in a path: by its name, or its number from 1."""
        if isinstance(item, MapNode):
            for name in self.names:
                text = item.text(name)
                if text:
                    return text[:60]
        return str(index + 1)

    def _below(
        self, node: Node, path: str, defaults: Mapping[str, Any], reasons: Mapping[str, str]
    ) -> Iterator[Remark]:
        if isinstance(node, MapNode):
            for key, entry in node.entries.items():
                inner = f"{path}.{key}" if path else key
                if entry.key in self.taken:
                    yield from self._below(entry.value, inner, defaults, reasons)
                elif not _is_idle(key, entry.value, defaults):
                    reason = reasons.get(key, NO_SUCH_KEY)
                    yield Remark(entry.key, inner, Fate.LOST, reason)
        elif isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                inner = f"{path}[{self.label(item, index)}]"
                if isinstance(item, MapNode) and not self._is_touched(item):
                    reason = reasons.get(path.rpartition(".")[2], NO_SUCH_KEY)
                    yield Remark(item.position, inner, Fate.LOST, reason)
                else:
                    yield from self._below(item, inner, defaults, reasons)

    def _is_touched(self, item: MapNode) -> bool:
        return any(entry.key in self.taken for entry in item.entries.values())


class Cursor:
    """One map of the source. Reading a key takes it."""

    def __init__(self, node: MapNode, ledger: Ledger, path: str = "") -> None:
        self.node = node
        self.ledger = ledger
        self.path = path

    def said(self, key: str) -> Said | None:
        """Return a single value, or None where nothing is said."""
        node = self.take(key)
        if not isinstance(node, Scalar) or not node.text.strip():
            return None
        return Said(node.text, node.position, self.at(key))

    def all_said(self, key: str) -> list[Said]:
        """Return the values of a list, or of a value that stands alone."""
        node = self.take(key)
        items = node.items if isinstance(node, Sequence) else [node]
        return [
            Said(item.text, item.position, self.at(key))
            for item in items
            if isinstance(item, Scalar) and not item.is_null and item.text.strip()
        ]

    def is_true(self, key: str) -> bool:
        """Return whether a truth value is true."""
        node = self.take(key)
        return isinstance(node, Scalar) and node.plain and node.text.lower() == "true"

    def inside(self, key: str) -> Cursor | None:
        """Return the map below a key, or None."""
        node = self.take(key)
        return Cursor(node, self.ledger, self.at(key)) if isinstance(node, MapNode) else None

    def each(self, key: str) -> list[Cursor]:
        """Return the maps of a list."""
        node = self.take(key)
        items = node.items if isinstance(node, Sequence) else ()
        return [
            Cursor(item, self.ledger, f"{self.at(key)}[{self.ledger.label(item, index)}]")
            for index, item in enumerate(items)
            if isinstance(item, MapNode)
        ]

    def take(self, key: str) -> Node | None:
        """Return what stands below a key; None where nothing does."""
        entry = self.node.entries.get(key)
        if entry is None or says_nothing(entry.value):
            return None
        self.ledger.taken.add(entry.key)
        return entry.value

    def take_whole(self, key: str) -> Node | None:
        """Return what stands below a key, and take everything in it."""
        node = self.take(key)
        if node is not None:
            self._take_below(node)
        return node

    def at(self, key: str) -> str:
        """Return the path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def key_position(self, key: str) -> Position:
        """Return where a key stands, or the map where it is missing."""
        entry = self.node.entries.get(key)
        return entry.key if entry else self.node.position

    def _take_below(self, node: Node) -> None:
        if isinstance(node, MapNode):
            for entry in node.entries.values():
                self.ledger.taken.add(entry.key)
                self._take_below(entry.value)
        elif isinstance(node, Sequence):
            for item in node.items:
                self._take_below(item)


def _is_idle(key: str, node: Node, defaults: Mapping[str, Any]) -> bool:
    """Whether a key says nothing: no value, an empty one, or what holds without it anyway."""
    if isinstance(node, Scalar):
        said = node.text.lower() if node.plain else node.text
        return node.is_null or not node.text or (key in defaults and said == defaults[key])
    return not (node.entries if isinstance(node, MapNode) else node.items)
