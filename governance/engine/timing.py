"""When a schedule is due: the times of its cron line in the project's time zone.

NOTE: days of month and of week, names, and the hour that a change of clocks leaves out or has
twice are read as Debian's cron reads them, so that an exported line runs when ours does.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from governance.errors import UsageError
from governance.model.recurring import Schedule


def due_after(cron: str, timezone: str, after: datetime) -> Iterator[datetime]:
    """Yield the times after an instant, in UTC, soonest first.

    Raises:
        UsageError: If the line names no time that ever comes.
    """
    return _times(cron, after.astimezone(ZoneInfo(timezone)), reverse=False)


def due_before(cron: str, timezone: str, before: datetime) -> Iterator[datetime]:
    """Yield the times up to an instant, which belongs to them, in UTC, the newest first."""
    # NOTE: times are whole minutes, so those before the next minute are those up to now.
    minute = before.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    return _times(cron, minute.astimezone(ZoneInfo(timezone)), reverse=True)


def next_due(cron: str, timezone: str, after: datetime) -> datetime:
    """Return the first time after an instant, in UTC."""
    return next(due_after(cron, timezone, after))


def put_off(schedule: Schedule, name: str, interval: timedelta) -> timedelta:
    """Return how long after it is due a schedule starts: its jitter, at most half the interval.

    NOTE: always the same share for the same name, so that a restart does not move a start.
    """
    share = random.Random(zlib.crc32(name.encode())).random()  # noqa: S311 (no secret)
    return min(timedelta(minutes=schedule.jitter_minutes), interval / 2) * share


def _times(cron: str, local: datetime, *, reverse: bool) -> Iterator[datetime]:
    from cronsim import CronSim, CronSimError

    try:
        times = CronSim(cron, local, reverse=reverse)
        for due in times:
            yield due.astimezone(UTC)
    except CronSimError:
        problem = "it names no time that ever comes"
        raise UsageError(f"schedule '{cron[:40]}'", problem, "mend the cron line") from None
