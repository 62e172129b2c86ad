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
    top: list[dict[str, Any]] = []
    holders: dict[str, dict[str, Any]] = {}
    for name, spec in fields.items():
        parent, dot, last = name.rpartition(".")
        level = _holder(parent, top, holders, fields)["fields"] if dot and parent and last else top
        level.append(_field(last if level is not top else name, spec))
        holders[name] = level[-1]
    for holder in holders.values():
        _keep_rules(holder)
    return top


def _keep_rules(field: dict[str, Any]) -> None:
    """Take away what Fides refuses: a category of an object, sub-fields of anything else."""
    kind = field.get("fides_meta", {}).get("data_type", "")
    if "fields" in field and kind not in ("", "object", "object[]"):
        del field["fides_meta"]
    if "fields" in field or kind in ("object", "object[]"):
        field.pop("data_categories", None)


def _holder(
    path: str,
    top: list[dict[str, Any]],
    holders: dict[str, dict[str, Any]],
    fields: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    plain = path.removesuffix("[]")
    holder = holders.get(plain)
    if holder is None:
        parent, dot, last = plain.rpartition(".")
        level = _holder(parent, top, holders, fields)["fields"] if dot else top
        holder = {"name": last if dot else plain}
        level.append(holder)
        holders[plain] = holder
    if plain != path:
        holder["fides_meta"] = {"data_type": "object[]"}
    holder.setdefault("fields", [])
    return holder


def _field(name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "description": spec.get("description")}
    found["data_categories"] = [spec["category"]] if "category" in spec else None
    state = spec.get("state")
    found["data_qualifier"] = _QUALIFIER.get(state) if isinstance(state, str) else None
    kind = str(spec.get("type", ""))
    found["fides_meta"] = {"data_type": kind} if kind.removesuffix("[]") in _TYPES else None
    return {key: value for key, value in found.items() if value}


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
            told[dataset.id] = sorted(kept)
            if kept:
                meta = resource.setdefault("meta", {}).setdefault(OURS, {})
                meta[collection["name"]] = kept
    return told


def _read_again(resources: Mapping[str, Any], around: Surroundings) -> list[Draft]:
    content = read_documents("", to_yaml(resources).encode())
    return read_resources(content.documents[0], Ledger(NAMES), around, None)
