"""JSON Schemas of the policy language, for editors that complete and check."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from governance.errors import UsageError
from governance.policy.faults import suggest
from governance.policy.validation import KINDS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def policy_schema(kind: str | None = None) -> dict[str, Any]:
    """Return the JSON Schema of one kind, or of any document when ``kind`` is None.

    Raises:
        UsageError: If there is no such kind.
    """
    if kind is None:
        return _any_kind()
    if kind not in KINDS:
        raise UsageError(where=kind, problem="no kind of this name", remedy=suggest(kind, KINDS))
    schema = KINDS[kind].model_json_schema()
    return {"$schema": _DIALECT, **schema, "title": f"governance/v1 {kind}"}


def _any_kind() -> dict[str, Any]:
    models = [(KINDS[kind], "validation") for kind in sorted(KINDS)]
    references, shared = models_json_schema(models)  # type: ignore[arg-type]
    return {
        "$schema": _DIALECT,
        "title": "governance/v1",
        "oneOf": [references[key] for key in models],  # type: ignore[index]
        "$defs": shared["$defs"],
    }
