"""One document against its kind; every fault at the line and column that causes it."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from governance.model.documents import (
    Dataset,
    Detectors,
    FolderDefaults,
    Grant,
    ModelRecord,
    Pipeline,
    Policy,
    PolicyTest,
    Project,
    References,
    Taxonomy,
    Team,
    Waiver,
)
from governance.model.position import Position
from governance.policy.faults import Fault, quoted, suggest
from governance.policy.messages import translate, unknown_key
from governance.policy.nodes import Mapping, Scalar, Tree, describe, find
from governance.policy.shapes import Resolver, expected_of

KINDS: AnyMapping[str, type[BaseModel]] = {
    "Dataset": Dataset,
    "Defaults": FolderDefaults,
    "Detectors": Detectors,
    "References": References,
    "Grant": Grant,
    "Model": ModelRecord,
    "Pipeline": Pipeline,
    "Policy": Policy,
    "PolicyTest": PolicyTest,
    "Project": Project,
    "Taxonomy": Taxonomy,
    "Team": Team,
    "Waiver": Waiver,
}


@dataclass(frozen=True, slots=True)
class Written:
    """One document as written.

    Args:
        position: Where its id stands, or else the document.
        model: The validated kind, or None when the document has faults.
        pack: The built-in pack it belongs to, or None for the workspace's own.
    """

    kind: str
    id: str
    file: str
    position: Position
    tree: Tree
    model: Any
    pack: str | None = None

    @property
    def node(self) -> Mapping:
        return self.tree.node

    def key(self, *path: str | int) -> Position:
        """Return where the key at a path stands, or its nearest written parent."""
        return find(self.node, path).key

    def at(self, *path: str | int) -> Position:
        """Return where the value at a path stands, or the key of its nearest written parent."""
        spot = find(self.node, path)
        return spot.key if spot.rest else spot.node.position


def validate(
    node: Mapping, file: str, *, pack: str | None = None
) -> tuple[Written | None, tuple[Fault, ...]]:
    """Return one document and its faults; None when even its kind is unknown."""
    kind = node.text("kind") or ""
    if kind not in KINDS:
        return None, (_unknown_kind(node),)
    resolver = Resolver()
    data = resolver.resolve(node, expected_of(KINDS[kind]))
    faults, model = list(resolver.faults), None
    try:
        model = KINDS[kind].model_validate(data)
    except ValidationError as cause:
        faults += translate(cause, node, KINDS[kind], resolver.spoiled)
        if not faults:
            # A document that does not validate must never pass in silence.
            faults.append(Fault(node.position, f"not a valid {kind}", "compare it with its schema"))
    faults += [
        unknown_key(name, mapping.entries[name].key, owner)
        for name, mapping, owner in resolver.misnamed
    ]
    written = Written(
        kind=kind,
        id=node.text("id") or "",
        file=file,
        position=find(node, ("id",)).key,
        tree=Tree(file, node),
        model=None if faults else model,
        pack=pack,
    )
    return written, tuple(faults)


def _unknown_kind(node: Mapping) -> Fault:
    entry = node.entries.get("kind")
    if entry is None:
        listed = ", ".join(sorted(KINDS))
        return Fault(node.position, "'kind' is missing", f"add one of: {listed}")
    if not isinstance(entry.value, Scalar):
        problem = f"expected a kind, found {describe(entry.value)}"
        return Fault(entry.value.position, problem, f"use one of: {', '.join(sorted(KINDS))}")
    word = entry.value.text
    return Fault(entry.value.position, f"unknown kind {quoted(word)}", suggest(word, KINDS))
