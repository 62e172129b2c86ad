"""One document against its kind; every fault at the line and column that causes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    Project,
    Taxonomy,
    Team,
    Waiver,
)
from governance.model.position import Position
from governance.policy.faults import Fault, quoted, suggest
from governance.policy.nodes import Mapping, Node, Path, Scalar, Sequence, Spot, describe, find
from governance.policy.shapes import Resolver, keys_of, model_at

KINDS: AnyMapping[str, type[BaseModel]] = {
    "Dataset": Dataset,
    "Defaults": FolderDefaults,
    "Detectors": Detectors,
    "Grant": Grant,
    "Model": ModelRecord,
    "Pipeline": Pipeline,
    "Policy": Policy,
    "Project": Project,
    "Taxonomy": Taxonomy,
    "Team": Team,
    "Waiver": Waiver,
}

# What each pattern of the schema means to a person; a test holds it complete.
PATTERNS: AnyMapping[str, str] = {
    r"^[a-z0-9][a-z0-9_.-]*$": "a name of lower-case letters, digits, '_', '.' and '-'",
    r"^(user|team|role|service):\S+$": "a principal such as user:ana@example.org or team:sales",
    r"^(none|(user|team):\S+)$": "an owner such as team:sales or user:ana@example.org, or none",
    r"^[a-z0-9_]+(\.[a-z0-9_]+)*$": "a dotted lower-case name such as user.contact.email",
    r"^[A-Z]{2,4}$": "a region in capitals such as DE or EU",
    r"^[A-Z]{2}$": "a country code of two capitals such as DE",
    r"^\d{2}:\d{2}-\d{2}:\d{2}$": "hours such as 07:00-20:00",
    r"^[A-Z][A-Z0-9_]*$": "an entity in capitals such as EMPLOYEE_NUMBER",
}

_EXPECTED_SHAPE = {
    "string_type": "text",
    "model_type": "a map",
    "dict_type": "a map",
    "tuple_type": "a list",
    "date_type": "a date",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "enum": "one word",
    "literal_error": "one word",
    "value_error": "text",
}
_MAP_TYPES = frozenset({"model_type", "dict_type"})


@dataclass(frozen=True, slots=True)
class Written:
    """One document as written.

    Args:
        model: The validated kind, or None when the document has faults.
        pack: The built-in pack it belongs to, or None for the workspace's own.
    """

    kind: str
    id: str
    file: str
    node: Mapping
    model: Any
    pack: str | None = None

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
    data = resolver.resolve(node, KINDS[kind])
    faults, model = list(resolver.faults), None
    try:
        model = KINDS[kind].model_validate(data)
    except ValidationError as cause:
        faults += _translate(cause, node, kind, resolver.spoiled)
    faults += _field_names_instead_of_keys(node, KINDS[kind])
    written = Written(kind, node.text("id") or "", file, node, None if faults else model, pack)
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


def _translate(
    cause: ValidationError, root: Mapping, kind: str, spoiled: set[Path]
) -> Iterator[Fault]:
    for error in cause.errors(include_url=False, include_input=False):
        path, tags = _split(root, error["loc"])
        if path in spoiled:
            continue
        spot = find(root, path)
        if tags and error["type"] != "missing" and not _is_meant(error["type"], spot.node):
            continue
        yield _fault(dict(error), path, spot, KINDS[kind])


def _split(root: Mapping, loc: tuple[str | int, ...]) -> tuple[Path, bool]:
    """Return the path of the file within pydantic's location, and whether a union was met."""
    path: list[str | int] = []
    tags = False
    for step in loc:
        if step == "[key]":
            continue
        if find(root, (*path, step)).rest:
            tags = True
        else:
            path.append(step)
    return tuple(path), tags


def _is_meant(error_type: str, node: Node) -> bool:
    """Whether an error of one branch of a union concerns the shape that was written."""
    if isinstance(node, Scalar):
        return error_type not in _MAP_TYPES
    if isinstance(node, Mapping):
        return error_type not in _EXPECTED_SHAPE
    return error_type in _MAP_TYPES


def _fault(error: dict[str, Any], path: Path, spot: Spot, model: type[BaseModel]) -> Fault:
    error_type, node = str(error["type"]), spot.node
    if error_type == "missing":
        key = error["loc"][-1]
        return Fault(spot.key, f"'{key}' is missing", "add it")
    if error_type == "extra_forbidden":
        return _unknown_key(str(path[-1]), spot.key, model_at(model, path[:-1]))
    if error["loc"][-1] == "[key]":
        return Fault(spot.key, *_bad_word(error, str(path[-1])))
    if isinstance(node, Scalar) and error_type not in ("model_type", "dict_type", "tuple_type"):
        return Fault(node.position, *_bad_word(error, node.text))
    if error_type in _EXPECTED_SHAPE:
        expected = _EXPECTED_SHAPE[error_type]
        if (
            isinstance(node, Sequence)
            and error_type in _MAP_TYPES
            and len(error["loc"]) > len(path)
        ):
            expected = "text or a map"
        problem = f"expected {expected}, found {describe(node)}"
        return Fault(node.position, problem, _shape_remedy(expected))
    return Fault(node.position, str(error["msg"]).lower(), "mend the value")


def _shape_remedy(expected: str) -> str:
    if expected == "a list":
        return "put it in brackets, as [a, b]"
    if expected == "a map":
        return "write 'key: value' lines below it, or {}"
    return "write a single value"


def _unknown_key(key: str, position: Position, model: type[BaseModel] | None) -> Fault:
    known = keys_of(model) if model else {}
    return Fault(position, f"unknown key {quoted(key)}", suggest(key, known))


def _bad_word(error: dict[str, Any], word: str) -> tuple[str, str]:
    context = error.get("ctx", {})
    match error["type"]:
        case "enum" | "literal_error":
            known = re.findall(r"'([^']*)'", str(context["expected"]))
            return f"unknown value {quoted(word)}", suggest(word, known)
        case "string_pattern_mismatch":
            meaning = PATTERNS.get(context["pattern"], f"text of the form {context['pattern']}")
            return f"{quoted(word)} does not fit", f"write {meaning}"
        case "string_too_short":
            return "the text is empty", "write something or remove the key"
        case "string_too_long":
            return f"longer than {context['max_length']} characters", "shorten it"
        case "greater_than_equal":
            return f"{quoted(word)} is too small", f"use {context['ge']:g} or more"
        case "less_than_equal":
            return f"{quoted(word)} is too large", f"use {context['le']:g} or less"
        case "value_error":
            return f"{quoted(word)} does not fit: {context['error']}", "mend the value"
    return f"{quoted(word)} does not fit: {str(error['msg']).lower()}", "mend the value"


def _field_names_instead_of_keys(node: Node, model: type[BaseModel]) -> Iterator[Fault]:
    """Yield a fault for each key that is our own name of a key written otherwise.

    NOTE: ``Rule.within`` is ``in`` in the file; pydantic would accept both.
    """
    for path, mapping in _maps(node, ()):
        owner = model_at(model, path)
        keys = keys_of(owner) if owner else {}
        for name in owner.model_fields if owner else ():
            if name not in keys and name in mapping.entries:
                yield _unknown_key(name, mapping.entries[name].key, owner)


def _maps(node: Node, path: Path) -> Iterator[tuple[Path, Mapping]]:
    if isinstance(node, Mapping):
        yield path, node
        for key, entry in node.entries.items():
            yield from _maps(entry.value, (*path, key))
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from _maps(item, (*path, index))
