"""What was measured about an asset: counts, shapes and verdicts. Never a value.

These are conclusions. The mergeable evidence they are drawn from is in ``evidence.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from governance.model.asset import Asset
from governance.model.coverage import Coverage


@dataclass(frozen=True, slots=True)
class EntityFacts:
    """That a field contains an entity, down to a single row.

    Args:
        entity: Presidio's name, or one of DESIGN's additions.
        rows: Rows in which it occurs.
        distinct: Distinct values in which it occurs.
        share: Share of the field's distinct values in which it occurs, 0 to 1.
        checksum_rate: Share of the matching distinct values whose check digits hold; None
            where the entity has none.
        lines: The first twenty row or line numbers, counted from 1.
        preview: The shape of one match with every letter and digit hidden.
        fingerprint: ``v1:`` and a keyed hash of that match.
        deterministic: Format, prefix or checksum leave no doubt, even for one row.
        detail: The kind of secret, or None.
    """

    entity: str
    rows: int
    distinct: int
    share: float
    checksum_rate: float | None
    lines: tuple[int, ...]
    preview: str
    fingerprint: str
    deterministic: bool
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a column is.

    Args:
        entity: The winning entity.
        confidence: 0 to 1.
        because: Reasons in plain words, the weightiest first.
        runner_up: The entity that came second, or None.
    """

    entity: str
    confidence: float
    because: tuple[str, ...]
    runner_up: str | None = None


@dataclass(frozen=True, slots=True)
class ProtectionFacts:
    """Which protections the distinct values of a field show; the counts add up to ``distinct``.

    Args:
        distinct: Distinct values looked at.
        redacted: Placeholders such as ``[REDACTED]`` or a constant.
        masked: Values with a run of hiding characters.
        hashed: Values of a digest's shape.
        hash_bits: The digest length in bits seen most, or None.
        other: Everything else: clear or protected in a way the shape cannot show.
        unfit: For each form that a rule asks for (``shape_name``), the distinct values that do not
            have it. Redacted ones are not counted.
        coded: Values that are plain text in base64, hexadecimal or percent signs; they are counted
            above by their shape as well.
    """

    distinct: int
    redacted: int
    masked: int
    hashed: int
    hash_bits: int | None
    other: int
    unfit: tuple[tuple[str, int], ...] = ()
    coded: int = 0


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """One column (or the message of a log).

    Args:
        days: For a column that retention is measured by: rows per day, oldest first.
        undated: Rows of such a column that hold no readable date (nulls apart).
        protection: For a column whose state is required; None when nobody asked.
    """

    name: str
    type: str
    rows: int
    nulls: int
    distinct: int
    verdict: Verdict | None = None
    contains: tuple[EntityFacts, ...] = ()
    free_text: bool = False
    days: tuple[tuple[date, int], ...] = ()
    undated: int = 0
    protection: ProtectionFacts | None = None


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """The reading of one place of an asset.

    Args:
        content: Keyed digest of all its bytes; None where nothing was kept for another run.
        read_by: The earlier run that read these very bytes, when this one did not again.
        taken: When an earlier scan measured this, for a run that reads no data; None: now.
    """

    place: str
    uri: str
    coverage: Coverage
    fields: tuple[FieldFacts, ...] = ()
    content: str | None = None
    read_by: str | None = None
    taken: datetime | None = None


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """Everything that this run measured about one asset."""

    asset: Asset
    places: tuple[PlaceFacts, ...] = ()

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        return tuple(place.coverage for place in self.places)

    @property
    def is_complete(self) -> bool:
        """Whether there was something to read and all of it was read."""
        return bool(self.places) and all(place.coverage.is_complete for place in self.places)


@dataclass(frozen=True, slots=True)
class AccessUse:
    """Accesses that agree in everything a rule can ask about, counted.

    Args:
        log: The asset id of the log.
        actor: A principal that the policy names (``user:…``, ``service:…``); for anybody else
            ``unknown:`` and a keyed fingerprint.
        action: ``read``, ``export``, ``write`` … lower case.
        dataset: A declared dataset's id, or the undeclared name as the log wrote it.
        declared: Whether ``dataset`` is declared.
        purpose: A purpose as the log wrote it; None when the log names none.
        network: The narrowest network of the policy that holds the address the access came
            from, ``elsewhere`` when none does, None when not logged. The address itself is
            personal data and is not kept.
        region: Where it came from; None when not logged.
        minute: The instant, UTC, cut to the minute; of the first where several are counted.
        count: Number of events.
        lines: The first twenty line numbers.
        last: The minute of the last, where a long log is counted by more than the minute; None
            when all happened in one.
        fields: The columns that were used, sorted; empty when the log names none.
        place: The location that was used; None when the log does not tell it.
    """

    log: str
    actor: str
    action: str
    dataset: str
    declared: bool
    purpose: str | None
    network: str | None
    region: str | None
    minute: datetime
    count: int
    lines: tuple[int, ...]
    last: datetime | None = None
    fields: tuple[str, ...] = ()
    place: str | None = None

    def __reduce__(self) -> tuple[type[AccessUse], tuple[object, ...]]:
        """Tell how it is sent to another process: its fields by place, for there are very many."""
        return AccessUse, (
            self.log, self.actor, self.action, self.dataset, self.declared, self.purpose,
            self.network, self.region, self.minute, self.count, self.lines, self.last, self.fields,
            self.place,
        )  # fmt: skip

    @property
    def until(self) -> datetime:
        """The minute of the last event."""
        return self.last or self.minute


@dataclass(frozen=True, slots=True)
class LineageUse:
    """A dataset that a job read or wrote, counted over the OpenLineage events of a log.

    Args:
        log: The asset id of the log.
        job: ``namespace/name`` of the job.
        pipeline: The declared pipeline that the job belongs to, or None.
        dataset: A declared dataset's id, or ``namespace/name`` as the event wrote it.
        declared: Whether ``dataset`` is declared.
        role: ``input`` or ``output``.
        first: The first event's instant. last: The last one's.
        purpose: A purpose of the taxonomy that the job or run names, ``unknown`` for another
            word, None when it names none.
    """

    log: str
    job: str
    pipeline: str | None
    dataset: str
    declared: bool
    role: str
    count: int
    first: datetime
    last: datetime
    lines: tuple[int, ...]
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnEnd:
    """A column at one end of a flow.

    Args:
        dataset: A declared dataset's id, or the undeclared name as it may be shown.
        declared: Whether ``dataset`` is declared.
        place: The place of the dataset that the event's name means; None where the name means
            the dataset, or several of its places.
        field: The column, where the dataset declares it or it reads as a name; else a
            fingerprint, as for a dataset. None for the whole dataset.
    """

    dataset: str
    declared: bool
    place: str | None
    field: str | None


@dataclass(frozen=True, slots=True)
class ColumnFlow:
    """Data that a job moved from one column to another, counted over the events of a log.

    Args:
        log: The asset id of the log. job: ``namespace/name``, as it may be shown.
        pipeline: The declared pipeline that the job belongs to, or None.
        source: Where the data came from. target: The column it was written to; always named.
        direct: Whether values went over; False for a mere influence (a filter, a join, an order).
        masking: Whether the event claims that values were masked on the way; None when it says
            nothing of how they were transformed.
        first: The first event's instant. last: The last one's.
        lines: The first twenty line numbers.

    Source: OpenLineage, ColumnLineageDatasetFacet (``transformations[].type``, ``masking``; before
        1-1-0 ``transformationType`` IDENTITY or MASKED).
    """

    log: str
    job: str
    pipeline: str | None
    source: ColumnEnd
    target: ColumnEnd
    direct: bool
    masking: bool | None
    count: int
    first: datetime
    last: datetime
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TrailFacts:
    """The state of the audit trail when the run began.

    Args:
        entries: Entries checked.
        level: ``UNVERIFIABLE``, ``INTACT``, ``SIGNED`` or above.
        problem: What is broken, or None.
        enabled: False when the run keeps no trail.
        lost: Runs whose results are stored here and which the trail does not hold.
    """

    entries: int
    level: str
    problem: str | None = None
    enabled: bool = True
    lost: int = 0
