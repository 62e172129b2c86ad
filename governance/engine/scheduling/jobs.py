"""A schedule of the policy as something to run: its command line, and the times it is due."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from governance.engine.timing import due_before, next_due, put_off
from governance.engine.workspace import Workspace
from governance.errors import UsageError
from governance.model.recurring import Schedule

_JUDGED = frozenset({"scan", "check"})


@dataclass(frozen=True)
class Job:
    """One schedule.

    Args:
        timezone: The project's, in which the cron line is meant.
    """

    name: str
    schedule: Schedule
    timezone: str

    def newest_due(self, now: datetime) -> datetime:
        """Return the newest time that was due by now, in UTC."""
        return next(due_before(self.schedule.cron, self.timezone, now))

    def next_due(self, now: datetime) -> datetime:
        """Return the next time that will be due, in UTC."""
        return next_due(self.schedule.cron, self.timezone, now)

    def starts_at(self, due: datetime) -> datetime:
        """Return when the run of a time that is due begins: then, or later by its jitter."""
        return due + put_off(self.schedule, self.name, self.next_due(due) - due)

    def next_start(self, after: datetime) -> datetime:
        """Return the first beginning of a run after an instant, in UTC."""
        due = self.newest_due(after)
        while (start := self.starts_at(due)) <= after:
            due = self.next_due(due)
        return start

    def due_between(self, after: datetime, now: datetime, most: int) -> list[datetime]:
        """Return the newest times due in ``(after, now]``, oldest first."""
        found: list[datetime] = []
        for due in due_before(self.schedule.cron, self.timezone, now):
            if due <= after or len(found) >= most:
                break
            found.append(due)
        return found[::-1]

    def is_made_up_for(self, due: datetime, now: datetime) -> bool:
        """Return whether a start that was missed is still worth a run."""
        grace = self.schedule.grace_minutes
        if grace is None:
            return now < self.next_due(due)
        return now <= due + timedelta(minutes=grace)

    def command(self, due: datetime, workspace: Workspace) -> tuple[str, ...]:
        """Return the command line of a run, without ``governance``.

        A report that names no period is that of the year before, and one that names no file goes
        into the folder of the workspace's state.
        """
        words = shlex.split(self.schedule.run)
        if words[0] in _JUDGED and self.schedule.fail_on and "--fail-on" not in words:
            words += ["--fail-on", self.schedule.fail_on]
        if words[0] == "report" and len(words) > 1:
            words += self._report(words, due, workspace.state)
        return (*words, "--workspace", str(workspace.root))

    def _report(self, words: list[str], due: datetime, state: Path) -> list[str]:
        year = due.astimezone(ZoneInfo(self.timezone)).year - 1
        period = str(year)
        more: list[str] = []
        if "--period" in words[:-1]:
            period = words[words.index("--period") + 1]
        else:
            more += ["--period", period]
        if not {"-o", "--output"} & set(words):
            more += ["-o", str(state / "reports" / f"{words[1]}-{period}.pdf")]
        return more


def jobs_of(workspace: Workspace) -> tuple[Job, ...]:
    """Return the jobs of a workspace, by name."""
    project = workspace.policy.project
    return tuple(
        Job(name, schedule, project.timezone)
        for name, schedule in sorted(project.schedules.items())
    )


def job_called(workspace: Workspace, name: str) -> Job:
    """Return one job.

    Raises:
        UsageError: If no schedule is called so.
    """
    found = {job.name: job for job in jobs_of(workspace)}
    if name not in found:
        known = ", ".join(found) or "none is declared"
        raise UsageError("schedule", f"there is no schedule '{name[:60]}'", f"known: {known}")
    return found[name]
