"""Which assets of a run are logs that tell accesses or lineage."""

from __future__ import annotations

from collections.abc import Sequence

from governance.engine.lens import Examined
from governance.model.asset import ACCESS_LOGS, AssetKind, PlaceType


def access_logs(examined: Sequence[Examined]) -> tuple[str, ...]:
    """Return the ids of the logs that tell accesses: by type, or because they turned out to."""
    return tuple(
        each.facts.asset.id
        for each in examined
        if _is_log(each) and (each.accesses or not ACCESS_LOGS.isdisjoint(_types(each)))
    )


def lineage_logs(examined: Sequence[Examined]) -> tuple[str, ...]:
    """Return the ids of the logs that tell lineage, likewise."""
    return tuple(
        each.facts.asset.id
        for each in examined
        if _is_log(each) and (each.lineage or PlaceType.OPENLINEAGE in _types(each))
    )


def _is_log(examined: Examined) -> bool:
    return examined.facts.asset.kind is AssetKind.LOG and examined.facts.asset.declared


def _types(examined: Examined) -> frozenset[PlaceType]:
    return frozenset(place.type for place in examined.facts.asset.places)
