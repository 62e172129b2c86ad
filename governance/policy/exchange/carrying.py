"""What exports share: a dataset as a person wrote it, and the keys a format has no place for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.model.documents import Dataset
from governance.policy.exchange.drafts import Draft

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
    return kept | ({"id": dataset.id} if draft.id != dataset.id else {})
