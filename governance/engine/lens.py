"""What an examination is given, and what comes out of it: types alone, without what examines.

A scan that finds every place as an earlier run left it gets by with this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from governance.engine.naming import Names
from governance.engine.workspace import Workspace
from governance.model.asset import ACCESS_LOGS, Asset, AssetKind, Place, PlaceType
from governance.model.facts import AccessUse, AssetFacts, ColumnFlow, LineageUse
from governance.sources.extent import EVERYTHING, Extent
from governance.sources.limits import ReadLimits

if TYPE_CHECKING:
    from governance.detectors.explain import Explanation


@dataclass(frozen=True)
class Examined:
    """What one asset's places held; uses come from logs alone.

    Args:
        explanations: Of the field that was asked for, with the URI of its place.
        kept: What a later run may want to know of a place that grows, by the place's name.
        taken_over: Of each place that grew: the run that read its beginning, and the rows in it.
    """

    facts: AssetFacts
    accesses: tuple[AccessUse, ...] = ()
    lineage: tuple[LineageUse, ...] = ()
    flows: tuple[ColumnFlow, ...] = ()
    explanations: tuple[tuple[str, Explanation], ...] = ()
    kept: Mapping[str, bytes] = field(default_factory=dict)
    taken_over: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Lens:
    """What every examination of a run shares.

    Args:
        key: The workspace's secret for fingerprints.
        limits: How much of one place is read at a time.
        extent: How much of it is examined.
        explain: The field whose evidence is told; None for no field.
    """

    workspace: Workspace
    key: bytes
    names: Names
    limits: ReadLimits
    extent: Extent = EVERYTHING
    explain: str | None = None


def is_divisible(place: Place) -> bool:
    """Return whether a place may be measured in shares: the uses of a log are counted in one."""
    is_counted = place.type in ACCESS_LOGS or place.type is PlaceType.OPENLINEAGE
    return not is_counted and not place.log_fields


def kind_of(asset: Asset) -> AssetKind:
    """Return an asset's kind; an undeclared text file is a log: it has lines, not columns."""
    is_log = not asset.declared and all(place.type is PlaceType.TEXT for place in asset.places)
    return AssetKind.LOG if is_log and asset.places else asset.kind
