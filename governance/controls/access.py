"""Who used a dataset, and whether they were allowed to, then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from governance.controls.decisions import UNTOLD_TIME
from governance.controls.judged import (
    Judged,
    actions,
    by_actor_and_rule,
    events,
    judge,
    rule_position,
    shown_actor,
    undecided,
    when,
)
from governance.controls.outcomes import (
    Breach,
    Conclusion,
    counted,
    highest,
    not_evaluated,
    settle,
)
from governance.controls.permits import Answer, Decision
from governance.controls.subjects import (
    dataset_of,
    declared_special,
    unread_logs,
)
from governance.controls.undeclared import declared_logs, without_logs
from governance.model.asset import ACCESS_LOGS, AssetKind
from governance.model.documents import Dataset, Grant
from governance.model.ladders import Classification, Severity
from governance.model.outcome import Grade, Outcome
from governance.model.world import Subject

_NO_LOG = "no access log is declared"
_NO_EVENT = "the access logs hold no event"
_TIME = "%Y-%m-%d %H:%M"
_LINES_SHOWN = 20


class AccessGranted:
    """Only those whom a rule or a grant allows used the dataset.

    Why:
        A permission that nobody checks against what happened is a wish. The access log tells
        who really came, from where and for what.

    Fails when:
        An access matches a deny rule, or no allow rule and no grant covers its actor, action,
        purpose, network and region on that day (whatever the hour: that is
        ``access-in-window``). All accesses of one actor that one rule refuses are one finding.
        Where a log does not tell what a rule or a grant asks for (a purpose, a network, the columns
        that were read), the access is undecided, and nothing is said to be in order.

    Fix:
        Take the access away, or grant it in a policy file with an end and an approver.

    Source:
        GDPR, data protection by design, security of processing; HIPAA, information access
        management.
    """

    id: ClassVar[str] = "access-granted"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.HIGH
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        dataset = dataset_of(subject)
        missing = _no_evidence(subject)
        if dataset is not None and missing == _NO_LOG:
            yield without_logs(self, subject, ACCESS_LOGS, missing, _severity(subject, dataset))
            return
        if dataset is None or missing:
            yield not_evaluated(self, subject, missing or "no dataset file declares it")
            return
        judged = judge(subject, dataset)
        refused = [one for one in judged if one.decision.answer is Answer.DENIED]
        unknown = [*unread_logs(subject.world, subject.world.access_logs), *undecided(judged)]
        severity = _severity(subject, dataset)
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[
                    _refused(subject, group, severity) for group in by_actor_and_rule(refused)
                ],
                unknown=unknown,
                reason=f"{_concerned(subject)}, all allowed by a rule or a grant",
                grade=Grade.MACHINE,
                measured="0 refused",
                threshold="0 refused",
            ),
        )


class AccessInWindow:
    """Access happened within the hours and dates it was allowed for, and grants end in time.

    Why:
        A read at three in the morning by somebody who may read at noon, or a month after the
        project ended, is how misuse looks in a log. A grant without an early end is a
        permission that nobody will remember to take away.

    Fails when:
        A rule or a grant allows an access but for its ``when``, ``starts`` or ``ends``; or a
        grant is longer than ``limits.grant_max``. Hours count in the project's time zone.

    Fix:
        Find out why it happened, then widen the window or let the grant be renewed by those
        who approve it; shorten a grant that is too long.

    Source:
        GDPR, security of processing; HIPAA, workforce security.
    """

    id: ClassVar[str] = "access-in-window"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        dataset = dataset_of(subject)
        if dataset is None:
            yield not_evaluated(self, subject, "no dataset file declares it")
            return
        grants = subject.world.policy.grants_of(dataset.id)
        breaches = [breach for grant in grants for breach in _too_long(subject, grant)]
        missing = _no_evidence(subject)
        unknown = [missing] if missing and missing != _NO_LOG else []
        raised = _severity(subject, dataset) is Severity.CRITICAL
        severity = Severity.HIGH if raised else self.severity
        if missing == _NO_LOG:
            yield without_logs(self, subject, ACCESS_LOGS, missing, severity)
            if not breaches:
                return
        if not missing:
            judged = judge(subject, dataset)
            late = [one for one in judged if one.decision.answer is Answer.LATE]
            breaches += [_late(subject, group, severity) for group in by_actor_and_rule(late)]
            unknown += undecided([one for one in judged if one.decision.reason == UNTOLD_TIME])
            unknown += unread_logs(subject.world, subject.world.access_logs)
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=breaches,
                unknown=unknown,
                reason=f"{_concerned(subject)}, none outside its window",
                grade=Grade.MACHINE,
                measured="0 outside",
                threshold="0 outside",
            ),
        )


def _no_evidence(subject: Subject) -> str | None:
    world = subject.world
    if not world.access_logs:
        declared = declared_logs(world, ACCESS_LOGS)
        named = counted(len(declared), "declared access log")
        return f"{named} not read: {', '.join(declared[:3])}" if declared else _NO_LOG
    if not world.accesses:
        return "; ".join((_NO_EVENT, *unread_logs(world, world.access_logs)))
    return None


def _concerned(subject: Subject) -> str:
    total = subject.world.access_count
    own = sum(use.count for use in subject.world.accesses_of(subject.asset.id))
    verb = "concerns" if own == 1 else "concern"
    return f"{own:,} of {total:,} logged accesses {verb} it"


def _severity(subject: Subject, dataset: Dataset) -> Severity:
    special = declared_special(dataset, subject.world.policy.taxonomy)
    grave = dataset.classification is Classification.RESTRICTED or bool(special)
    return Severity.CRITICAL if grave else Severity.HIGH


def _refused(subject: Subject, group: list[Judged], severity: Severity) -> Breach:
    first = group[0]
    rule, actor = first.decision.rule, first.use.actor
    why = f"{rule.id} denies it" if rule else "no rule and no grant allows it"
    return Breach(
        title=f"{actions(group)} by {shown_actor(actor)} without permission",
        message=f"{when(subject, group)}; {why}",
        remedy=(rule.rule.fix if rule else None) or _remedy(actor),
        subject=f"{actor} {first.decision.by}",
        severity=highest(severity, rule.severity) if rule else severity,
        position=rule_position(subject, first.decision),
        rule=rule,
        # NOTE: a bare number of events, which the access summary of a run adds up.
        measured=str(events(group)),
        threshold="0",
    )


def _remedy(actor: str) -> str:
    if actor.startswith("unknown:"):
        return "Take the access away; or, if it is one of yours, name it in a Team and grant it."
    return "Take the access away, or grant it with an end and an approver."


def _late(subject: Subject, group: list[Judged], severity: Severity) -> Breach:
    first = group[0]
    decision, actor = first.decision, first.use.actor
    limit = f"{decision.by} allows it {_window(decision)}"
    if decision.grant:
        limit = f"grant {decision.by} runs from {decision.grant.starts} to {decision.grant.ends}"
    return Breach(
        title=f"{actions(group)} by {shown_actor(actor)} outside the allowed time",
        message=f"{when(subject, group)}; {limit}",
        remedy="Find out why it happened, then renew the permission or take it away.",
        subject=f"{actor} {decision.by}",
        severity=severity,
        position=rule_position(subject, decision),
        rule=decision.rule,
        # NOTE: a bare number of events, which the access summary of a run adds up.
        measured=str(events(group)),
        threshold="0",
    )


def _window(decision: Decision) -> str:
    window = decision.rule.rule.when if decision.rule else None
    parts = (window.days, window.hours) if window else ()
    return " ".join(part for part in parts if part)


def _too_long(subject: Subject, grant: Grant) -> Iterator[Breach]:
    limit = subject.world.policy.project.limits.grant_max
    if limit is None or grant.ends <= limit.after(grant.starts):
        return
    yield Breach(
        title=f"Grant {grant.id} is longer than {limit}",
        message=f"it runs from {grant.starts} to {grant.ends}, "
        f"{counted((grant.ends - grant.starts).days, 'day')}",
        remedy=f"Let it end by {limit.after(grant.starts)}.",
        subject=f"grant {grant.id}",
        position=subject.world.policy.position("Grant", grant.id, "ends"),
        threshold=str(limit),
    )
