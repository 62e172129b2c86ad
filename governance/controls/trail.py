"""Whether the audit trail itself can be relied on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from governance.controls.outcomes import (
    Breach,
    Conclusion,
    counted,
    not_applicable,
    not_evaluated,
    settle,
)
from governance.model.asset import AssetKind
from governance.model.ladders import Severity
from governance.model.outcome import Grade, Outcome
from governance.model.trail import Assurance
from governance.model.world import Subject


class TrailUnbroken:
    """The audit trail verifies from its first entry to its last.

    Why:
        Every other result is kept in the trail. If an entry can be changed, removed or
        reordered without notice, nothing that it says proves anything.

    Fails when:
        Recomputing the log finds a changed, missing or reordered entry, or a checkpoint whose
        signature does not hold; or runs whose results are stored beside it are not in it, for it
        was removed, or an older copy was put in its place.

    Fix:
        Keep the broken file as it is, run ``governance audit verify`` for the first break, and
        continue in a new trail that names the old one. A trail that was removed is brought back
        from a copy.

    Source:
        RFC 6962, Certificate Transparency; GDPR, accountability; HIPAA, audit controls and
        integrity.
    """

    id: ClassVar[str] = "trail-unbroken"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.CRITICAL
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.TRAIL})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        trail = subject.world.trail
        entries = counted(trail.entries, "entry", "entries")
        lost = counted(trail.lost, "run whose result is", "runs whose results are")
        if not trail.enabled and trail.lost:
            reason = f"no trail is here, but {lost} stored beside it: name the trail by --trail"
            yield not_evaluated(self, subject, reason)
            return
        if not trail.enabled:
            yield not_applicable(self, subject.asset, "no trail is kept in this run")
            return
        if trail.problem is None and trail.entries == 0:
            yield not_evaluated(self, subject, "the trail holds no entry yet")
            return
        if trail.problem is None and trail.level == Assurance.UNVERIFIABLE.name:
            yield not_evaluated(self, subject, f"{entries}, but nothing could be verified")
            return
        gone = Breach(
            title="The audit trail does not hold what was recorded",
            message=f"{lost} stored beside the trail, and not in it; {entries} checked",
            remedy="Bring back the trail that held them; find out who removed it or cut it back.",
            measured=f"{trail.lost} missing",
            threshold="0 missing",
        )
        breach = Breach(
            title="The audit trail is broken",
            message=f"{trail.problem}; {entries} checked",
            remedy="Keep the file as it is, find the first break, and continue in a new trail.",
            measured=trail.level,
            threshold=Assurance.INTACT.name,
        )
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[breach] if trail.problem else [gone] if trail.lost else [],
                reason=f"{entries} verified, {trail.level}",
                grade=Grade.MEASURED,
                measured=trail.level,
                threshold=Assurance.INTACT.name,
            ),
        )
