"""What exports share: a dataset as a person wrote it, and the keys a format has no place for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.model.documents import Dataset
from governance.policy.exchange.drafts import Draft
from governance.policy.exchange.naming import ALL_FIELDS, WITHOUT

_HELD_APART = frozenset({"apiVersion", "kind", "id"})


@dataclass(frozen=True, slots=True)
class Written:
    """A document of another format.

    Args:
        ours: Dataset id to the keys for which the format has no place: they lie where it allows
            anything, and only governance reads them.
    """

    value: dict[str, Any]
    ours: Mapping[str, Sequence[str]]


def as_written(dataset: Dataset) -> dict[str, Any]:
    """Return what a person wrote of a dataset, as plain values."""
    dumped: dict[str, Any] = dataset.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {key: value for key, value in dumped.items() if value is not None}


def missing_keys(draft: Draft, dataset: Dataset) -> dict[str, Any]:
    """Return the keys of a dataset that a draft does not give back as a person wrote them."""
    try:
        given = as_written(Dataset(**draft.document()))
    except ValueError:
        given = {}  # what does not validate is kept whole
    kept = {
        key: value
        for key, value in as_written(dataset).items()
        if key not in _HELD_APART and given.get(key) != value
    }
    if "fields" in kept:
        kept |= _fields(given.get("fields", {}), kept.pop("fields"))
    made_up = sorted(set(given) - set(as_written(dataset)))
    own_id = {"id": dataset.id} if draft.id != dataset.id else {}
    return kept | own_id | ({WITHOUT: made_up} if made_up else {})


def _fields(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what to add to the fields given, or all of them where adding would not do."""
    added = {
        name: more
        for name, spec in wanted.items()
        if (more := {key: value for key, value in spec.items() if _get(given, name, key) != value})
        or name not in given
    }
    reached = {**given, **{name: given.get(name, {}) | more for name, more in added.items()}}
    return {"fields": added} if reached == dict(wanted) else {ALL_FIELDS: dict(wanted)}


def _get(given: Mapping[str, Any], name: str, key: str) -> Any:  # noqa: ANN401
    return given.get(name, {}).get(key)
