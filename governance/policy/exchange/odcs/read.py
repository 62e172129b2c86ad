"""A data contract as datasets: one for each object of its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from governance.policy.exchange.cursor import Cursor, Ledger
from governance.policy.exchange.drafts import Draft
from governance.policy.exchange.fitting import Surroundings
from governance.policy.exchange.naming import dataset_id, labels, overlay, own_keys
from governance.policy.exchange.odcs.places import read_place
from governance.policy.exchange.odcs.terms import Table, read_team, read_terms
from governance.policy.exchange.words import classification
from governance.policy.nodes import Mapping as MapNode

OURS = "governance"
"""The custom property under which an exported contract keeps what the standard has no key for."""

CRITICAL = "critical-data-element"
"""The tag of a field that a contract calls a critical data element."""

NAMES = ("name", "server", "property", "username", "role", "channel")

# What holds anyway where these keys are left out.
DEFAULTS: Mapping[str, str] = {
    **dict.fromkeys(("primaryKey", "required", "unique", "partitioned", "criticalDataElement"),
                    "false"),
    "primaryKeyPosition": "-1",
    "partitionKeyPosition": "-1",
}  # fmt: skip
_SCHEMA = "the policy language says what data is, not how it is built"
REASONS: Mapping[str, str] = {
    **dict.fromkeys(("physicalType", "logicalTypeOptions", "primaryKey", "primaryKeyPosition",
                     "required", "unique", "partitioned", "partitionKeyPosition",
                     "relationships"), _SCHEMA),
    **dict.fromkeys(("transformSourceObjects", "transformLogic", "transformDescription"),
                    "where data came from is read from lineage logs"),
    "description": "it describes no dataset and no column",
    "businessName": "a column has a name and a description, and no title",
    **dict.fromkeys(
        ("dataProduct", "tenant", "name"), "datasets are grouped by the first part of their ids"
    ),
    "customProperties": "what it means is known to its authors alone",
    "examples": "values of the data belong in no policy file",
    "quality": "the quality of data is not the policy language's concern",
    "slaProperties": "only a retention is a key of a dataset",
    "roles": "who may use the data is a rule's or a grant's to say, with an approver",
    "team": "people belong to a Team document",
    "members": "people belong to a Team document",
    "support": "contacts belong to a Team document",
    "price": "the policy language has no prices",
    "authoritativeDefinitions": "the policy language has no links",
    **dict.fromkeys(("version", "status", "contractCreatedTs"),
                    "a policy file's history is kept by version control"),
    "id": "the policy language has ids of its own",
    "purpose": "free text is no purpose of the taxonomy",
}  # fmt: skip


def read_contract(
    root: MapNode, ledger: Ledger, around: Surroundings, prefix: str | None
) -> list[Draft]:
    """Return a dataset for each object of a contract.

    Args:
        root: A contract of the right shape.
        prefix: What their ids start with; the contract's domain when it is None.
    """
    contract = Cursor(root, ledger)
    for key in ("apiVersion", "kind"):
        contract.take(key)
    if prefix is None:
        domain = contract.said("domain")
        prefix = domain.text if domain else ""
    shared = labels(contract, "tags")
    servers = contract.each("servers")
    tables = [_table(each, prefix, shared, servers) for each in contract.each("schema")]
    _ours(contract)
    drafts = [table.draft for table in tables]
    read_team(contract, drafts, around)
    read_terms(contract, tables)
    for table, each in zip(tables, contract.each("schema"), strict=True):
        overlay(table.draft, _ours(each))
    return drafts


def _table(each: Cursor, prefix: str, shared: Sequence[str], servers: Sequence[Cursor]) -> Table:
    ours = _ours(each)
    name, physical = each.said("name"), each.said("physicalName")
    said = ours.said("id") if ours else None
    draft = Draft(dataset_id(each, prefix, said), each.key_position("name"))
    title = each.said("businessName") or (None if draft.id.endswith(_text(name)) else name)
    draft.put("title", title.text if title else None, title.position if title else draft.position)
    description = each.said("description")
    if description:
        draft.put("description", description.text, description.position)
    tags = [*shared, *(tag for tag in labels(each, "tags") if tag not in shared)]
    draft.put("tags", tags, each.key_position("tags"))
    each.take("logicalType")
    places = [read_place(server, _text(physical or name)) for server in servers]
    found = {place[0]: place[1] for place in places if place}
    for place, server in zip(places, servers, strict=True):
        if place:
            draft.put("locations", found, server.node.position)
            draft.origins["locations", place[0]] = server.node.position
    table = Table(draft, frozenset({_text(name), _text(physical or name)}))
    for column in each.each("properties"):
        _column(column, "", table)
    return table


def _column(column: Cursor, parent: str, table: Table) -> None:
    """Write a property and everything below it; a mere container is no field of its own."""
    name, physical = column.said("name"), column.said("physicalName")
    full = f"{parent}{_text(physical or name)}"
    if physical and name and physical.text == name.text:
        column.take("name")
    table.columns.setdefault(f"{parent}{_text(name)}", full)
    table.columns.setdefault(full, full)
    _describe(column, full, table)
    for inner in column.each("properties"):
        _column(inner, f"{full}.", table)
    items = column.inside("items")
    if items:
        _items(items, f"{full}[]", table)


def _items(items: Cursor, full: str, table: Table) -> None:
    _describe(items, full, table, is_item=True)
    for inner in items.each("properties"):
        _column(inner, f"{full}.", table)
    deeper = items.inside("items")
    if deeper:
        _items(deeper, f"{full}[]", table)


def _describe(column: Cursor, full: str, table: Table, *, is_item: bool = False) -> None:
    ours = _ours(column)
    spec: dict[str, Any] = own_keys(ours, "FieldSpec") if ours else {}
    is_container = "properties" in column.node.entries or "items" in column.node.entries
    logical, tier = column.said("logicalType"), column.said("classification")
    physical = column.said("physicalType") if logical is None else None
    kind = logical or physical
    if tier and classification(tier.text):
        spec.setdefault("classification", str(classification(tier.text)))
    elif tier:
        column.ledger.lose(tier, f"no tier of ours: {tier.text[:40]!r}")
    said = column.said("description")
    spec.setdefault("description", said.text if said else None)
    tags = labels(column, "tags")
    if column.is_true("criticalDataElement") and CRITICAL not in tags:
        tags.append(CRITICAL)
    spec.setdefault("tags", tags)
    if is_container and not any(spec.values()):
        return
    spec.setdefault("type", kind.text if kind else None)
    position = column.node.position if is_item else column.key_position("name")
    table.draft.column(full, spec, position)


def _ours(holder: Cursor) -> Cursor | None:
    """Return what an exported contract keeps for us, or None."""
    for each in holder.each("customProperties"):
        if each.node.text("property") == OURS:
            each.take("property")
            return each.inside("value")
    return None


def _text(said: Any) -> str:  # noqa: ANN401 (a value or None)
    return said.text if said else ""
