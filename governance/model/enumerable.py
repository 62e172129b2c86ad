"""Kinds of data whose every value can be tried out, so that a plain hash hides nothing."""

from __future__ import annotations

from collections.abc import Mapping

from governance.model.taxonomy import is_within

_ENTITIES = (
    "EMAIL_ADDRESS",
    "PHONE_NUMBER",
    "DATE_OF_BIRTH",
    "POSTAL_CODE",
    "US_SSN",
    "CREDIT_CARD",
)
_WORDS = ("email", "phone", "government_id", "birth", "postal_code", "postcode")


def is_enumerable(category: str | None, entities: Mapping[str, str]) -> bool:
    """Return whether a kind is, holds or belongs to one whose values can all be tried out.

    Args:
        entities: The taxonomy's entities and their categories.
    """
    if category is None:
        return False
    known = (entities.get(entity) for entity in _ENTITIES)
    return hides_nothing(category, entities) or any(
        each is not None and is_within(each, category) for each in known
    )


def hides_nothing(category: str, entities: Mapping[str, str]) -> bool:
    """Return whether a hash hides no value of a kind at all; of a wider one it may hide some."""
    known = (entities.get(entity) for entity in _ENTITIES)
    return any(word in category for word in _WORDS) or any(
        each is not None and is_within(category, each) for each in known
    )
