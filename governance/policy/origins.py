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
        self._known: dict[str, Origin] | None = None

    def __getitem__(self, path: str) -> Origin:
        if path == "":
            return Origin(self._written.position)
        return self._all()[path]

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


def _keys(node: Node, prefix: str) -> Iterator[tuple[str, Position]]:
    if isinstance(node, MappingNode):
        for key, entry in node.entries.items():
            path = f"{prefix}{key}"
            yield path, entry.key
            yield from _keys(entry.value, f"{path}.")
