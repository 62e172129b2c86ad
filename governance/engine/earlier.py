"""What earlier runs left: the findings they knew, and when the newest of them ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from governance.engine.workspace import Workspace
from governance.facts.store import FactStore

_LEAST = timedelta(microseconds=1)


@dataclass(frozen=True)
class Earlier:
    """The earlier runs of a workspace.

    Args:
        known: Findings, and when each was first seen. ended: When the newest run did, aware.
    """

    known: Mapping[str, datetime] = field(default_factory=dict)
    ended: datetime | None = None

    def behind(self, now: datetime) -> datetime:
        """Return an instant, moved behind the end of an earlier run of the same day.

        NOTE: runs are ordered by their ends. A clock that was given twice, or was set back, would
        have the older of two runs be the newer. A day is the most that is bridged: a run as of
        another day stays where it was put.
        """
        now = now.astimezone(UTC)
        if self.ended is None or self.ended < now or self.ended.date() != now.date():
            return now
        return self.ended + _LEAST


def read_earlier(workspace: Workspace) -> Earlier:
    """Return what the facts of a workspace tell of earlier runs."""
    if not workspace.facts.exists():
        return Earlier()
    with FactStore.open(workspace.facts) as store:
        return Earlier(dict(store.known_findings()), store.newest_end())
