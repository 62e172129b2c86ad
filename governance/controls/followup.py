"""Whether what was begun is seen through: scans on time, findings closed, reports that hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

from governance.controls.chronicled import unanswerable
from governance.controls.outcomes import Breach, Conclusion, counted, not_applicable, settle
from governance.model.asset import AssetKind
from governance.model.chronicle import IssuedReport, ScheduleFacts
from governance.model.clock import local_day
from governance.model.ladders import Duration, Severity
from governance.model.outcome import Grade, Outcome
from governance.model.world import OpenFinding, Subject

_LISTED = 5


class FindingsClosedInTime:
    """No finding stays open longer than its severity allows.

    Why:
        A finding that nobody closes teaches everybody that findings may be ignored. The time
        counts from the first scan that saw it, as the trail tells it.

    Fails when:
        ``review.findings`` gives a severity a length, and a finding of that severity that no
        waiver covers has been seen by every scan for longer. A finding on the baseline counts.

    Fix:
        Mend it, or have a waiver approved that says why it must wait and until when.

    Source:
        ISO/IEC 42001, nonconformity and corrective action.
    """

    id: ClassVar[str] = "findings-closed-in-time"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset(AssetKind)

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        limits = subject.world.policy.project.review.findings
        yield from (barred := tuple(unanswerable(self, subject, "review.findings", limits)))
        if barred:
            return
        known = subject.world.open_findings
        found = known.get(subject.asset.id, ()) if known is not None else ()
        breaches = [
            breach
            for severity, limit in limits.items()
            for breach in _overdue(subject, severity, limit, found)
        ]
        unknown = [] if known is not None else ["what is open today was not worked out"]
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=breaches,
                unknown=unknown,
                reason=f"{counted(len(found), 'open finding')}, none older than allowed",
                grade=Grade.MEASURED,
            ),
        )


class ScansRanOnSchedule:
    """Every run that a schedule asks for took place.

    Why:
        A scan that silently stopped looks like a quiet month. What was due and did not happen
        must be a finding, for no log shows by itself what was never begun.

    Fails when:
        A start that was due in the last 31 days (or one of the last three, where they lie further
        back) was not followed by a run that came to a result before half the time to the next
        start was over.

    Fix:
        Find out why it did not run (``governance schedule list`` shows each), and keep
        ``governance schedule run`` or an exported timer alive.

    Source:
        NIST AI RMF, GOVERN 1.5; ISO/IEC 42001, monitoring, measurement, analysis and evaluation.
    """

    id: ClassVar[str] = "scans-ran-on-schedule"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.TRAIL})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        asked = subject.world.policy.project.schedules
        yield from (barred := tuple(unanswerable(self, subject, "schedules", asked)))
        if barred:
            return
        schedules = subject.world.chronicle.schedules
        due = sum(schedule.due for schedule in schedules)
        if not due:
            reason = "no run was due since the trail knows the schedules"
            yield not_applicable(self, subject.asset, reason)
            return
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[_missed(subject, one) for one in schedules if one.missed],
                reason=f"{counted(due, 'run')} of {counted(len(schedules), 'schedule')} due, "
                "all took place",
                grade=Grade.MEASURED,
                measured="0 missed",
                threshold="0 missed",
            ),
        )


class ReportReproducible:
    """An issued report comes out the same, byte for byte, when it is made again.

    Why:
        A report that cannot be made again from the trail proves no more than a letter does.

    Fails when:
        ``review.reports`` gives a length, and a report issued in the last year was not made again
        within it, or came out differently.

    Fix:
        ``governance review reproduce``. If the bytes differ with the same version of the tool, keep
        both files and find the difference: one of them is not what the trail tells.

    Source:
        EU AI Act, record-keeping and documentation keeping.
    """

    id: ClassVar[str] = "report-reproducible"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.TRAIL})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        within, today = subject.world.policy.project.review.reports, subject.world.today
        yield from (barred := tuple(unanswerable(self, subject, "review.reports", within)))
        if barred or within is None:
            return
        since = today - timedelta(days=365)
        issued = [one for one in subject.world.chronicle.reports if since <= one.on <= today]
        if not issued:
            yield not_applicable(self, subject.asset, "no report was issued in the last year")
            return
        same = sum(one.reproduced is True for one in issued)
        waiting = f"{counted(len(issued) - same, 'report')} issued and not made again yet"
        breaches = [breach for one in issued for breach in _unlike(subject, one, within)]
        yield from settle(
            self,
            subject,
            Conclusion(
                # NOTE: two issues of the same bytes are one report.
                breaches=list({breach.subject: breach for breach in breaches}.values()),
                unknown=[] if same or breaches else [waiting],
                reason=f"{same} of {counted(len(issued), 'report')} came out the same; the others "
                f"are not older than {within}",
                grade=Grade.MEASURED,
                threshold=str(within),
            ),
        )


def _overdue(
    subject: Subject, severity: Severity, limit: Duration, found: tuple[OpenFinding, ...]
) -> Iterator[Breach]:
    world = subject.world
    late = [
        finding
        for finding in found
        if finding.severity is severity
        and limit.after(local_day(finding.since, world.policy.project.timezone)) < world.today
    ]
    if not late:
        return
    late.sort(key=lambda finding: (finding.since, finding.id))
    age = counted((world.now - late[0].since).days, "day")
    # NOTE: the beginnings, as 'finding show' takes them: a whole id stands where the finding does.
    named = ", ".join(finding.id[:8] for finding in late[:_LISTED])
    more = f" and {len(late) - _LISTED} more" if len(late) > _LISTED else ""
    yield Breach(
        title=f"{severity.value.capitalize()} findings are open too long",
        message=f"{counted(len(late), 'finding')} open longer than {limit}, the oldest for {age}: "
        f"{named}{more}",
        remedy="Mend them, or have a waiver approved.",
        subject=severity.value,
        severity=severity,
        measured=age,
        threshold=str(limit),
    )


def _missed(subject: Subject, schedule: ScheduleFacts) -> Breach:
    times = [f"{one:%Y-%m-%d %H:%M} UTC" for one in schedule.missed]
    named = ", ".join(times[-_LISTED:])
    more = f" and {len(times) - _LISTED} before" if len(times) > _LISTED else ""
    return Breach(
        title=f"Runs of the schedule {schedule.name} are missing",
        message=f"{len(times)} of {counted(schedule.due, 'run')} that were due did not happen: "
        f"{named}{more}",
        remedy="Find out why, and keep the scheduler alive.",
        subject=schedule.name,
        position=subject.world.policy.position(
            "Project", subject.world.policy.project.id, f"schedules.{schedule.name}"
        ),
        measured=f"{len(times)} missed",
        threshold="0 missed",
    )


def _unlike(subject: Subject, report: IssuedReport, within: Duration) -> Iterator[Breach]:
    due = within.after(report.on)
    if report.reproduced is None and due >= subject.world.today:
        return
    if report.reproduced is not True:
        differs = report.reproduced is False
        yield Breach(
            title="A report came out differently" if differs else "A report was not made again",
            message=f"{report.kind} {report.period}, issued on {report.on}, sha256 "
            f"{report.sha256[:12]}: " + ("other bytes" if differs else f"due on {due}"),
            remedy="Run 'governance review reproduce' with the version that issued it.",
            subject=report.sha256[:16],
            severity=Severity.HIGH if differs else None,
            measured="different" if differs else "never",
            threshold=str(within),
        )
