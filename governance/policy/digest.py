"""One digest for what a policy means, whatever its files look like."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from governance.model.documents import Project
from governance.model.taxonomy import TaxonomyIndex
from governance.policy.meaning import meaning, said


def policy_digest(
    documents: Mapping[str, Mapping[str, BaseModel]],
    taxonomy: TaxonomyIndex,
    detectors: Mapping[str, BaseModel],
) -> str:
    """Return ``sha256:`` and the SHA-256 of the effective documents as canonical JSON.

    Args:
        documents: Kind to id to effective document.
    """
    told: dict[str, Any] = {
        kind: {name: meaning(kind, model) for name, model in models.items()}
        for kind, models in documents.items()
    }
    # NOTE: of the project's documents alone; a dataset declared one day would have them.
    told["defaults"] = [
        said(model.defaults.dataset)
        for model in documents.get("Project", {}).values()
        if isinstance(model, Project)
    ]
    told["taxonomy"] = {
        "categories": {name: said(spec) for name, spec in taxonomy.categories.items()},
        "entities": dict(taxonomy.entities),
        "purposes": dict(taxonomy.purposes),
        "subjects": dict(taxonomy.subjects),
        "regions": {name: sorted(members) for name, members in taxonomy.regions.items()},
    }
    told["detectors"] = {name: said(model) for name, model in detectors.items()}
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
