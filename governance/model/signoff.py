"""A review on its way to an issued report: who opened it over which evidence, and who signed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from governance.model.trail import Entry

OPENED, SCOPED, SIGNED = "review.opened", "review.scope", "review.signed"
TYPES = frozenset({OPENED, SCOPED, SIGNED})


class Role(StrEnum):
    """What somebody signs a review as."""

    AUTHOR = "author"
    ADVISER = "adviser"
    APPROVER = "approver"


class Advice(StrEnum):
    """What somebody who signs thinks of the result."""

    AGREES = "agrees"
    OBJECTS = "objects"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature.

    Args:
        who: The person. account: Who ran the command, as the operating system says.
        overrules: Why an objection does not stand, from the approver.
        at: When. seq: Its entry in the trail.
        policy_digest: Of the policy files then; None where an older version wrote the entry.
    """

    role: Role
    who: str
    account: str
    statement: str
    advice: Advice
    overrules: str | None
    at: datetime
    seq: int
    policy_digest: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """One review.

    Args:
        kind: The report that is reviewed. period: As ``report --period`` takes it.
        seq: Its first entry. The evidence is what the trail held before that.
        size, root: The signed checkpoint over the evidence; the root in base64.
        assets: What was declared when it was opened.
        policy_digest: Of the policy files then. signing: A digest of who was to sign.
    """

    id: str
    kind: str
    period: str
    opened_by: str
    opened_at: datetime
    seq: int
    size: int
    root: str
    assets: frozenset[str]
    signatures: tuple[Signature, ...] = ()
    policy_digest: str | None = None
    signing: str | None = None

    def of_role(self, role: Role) -> tuple[Signature, ...]:
        """Return the signatures of one role, oldest first."""
        return tuple(one for one in self.signatures if one.role is role)

    @property
    def objections(self) -> tuple[Signature, ...]:
        """The advisers whose newest word is an objection."""
        newest = {one.who: one for one in self.of_role(Role.ADVISER)}
        return tuple(one for one in newest.values() if one.advice is Advice.OBJECTS)

    @property
    def is_signed(self) -> bool:
        """Whether author and approver, two persons, have signed; a report is a draft before."""
        authors = {one.who for one in self.of_role(Role.AUTHOR)}
        return any(one.who not in authors for one in self.of_role(Role.APPROVER)) and bool(authors)

    @property
    def signed_at(self) -> datetime | None:
        """When the approval was given; None while it is not."""
        return self.of_role(Role.APPROVER)[-1].at if self.is_signed else None

    @property
    def other_policies(self) -> tuple[Signature, ...]:
        """The signatures given under other policy files than the review was opened under."""
        return tuple(
            one
            for one in self.signatures
            if None not in (one.policy_digest, self.policy_digest)
            and one.policy_digest != self.policy_digest
        )

    @property
    def one_account(self) -> bool:
        """Whether author and approver signed from one account, which only asserts who they are."""
        authors = {one.account for one in self.of_role(Role.AUTHOR)}
        return any(one.account in authors for one in self.of_role(Role.APPROVER))


def reviews_in(entries: Iterable[Entry]) -> tuple[ReviewCase, ...]:
    """Return the reviews that some entries tell of, oldest first.

    Raises:
        KeyError, ValueError: If an entry is not what this version writes.
    """
    found: dict[str, ReviewCase] = {}
    for entry in entries:
        told = entry.payload
        if entry.type == OPENED:
            found[told["id"]] = ReviewCase(
                id=told["id"],
                kind=told["kind"],
                period=told["period"],
                opened_by=entry.actor,
                opened_at=entry.ts,
                seq=entry.seq,
                size=told["evidence"]["size"],
                root=told["evidence"]["root"],
                assets=frozenset(told["assets"]),
                policy_digest=told.get("policy_digest"),
                signing=told.get("signing_digest"),
            )
        elif entry.type == SCOPED and told["id"] in found:
            case = found[told["id"]]
            found[told["id"]] = replace(case, assets=case.assets | frozenset(told["assets"]))
        elif entry.type == SIGNED and told["id"] in found:
            case = found[told["id"]]
            signatures = (*case.signatures, _signature(entry))
            found[told["id"]] = replace(case, signatures=signatures)
    return tuple(found.values())


def newest_review(cases: Iterable[ReviewCase], kind: str, period: str) -> ReviewCase | None:
    """Return the newest review of a report; an older one is superseded."""
    fitting = [case for case in cases if (case.kind, case.period) == (kind, period)]
    return fitting[-1] if fitting else None


def successor_of(case: ReviewCase, cases: Iterable[ReviewCase]) -> ReviewCase | None:
    """Return the review that took the place of one; None while it is the newest of its report."""
    newest = newest_review(cases, case.kind, case.period)
    return None if newest is None or newest.seq <= case.seq else newest


def _signature(entry: Entry) -> Signature:
    told = entry.payload
    return Signature(
        role=Role(told["role"]),
        who=told["as"],
        account=entry.actor,
        statement=told["statement"],
        advice=Advice(told["advice"]),
        overrules=told["overrules"],
        at=entry.ts,
        seq=entry.seq,
        policy_digest=told.get("policy_digest"),
    )
