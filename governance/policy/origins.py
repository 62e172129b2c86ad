"""Where every key of a document was written, worked out for the documents that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from governance.model.position import Origin, Position
from governance.policy.nodes import Mapping as MappingNode
from governance.policy.nodes import Node
from governance.policy.validation import Written


class Origins(Mapping[str, Origin]):
    """Key path to the place that wrote it; ``""`` is the document itself.

    NOTE: most documents of a large workspace are never asked for their lines.
    """

    def __init__(
        self, written: Written, inherited: Callable[[], Mapping[str, Origin]] = dict
    ) -> None:
        self._written = written
        self._inherited = inherited
        self._handed_down: Mapping[str, Origin] | None = None
        self._known: dict[str, Origin] | None = None

    def __getitem__(self, path: str) -> Origin:
        found = self._find(path)
        if found is None:
            raise KeyError(path)
        return found

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self._find(path) is not None

    def _find(self, path: str) -> Origin | None:
        """Look one path up; that is quicker than to work all of them out."""
        if path == "":
            return Origin(self._written.position)
        if self._known is not None:
            return self._known.get(path)
        if self._handed_down is None:
            self._handed_down = self._inherited()
        found = self._handed_down.get(path)
        if found is None:
            position = _place_of(self._written.node, path)
            found = Origin(position) if position else None
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self._all()),)

    def _all(self) -> dict[str, Origin]:
        if self._known is None:
            self._known = {"": Origin(self._written.position)}
            for path, position in _keys(self._written.node, ""):
                self._known[path] = Origin(position)
            self._known.update(self._inherited())
        return self._known


def _place_of(node: Node, path: str) -> Position | None:
    """Return where the key at a dotted path stands; the last, where keys with dots make several."""
    if not isinstance(node, MappingNode):
        return None
    found = None
    for key, entry in node.entries.items():
        if key == path:
            found = entry.key
        elif path.startswith(f"{key}."):
            found = _place_of(entry.value, path[len(key) + 1 :]) or found
    return found


def _keys(node: Node, prefix: str) -> Iterator[tuple[str, Position]]:
    if isinstance(node, MappingNode):
        for key, entry in node.entries.items():
            path = f"{prefix}{key}"
            yield path, entry.key
            yield from _keys(entry.value, f"{path}.")
