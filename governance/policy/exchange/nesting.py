"""Dotted names of fields as what they stand for: maps within maps, and lists of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Column:
    """A column: what is said of it, and what lies below it.

    Args:
        spec: None for a mere container that nobody declared.
        inner: Its parts, by name. items: What its list holds.
    """

    spec: Mapping[str, Any] | None = None
    inner: dict[str, Column] = field(default_factory=dict)
    items: Column | None = None


def nest(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Column]:
    """Return the columns of fields such as ``id``, ``address.city`` and ``lines[].price``."""
    top: dict[str, Column] = {}
    for name, spec in fields.items():
        _place(top, name, fields).spec = spec
    return top


def _place(top: dict[str, Column], name: str, fields: Mapping[str, Any]) -> Column:
    """Return the column of a name, made with all that it lies in."""
    steps = name.split(".")
    if not all(step.replace("[]", "") for step in steps) or not _may_nest(name, fields):
        return top.setdefault(name, Column())
    level, column = top, Column()
    for step in steps:
        base, lists = step, 0
        while base.endswith("[]"):
            base, lists = base[:-2], lists + 1
        column = level.setdefault(base, Column())
        for _ in range(lists):
            column.items = column.items or Column()
            column = column.items
        level = column.inner
    return column


def _may_nest(name: str, fields: Mapping[str, Any]) -> bool:
    """Whether whatever a name lies in can hold something: a text with a part is a plain name."""
    for end, letter in enumerate(name):
        holder = name[:end]
        if letter not in ".[" or holder not in fields:
            continue
        wanted = "object" if letter == "." else "array"
        if fields[holder].get("type", wanted) != wanted:
            return False
    return True
