"""From the trail to what controls may know of the past. Only what the policy asks for is read."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from governance.engine.ageing import AGEING, open_since
from governance.engine.kept import KEPT, kept_schedules
from governance.errors import TrailError
from governance.model.chronicle import Chronicle, IssuedReport, SignedReview
from governance.model.clock import local_day
from governance.model.facts import TrailFacts
from governance.model.policy import EffectivePolicy
from governance.model.records import Record, RecordKind
from governance.model.signoff import TYPES as SIGNING
from governance.model.signoff import reviews_in
from governance.model.trail import Entry

if TYPE_CHECKING:
    from governance.trail.privacy import Privacy
    from governance.trail.storage import Where

RECORDED, WITHDRAWN = "record.added", "record.withdrawn"
ISSUED, REPRODUCED = "report.issued", "report.reproduced"
RECORDS = frozenset({RECORDED, WITHDRAWN})
_ALWAYS = frozenset({*RECORDS, ISSUED, REPRODUCED, *SIGNING})


@dataclass(frozen=True)
class _Past:
    policy: EffectivePolicy
    now: datetime
    entries: tuple[Entry, ...]

    def of(self, *types: str) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.type in types)

    def day(self, instant: datetime) -> date:
        return local_day(instant, self.policy.project.timezone)


def read_chronicle(
    place: Where,
    trail: TrailFacts,
    policy: EffectivePolicy,
    now: datetime,
    people: Privacy | None = None,
) -> Chronicle:
    """Return the past of a workspace.

    Args:
        trail: What verifying found; a trail that is broken tells nothing.
        people: Who knows the names of the people of the trail; None: they stay references.

    Raises:
        TrailError: If the trail cannot be read, or holds an entry that is not as it should be.
    """
    if not trail.enabled:
        return Chronicle()
    if trail.problem is not None:
        return Chronicle(enabled=True, problem=trail.problem)
    # NOTE: a gate in CI has no trail, and spares itself the libraries of the database.
    from governance.trail.reading import read_entries
    from governance.trail.storage import told

    project = policy.project
    types = {*_ALWAYS, *(KEPT if project.schedules else ())}
    types |= AGEING if project.review.findings else frozenset()
    past = _Past(policy, now, tuple(read_entries(place, types=types)))
    try:
        return Chronicle(
            enabled=True,
            records=records_in(past.of(*RECORDS), people),
            reviews=tuple(_signed(past)),
            open_since=open_since(past.of(*AGEING)) if project.review.findings else {},
            schedules=kept_schedules(past.of(*KEPT), project, now) if project.schedules else (),
            reports=tuple(_reports(past)),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise TrailError(
            told(place),
            "an entry is not as this version writes it",
            "look at it with 'governance audit log', and use the version that wrote it",
        ) from None


def records_in(entries: Iterable[Entry], people: Privacy | None) -> tuple[Record, ...]:
    """Return the newest record of each kind and id, in the order of their days.

    One that was withdrawn is none, until it is recorded again. Somebody who was erased, or whose
    name is not kept here, stays a reference.
    """
    written = tuple(entries)
    known = people.reader() if people is not None and written else None
    found: dict[tuple[str, str], Record] = {}
    for entry in written:
        said = known.show(entry.payload) if known is not None else entry.payload
        record = Record(
            kind=RecordKind(said["kind"]),
            id=said["id"],
            on=date.fromisoformat(said["on"]),
            by=tuple(said["by"]),
            facts=dict(said["facts"]),
            at=entry.ts,
            seq=entry.seq,
        )
        found[record.kind, record.id] = record
        if entry.type == WITHDRAWN:
            del found[record.kind, record.id]
    return tuple(sorted(found.values(), key=lambda record: (record.on, record.seq)))


def _signed(past: _Past) -> Iterator[SignedReview]:
    for case in reviews_in(past.of(*SIGNING)):
        if case.signed_at is not None:
            yield SignedReview(
                id=case.id,
                period=case.period,
                on=past.day(case.signed_at),
                by=tuple(dict.fromkeys(one.who for one in case.signatures)),
                assets=case.assets,
            )


def _reports(past: _Past) -> Iterator[IssuedReport]:
    again = {entry.payload["sha256"]: entry.payload["same"] for entry in past.of(REPRODUCED)}
    for entry in past.of(ISSUED):
        said = entry.payload
        if said.get("state", "issued") == "issued":
            yield IssuedReport(
                sha256=said["sha256"],
                kind=said["kind"],
                period=said["period"],
                on=past.day(entry.ts),
                reproduced=again.get(said["sha256"]),
            )


def newest(records: Iterable[Record], count: int) -> tuple[Record, ...]:
    """Return the newest records, the newest first."""
    return tuple(itertools.islice(reversed(tuple(records)), count))
