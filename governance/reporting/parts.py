"""The sections of a review as frozen types: plain numbers and text, ready to print.

Nothing here is formatted; templates do that. Every text may be hostile (it may come from a
column name or a policy file) and is made harmless where it is printed, in ``text.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from governance.reporting.language import Said

Row = TypeVar("Row")


class Conclusion(StrEnum):
    """What the review says of the whole period."""

    CONFORM = "conform"
    EXCEPTIONS = "conform with exceptions"
    NOT_CONFORM = "not conform"
    CANNOT_CONCLUDE = "cannot conclude"


@dataclass(frozen=True, slots=True)
class Capped(Generic[Row]):
    """The first rows of a table, and how many there are in truth."""

    rows: tuple[Row, ...]
    total: int

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.rows)


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement of result; ``reasons`` are whole sentences, the weightiest first."""

    conclusion: Conclusion
    headline: Said
    reasons: tuple[Said, ...]

    @property
    def title(self) -> str:
        return self.conclusion.value


@dataclass(frozen=True, slots=True)
class Kpi:
    """One number with the one before it; ``previous`` is None without an earlier run.

    Args:
        rising_is_bad: Whether more is worse; None where more is neither.
        part_of: The whole it is a part of, or None.
        target: What it should be; None where no number is the right one.
    """

    label: str
    value: int
    previous: int | None = None
    rising_is_bad: bool | None = None
    part_of: int | None = None
    target: int | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of the period. ``role`` says what the review takes from it."""

    id: str
    command: str
    finished: datetime | None
    scope: str
    tool: str
    policy_digest: str
    exit_code: int | None
    findings: tuple[tuple[str, int], ...]
    role: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """How far one place of an asset was read. ``rows`` and ``bytes`` count what was read."""

    asset: str
    place: str
    uri: str
    status: str
    rows: int
    bytes: int
    sampled: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class CoverageView:
    """Places by status, and each of them; the incomplete ones come first."""

    places: int
    complete: int
    partial: int
    skipped: int
    rows: int
    table: Capped[PlaceRow]

    @property
    def share_complete(self) -> float:
        """Share of places read completely, 0 to 1; 0 where there is none."""
        return self.complete / self.places if self.places else 0.0


@dataclass(frozen=True, slots=True)
class AssetRow:
    """One governed thing. ``details`` are pairs of name and text, in reading order."""

    id: str
    kind: str
    title: str | None
    owner: str | None
    steward: str | None
    classification: str | None
    purposes: str | None
    retention: str | None
    declared: bool
    places: int
    details: tuple[tuple[str, str], ...]
    open_findings: int


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding. ``severity`` is ``gap`` for a gap, ``weight`` its severity all the same;
    ``status`` is fail or waived.
    """

    id: str
    severity: str
    weight: str
    control: str
    asset: str
    place: str | None
    field: str | None
    subject: str | None
    status: str
    state: str
    title: str
    message: str
    remedy: str
    owner: str | None
    confidence: float
    location: str | None
    references: tuple[str, ...]
    waiver: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Open findings under one name (a control, an owner, a run) by severity, worst first."""

    name: str
    counts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class HeatRow:
    """Open findings of one control by owner, in the order of the columns; ``rest`` of others."""

    control: str
    cells: tuple[int, ...]
    rest: int
    total: int


@dataclass(frozen=True, slots=True)
class FindingsView:
    """Open and waived findings; ``table`` holds both, sorted by severity, control, asset.
    ``serious`` counts the open ones of critical or high severity, ``serious_gaps`` the gaps
    among them.
    """

    by_severity: Tally
    by_control: tuple[Tally, ...]
    by_owner: tuple[Tally, ...]
    by_run: tuple[Tally, ...]
    new: int
    existing: int
    waived: int
    serious: int
    serious_gaps: int
    table: Capped[FindingRow]
    later: Capped[FindingRow]
    heat_owners: tuple[str, ...] = ()
    heat: tuple[HeatRow, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessRow:
    """Logged accesses to one dataset."""

    dataset: str
    events: int
    denied: int
    actors: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model with its record and how its controls ended (control, status)."""

    id: str
    owner: str | None
    details: tuple[tuple[str, str], ...]
    outcomes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """One waiver; ``standing`` is in force, not yet, ended or unused; the days are ISO 8601."""

    id: str
    target: str
    control: str
    reason: str
    approved_by: tuple[str, ...]
    expires: str
    matched: int
    standing: str
    opened: str = ""


@dataclass(frozen=True, slots=True)
class UnexaminedRow:
    """What was not examined for one reason.

    Args:
        kind: ``place`` or ``control``. name: How far the place was read, or which control.
    """

    kind: str
    name: str
    reason: str
    subjects: Capped[str]

    @property
    def what(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def count(self) -> int:
        return self.subjects.total


@dataclass(frozen=True, slots=True)
class TrailView:
    """The audit trail: what verifying it proved, and what the period holds."""

    level: str
    holds: bool
    problem: str | None
    entries: int
    root: str
    checkpoint_size: int | None
    checkpoint_time: datetime | None
    unsigned_tail: int
    key_id: str | None
    pin: str | None
    period_entries: int
    events: tuple[tuple[str, int], ...]
    unproved: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One run document as the trail knows it. ``digest`` is of the bytes in hand.

    Args:
        name: The file's name in the attachments; None when it is not attached.
        match: ``matches the trail``, ``re-serialised`` or ``not in the trail``.
    """

    run: str
    name: str | None
    digest: str
    match: str
