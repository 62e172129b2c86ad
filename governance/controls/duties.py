"""What an organisation must do besides: drill a breach, follow the law, train its people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar

from governance.controls.chronicled import unanswerable
from governance.controls.outcomes import Breach, Conclusion, counted, settle
from governance.model.asset import AssetKind
from governance.model.ladders import Duration, Severity
from governance.model.outcome import Grade, Outcome
from governance.model.records import Record, RecordKind
from governance.model.world import Subject

NOTIFIED_WITHIN = timedelta(hours=72)
"""From becoming aware of a breach to telling the authority. Source: GDPR, Article 33(1)."""
DECIDED_BEFORE = timedelta(days=180)


class BreachDrilled:
    """The handling of a breach is drilled in time, and the drill was fast enough.

    Why:
        Who looks for the list of contacts for the first time while data is leaking loses the
        hours that the law gives. A drill shows what does not work while nothing is lost.

    Fails when:
        ``review.drills`` asks for drills and none is on record, or the last one is older; or in
        the last one more than 72 hours went by between noticing and notifying, or the list of
        contacts was not tried.

    Fix:
        Play a breach through, with times, and record it: ``governance record add drill``.

    Source:
        GDPR, notification of a breach; HIPAA, breach notification; NIST AI RMF, MANAGE 2.3, 4.3.
    """

    id: ClassVar[str] = "breach-drilled"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.TRAIL})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        every = subject.world.policy.project.review.drills
        yield from (barred := tuple(unanswerable(self, subject, "review.drills", every)))
        if barred or every is None:
            return
        past = _past(subject, RecordKind.DRILL)
        breaches = [_overdue(past, every, subject.world.today, "drill", "breach drill")]
        breaches += list(_slow(past[-1])) if past else []
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[breach for breach in breaches if breach is not None],
                reason=f"drilled {_age(past, subject)} ago, every {every} is asked for",
                grade=Grade.SIGNED,
                measured=_age(past, subject),
                threshold=str(every),
            ),
        )


class RegulationTracked:
    """The register of laws is kept: looked at in time, every change decided, nothing cited in vain.

    Why:
        Laws change with a date. Whoever hears of one on the day it takes effect is late, and a
        control that cites a repealed article serves nobody.

    Fails when:
        ``review.regulations`` asks for the register and it is empty or was last gone through
        longer ago; an item that takes effect within 180 days, or has done so, lacks a decision or
        an active owner; or a control or a rule cites what an item repeals.

    Fix:
        Go through the register and record what was found: ``governance record add regulation``,
        with the same id for an item that is there already.

    Source:
        NIST AI RMF, GOVERN 1.1; ISO/IEC 42001, understanding the organisation and its context.
    """

    id: ClassVar[str] = "regulation-tracked"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.TRAIL})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        every = subject.world.policy.project.review.regulations
        yield from (barred := tuple(unanswerable(self, subject, "review.regulations", every)))
        if barred or every is None:
            return
        past = _past(subject, RecordKind.REGULATION)
        breaches = [
            _overdue(past, every, subject.world.today, "regulation", "look at the register of laws")
        ]
        breaches += [breach for item in past for breach in _undecided(subject, item)]
        breaches += [breach for item in past for breach in _cited(subject, item)]
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[breach for breach in breaches if breach is not None],
                reason=f"{counted(len(past), 'item')}, last looked at {_age(past, subject)} ago",
                grade=Grade.SIGNED,
                measured=_age(past, subject),
                threshold=str(every),
            ),
        )


class SkillsCurrent:
    """Everybody in a role has the training that the role asks for, and it still counts.

    Why:
        Rules are kept by people who know them. A training of five years ago, or one that a new
        colleague never had, is a hole that no access rule shows.

    Fails when:
        ``skills`` asks a role, a team or a person for a course, and somebody who holds that today
        has no record of it, or one that no longer counts.

    Fix:
        Train the person, and record it: ``governance record add training``.

    Source:
        EU AI Act, AI literacy; NIST AI RMF, GOVERN 2.2; ISO/IEC 42001, competence.
    """

    id: ClassVar[str] = "skills-current"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.TRAIL})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        policy, today = subject.world.policy, subject.world.today
        skills = policy.project.skills
        yield from (barred := tuple(unanswerable(self, subject, "skills", skills)))
        if barred:
            return
        demands: dict[tuple[str, str], Duration] = {}
        unknown = []
        for holder, courses in sorted(skills.items()):
            people = _people(subject, holder)
            unknown += [] if people else [f"nobody is {holder} today, so nobody was looked at"]
            for person in people:
                for course, length in courses.items():
                    asked = demands.get((person, course), length)
                    demands[person, course] = min(asked, length, key=_days)
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[
                    breach
                    for (person, course), length in sorted(demands.items())
                    for breach in _untrained(subject, person, course, length)
                ],
                unknown=unknown,
                reason=f"{counted(len(demands), 'training')} asked for, all current on {today}",
                grade=Grade.SIGNED,
            ),
        )


def _past(subject: Subject, kind: RecordKind) -> list[Record]:
    """Return the records of a kind; one that is dated in the future does not count."""
    today = subject.world.today
    return [record for record in subject.world.chronicle.of_kind(kind) if record.on <= today]


def _age(past: list[Record], subject: Subject) -> str:
    return counted((subject.world.today - past[-1].on).days, "day") if past else "never"


def _overdue(
    past: list[Record], every: Duration, today: date, word: str, thing: str
) -> Breach | None:
    if past and every.after(past[-1].on) >= today:
        return None
    age = counted((today - past[-1].on).days, "day") if past else "never"
    due = f"the last was {age} ago, it was due on {every.after(past[-1].on)}" if past else ""
    return Breach(
        title=f"A {thing} is due" if past else f"There never was a {thing}",
        message=due or "none is on record",
        remedy=f"Do it, and record it with 'governance record add {word}'.",
        subject="due",
        measured=age,
        threshold=str(every),
    )


def _slow(drill: Record) -> Iterator[Breach]:
    detected, notified = drill.instant("detected"), drill.instant("notified")
    if detected and notified and notified - detected > NOTIFIED_WITHIN:
        hours = counted(int((notified - detected).total_seconds() // 3600), "hour")
        yield Breach(
            title="The breach drill was too slow",
            message=f"{hours} went by between noticing and notifying, in {drill.id}",
            remedy="Find out what took so long, mend it, and drill again.",
            subject="notified",
            measured=hours,
            threshold="72 hours",
        )
    if drill.facts.get("contacts") != "yes":
        yield Breach(
            title="The breach drill did not try the list of contacts",
            message=f"{drill.id} says that the list of contacts was not tried",
            remedy="Call everybody on the list, mend it, and drill again.",
            subject="contacts",
            measured="no",
            threshold="yes",
        )


def _undecided(subject: Subject, item: Record) -> Iterator[Breach]:
    effective, today = item.day("effective"), subject.world.today
    if effective is None or effective > today + DECIDED_BEFORE:
        return
    owner = item.facts.get("owner")
    is_owned = owner is not None and subject.world.policy.is_active(owner, today)
    lacking = [
        word
        for word, there in (("decision", "decision" in item.facts), ("active owner", is_owned))
        if not there
    ]
    if lacking:
        yield Breach(
            title=f"Nobody has taken on {item.id}",
            message=f"it takes effect on {effective} and has no {' and no '.join(lacking)}",
            remedy="Decide what it asks for and who sees to it, and record both.",
            subject=f"item {item.id}",
            measured=f"no {', no '.join(lacking)}",
            threshold=str(effective),
        )


def _cited(subject: Subject, item: Record) -> Iterator[Breach]:
    repealed, policy = item.facts.get("repeals"), subject.world.policy
    effective = item.day("effective") or item.on
    if repealed is None or effective > subject.world.today:
        return
    citing = [name for name, cites in sorted(policy.references.items()) if repealed in cites]
    citing += [rule.id for rule in policy.rules() if repealed in rule.references]
    if citing:
        yield Breach(
            title=f"{repealed} is repealed and still cited",
            message=f"{', '.join(citing[:5])} cite it; {item.id} repealed it on {effective}",
            remedy="Cite what holds now, or drop the rule.",
            subject=f"repealed {repealed}",
            measured=counted(len(citing), "citation"),
            threshold="none",
        )


def _people(subject: Subject, holder: str) -> list[str]:
    """Return who is a person, or who holds a role or belongs to a team, today."""
    policy, today = subject.world.policy, subject.world.today
    everybody = {member for team in policy.teams.values() for member in team.members}
    return sorted(
        person
        for person in everybody
        if person.startswith("user:") and holder in policy.identities(person, today)
    )


def _untrained(subject: Subject, person: str, course: str, length: Duration) -> Iterator[Breach]:
    trained = [
        record
        for record in _past(subject, RecordKind.TRAINING)
        if (record.facts["who"], record.facts["course"]) == (person, course)
    ]
    lasts = [min(length.after(one.on), one.day("until") or date.max) for one in trained]
    if lasts and max(lasts) >= subject.world.today:
        return
    told = f"the last one counted until {max(lasts)}" if lasts else "none is on record"
    yield Breach(
        title="Training has run out" if lasts else "Training is missing",
        message=f"{person} needs {course} every {length}: {told}",
        remedy="Train the person, and record it with 'governance record add training'.",
        subject=f"{person} {course}",
        measured=str(max(lasts)) if lasts else "never",
        threshold=str(length),
    )


def _days(length: Duration) -> float:
    return length.approximate_days
