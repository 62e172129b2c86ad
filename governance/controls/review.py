"""Regular reviews by people, and exceptions that people let run out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import ClassVar

from governance.controls.chronicled import recorded_reviews
from governance.controls.outcomes import (
    Breach,
    Conclusion,
    counted,
    highest,
    not_applicable,
    settle,
)
from governance.controls.special import special_fields
from governance.controls.subjects import (
    can_be_named,
    dataset_of,
    position_of,
    record_of,
    requirements,
)
from governance.model.asset import AssetKind
from governance.model.clock import is_over
from governance.model.documents import ModelRecord, Waiver
from governance.model.ladders import Duration, RiskClass, Severity
from governance.model.outcome import Grade, Outcome
from governance.model.parts import Review
from governance.model.trail import is_nameless
from governance.model.world import Subject


class ReviewedInTime:
    """Every dataset and model is reviewed within its cadence, not by its owner alone.

    Why:
        Purposes drift, people leave, copies appear. A yearly look by a second pair of eyes is
        what keeps the files true.

    Fails when:
        The last review is older than ``review.cadence`` (``review.high_risk`` for special
        categories and for models of a high risk class), was done by the owner alone, or never
        happened. A review dated in the future does not count, nor do reviewers whom no Team
        declared on that day.

    Fix:
        Review the asset with somebody besides its owner and record it under ``reviews``, or with
        ``governance record add review``. A report of everything that author and approver signed
        (``governance review sign``) is a review of each asset that it covers.

    Source:
        NIST AI RMF, GOVERN 1.5; ISO/IEC 42001, management review; EU AI Act, risk management.
    """

    id: ClassVar[str] = "reviewed-in-time"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET, AssetKind.MODEL})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        record, today = record_of(subject), subject.world.today
        if record is None:
            yield not_applicable(self, subject.asset, "no policy file declares it")
            return
        if isinstance(record, ModelRecord) and _is_retired(record, today):
            yield not_applicable(self, subject.asset, "the model is retired")
            return
        cadence = _cadence(subject)
        told = (*record.reviews, *recorded_reviews(subject))
        past = sorted((one for one in told if one.on <= today), key=lambda one: one.on)
        past, vain = _counting(subject, past)
        fault = _fault(subject, past, cadence)
        rules = requirements(subject, "reviews")
        age = counted((today - past[-1].on).days, "day") if past else "never"
        breach = Breach(
            title="Review is missing" if not past else "Review is due",
            message=f"{fault}{vain}" if fault else "",
            remedy="Review it with somebody besides the owner and record the review.",
            position=position_of(subject, "reviews"),
            rule=rules[0] if rules else None,
            severity=highest(self.severity, *(rule.severity for rule in rules)),
            measured=age,
            threshold=str(cadence),
        )
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[breach] if fault else [],
                reason=f"reviewed {age} ago, every {cadence} is asked for",
                grade=Grade.SIGNED,
                measured=age,
                threshold=str(cadence),
            ),
        )


class WaiverExpired:
    """No exception for the asset has run out.

    Why:
        A waiver buys time. When the time is over, the breach it covered is open again, and
        the file that pretends otherwise must go.

    Fails when:
        A waiver that targets the asset expired before today.

    Fix:
        Mend what the waiver covered and delete it, or have it renewed by those who approve it.

    Source:
        ISO/IEC 42001, nonconformity and corrective action.
    """

    id: ClassVar[str] = "waiver-expired"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset(AssetKind)

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        waivers = [
            waiver
            for _, waiver in sorted(subject.world.policy.waivers.items())
            if fnmatchcase(subject.asset.id, waiver.target.dataset)
        ]
        if not waivers:
            yield not_applicable(self, subject.asset, "no waiver targets it")
            return
        today = subject.world.today
        expired = [waiver for waiver in waivers if is_over(waiver.expires, today)]
        reason = f"{counted(len(waivers), 'waiver')}, none expired"
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[_expired(subject, waiver) for waiver in expired],
                reason=reason,
                grade=Grade.SIGNED,
            ),
        )


def _cadence(subject: Subject) -> Duration:
    review = subject.world.policy.project.review
    record, dataset = record_of(subject), dataset_of(subject)
    grave = isinstance(record, ModelRecord) and record.risk_class.rank >= RiskClass.HIGH.rank
    if dataset is not None:
        grave = bool(special_fields(subject, dataset))
    return review.high_risk if grave else review.cadence


def _counting(subject: Subject, past: Sequence[Review]) -> tuple[list[Review], str]:
    """Return the reviews with those who count, and what is to be said of a later one without any.

    Who was erased from the trail counts as somebody; a name that no Team declared on that day says
    nothing of who looked.
    """
    counting, vain = [], ""
    for one in past:
        by = tuple(who for who in one.by if is_nameless(who)) + can_be_named(subject, one)
        vain = "" if by else f"; that of {one.on} names nobody whom a team declared then"
        if by:
            # NOTE: unvalidated, because who was erased is a reference and no principal of a file.
            counting.append(Review.model_construct(on=one.on, by=by))
    return counting, vain


def _fault(subject: Subject, past: Sequence[Review], cadence: Duration) -> str | None:
    if not past:
        return "it was never reviewed"
    last, today = past[-1], subject.world.today
    due = cadence.after(last.on)
    if due < today:
        age = (today - last.on).days
        return f"the last review was {counted(age, 'day')} ago, it was due on {due}"
    newest = [one for one in past if one.on == last.on]
    if not any(_has_second_pair_of_eyes(subject, one) for one in newest):
        if any(is_nameless(who) for one in newest for who in one.by):
            return f"nobody can tell any more whether the owner alone did the review of {last.on}"
        return f"the review of {last.on} was done by the owner alone"
    return None


def _has_second_pair_of_eyes(subject: Subject, review: Review) -> bool:
    owner = subject.asset.owner or "none"
    team = subject.world.policy.teams.get(owner.removeprefix("team:"))
    alone = {owner, team.lead} if team else {owner}
    reviewers = set(review.by)
    # NOTE: one who has no name any more may have been the owner.
    named = {who for who in reviewers if not is_nameless(who)}
    return len(reviewers) > 1 or bool(named - alone)


def _is_retired(model: ModelRecord, today: date) -> bool:
    return model.retired_on is not None and model.retired_on <= today


def _expired(subject: Subject, waiver: Waiver) -> Breach:
    days = counted((subject.world.today - waiver.expires).days, "day")
    return Breach(
        title=f"Waiver {waiver.id} has expired",
        message=f"it ran out on {waiver.expires}, {days} ago",
        remedy="Mend what it covered and delete the waiver, or have it renewed.",
        subject=waiver.id,
        position=subject.world.policy.position("Waiver", waiver.id, "expires"),
        measured=days,
        threshold=str(waiver.expires),
    )
