"""What every key of the policy language means, in the words that an editor shows."""

from __future__ import annotations

from collections.abc import Mapping

from governance.policy.wording.cases import CASES
from governance.policy.wording.kinds import KINDS
from governance.policy.wording.parts import PARTS

WORDING: Mapping[str, Mapping[str, str]] = {**CASES, **KINDS, **PARTS}
"""Class of the model, to key as written in the file, to one sentence."""

HEADER: Mapping[str, str] = {
    "apiVersion": "The version of the language: always governance/v1.",
    "kind": "What this document declares.",
    "id": "Its name: lower-case letters, digits, '_', '.' and '-'; unique among its kind.",
}
"""The keys that every document starts with."""


def describe_key(model: str, key: str) -> str | None:
    """Return what a key of a model means, or None where nobody has said it."""
    return WORDING.get(model, {}).get(key) or HEADER.get(key)
