"""Whether somebody still looks at who may use a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar

from governance.controls.chronicled import recorded_recertifications
from governance.controls.outcomes import Breach, Conclusion, counted, not_applicable, settle
from governance.controls.readers import ANYONE
from governance.controls.special import special_fields
from governance.controls.subjects import can_be_named, dataset_of, position_of
from governance.model.asset import AssetKind
from governance.model.clock import in_force
from governance.model.documents import Dataset, Grant
from governance.model.ladders import Classification, Duration, Severity
from governance.model.outcome import Grade, Outcome
from governance.model.parts import Review
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.selectors import holds
from governance.model.world import Subject


class AccessRecertified:
    """Somebody who does not have the access himself confirmed lately that it is still needed.

    Why:
        Projects end, people change teams, and nobody hands a permission back. A regular look
        by somebody who gains nothing from it is what takes old permissions away.

    Fails when:
        A grant in force was last confirmed, or else began, longer ago than ``review.access``
        (180 days unless said; ``review.access_high``, 90 days, for restricted or special data);
        or rules let somebody use the dataset and that was not confirmed within the same time.
        A confirmation of the dataset counts for its grants too. One that is dated in the future
        does not count, nor one given only by people who have the access or whom no Team declared
        on that day.

    Fix:
        Have somebody else confirm it and record that under ``recertifications`` of the grant or
        the dataset, or with ``governance record add recertification``; or take the permission away.

    Source:
        ISO/IEC 42001, internal audit; HIPAA, evaluation.
    """

    id: ClassVar[str] = "access-recertified"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        dataset, policy, today = dataset_of(subject), subject.world.policy, subject.world.today
        grants = [
            grant
            for _, grant in sorted(policy.grants.items())
            if grant.dataset == subject.asset.id
            and in_force(since=grant.starts, until=grant.ends, day=today)
        ]
        rules = [] if dataset is None else _allowing(policy, dataset)
        if dataset is None or not (grants or rules):
            yield not_applicable(self, subject.asset, "no rule and no grant lets anybody use it")
            return
        limit = _limit(subject, dataset)
        breaches = [breach for grant in grants for breach in _grant(subject, dataset, grant, limit)]
        if rules:
            breaches += _rules(subject, dataset, rules, limit)
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=breaches,
                reason=f"{counted(len(grants) + len(rules), 'permission')}, all confirmed or given "
                f"within {limit}",
                grade=Grade.SIGNED,
                threshold=str(limit),
            ),
        )


def _allowing(policy: EffectivePolicy, dataset: Dataset) -> list[RuleRef]:
    return [ref for ref in policy.access_rules(dataset) if ref.rule.allow and ref.rule.to]


def _limit(subject: Subject, dataset: Dataset) -> Duration:
    review = subject.world.policy.project.review
    levels = {dataset.classification, *(spec.classification for spec in dataset.fields.values())}
    grave = Classification.RESTRICTED in levels or bool(special_fields(subject, dataset))
    return review.access_high if grave else review.access


def _grant(subject: Subject, dataset: Dataset, grant: Grant, limit: Duration) -> Iterator[Breach]:
    policy = subject.world.policy
    records = _past(subject, (*grant.recertifications, *dataset.recertifications))
    records = [one for one in records if one.on >= grant.starts]
    counting = [
        one.on
        for one in records
        if any(grant.to not in policy.identities(who, one.on) for who in can_be_named(subject, one))
    ]
    last = max(counting, default=grant.starts)
    if limit.after(last) >= subject.world.today:
        return
    verb = "confirmed" if counting else "given"
    yield Breach(
        title=f"Grant {grant.id} is due to be confirmed",
        message=_since(subject, verb, last, limit) + _own(records, counting),
        remedy="Have somebody besides the grantee confirm it, or end the grant.",
        subject=f"grant {grant.id}",
        position=policy.position("Grant", grant.id, "recertifications"),
        measured=str(last),
        threshold=str(limit),
    )


def _rules(
    subject: Subject, dataset: Dataset, rules: Sequence[RuleRef], limit: Duration
) -> Iterator[Breach]:
    policy = subject.world.policy
    records = _past(subject, dataset.recertifications)
    counting = [
        one.on
        for one in records
        if any(not _is_let_in(policy, rules, who, one.on) for who in can_be_named(subject, one))
    ]
    last = max(counting, default=None)
    if last is not None and limit.after(last) >= subject.world.today:
        return
    named = ", ".join(ref.id for ref in rules[:3]) + (" …" if len(rules) > 3 else "")
    since = _since(subject, "confirmed", last, limit) if last else "it was never confirmed"
    yield Breach(
        title="Who may use it is due to be confirmed"
        if last
        else "Nobody confirmed who may use it",
        message=f"{since}{_own(records, counting)}; it is open by {named}",
        remedy="Have somebody who may not use it confirm who does, under recertifications.",
        subject="rules",
        position=position_of(subject, "recertifications"),
        measured=str(last) if last else "never",
        threshold=str(limit),
    )


def _past(subject: Subject, records: Sequence[Review]) -> list[Review]:
    told = (*records, *recorded_recertifications(subject))
    return [one for one in told if one.on <= subject.world.today]


def _since(subject: Subject, verb: str, last: date, limit: Duration) -> str:
    age = counted((subject.world.today - last).days, "day")
    return f"it was {verb} {age} ago, and due on {limit.after(last)}"


def _own(records: Sequence[Review], counting: Sequence[date]) -> str:
    """Say when a later confirmation does not count, and why."""
    last = max(counting, default=date.min)
    vain = [one.on for one in records if one.on > last]
    return (
        f"; that of {max(vain)} came from those who have the access, or whom no team declared then"
        if vain
        else ""
    )


def _is_let_in(policy: EffectivePolicy, rules: Sequence[RuleRef], who: str, day: date) -> bool:
    names = policy.identities(who, day) | {ANYONE}
    return any(ref.rule.to is not None and holds(ref.rule.to, names) for ref in rules)
