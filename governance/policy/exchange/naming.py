"""Ids, tags and our own keys, as other formats hold them."""

from __future__ import annotations

from typing import Any

from governance.model.documents import Dataset
from governance.model.parts import FieldSpec
from governance.policy.exchange.cursor import Cursor, Said
from governance.policy.exchange.drafts import Draft
from governance.policy.exchange.words import slug
from governance.policy.nodes import Node
from governance.policy.shapes import Resolver, expected_by, keys_of

ALL_FIELDS = "all_fields"
"""What our part of an export calls the fields, where adding to them would not do."""

WITHOUT = "without"
"""What our part of an export calls the keys that a reader would find and nobody wrote."""

_MODELS = {"Dataset": Dataset, "FieldSpec": FieldSpec}


def dataset_id(holder: Cursor, prefix: str, known: Said | None = None, key: str = "name") -> str:
    """Return the id of a dataset: what we once wrote, or a prefix and a name.

    A name that holds no letter or digit gives an empty id, which the caller refuses.
    """
    if known:
        return known.text
    said = holder.said(key)
    name = slug(said.text) if said else ""
    lead = slug(prefix)
    return f"{lead}.{name}" if lead and name else name


def labels(holder: Cursor, key: str) -> list[str]:
    """Return tags in the letters of the policy language, each once; what changed is told."""
    found: list[str] = []
    for said in holder.all_said(key):
        word = slug(said.text)
        if not word:
            holder.ledger.lose(said, "a tag needs a letter or a digit")
            continue
        if word != said.text:
            holder.ledger.doubt(said, f"written as {word}")
        if word not in found:
            found.append(word)
    return found


def own_keys(holder: Cursor, model: str) -> dict[str, Any]:
    """Return the keys of the policy language that a map of another format holds, and take them."""
    known = keys_of(_MODELS[model])
    return {
        key: plain(node, known[key])
        for key in holder.node.entries
        if key in known
        and key not in ("apiVersion", "kind", "id")
        and (node := holder.take_whole(key)) is not None
    }


def overlay(draft: Draft, ours: Cursor | None) -> None:
    """Put what an export kept for us over what a format's own keys gave.

    ``fields`` adds to each field what its format has no key for; ``all_fields`` replaces them all.
    """
    if ours is None:
        return
    ours.take("id")
    for key, value in own_keys(ours, "Dataset").items():
        if key == "fields" and isinstance(value, dict):
            known = draft.values.setdefault("fields", {})
            value = {**known, **{name: known.get(name, {}) | spec for name, spec in value.items()}}
        draft.values[key] = value  # an empty list is said on purpose
        draft.origins.setdefault((key,), ours.key_position(key))
    for said in ours.all_said(WITHOUT):
        draft.values.pop(said.text, None)
    every = ours.take_whole(ALL_FIELDS)
    if every is not None:
        draft.values["fields"] = plain(every, dict[str, FieldSpec])


def plain(node: Node, annotation: Any = None) -> Any:  # noqa: ANN401
    """Return a node as plain values, with its words read as the language expects them."""
    return Resolver().resolve(node, expected_by(annotation))
