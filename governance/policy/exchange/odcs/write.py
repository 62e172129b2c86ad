"""Datasets as one data contract, from which reading gives the same datasets back.

What the standard has a key for goes there. Whatever reading the contract again would not give back
is put beside it as the custom property ``governance``, and told: other tools do not read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.model.documents import Dataset
from governance.model.ladders import Duration
from governance.model.parts import Retention
from governance.policy.exchange.carrying import Written, as_written, missing_keys
from governance.policy.exchange.cursor import Ledger
from governance.policy.exchange.drafts import Draft
from governance.policy.exchange.emit import to_yaml
from governance.policy.exchange.fitting import Surroundings
from governance.policy.exchange.naming import WITHOUT
from governance.policy.exchange.odcs.columns import write_columns
from governance.policy.exchange.odcs.places import write_server
from governance.policy.exchange.odcs.read import NAMES, OURS, read_contract
from governance.policy.nodes import Mapping as MapNode
from governance.policy.reading import read_documents

VERSION = "v3.1.0"


@dataclass(frozen=True, slots=True)
class Heading:
    """What a contract must say of itself and no policy file says; an id of None is made up."""

    id: str | None
    version: str
    status: str


def write_contract(datasets: Sequence[Dataset], heading: Heading, around: Surroundings) -> Written:
    """Return one contract with an object for each dataset."""
    said = [as_written(dataset) for dataset in datasets]
    domain = _shared([dataset.id.rpartition(".")[0] for dataset in datasets])
    contract: dict[str, Any] = {
        "apiVersion": VERSION, "kind": "DataContract", "id": heading.id,
        "version": heading.version, "status": heading.status,
    }  # fmt: skip
    if domain:
        contract["domain"] = domain
    team = _team(_shared([(each.get("owner"), str(each.get("ownership"))) for each in said]), said)
    if team:
        contract["team"] = team
    servers, tables = _servers(said)
    if servers:
        contract["servers"] = servers
    contract["schema"] = [
        _object(dataset.id.rpartition(".")[2] if domain else dataset.id, each, table)
        for dataset, each, table in zip(datasets, said, tables, strict=True)
    ]
    terms = [
        term
        for each, dataset in zip(contract["schema"], datasets, strict=True)
        for term in _terms(each["name"], dataset.retention)
    ]
    if terms:
        contract["slaProperties"] = terms
    return Written(contract, _complete(contract, datasets, around))


def _shared(values: Sequence[Any]) -> Any:  # noqa: ANN401
    """Return the one value that all have, or None."""
    return values[0] if all(value == values[0] for value in values) else None


def _team(shared: Any, said: Sequence[Mapping[str, Any]]) -> dict[str, Any]:  # noqa: ANN401
    if shared is None or not shared[0]:
        return {}
    kind, _, name = shared[0].partition(":")
    if kind == "team":
        return {"name": name}
    if kind != "user":
        return {}
    spans = said[0].get("ownership") or {shared[0]: {}}
    members = []
    for owner, span in spans.items():
        days = {"dateIn": span.get("since"), "dateOut": span.get("until")}
        person = {"username": owner.removeprefix("user:"), "role": "Owner"}
        members.append(person | {key: day for key, day in days.items() if day})
    return {"members": members}


def _servers(
    said: Sequence[Mapping[str, Any]],
) -> tuple[list[dict[str, Any]], list[str | None]]:
    """Return the servers that all datasets share, and the physical name of each one's table."""
    written = [
        {name: write_server(name, place) for name, place in each.get("locations", {}).items()}
        for each in said
    ]
    servers = [[server for server, _ in places.values()] for places in written]
    names = [{table for _, table in places.values()} for places in written]
    if _shared(servers) is None or any(len(tables) > 1 for tables in names):
        return [], [None] * len(said)
    return servers[0], [next(iter(tables), None) for tables in names]


def _object(name: str, said: Mapping[str, Any], table: str | None) -> dict[str, Any]:
    found = {
        "name": name,
        "physicalName": table,
        "businessName": said.get("title"),
        "description": said.get("description"),
        "tags": said.get("tags"),
        "properties": write_columns(said.get("fields", {})),
    }
    return {key: value for key, value in found.items() if value}


def _terms(name: str, retention: Retention | None) -> list[dict[str, Any]]:
    if retention is None or retention.max_age is None:
        return []
    value, unit = _number(retention.max_age)
    if unit is None:
        return []
    column = f".{retention.measured_by}" if retention.measured_by else ""
    term = {"property": "retention", "value": value, "unit": unit, "element": f"{name}{column}"}
    return [term]


def _number(length: Duration) -> tuple[int, str | None]:
    """Return a length as one number and its unit; no unit when it needs two."""
    if length.months and length.days:
        return 0, None
    if length.days:
        return length.days, "d"
    years, months = divmod(length.months, 12)
    return (length.months, "month") if months else (years, "y")


def _complete(
    contract: dict[str, Any], datasets: Sequence[Dataset], around: Surroundings
) -> dict[str, list[str]]:
    """Add to each object what reading the contract does not give back; return which keys."""
    told: dict[str, list[str]] = {}
    again = _read_again(contract, around)
    for object_, draft, dataset in zip(contract["schema"], again, datasets, strict=True):
        kept = missing_keys(draft, dataset)
        told[dataset.id] = sorted(set(kept) - {WITHOUT})
        if kept:
            object_["customProperties"] = [{"property": OURS, "value": kept}]
    return told


def _read_again(contract: dict[str, Any], around: Surroundings) -> list[Draft]:
    content = read_documents("", to_yaml(contract).encode())
    root: MapNode = content.documents[0]
    return read_contract(root, Ledger(NAMES), around, None)
