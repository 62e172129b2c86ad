"""Since when the trail knows each schedule with the times that it has today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class KnownSince:
    """A schedule's times, and since when they are those.

    Args:
        timezone: None where an entry of an older version does not say it.
    """

    cron: str
    timezone: str | None
    at: datetime

    def is_of(self, cron: str, timezone: str | None) -> bool:
        """Return whether these are the times; a line in another zone means others."""
        return self.cron == cron and (timezone is None or self.timezone in (None, timezone))


def follow(
    known: Mapping[str, KnownSince], told: Mapping[str, Any], at: datetime
) -> dict[str, KnownSince]:
    """Return what is known after an entry that lists schedules; one that was gone begins anew."""
    zone = told.get("timezone")
    if told.get("schedules") is None:
        return dict(known)
    return {
        name: known[name]
        if name in known and known[name].is_of(cron, zone)
        else KnownSince(cron, zone, at)
        for name, cron in told["schedules"].items()
    }
