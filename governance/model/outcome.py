"""The result of one control on one asset or field, and the finding a failure carries."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from governance.model.ladders import Severity
from governance.model.position import Position


class Status(StrEnum):
    """How a control ended. ``not_evaluated`` is never green."""

    PASS = "pass"  # noqa: S105 (a verdict, not a password)
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    NOT_EVALUATED = "not_evaluated"
    WAIVED = "waived"


class Grade(StrEnum):
    """Where the evidence comes from."""

    MEASURED = "A"
    MACHINE = "B"
    SIGNED = "C"
    CLAIM = "D"


class FindingKind(StrEnum):
    """A breach of something declared, or something that nobody declared."""

    FINDING = "finding"
    GAP = "gap"


class FindingState(StrEnum):
    """How the finding relates to what was known before this run."""

    NEW = "new"
    EXISTING = "existing"
    WAIVED = "waived"
    BASELINED = "baselined"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a failed outcome carries.

    Args:
        id: Stable identity, see ``finding_id``; holds no line, message or count.
        confidence: 0 to 1.
        title: One line. message: What was measured, in a sentence or two.
        remedy: What to do. owner: Who should. location: The line to open.
        references: As ``gdpr:art30``.
        rule: ``policy-id.rule-id`` when a rule of a Policy was broken.
        waiver: The id of the waiver that covers it.
    """

    id: str
    kind: FindingKind
    severity: Severity
    confidence: float
    title: str
    message: str
    remedy: str
    owner: str | None
    location: Position | None
    references: tuple[str, ...] = ()
    state: FindingState = FindingState.NEW
    rule: str | None = None
    waiver: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one control on one asset, place or field.

    Args:
        reason: A plain sentence for every status: what was measured, or why it was not.
        measured: The measured value, as text; threshold: what it was held against.
        subject: What else tells two findings of one control and field apart: an actor,
            an undeclared dataset, a rule. Part of the identity.
        gap: What a waiver covers of one that is not evaluated: evidence that nobody declared.
            Once it is covered, the finding is the gap.
    """

    control: str
    asset: str
    status: Status
    reason: str
    grade: Grade | None = None
    place: str | None = None
    field: str | None = None
    subject: str | None = None
    measured: str | None = None
    threshold: str | None = None
    finding: Finding | None = None
    gap: Finding | None = None

    def __post_init__(self) -> None:
        carries = self.status in (Status.FAIL, Status.WAIVED)
        if carries != (self.finding is not None):
            raise ValueError(f"{self.control}: a finding belongs to fail and waived alone")


def finding_id(
    control: str, asset: str, *, place: str | None, field: str | None, subject: str | None
) -> str:
    """Return the 16 hex digits that identify a finding across runs, branches and moves."""
    parts = (control, asset, place or "", field or "", subject or "")
    return hashlib.sha256("\x1f".join(parts).encode(errors="surrogatepass")).hexdigest()[:16]
