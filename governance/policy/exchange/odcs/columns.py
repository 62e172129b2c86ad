"""Fields of a dataset as properties of a contract; dotted names become nested ones again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from governance.policy.exchange.odcs.read import CRITICAL, OURS
from governance.policy.exchange.odcs.shape import LOGICAL_TYPES

_OURS = ("category", "state")


@dataclass(slots=True)
class _Column:
    """A property under way: what is said of it, and what lies below it."""

    spec: Mapping[str, Any] | None = None
    inner: dict[str, _Column] = field(default_factory=dict)
    items: _Column | None = None


def write_columns(fields: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return properties for fields such as ``id``, ``address.city`` and ``lines[].price``."""
    top: dict[str, _Column] = {}
    for name, spec in fields.items():
        _place(top, name, fields).spec = spec
    return [_property(name, column) for name, column in top.items()]


def _place(top: dict[str, _Column], name: str, fields: Mapping[str, Any]) -> _Column:
    """Return the column of a name, made with all that it lies in."""
    steps = name.split(".")
    if not all(step.replace("[]", "") for step in steps) or not _may_nest(name, fields):
        return top.setdefault(name, _Column())
    level, column = top, _Column()
    for step in steps:
        base, lists = step, 0
        while base.endswith("[]"):
            base, lists = base[:-2], lists + 1
        column = level.setdefault(base, _Column())
        for _ in range(lists):
            column.items = column.items or _Column()
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


def _property(name: str | None, column: _Column) -> dict[str, Any]:
    spec = dict(column.spec or {})
    tags = list(spec.get("tags", ()))
    ours = {key: spec[key] for key in _OURS if key in spec}
    found: dict[str, Any] = {"name": name, **_type(spec.get("type"), column)}
    found["description"] = spec.get("description")
    found["classification"] = spec.get("classification")
    found["tags"] = [tag for tag in tags if tag != CRITICAL]
    found["criticalDataElement"] = CRITICAL in tags
    found["customProperties"] = [{"property": OURS, "value": ours}] if ours else None
    if (column.inner or column.items) and set(spec) == {"type"}:
        # NOTE: reading takes a container for a field only where something is said of it.
        found["customProperties"] = [{"property": OURS, "value": spec}]
    if column.inner:
        found["properties"] = [_property(key, inner) for key, inner in column.inner.items()]
    elif column.items:
        found["items"] = _property(None, column.items)
    return {key: value for key, value in found.items() if value}


def _type(said: str | None, column: _Column) -> dict[str, str]:
    if column.inner:
        return {"logicalType": "object"}
    if column.items:
        return {"logicalType": "array"}
    if said is None:
        return {}
    return {"logicalType" if said in LOGICAL_TYPES else "physicalType": said}
