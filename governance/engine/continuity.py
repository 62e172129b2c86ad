"""Whether the trail is the one in which the stored results were recorded.

Facts and trail lie side by side, and each run leaves its mark in both. Whoever removes the trail,
or puts an older copy in its place, and leaves the facts as they are, is told of here.
"""

from __future__ import annotations

from governance.engine.workspace import Workspace
from governance.facts.store import FactStore
from governance.trail.gaps import PRUNED
from governance.trail.reading import read_entries
from governance.trail.storage import Where

_STARTED = "scan.started"


def count_lost(workspace: Workspace, trail: Where | None) -> int:
    """Return how many stored runs a trail does not hold; 0 where nothing can be said.

    Args:
        trail: A trail that verifies; None: there is none.

    Raises:
        FactsError: If the facts cannot be read.
        TrailError: If the trail cannot be read.
    """
    if not workspace.facts.exists():
        return 0
    with FactStore.open(workspace.facts) as store:
        stored = store.runs()
    if trail is None or not stored:
        return len(stored)
    held: set[str | None] = set()
    for entry in read_entries(trail, types={_STARTED, PRUNED}):
        if entry.type == PRUNED:
            return 0  # what was pruned by the rules took its runs with it
        held.add(entry.run)
    return len(stored - held)
