"""One digest for what a policy means, whatever its files look like."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from governance.model.taxonomy import TaxonomyIndex

# Where files lie is no part of what they say.
_LAYOUT = {"include"}


def policy_digest(
    documents: Mapping[str, Mapping[str, BaseModel]],
    taxonomy: TaxonomyIndex,
    detectors: Mapping[str, BaseModel],
) -> str:
    """Return ``sha256:`` and the SHA-256 of the effective documents as canonical JSON.

    Args:
        documents: Kind to id to effective document.
    """
    meaning: dict[str, Any] = {
        kind: {name: _plain(model) for name, model in models.items()}
        for kind, models in documents.items()
    }
    meaning["taxonomy"] = {
        "categories": {name: _plain(spec) for name, spec in taxonomy.categories.items()},
        "entities": dict(taxonomy.entities),
        "purposes": dict(taxonomy.purposes),
        "subjects": dict(taxonomy.subjects),
        "regions": {name: list(members) for name, members in taxonomy.regions.items()},
    }
    meaning["detectors"] = {name: _plain(model) for name, model in detectors.items()}
    canonical = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def _plain(model: BaseModel) -> dict[str, Any]:
    exclude = _LAYOUT if getattr(model, "kind", "") == "Project" else None
    return model.model_dump(mode="json", by_alias=True, exclude=exclude)
