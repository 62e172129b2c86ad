"""What stands today: the policy files over the facts of the last scan, without a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from governance.cli.door import Visit, enter, open_here, parse_instant

if TYPE_CHECKING:
    from governance.engine.workspace import Workspace
    from governance.model.run import Run
    from governance.model.trail import Event


@dataclass(frozen=True)
class Here:
    """A workspace and this call."""

    workspace: Workspace
    visit: Visit

    def evaluate(self) -> Run:
        """Return a check of the workspace, in which the baseline plays no part.

        Raises:
            FactsError: If there are facts that cannot be read.
        """
        from governance.cli.check import trail_state
        from governance.engine.check import CheckRequest, check

        visit = self.visit
        trail = trail_state(self.workspace, visit)
        request = CheckRequest(
            self.workspace,
            visit.run,
            visit.clock,
            trail,
            baselined=False,
            people=visit.privacy_at(self.workspace.root) if trail.enabled else None,
            trail_at=visit.place(self.workspace) if trail.enabled else None,
        )
        return check(request)

    def record(self, event: Event) -> None:
        """Write an event into the workspace's trail, where it keeps one.

        Raises:
            TrailError: If it cannot be written; then nothing else must be.
        """
        if not self.visit.keeps_trail(self.workspace):
            return
        with self.visit.ledger(self.workspace) as ledger:
            ledger.append([event])
            ledger.seal()


def is_measured(run: Run) -> bool:
    """Return whether anything was ever measured here; else absence says nothing."""
    return any(facts.places for facts in run.assets)


def stand(workspace: Path | None, as_of: str | None) -> Here:
    """Return the workspace that a command works in."""
    opened = open_here(workspace)
    return Here(opened, enter(parse_instant(as_of)))
