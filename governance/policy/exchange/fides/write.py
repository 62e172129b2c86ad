"""Datasets as Fides datasets, one for each first part of their ids, a collection for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from governance.model.documents import Dataset
from governance.policy.exchange.carrying import Written, as_written, missing_keys
from governance.policy.exchange.cursor import Ledger
from governance.policy.exchange.drafts import Draft
from governance.policy.exchange.emit import to_yaml
from governance.policy.exchange.fides.read import NAMES, OURS, QUALIFIERS, read_resources
from governance.policy.exchange.fitting import Surroundings
from governance.policy.exchange.naming import WITHOUT
from governance.policy.exchange.nesting import Column, nest
from governance.policy.reading import read_documents

# The most telling qualifier of each state: the last one that says so.
_TYPES = frozenset({"string", "integer", "float", "boolean", "object_id", "object"})
_QUALIFIER = {str(state): name for name, state in QUALIFIERS.items()}


def write_resources(datasets: Sequence[Dataset], around: Surroundings) -> Written:
    """Return the Fides resources of datasets, and what only governance reads in them."""
    grouped: dict[str, list[Dataset]] = {}
    for dataset in datasets:
        key = dataset.id.rpartition(".")[0] or dataset.id
        grouped.setdefault(key, []).append(dataset)
    resources = {"dataset": [_resource(key, members) for key, members in grouped.items()]}
    ordered = [dataset for members in grouped.values() for dataset in members]
    return Written(resources, _complete(resources, ordered, around))


def _resource(key: str, members: Sequence[Dataset]) -> dict[str, Any]:
    collections = [_collection(dataset) for dataset in members]
    return {"fides_key": key, "name": key, "collections": collections}


def _collection(dataset: Dataset) -> dict[str, Any]:
    said = as_written(dataset)
    found = {
        "name": dataset.id.rpartition(".")[2],
        "description": said.get("description"),
        "retention": said.get("retention", {}).get("max_age"),
    }
    told = {key: value for key, value in found.items() if value}
    return told | {"fields": _fields(said.get("fields", {}))}


def _fields(fields: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return fields; ``address.city`` lies in ``address``, and ``lines[].id`` in a list."""
    return [_field(name, column) for name, column in nest(fields).items()]


def _field(name: str, column: Column) -> dict[str, Any]:
    """Return a field as Fides takes it: a category is never an object's, but its parts'."""
    spec = column.spec or {}
    is_list = column.items is not None and bool(column.items.inner)
    parts = column.items.inner if column.items and not column.inner else column.inner
    kind = str(spec.get("type", ""))
    if is_list and not column.inner:
        kind = "object[]"
    is_object = bool(parts) or kind.removesuffix("[]") == "object"
    state = spec.get("state")
    found: dict[str, Any] = {
        "name": name,
        "description": spec.get("description"),
        "data_categories": [spec["category"]] if "category" in spec and not is_object else None,
        "data_qualifier": _QUALIFIER.get(state) if isinstance(state, str) else None,
        "fides_meta": {"data_type": kind} if _is_type(kind, has_parts=bool(parts)) else None,
        "fields": [_field(key, inner) for key, inner in parts.items()],
    }
    return {key: value for key, value in found.items() if value}


def _is_type(kind: str, *, has_parts: bool) -> bool:
    plain = kind.removesuffix("[]")
    return plain == "object" if has_parts else plain in _TYPES


def _complete(
    resources: dict[str, Any], datasets: Sequence[Dataset], around: Surroundings
) -> dict[str, list[str]]:
    """Put what reading does not give back into ``meta`` of the resource; return which keys."""
    told: dict[str, list[str]] = {}
    again = iter(_read_again(resources, around))
    wanted = iter(datasets)
    for resource in resources["dataset"]:
        for collection in resource["collections"]:
            draft, dataset = next(again), next(wanted)
            kept = missing_keys(draft, dataset)
            told[dataset.id] = sorted(set(kept) - {WITHOUT})
            if kept:
                meta = resource.setdefault("meta", {}).setdefault(OURS, {})
                meta[collection["name"]] = kept
    return told


def _read_again(resources: Mapping[str, Any], around: Surroundings) -> list[Draft]:
    content = read_documents("", to_yaml(resources).encode())
    return read_resources(content.documents[0], Ledger(NAMES), around, None)
