"""What the scans of this machine left, for a comparison of policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from governance.model.clock import local_day
from governance.model.facts import AccessUse, AssetFacts
from governance.policy.comparison.change import Measured

if TYPE_CHECKING:
    from governance.engine.workspace import Workspace


@dataclass(frozen=True)
class Measurements:
    """What earlier scans left.

    Args:
        assets: By id. taken: The day of the newest scan; None where there was none.
    """

    assets: Mapping[str, AssetFacts]
    accesses: tuple[AccessUse, ...] = ()
    taken: date | None = None

    def columns(self) -> dict[str, Measured]:
        """Return the columns of each dataset that was read to its end."""
        return {
            name: Measured(
                {
                    place.place: frozenset(each.name for each in place.fields)
                    for place in facts.places
                }
            )
            for name, facts in self.assets.items()
            if facts.is_complete
        }


def measurements(workspace: Workspace) -> Measurements:
    """Return what earlier scans measured of each asset; nothing where there was none.

    Raises:
        FactsError: If the facts cannot be read.
    """
    if not workspace.facts.exists():
        return Measurements({})
    # NOTE: the database takes longer to load than everything else here.
    from governance.engine.snapshot import load_snapshot
    from governance.facts.store import FactStore

    with FactStore.open(workspace.facts) as store:
        snapshots = [load_snapshot(each) for each in store.snapshots(until=None)]
    if not snapshots:
        return Measurements({})
    logs: dict[str, int] = {}
    for number, snapshot in enumerate(snapshots):
        for log in snapshot.access_logs:
            logs.setdefault(log, number)
    return Measurements(
        assets=_newest(facts for snapshot in snapshots for facts in snapshot.assets),
        accesses=tuple(
            use
            for number, snapshot in enumerate(snapshots)
            for use in snapshot.accesses
            if logs.get(use.log) == number
        ),
        taken=local_day(snapshots[0].taken, workspace.policy.project.timezone),
    )


def _newest(assets: Iterable[AssetFacts]) -> dict[str, AssetFacts]:
    """Return the first facts of each asset, those that come newest first."""
    found: dict[str, AssetFacts] = {}
    for facts in assets:
        if facts.places:
            found.setdefault(facts.asset.id, facts)
    return found
