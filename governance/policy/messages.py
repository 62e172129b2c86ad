"""Pydantic's errors in our words, at the line and column that cause them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from collections.abc import Mapping as AnyMapping
from typing import Any

from pydantic import BaseModel, ValidationError

from governance.model.position import Position
from governance.policy.faults import Fault, quoted, suggest
from governance.policy.nodes import Mapping, Node, Path, Scalar, Sequence, Spot, describe, find
from governance.policy.shapes import keys_of, model_at

# What each pattern of the schema means to a person; a test holds it complete.
PATTERNS: AnyMapping[str, str] = {
    r"^[a-z]{2,3}$": "a language of two or three small letters, as en",
    r"^[a-z0-9][a-z0-9_.-]*$": "a name of lower-case letters, digits, '_', '.' and '-'",
    r"^(user|team|role|service):\S+$": "a principal such as user:ana@example.org or team:sales",
    r"^(none|(user|team):\S+)$": "an owner such as team:sales or user:ana@example.org, or none",
    r"^[a-z0-9_]+(\.[a-z0-9_]+)*$": "a dotted lower-case name such as user.contact.email",
    r"^[A-Z]{2,4}$": "a region in capitals such as DE or EU",
    r"^[A-Z]{2}$": "a country code of two capitals such as DE",
    r"^\d{2}:\d{2}-\d{2}:\d{2}$": "hours such as 07:00-20:00",
    r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?$": (
        "an instant such as 2026-11-23T10:00"
    ),
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


_BAD_WORDS = {
    "string_too_short": ("the text is empty", "write something or remove the key"),
    "string_too_long": ("longer than {max_length} characters", "shorten it"),
    "greater_than": ("{found} is too small", "use more than {gt:g}"),
    "greater_than_equal": ("{found} is too small", "use {ge:g} or more"),
    "less_than_equal": ("{found} is too large", "use {le:g} or less"),
    "value_error": ("{found} does not fit: {error}", "mend the value"),
}


def translate(
    cause: ValidationError, root: Mapping, model: type[BaseModel], spoiled: Set[Path]
) -> Iterator[Fault]:
    """Yield pydantic's errors as faults at their places.

    Args:
        root: The document. model: Its kind. spoiled: Paths that were faulted before.
    """
    for error in cause.errors(include_url=False, include_input=False):
        path, is_branch = _split(root, error["loc"])
        if path in spoiled:
            continue
        spot = find(root, path)
        if is_branch and error["type"] != "missing" and not _is_meant(error["type"], spot.node):
            continue
        yield _fault(dict(error), path, spot, model)


def unknown_key(key: str, position: Position, model: type[BaseModel] | None) -> Fault:
    """Return the fault of a key that a map does not know, with what it knows."""
    known = keys_of(model) if model else {}
    return Fault(position, f"unknown key {quoted(key)}", suggest(key, known))


def _split(root: Mapping, loc: tuple[str | int, ...]) -> tuple[Path, bool]:
    """Return the path of the file within pydantic's location, and whether a branch is meant.

    Pydantic puts the names of a union's branches into its locations; the file has none.
    """
    path: list[str | int] = []
    is_branch = False
    for step in loc:
        if step == "[key]":
            continue
        is_branch = bool(find(root, (*path, step)).rest)
        if not is_branch:
            path.append(step)
    return tuple(path), is_branch


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
        return unknown_key(str(path[-1]), spot.key, model_at(model, path[:-1]))
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
    if expected == "text or a map":
        return "write a single value, or 'key: value' lines below it"
    if expected == "a map":
        return "write 'key: value' lines below it, or {}"
    return "write a single value"


def _bad_word(error: dict[str, Any], word: str) -> tuple[str, str]:
    """Return problem and remedy for a word that its place does not take."""
    context, found = error.get("ctx", {}), quoted(word)
    if error["type"] in ("enum", "literal_error"):
        known = re.findall(r"'([^']*)'", str(context["expected"]))
        return f"unknown value {found}", suggest(word, known)
    if error["type"] == "string_pattern_mismatch":
        meaning = PATTERNS.get(context["pattern"], f"text of the form {context['pattern']}")
        return f"{found} does not fit", f"write {meaning}"
    problem, remedy = _BAD_WORDS.get(error["type"], ("{found} does not fit", "mend the value"))
    return problem.format(found=found, **context), remedy.format(**context)
