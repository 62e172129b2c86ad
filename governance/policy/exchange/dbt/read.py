"""Models, sources, seeds and snapshots of dbt as datasets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from governance.policy.exchange.cursor import Cursor, Ledger, Said
from governance.policy.exchange.drafts import Draft
from governance.policy.exchange.fitting import Surroundings
from governance.policy.exchange.naming import dataset_id, labels, overlay, own_keys
from governance.policy.exchange.owners import find_owner
from governance.policy.exchange.words import classification, length
from governance.policy.nodes import Mapping as MapNode

OURS = "governance"
"""The key of ``meta`` below which the policy language's own keys may stand."""

NAMES = ("name",)
_BUILT = "the policy language says what data is, not how it is built"
_TESTED = "the quality of data is not the policy language's concern"
_NOT_DATA = "it is no dataset"
REASONS: Mapping[str, str] = {
    **dict.fromkeys(("tests", "data_tests", "unit_tests", "freshness"), _TESTED),
    **dict.fromkeys(
        ("constraints", "config", "quote", "quoting", "external", "loader", "loaded_at_field",
         "loaded_at_query", "granularity", "access", "latest_version", "versions", "relation",
         "time_spine", "materialized", "schema", "database", "alias", "identifier"), _BUILT,
    ),
    **dict.fromkeys(
        ("analyses", "exposures", "functions", "macros", "metrics", "saved_queries",
         "semantic_models", "groups"), _NOT_DATA,
    ),
    "description": "it describes no dataset and no column",
    "docs": "how a page looks is no policy",
    "meta": "what it means is known to its authors alone",
    "models": "it is switched off in dbt",
    "seeds": "it is switched off in dbt",
    "snapshots": "it is switched off in dbt",
    "tables": "it is switched off in dbt",
}  # fmt: skip
_NODES = ("models", "seeds", "snapshots")
_CATEGORIES = ("category", "data_category", "data_categories")


def read_properties(
    root: MapNode, ledger: Ledger, around: Surroundings, prefix: str | None
) -> list[Draft]:
    """Return a dataset for each model, seed, snapshot and table of a source.

    A source's tables are called ``source.table``.
    """
    file = Cursor(root, ledger)
    file.take("version")
    groups = {each.node.text("name") or "": each for each in file.each("groups")}
    drafts: list[Draft] = []
    for kind in _NODES:
        for node in file.each(kind):
            if not _is_off(node):
                drafts.append(_dataset(node, prefix or "", _Holders((node,)), groups, around))
    for source in file.each("sources"):
        name = source.said("name")
        lead = ".".join(part for part in (prefix, name.text if name else "") if part)
        for table in () if _is_off(source) else source.each("tables"):
            if not _is_off(table):
                holders = _Holders((table, source))
                drafts.append(_dataset(table, lead, holders, groups, around))
    return drafts


class _Holders:
    """Where dbt says something of a node: in itself, then in the source that holds it."""

    def __init__(self, cursors: Sequence[Cursor]) -> None:
        self.cursors = cursors

    def metas(self) -> Iterator[Cursor]:
        """Yield the maps of free words, the nearest first: ``config.meta``, then ``meta``."""
        for cursor in self.cursors:
            config = cursor.inside("config") if "config" in cursor.node.entries else None
            for holder in (config, cursor):
                meta = holder.inside("meta") if holder else None
                if meta:
                    yield meta

    def first(self, *keys: str) -> Said | None:
        """Return the nearest word of a key, of ``meta`` alone."""
        for meta in self.metas():
            for key in keys:
                said = meta.said(key) if meta.node.text(key) else None
                if said:
                    return said
        return None

    def configured(self, key: str) -> Said | None:
        """Return a word of ``config`` or of the node itself; the nearest wins."""
        for cursor in self.cursors:
            config = cursor.inside("config") if "config" in cursor.node.entries else None
            for holder in (config, cursor):
                said = holder.said(key) if holder and holder.node.text(key) else None
                if said and not _is_jinja(said):
                    return said
        return None


def _dataset(
    node: Cursor, lead: str, holders: _Holders, groups: Mapping[str, Cursor], around: Surroundings
) -> Draft:
    name = node.said("name")
    draft = Draft(dataset_id(node, lead), node.key_position("name"))
    if name and not draft.id.endswith(name.text):
        draft.put("title", name.text, name.position)
    description = _prose(node)
    if description:
        draft.put("description", description.text, description.position)
    tags = list(
        dict.fromkeys(tag for each in _tag_holders(holders) for tag in labels(each, "tags"))
    )
    draft.put("tags", tags, node.key_position("tags"))
    _people(draft, holders, groups, around)
    _protection(draft, holders)
    _known_as(draft, node, holders)
    for column in node.each("columns"):
        _column(draft, column)
    for meta in reversed(list(holders.metas())):
        overlay(draft, meta.inside(OURS))
    return draft


def _tags(holders: _Holders) -> list[str]:
    found = [tag for each in _tag_holders(holders) for tag in labels(each, "tags")]
    return list(dict.fromkeys(found))


def _tag_holders(holders: _Holders) -> Iterator[Cursor]:
    for cursor in reversed(holders.cursors):
        yield cursor
        config = cursor.inside("config") if "config" in cursor.node.entries else None
        if config and "tags" in config.node.entries:
            yield config


def _people(
    draft: Draft, holders: _Holders, groups: Mapping[str, Cursor], around: Surroundings
) -> None:
    owner = holders.first("owner")
    found = find_owner(owner, around, holders.cursors[0].ledger) if owner else None
    group = holders.configured("group") if owner is None else None
    if found is None and group:
        found = _of_group(group, groups.get(group.text), around, holders.cursors[0].ledger)
    if found:
        draft.put("owner", found.text, found.position)
    steward = holders.first("steward", "data_steward")
    held = find_owner(steward, around, holders.cursors[0].ledger) if steward else None
    if held:
        draft.put("steward", held.text, held.position)


def _of_group(
    group: Said, declared: Cursor | None, around: Surroundings, ledger: Ledger
) -> Said | None:
    """Return a group's owner: a team of its name, or the one whom the file names for it."""
    team = around.team(group.text)
    if team:
        return Said(team, group.position, group.key)
    owner = declared.inside("owner") if declared else None
    said = (owner.said("email") or owner.said("name")) if owner and declared else None
    if said is None or declared is None:
        ledger.lose(group, "no team of this name is declared, and this file names no owner")
        return None
    declared.take("name")
    return find_owner(said, around, ledger)


def _protection(draft: Draft, holders: _Holders) -> None:
    ledger = holders.cursors[0].ledger
    tier = holders.first("classification")
    if tier and classification(tier.text):
        draft.put("classification", str(classification(tier.text)), tier.position)
    elif tier:
        ledger.lose(tier, f"no tier of ours: {tier.text[:40]!r}")
    kept = holders.first("retention")
    span = length(kept.text) if kept else None
    if kept and span:
        draft.put("retention", {"max_age": str(span)}, kept.position)
    elif kept:
        ledger.lose(kept, "no length of days, weeks, months or years")


def _known_as(draft: Draft, table: Cursor, holders: _Holders) -> None:
    """Write the full name of a source's table in the warehouse, where its schema is said.

    NOTE: not of a model: its schema depends on the target that dbt runs for.
    """
    source = holders.cursors[-1]
    schema = source.said("schema") if source is not table else None
    name = table.said("identifier") or table.said("name")
    if schema and name:
        database = source.said("database")
        parts = [said.text for said in (database, schema, name) if said]
        draft.put("aliases", [".".join(parts)], schema.position)


def _column(draft: Draft, column: Cursor) -> None:
    name, holders = column.said("name"), _Holders((column,))
    spec: dict[str, Any] = {}
    for meta in holders.metas():
        ours = meta.inside(OURS)
        spec = (own_keys(ours, "FieldSpec") if ours else {}) | spec
    tier = holders.first("classification")
    if tier and classification(tier.text):
        spec.setdefault("classification", str(classification(tier.text)))
    elif tier:
        column.ledger.lose(tier, f"no tier of ours: {tier.text[:40]!r}")
    spec.setdefault("category", _category(holders))
    description, kind = _prose(column), column.said("data_type")
    spec.setdefault("description", description.text if description else None)
    spec.setdefault("type", kind.text if kind else None)
    spec.setdefault("tags", _tags(holders))
    if name:
        draft.column(name.text, spec, column.key_position("name"))


def _category(holders: _Holders) -> str | None:
    """Return the one category of a column; of several none can be chosen for its authors."""
    for meta in holders.metas():
        for key in _CATEGORIES:
            said = meta.all_said(key) if key in meta.node.entries else []
            if len(said) == 1:
                return said[0].text
            for each in said:
                meta.ledger.lose(each, f"a field has one category, and {len(said)} are named")
    return None


def _prose(node: Cursor) -> Said | None:
    """Return a description, unless it is a reference that only dbt can follow."""
    said = node.said("description")
    if said and _is_jinja(said):
        node.ledger.lose(said, "a reference that only dbt can follow")
        return None
    return said


def _is_jinja(said: Said) -> bool:
    return "{{" in said.text or "{%" in said.text


def _is_off(node: Cursor) -> bool:
    entry = node.node.entries.get("config")
    config = entry.value if entry else None
    return isinstance(config, MapNode) and config.text("enabled") == "false"
