"""Records that people make beside the data: drills, trainings, laws looked at, incidents.

All have one shape, so that one command writes them and one entry of the trail holds them:
what kind it is, its id, the day, the people, and a few facts with names. The newest record with
an id stands; the older ones stay in the trail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class RecordKind(StrEnum):
    """What a record is about."""

    REGULATION = "regulation"
    DRILL = "drill"
    TRAINING = "training"
    RECERTIFICATION = "recertification"
    REVIEW = "review"
    INCIDENT = "incident"


class FactKind(StrEnum):
    """How a fact of a record is written."""

    TEXT = "text"
    DAY = "day"
    INSTANT = "instant"
    FLAG = "flag"
    PRINCIPAL = "principal"
    ASSET = "asset"
    CONTROLS = "controls"


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact of a kind of record: its name, how it is written, and what it tells."""

    name: str
    kind: FactKind
    meaning: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the trail holds it.

    Args:
        on: The day it is about. by: Who answers for it.
        facts: Name to text; an instant is ISO 8601, a flag ``yes`` or ``no``.
        at: When it was written. seq: Its entry.
    """

    kind: RecordKind
    id: str
    on: date
    by: tuple[str, ...]
    facts: Mapping[str, str]
    at: datetime
    seq: int

    def instant(self, name: str) -> datetime | None:
        """Return a fact that is an instant."""
        return datetime.fromisoformat(self.facts[name]) if name in self.facts else None

    def day(self, name: str) -> date | None:
        """Return a fact that is a day."""
        return date.fromisoformat(self.facts[name]) if name in self.facts else None


def _text(name: str, meaning: str, *, required: bool = False) -> FactSpec:
    return FactSpec(name, FactKind.TEXT, meaning, required)


SHAPES: Mapping[RecordKind, tuple[FactSpec, ...]] = {
    RecordKind.REGULATION: (
        _text("title", "what the law or the change of it is called", required=True),
        _text("source", "where its text stands"),
        FactSpec("published", FactKind.DAY, "the day it was published"),
        FactSpec("effective", FactKind.DAY, "the day from which it holds"),
        _text("decision", "what was decided about it"),
        FactSpec("owner", FactKind.PRINCIPAL, "who carries the decision out"),
        FactSpec("controls", FactKind.CONTROLS, "the controls that it touches"),
        _text("repeals", "the reference that no longer holds, as ccpa:1798.100"),
    ),
    RecordKind.DRILL: (
        _text("title", "what was played through", required=True),
        FactSpec("began", FactKind.INSTANT, "when the breach began", required=True),
        FactSpec("detected", FactKind.INSTANT, "when it was noticed", required=True),
        FactSpec("decided", FactKind.INSTANT, "when it was decided what to do", required=True),
        FactSpec("notified", FactKind.INSTANT, "when the authority was told", required=True),
        FactSpec("contacts", FactKind.FLAG, "whether the contacts were tried", required=True),
    ),
    RecordKind.TRAINING: (
        FactSpec("who", FactKind.PRINCIPAL, "who was trained", required=True),
        _text("course", "in what, as data-protection", required=True),
        FactSpec("until", FactKind.DAY, "the last day on which it counts"),
    ),
    RecordKind.RECERTIFICATION: (
        FactSpec("asset", FactKind.ASSET, "the dataset whose access was confirmed", required=True),
    ),
    RecordKind.REVIEW: (
        FactSpec("asset", FactKind.ASSET, "the dataset or model that was reviewed", required=True),
        _text("report", "where what was seen is written down"),
    ),
    RecordKind.INCIDENT: (
        _text("title", "what happened", required=True),
        FactSpec("asset", FactKind.ASSET, "the dataset concerned"),
        FactSpec("began", FactKind.INSTANT, "when it began, as far as known"),
        FactSpec("detected", FactKind.INSTANT, "when it was noticed", required=True),
        FactSpec("decided", FactKind.INSTANT, "when it was decided what to do"),
        FactSpec("notified", FactKind.INSTANT, "when the authority was told"),
        FactSpec("closed", FactKind.INSTANT, "when it was over"),
    ),
}
"""The facts of each kind, in the order in which they are told."""
