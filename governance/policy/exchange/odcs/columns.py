"""Fields of a dataset as properties of a contract; dotted names become nested ones again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.policy.exchange.nesting import Column, nest
from governance.policy.exchange.odcs.read import CRITICAL, OURS
from governance.policy.exchange.odcs.shape import LOGICAL_TYPES

_OURS = ("category", "state")


def write_columns(fields: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return properties for fields such as ``id``, ``address.city`` and ``lines[].price``."""
    return [_property(name, column) for name, column in nest(fields).items()]


def _property(name: str | None, column: Column) -> dict[str, Any]:
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


def _type(said: str | None, column: Column) -> dict[str, str]:
    if column.inner:
        return {"logicalType": "object"}
    if column.items:
        return {"logicalType": "array"}
    if said is None:
        return {}
    return {"logicalType" if said in LOGICAL_TYPES else "physicalType": said}
