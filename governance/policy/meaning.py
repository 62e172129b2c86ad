"""What a document says in the end, as JSON, without all that has no meaning.

Comparing two versions and the digest of one ask the same function, so that what is no change has no
other digest.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from governance.model.documents import Project
from governance.policy.comparison.change import Value
from governance.policy.files import BASELINE

Document = dict[str, Any]

_HEADER = frozenset({"apiVersion", "kind", "id"})
_SELECTED = ("to", "for")


def meaning(kind: str, model: BaseModel) -> Document:
    """Return what a document means: order, spellings and what is only inherited are gone."""
    document = said(model)
    if isinstance(model, Project):
        document["id"] = model.id
    prepare = _PREPARE.get(kind)
    return prepare(document) if prepare else document


def said(model: BaseModel) -> Document:
    """Return what a document or a part of it says, without its header, each list in one order."""
    plain = model.model_dump(mode="json", by_alias=True, exclude_none=True)
    found: Document = _sorted(plain)
    return {key: value for key, value in found.items() if key not in _HEADER}


def _sorted(value: Value) -> Value:
    """Every list of the language is a set."""
    if isinstance(value, dict):
        return {key: _sorted(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted(map(_sorted, value), key=lambda each: json.dumps(each, sort_keys=True))
    return value


def _project(document: Document) -> Document:
    """Leave out where files lie, and what is handed down: whoever inherits it says it."""
    document.pop("include")
    document["defaults"].pop("dataset")
    document["packs"] = sorted({BASELINE, *document["packs"]})
    return document


def _policy(document: Document) -> Document:
    for key, selected in document["applies_to"].items():
        document["applies_to"][key] = _choice(selected)
    for rule in document["rules"].values():
        for key in _SELECTED:
            if key in rule:
                rule[key] = _choice(rule[key])
        if rule.get("severity") == document["severity"]:
            del rule["severity"]
    return document


def _choice(selected: Value) -> Value:
    return {"any_of": [selected]} if isinstance(selected, str) else selected


def _dataset(document: Document) -> Document:
    """Leave out what a field has from its dataset, or would have if it said nothing."""
    for spec in document["fields"].values():
        if spec.get("classification") == document.get("classification"):
            spec.pop("classification", None)
        if "state" in document and _is_throughout(spec.get("state"), document["state"]):
            del spec["state"]
    return document


def _is_throughout(state: Value, wanted: str) -> bool:
    return state == wanted or (isinstance(state, dict) and set(state.values()) == {wanted})


_PREPARE = {"Project": _project, "Policy": _policy, "Dataset": _dataset}
