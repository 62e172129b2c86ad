"""Who answers for an asset: owner, contacts, and an unbroken chain of owners."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar

from governance.controls.outcomes import Breach, Conclusion, highest, not_applicable, settle
from governance.controls.subjects import position_of, record_of, requirements
from governance.model.asset import AssetKind
from governance.model.ladders import Duration, Severity
from governance.model.outcome import Grade, Outcome
from governance.model.parts import Tenure
from governance.model.placeholders import is_blank
from governance.model.policy import EffectivePolicy
from governance.model.world import Subject

_NO_OWNER = "it has no owner: see owner-declared"
_LAST_YEAR = Duration.parse("12m")


class OwnerDeclared:
    """Every governed asset has one accountable owner.

    Why:
        What belongs to nobody is mended by nobody. An accountable owner is the first thing an
        authority, a customer or a colleague asks for.

    Fails when:
        The asset has no owner, the owner is ``none``, or the owner is a team or a person that
        no Team file knows.

    Fix:
        Write ``owner: team:…`` or ``owner: user:…`` in the asset's policy file, and declare
        the team with its lead.

    Source:
        GDPR, accountability of the controller; NIST AI RMF, GOVERN 2.1; ISO/IEC 42001, roles
        and responsibilities.
    """

    id: ClassVar[str] = "owner-declared"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset(
        {AssetKind.DATASET, AssetKind.MODEL, AssetKind.LOG}
    )

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        owner = _owner(subject)
        rules = requirements(subject, "owner")
        breaches = []
        if owner is None or not _is_known(subject.world.policy, owner):
            breaches.append(
                Breach(
                    title=f"Owner {owner} is declared nowhere" if owner else "No owner",
                    message=f"{owner} is named as the owner, but no Team file knows it"
                    if owner
                    else "nobody is accountable for it",
                    remedy="Name an accountable owner, a team with a lead or a person in a team.",
                    position=position_of(subject, "owner"),
                    rule=rules[0] if rules else None,
                    severity=highest(self.severity, *(rule.severity for rule in rules)),
                )
            )
        yield from settle(
            self,
            subject,
            Conclusion(breaches=breaches, reason=f"{owner} is accountable", grade=Grade.CLAIM),
        )


class ContactsNamed:
    """Owner and steward are named, active, and can be reached.

    Why:
        A finding helps only if somebody reads it. Owner and steward must work here today, and
        at least one of their teams must say how to reach it.

    Fails when:
        Owner or steward is missing or is not active today, or neither the owner's nor the
        steward's team lists a contact channel (an address, a chat, a repository).

    Fix:
        Add ``steward:`` to the asset and ``contacts:`` to the Team file, or replace people
        who left.

    Source:
        NIST AI RMF, GOVERN 2.1; ISO/IEC 42001, roles and responsibilities.
    """

    id: ClassVar[str] = "contacts-named"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.LOW
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET, AssetKind.MODEL})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        policy, today = subject.world.policy, subject.world.today
        record = record_of(subject)
        steward = record.steward if record else None
        named = {"owner": _owner(subject), "steward": steward}
        faults = [f"no {role}" for role, who in named.items() if who is None]
        faults += [
            f"{role} {who} is not active on {today}"
            for role, who in named.items()
            if who is not None and not policy.is_active(who, today)
        ]
        if not _has_channel(policy, [who for who in named.values() if who], today):
            faults.append("no contact channel in the team of either")
        rules = requirements(subject, "steward", "contacts")
        breach = Breach(
            title="Contacts are incomplete",
            message="; ".join(faults),
            remedy="Name an active owner and steward, and give their team a contact channel.",
            position=position_of(subject, "steward"),
            rule=rules[0] if rules else None,
            severity=highest(self.severity, *(rule.severity for rule in rules)),
        )
        reason = f"{named['owner']} and {steward} are active and can be reached"
        yield from settle(
            self,
            subject,
            Conclusion(breaches=[breach] if faults else [], reason=reason, grade=Grade.CLAIM),
        )


class OwnershipUnbroken:
    """The owner is active today, and ownership had no hole in the last twelve months.

    Why:
        When people leave, their assets are the first to be forgotten. The chain of owners
        shows who answered on any day of the year under review.

    Fails when:
        The owner, or the lead of the owning team, is not active today; or the recorded
        ``ownership`` leaves a day of the last twelve months to nobody or to two owners, or
        names somebody else today than ``owner`` does.

    Fix:
        Hand the asset over: set ``owner``, close the old entry of ``ownership`` with
        ``until`` and open the new one on the next day.

    Source:
        NIST AI RMF, GOVERN 2.1; ISO/IEC 42001, roles and responsibilities.
    """

    id: ClassVar[str] = "ownership-unbroken"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET, AssetKind.MODEL})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        policy, today = subject.world.policy, subject.world.today
        owner, record = _owner(subject), record_of(subject)
        if owner is None or record is None:
            yield not_applicable(self, subject.asset, _NO_OWNER)
            return
        faults = [] if policy.is_active(owner, today) else [f"{owner} is not active on {today}"]
        if record.ownership:
            faults += _history_faults(record.ownership, owner, today)
        breach = Breach(
            title="Ownership is broken",
            message="; ".join(faults),
            remedy="Hand the asset over to an active owner and close every hole in ownership.",
            position=position_of(subject, "ownership" if record.ownership else "owner"),
        )
        past = "the last 12 months are covered" if record.ownership else "no history is recorded"
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[breach] if faults else [],
                reason=f"{owner} is active; {past}",
                grade=Grade.CLAIM,
            ),
        )


def _owner(subject: Subject) -> str | None:
    owner = subject.asset.owner
    return None if owner in (None, "", "none") else owner


def _is_known(policy: EffectivePolicy, owner: str) -> bool:
    if owner.startswith("team:"):
        return owner.removeprefix("team:") in policy.teams
    members = {person for team in policy.teams.values() for person in team.members}
    return owner in members or owner in {team.lead for team in policy.teams.values()}


def _has_channel(policy: EffectivePolicy, people: list[str], today: date) -> bool:
    names = {name for who in people for name in policy.identities(who, today)}
    teams = (policy.teams.get(name.removeprefix("team:")) for name in names if "team:" in name)
    return any(not is_blank(each) for team in teams if team for each in team.contacts.values())


def _history_faults(ownership: dict[str, Tenure], owner: str, today: date) -> list[str]:
    since = _LAST_YEAR.before(today)
    begun = (item for item in ownership.items() if item[0] != "none" and item[1].since <= today)
    tenures = sorted(begun, key=lambda item: (item[1].since, item[0]))
    if not tenures:
        return ["the record names nobody up to today"]
    # NOTE: a record that begins later is judged from its first day: the asset may be new.
    expected = max(since, tenures[0][1].since)
    faults: list[str] = []
    for who, tenure in tenures:
        last = tenure.until or today
        if last < expected:
            continue
        if tenure.since > expected:
            faults.append(f"nobody owned it from {expected} to {tenure.since - timedelta(days=1)}")
        elif tenure.since < expected and expected > since:
            faults.append(f"{who} and the owner before overlap from {tenure.since}")
        expected = last + timedelta(days=1)
    if expected <= today:
        faults.append(f"nobody owned it since {expected}")
    current = [who for who, tenure in tenures if today <= (tenure.until or today)]
    if current and owner not in current:
        faults.append(f"the record names {', '.join(current)} today, the file names {owner}")
    return faults
