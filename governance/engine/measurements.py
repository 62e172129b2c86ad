"""What the last scans measured, for a comparison of policies.

Beside what this machine's own scans left, facts travel with a repository; then those of the base
count. A change that edits the facts, or brings the first ones, must not prove by them that a
column is gone and needs no protection any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from governance.model.clock import local_day
from governance.model.facts import AccessUse, AssetFacts
from governance.policy.commits import Fork
from governance.policy.comparison.change import Measured

if TYPE_CHECKING:
    from governance.engine.workspace import Workspace
    from governance.model.measured import Stored
    from governance.model.policy import EffectivePolicy


@dataclass(frozen=True)
class Measurements:
    """What earlier scans left.

    Args:
        assets: By id. taken: The day of the newest scan; None where there was none.
        source: Where it was read, as it may be told.
        proves: Whether a column that is not among them is gone; not where the change brought them.
    """

    assets: Mapping[str, AssetFacts]
    accesses: tuple[AccessUse, ...] = ()
    taken: date | None = None
    source: str = ""
    proves: bool = True

    def columns(self) -> dict[str, Measured]:
        """Return the columns of each dataset that was read to its end."""
        if not self.proves:
            return {}
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


def measurements(
    workspace: Workspace, named: str | None, base: EffectivePolicy, fork: Fork
) -> Measurements:
    """Return what earlier scans measured of each asset; nothing where there was none.

    Args:
        named: A file or an address that a person named; None for what is found here.
        base: The policies at the fork: they say where facts lie and whose signature counts.

    Raises:
        UsageError: If the address is of a kind that is not read.
        FactsError: If the facts cannot be read, or are not what was exported.
    """
    from governance.engine.travel import find_facts
    from governance.engine.vouched import facts_of_base, newest_vouched

    found = find_facts(workspace, named, base.project.gate, base)
    before = facts_of_base(workspace.root, fork, found, base)
    stored = found
    if before is not None:
        stored = before if base.project.trail is None else newest_vouched(found, before, base)
    if base.project.trail is not None and not found.is_trusted:
        kept = tuple(record for record in stored.records if record.vouched)
        stored = replace(stored, records=kept)
    if not stored.records:
        return Measurements({})
    newest = max(record.taken for record in stored.records)
    return Measurements(
        assets={
            record.facts.asset.id: record.facts for record in stored.records if record.facts.places
        },
        accesses=tuple(use for record in stored.records for use in record.accesses),
        taken=local_day(newest, base.project.timezone),
        source=stored.source,
        proves=before is not None or not _is_own(workspace.root, found),
    )


def _is_own(root: Path, found: Stored) -> bool:
    """Whether the change itself brings the facts."""
    from governance.policy.committed import is_committed

    return found.path is not None and is_committed(root, Path(found.path))
