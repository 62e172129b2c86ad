"""Documents of the policy language while they are drawn up from another format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from governance.model.documents import Dataset
from governance.model.position import Position
from governance.policy.exchange.emit import to_yaml
from governance.policy.nodes import Path

_HEADER = ("apiVersion", "kind", "id", "title")
_ORDER = (*_HEADER, *(key for key in Dataset.model_fields if key not in _HEADER))
_FIELD_ORDER = ("category", "classification", "state", "type", "description", "tags")


@dataclass(slots=True)
class Draft:
    """A Dataset under way.

    Args:
        values: What the source says, as a person would write it.
        origins: Where the source says what stands at a path.
    """

    id: str
    position: Position
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path, Position] = field(default_factory=dict)

    def put(self, key: str, value: Any, position: Position) -> None:  # noqa: ANN401
        """Write a key, unless there is nothing to write."""
        if value in (None, "", [], {}, ()):
            return
        self.values[key] = value
        self.origins[(key,)] = position

    def column(self, name: str, spec: Mapping[str, Any], position: Position) -> None:
        """Write a column; what is empty in its map is left out."""
        said = {key: spec[key] for key in _FIELD_ORDER if spec.get(key) not in (None, "", [], {})}
        self.values.setdefault("fields", {})[name] = said
        self.origins[("fields", name)] = position

    def drop(self, path: Path) -> None:
        """Take out what stands at a path, and the maps and lists that are empty then."""
        holder: Any = self.values
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]
        if len(path) > 1 and not holder and path[0] != "fields":
            self.drop(path[:-1])

    def document(self) -> dict[str, Any]:
        """Return the document, its keys in the language's own order."""
        head = {"apiVersion": "governance/v1", "kind": "Dataset", "id": self.id}
        return head | {key: self.values[key] for key in _ORDER if key in self.values}

    def place(self, path: Path) -> Position:
        """Return where the source says what stands at a path, or its nearest parent."""
        for depth in range(len(path), 0, -1):
            if path[:depth] in self.origins:
                return self.origins[path[:depth]]
        return self.position


def to_text(drafts: Iterable[Draft], head: Iterable[str] = ()) -> str:
    """Return documents as a policy file in which each line names the line it comes from.

    Args:
        head: Comments for the top of the file, without their sign.
    """
    texts = [to_yaml(draft.document(), _notes(draft)) for draft in drafts]
    comments = "".join(f"# {line}\n" for line in head)
    return comments + "---\n".join(texts)


def _notes(draft: Draft) -> dict[Path, str]:
    places = {("id",): draft.position} | draft.origins
    return {path: f"from {place.file}:{place.line}" for path, place in places.items()}
