"""Collections of Fides as datasets, called ``fides_key.collection``."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from governance.model.ladders import State
from governance.policy.exchange.cursor import Cursor, Ledger, Said
from governance.policy.exchange.drafts import Draft
from governance.policy.exchange.fitting import Surroundings
from governance.policy.exchange.naming import dataset_id, labels, overlay
from governance.policy.exchange.words import length
from governance.policy.nodes import Mapping as MapNode

OURS = "governance"
"""The key of a dataset's ``meta`` that holds, by collection, what Fides has no key for."""

NAMES = ("fides_key", "name")
# What a qualifier says of the way from an identified person; Fides writes the whole path.
QUALIFIERS: Mapping[str, State] = {
    "aggregated": State.AGGREGATED,
    "aggregated.anonymized": State.ANONYMISED,
    "aggregated.anonymized.unlinked_pseudonymized": State.PSEUDONYMISED,
    "aggregated.anonymized.unlinked_pseudonymized.pseudonymized": State.PSEUDONYMISED,
    "aggregated.anonymized.unlinked_pseudonymized.pseudonymized.identified": State.IDENTIFIED,
}
DEFAULTS: Mapping[str, str] = {
    "organization_fides_key": "default_organization",
    "retention": "no retention or erasure policy",
}
_TRAVERSED = "how Fides walks from table to table is no policy"
REASONS: Mapping[str, str] = {
    **dict.fromkeys(
        ("references", "after", "erase_after", "identity", "primary_key", "length", "read_only",
         "return_all_elements", "custom_request_field", "skip_processing", "fides_meta",
         "fidesops_meta", "resource_id", "masking_strategy_override", "namespace"), _TRAVERSED,
    ),
    **dict.fromkeys(
        ("data_category", "data_qualifier", "data_subject", "data_use", "evaluation",
         "organization", "policy", "registry", "system"), "it is no dataset",
    ),
    "organization_fides_key": "a workspace is one organisation",
    "joint_controller": "people belong to a Team document",
    "third_country_transfers": "where data may lie is said by residency, by location where it lies",
    "meta": "what it means is known to its authors alone",
    "description": "it describes no table and no column",
    "name": "a dataset of ours is one table, not the database that holds it",
}  # fmt: skip


def read_resources(
    root: MapNode, ledger: Ledger, around: Surroundings, prefix: str | None
) -> list[Draft]:
    """Return a dataset for each collection of each Fides dataset."""
    del around  # Fides names no owner
    file = Cursor(root, ledger)
    return [
        _dataset(collection, dataset, prefix)
        for dataset in file.each("dataset")
        for collection in dataset.each("collections")
    ]


def _dataset(collection: Cursor, dataset: Cursor, prefix: str | None) -> Draft:
    key, name = dataset.said("fides_key"), collection.said("name")
    lead = ".".join(part for part in (prefix, key.text if key else "") if part)
    ours = _ours(dataset, name.text if name else "")
    known = ours.said("id") if ours and prefix is None else None
    draft = Draft(dataset_id(collection, lead, known), collection.key_position("name"))
    if name and not draft.id.endswith(name.text):
        draft.put("title", name.text, name.position)
    description = collection.said("description")
    if description:
        draft.put("description", description.text, description.position)
    draft.put("tags", labels(dataset, "tags"), dataset.key_position("tags"))
    kept = collection.said("retention") or dataset.said("retention")
    _retention(draft, kept, collection.ledger)
    above = (collection, dataset)
    for field in collection.each("fields"):
        _column(draft, field, "", above)
    overlay(draft, ours)
    return draft


def _ours(dataset: Cursor, collection: str) -> Cursor | None:
    meta = dataset.inside("meta") if dataset.node.entries.get("meta") else None
    ours = meta.inside(OURS) if meta else None
    return ours.inside(collection) if ours else None


def _retention(draft: Draft, kept: Said | None, ledger: Ledger) -> None:
    if kept is None or kept.text.strip().lower() == DEFAULTS["retention"]:
        return
    span = length(kept.text)
    if span:
        draft.put("retention", {"max_age": str(span)}, kept.position)
    else:
        ledger.lose(kept, "no length of days, weeks, months or years")


def _column(draft: Draft, field: Cursor, parent: str, above: Sequence[Cursor]) -> None:
    """Write a field and those nested in it; a mere object is no field of its own."""
    name = field.said("name")
    data_type = _data_type(field)
    is_list = bool(data_type and data_type.text.endswith("[]"))
    full = f"{parent}{name.text if name else ''}"
    inner = field.each("fields")
    description = field.said("description")
    spec: dict[str, Any] = {
        "category": _category(field, () if inner else above),
        "state": _state(field, () if inner else above),
        "description": description.text if description else None,
    }
    kept = field.said("retention")
    if kept:
        field.ledger.lose(kept, "a retention holds for the whole dataset")
    if not inner or spec["category"] or spec["description"]:
        spec["type"] = data_type.text if data_type else None
        draft.column(full, spec, field.key_position("name"))
    for each in inner:
        _column(draft, each, f"{full}{'[]' if is_list else ''}.", above)


def _data_type(field: Cursor) -> Said | None:
    for key in ("fides_meta", "fidesops_meta"):
        meta = field.inside(key) if key in field.node.entries else None
        said = meta.said("data_type") if meta and meta.node.text("data_type") else None
        if said:
            return said
    return None


def _category(field: Cursor, above: Sequence[Cursor]) -> str | None:
    """Return the one category of a field, its own or what holds for all fields above it."""
    for holder in (field, *above):
        said = holder.all_said("data_categories")
        if len(said) == 1:
            return said[0].text
        if len(said) > 1:
            return _joint(holder, said, told=holder is field)
    return None


def _joint(holder: Cursor, said: Sequence[Said], *, told: bool) -> str | None:
    """Return the one category that is true of several: the nearest above all, or the inmost.

    Args:
        told: Whether to tell what becomes of them; what holds for many fields is told by none.
    """
    words = [each.text for each in said]
    # NOTE: of a person's data and a machine's, the reading that protects more is taken.
    words = [word for word in words if _covers("user", word)] or words
    inmost = [word for word in words if all(_covers(other, word) for other in words)]
    shared = inmost[0] if inmost else _above(words)
    for each in said if told and (not inmost or len(words) < len(said)) else ():
        if shared:
            holder.ledger.doubt(each, f"several are named, and {shared} is taken")
        else:
            holder.ledger.lose(each, f"a field has one category, and {len(said)} are named")
    return shared


def _above(words: Sequence[str]) -> str | None:
    """Return the nearest category above all of some, or None."""
    steps = zip(*(word.split(".") for word in words), strict=False)
    common = [each[0] for each in itertools.takewhile(lambda each: len(set(each)) == 1, steps)]
    return ".".join(common) or None


def _covers(wide: str, narrow: str) -> bool:
    return narrow == wide or narrow.startswith(f"{wide}.")


def _state(field: Cursor, above: Sequence[Cursor]) -> str | None:
    for holder in (field, *above):
        said = holder.said("data_qualifier")
        if said and said.text in QUALIFIERS:
            state = QUALIFIERS[said.text]
            # NOTE: Fides writes this one wherever nobody chose; it says no more than silence.
            return None if state is State.IDENTIFIED else str(state)
        if said:
            holder.ledger.lose(said, "no qualifier that says how far a person is identified")
            return None
    return None
