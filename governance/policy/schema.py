"""JSON Schemas of the policy language, for editors that complete and check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from governance.errors import UsageError
from governance.policy.faults import suggest
from governance.policy.validation import KINDS
from governance.policy.wording import HEADER, describe_key

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FIRST = ("apiVersion", "kind", "id", "title")


def policy_schema(kind: str | None = None) -> dict[str, Any]:
    """Return the JSON Schema of one kind, or of any document when ``kind`` is None.

    Every property has a description, which an editor shows.

    Raises:
        UsageError: If there is no such kind.
    """
    if kind is None:
        return _any_kind()
    if kind not in KINDS:
        raise UsageError(where=kind, problem="no kind of this name", remedy=suggest(kind, KINDS))
    schema = KINDS[kind].model_json_schema()
    for name, part in schema.get("$defs", {}).items():
        _describe(name, part)
    _describe(KINDS[kind].__name__, schema)
    return {"$schema": _DIALECT, **schema, "title": f"governance/v1 {kind}"}


def _any_kind() -> dict[str, Any]:
    """Return a schema whose ``kind`` decides which keys may follow.

    NOTE: not one ``oneOf`` over the kinds: an editor would answer a single wrong key with
    twelve reasons why the document is none of them.
    """
    models = [(KINDS[kind], "validation") for kind in sorted(KINDS)]
    references, shared = models_json_schema(models)  # type: ignore[arg-type]
    for name, part in shared["$defs"].items():
        _describe(name, part)
    return {
        "$schema": _DIALECT,
        "title": "governance/v1",
        "description": "One document of the policy language; its kind decides what else it holds.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {
            "apiVersion": {"const": "governance/v1", "description": HEADER["apiVersion"]},
            "kind": {"enum": sorted(KINDS), "description": HEADER["kind"]},
        },
        "allOf": [
            {"if": _is(kind), "then": references[model]}  # type: ignore[index]
            for kind, model in zip(sorted(KINDS), models, strict=True)
        ],
        "$defs": shared["$defs"],
    }


def _is(kind: str) -> Mapping[str, Any]:
    return {"properties": {"kind": {"const": kind}}, "required": ["kind"]}


def _describe(model: str, schema: dict[str, Any]) -> None:
    """Put what each key means into the schema of a model, and the header first."""
    properties = schema.get("properties")
    if properties is None:
        return
    for key, property_schema in properties.items():
        said = describe_key(model, key)
        if said is not None:
            property_schema["description"] = said
        property_schema.pop("title", None)  # pydantic's echo of the key itself
    first = {key: properties[key] for key in _FIRST if key in properties}
    schema["properties"] = {**first, **properties}
