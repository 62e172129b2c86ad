"""How long and where data may be kept, and whether it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from governance.controls.outcomes import (
    Breach,
    Conclusion,
    counted,
    highest,
    not_applicable,
    not_evaluated,
    percent,
    settle,
)
from governance.controls.subjects import dataset_of, position_of, requirements, unread
from governance.model.asset import AssetKind, Place
from governance.model.facts import FieldFacts, PlaceFacts
from governance.model.ladders import Classification, Severity
from governance.model.outcome import Grade, Outcome
from governance.model.parts import Retention
from governance.model.policy import RuleRef
from governance.model.world import Subject


class RetentionKept:
    """No row is older than the dataset's retention allows.

    Why:
        Data that should be gone can still be stolen, subpoenaed and misused. A retention
        period that nothing enforces is a promise to the people concerned, broken daily.

    Fails when:
        In any place a row's date in the ``measured_by`` column lies before today minus
        ``max_age``; or a rule requires a retention and the dataset declares none.

    Fix:
        Delete, anonymise or archive the rows as ``then`` says, and repair the job that should
        have done it.

    Source:
        GDPR, storage limitation; HIPAA, documentation retention.
    """

    id: ClassVar[str] = "retention-kept"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.HIGH
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        dataset = dataset_of(subject)
        retention = dataset.retention if dataset else None
        if retention is None:
            yield from _undeclared(self, subject, "retention")
            return
        if retention.measured_by is None:
            yield not_evaluated(self, subject, "nothing says which column shows the age of a row")
            return
        breaches: list[Breach] = []
        unknown = list(unread(subject.facts))
        for place in subject.facts.places if subject.facts else ():
            found = [field for field in place.fields if field.name == retention.measured_by]
            if not found:
                unknown.append(f"{retention.measured_by} was not found in {place.place}")
                continue
            breach = _overdue(subject, place, found[0], retention)
            breaches += [breach] if breach else []
            unknown += _undated(place, found[0])
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=breaches,
                unknown=unknown,
                reason=f"no row is older than {retention.max_age}",
                grade=Grade.MEASURED,
                measured="0 rows",
                threshold=str(retention.max_age),
            ),
        )


class ResidencyKept:
    """Every place of a dataset lies in a region where it may be kept.

    Why:
        Where data lies decides which law and which authority can reach it, and what people
        were told about it.

    Fails when:
        A declared place's region is not among the dataset's ``residency`` (a group such as
        EU stands for its countries); or a rule requires a residency and there is none.

    Fix:
        Move or delete the copy, or have the residency widened by those who may approve it.

    Source:
        GDPR, transfers of personal data to third countries.
    """

    id: ClassVar[str] = "residency-kept"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.HIGH
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        dataset = dataset_of(subject)
        residency = dataset.residency if dataset else None
        if not residency:
            yield from _undeclared(self, subject, "residency")
            return
        allowed = subject.world.policy.taxonomy.expand_regions(residency)
        places = subject.asset.places
        outside = [place for place in places if place.region and place.region not in allowed]
        unknown = [f"place {place.name} declares no region" for place in places if not place.region]
        if not places:
            unknown.append("no place is declared")
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[_outside(subject, place, residency) for place in outside],
                unknown=unknown,
                reason=f"{counted(len(places), 'place')} in {', '.join(sorted(residency))}",
                grade=Grade.CLAIM,
                measured=", ".join(sorted({place.region for place in places if place.region})),
                threshold=", ".join(sorted(residency)),
            ),
        )


def _undeclared(
    control: RetentionKept | ResidencyKept, subject: Subject, word: str
) -> Iterator[Outcome]:
    rules = requirements(subject, word)
    if not rules:
        yield not_applicable(control, subject.asset, f"no {word} is declared, and no rule asks")
        return
    breaches = [_required(subject, rule, word) for rule in rules]
    yield from settle(control, subject, Conclusion(breaches=breaches, reason="", grade=Grade.CLAIM))


def _required(subject: Subject, rule: RuleRef, word: str) -> Breach:
    return Breach(
        title=f"No {word} is declared",
        message=f"{rule.id} requires a {word}, the dataset declares none",
        remedy=rule.rule.fix or f"Declare the dataset's {word}.",
        subject=rule.id,
        severity=rule.severity,
        position=position_of(subject, word),
        rule=rule,
    )


def _overdue(
    subject: Subject, place: PlaceFacts, field: FieldFacts, retention: Retention
) -> Breach | None:
    today = subject.world.today
    limit = retention.max_age.before(today)
    late = [(day, rows) for day, rows in field.days if day < limit]
    if not late:
        return None
    rows, oldest = sum(rows for _, rows in late), min(day for day, _ in late)
    dataset = dataset_of(subject)
    restricted = dataset is not None and dataset.classification is Classification.RESTRICTED
    severities = [rule.severity for rule in requirements(subject, "retention")]
    age, share = counted((today - oldest).days, "day"), percent(rows / max(field.rows, rows))
    return Breach(
        title=f"{counted(rows, 'row')} kept longer than {retention.max_age}",
        message=f"{counted(rows, 'row')} ({share}) in {place.place} are dated before {limit} "
        f"by {field.name}; the oldest is {age} old",
        remedy=f"{retention.then.capitalize()} them, and repair the job that should have.",
        place=place.place,
        field=field.name,
        severity=highest(Severity.CRITICAL if restricted else Severity.HIGH, *severities),
        position=position_of(subject, "retention.max_age"),
        measured=age,
        threshold=str(retention.max_age),
    )


def _undated(place: PlaceFacts, field: FieldFacts) -> list[str]:
    missing = field.undated + field.nulls
    if not missing and field.days:
        return []
    if not field.days:
        return [f"{field.name} in {place.place} holds no readable date"]
    return [f"{counted(missing, 'row')} in {place.place} without a readable {field.name}"]


def _outside(subject: Subject, place: Place, residency: tuple[str, ...]) -> Breach:
    allowed = ", ".join(sorted(residency))
    return Breach(
        title=f"{place.name} lies outside the allowed regions",
        message=f"{place.name} is in {place.region}, allowed: {allowed}",
        remedy="Move or delete this copy, or have the residency widened by who may approve it.",
        place=place.name,
        position=position_of(subject, f"locations.{place.name}.region"),
        measured=place.region,
        threshold=allowed,
    )
