"""What the trail tells of the time before this run: records, reviews, reports, missed runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from governance.model.records import Record, RecordKind


@dataclass(frozen=True, slots=True)
class SignedReview:
    """A review that author and approver have signed.

    Args:
        on: The day of the approval. by: Everybody who signed.
        assets: What was declared when it was opened.
    """

    id: str
    period: str
    on: date
    by: tuple[str, ...]
    assets: frozenset[str]


@dataclass(frozen=True, slots=True)
class IssuedReport:
    """A report whose digest the trail holds.

    Args:
        on: The day it was issued. reproduced: Whether it came out the same when it was made again;
            None where nobody tried with the same version.
    """

    sha256: str
    kind: str
    period: str
    on: date
    reproduced: bool | None = None


@dataclass(frozen=True, slots=True)
class ScheduleFacts:
    """How a schedule was kept.

    Args:
        since: Since when the trail knows it with these times.
        due: How many starts were due in the time looked at. missed: Those that did not happen.
    """

    name: str
    cron: str
    since: datetime
    due: int
    missed: tuple[datetime, ...]


@dataclass(frozen=True)
class Chronicle:
    """The past as the trail tells it.

    Args:
        enabled: Whether a trail is kept. problem: Why it proves nothing, if it is broken.
        records: The newest of each kind and id, oldest first.
        open_since: By finding, when the unbroken time began in which every scan saw it.
        schedules: Those of the project. reports: Those issued, oldest first.
    """

    enabled: bool = False
    problem: str | None = None
    records: tuple[Record, ...] = ()
    reviews: tuple[SignedReview, ...] = ()
    open_since: Mapping[str, datetime] = field(default_factory=dict)
    schedules: tuple[ScheduleFacts, ...] = ()
    reports: tuple[IssuedReport, ...] = ()

    def of_kind(self, kind: RecordKind) -> tuple[Record, ...]:
        """Return the records of one kind, oldest first."""
        return tuple(record for record in self.records if record.kind is kind)
