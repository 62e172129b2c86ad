"""Nested JSON as one flat row: dotted names, ``name[]`` for the elements of a list.

``{"user": {"email": "a"}, "tags": ["x", "y"]}`` has the fields ``user.email`` and
``tags[]``; the elements of a list are joined by ``"; "``. A key that is itself data (an
object keyed by e-mail address) appears as ``*`` in the name, and as a value in ``{key}``.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from governance.sources.limits import ReadLimits
from governance.sources.names import NAME_CHARS, clean_name, looks_like_data

JOINER = "; "
ROOT = "value"


class Repeated(list[Any]):
    """The values of a key that an object holds more than once."""


class Number(str):
    """A number as the document writes it."""

    __slots__ = ()


class FlatRow:
    """One row while it is filled."""

    def __init__(self, limits: ReadLimits) -> None:
        self._limits = limits
        self._cells: dict[str, list[str]] = {}
        self._sizes: dict[str, int] = {}
        self.too_deep = False
        self.repeats_key = False

    def add(self, name: str, text: str | None) -> None:
        """Add a leaf; several of one name are joined."""
        cell = self._cells.setdefault(name or ROOT, [])
        if text is None:
            return
        size = self._sizes.get(name, 0)
        # NOTE: one character more than the limit, so that the batch builder counts the cut.
        if size <= self._limits.field_chars:
            cell.append(text[: self._limits.field_chars + 1])
            self._sizes[name] = size + len(text) + len(JOINER)

    def add_tree(self, value: object, name: str = "", depth: int = 0) -> None:
        """Add a parsed JSON value and everything below it."""
        if depth > self._limits.depth:
            self.too_deep = True
        elif isinstance(value, dict):
            for key, child in value.items():
                self.add_tree(child, self.child(name, key), depth + 1)
        elif isinstance(value, Repeated):
            self.repeats_key = True
            for child in value:
                self.add_tree(child, name, depth + 1)
        elif isinstance(value, list):
            for child in value:
                self.add_tree(child, f"{name or ROOT}[]", depth + 1)
        else:
            self.add(name, scalar_text(value))

    def child(self, name: str, key: str) -> str:
        """Return the name of a key's value below ``name``."""
        dot = f"{name}." if name else ""
        shown = _shown_key(key)
        if shown is None:
            self.add(f"{dot}{{key}}", key or None)
        return f"{dot}{shown or '*'}"

    def cells(self) -> dict[str, str | None]:
        """Return the finished row."""
        return {name: JOINER.join(texts) if texts else None for name, texts in self._cells.items()}


def plain_cells(value: object, limits: ReadLimits) -> dict[str, str | None] | None:
    """Return the row of an object that holds scalars alone under plain keys of their own.

    None for anything else, of which ``FlatRow`` makes the row. Most lines of most logs are plain.
    """
    if type(value) is not dict or limits.depth < 1:
        return None
    longest, cells = limits.field_chars + 1, {}
    for key, child in value.items():
        name = _shown_key(key)
        if name is None or name in cells or isinstance(child, dict | list):
            return None
        text = scalar_text(child)
        cells[name] = None if text is None else str(text[:longest])
    return cells


@lru_cache(maxsize=4096)
def _shown_key(key: str) -> str | None:
    """Return a key as a part of a name, or None for one that is data."""
    if len(key) > NAME_CHARS or looks_like_data(key):
        return None
    return clean_name(key) or None


def scalar_text(value: object) -> str | None:
    """Return a JSON scalar as it is written in JSON, strings without their quotes."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def parse_json(text: str) -> object:
    """Parse one JSON value; numbers stay text, so that no digit is lost and none is too many.

    A key that an object repeats holds all its values as ``Repeated``.

    Raises:
        ValueError: If the text is not JSON.
        RecursionError: If it is nested some thousand levels deep.
    """
    return DECODER.decode(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    joined = dict(pairs)
    if len(joined) == len(pairs):
        return joined
    repeated: dict[str, Repeated] = {}
    for key, value in pairs:
        repeated.setdefault(key, Repeated()).append(value)
    return {key: values if len(values) > 1 else values[0] for key, values in repeated.items()}


DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=Number
)
