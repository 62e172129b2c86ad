"""Signing a review: who may, when it is their turn, and over what the signature is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from governance.engine.ledger import Ledger
from governance.engine.recording import refuse_personal
from governance.engine.reviewing import digest_of, find_review, read_reviews, require_sound
from governance.engine.workspace import Workspace
from governance.errors import UsageError
from governance.model.clock import local_day
from governance.model.signoff import SIGNED, Advice, ReviewCase, Role, successor_of
from governance.model.trail import Event

LONGEST_STATEMENT = 1000


@dataclass(frozen=True)
class SignOrder:
    """A signature as somebody asks for it.

    Args:
        overrules: Why the objections of advisers do not stand.
    """

    review: str
    role: Role
    who: str
    statement: str
    advice: Advice = Advice.AGREES
    overrules: str | None = None


def sign_review(
    order: SignOrder, workspace: Workspace, ledger: Ledger, now: datetime
) -> ReviewCase:
    """Record a signature and return the review as it stands then.

    Raises:
        UsageError: If who signs may not, has signed, or comes before their turn; if an objection
            is overruled without a reason; or if the statement holds somebody's data.
        TrailError: If the trail does not verify, or cannot be written.
    """
    cases = read_reviews(ledger)
    case = find_review(cases, order.review)
    if (newer := successor_of(case, cases)) is not None:
        problem = f"{case.id} was superseded by {newer.id}"
        raise UsageError("review", problem, "sign that one")
    _check_rules(case, workspace)
    today = local_day(now, workspace.policy.project.timezone)
    _check_person(order, workspace, today)
    _check_turn(order, case, workspace, today)
    if workspace.policy.project.signing.separate_accounts:
        _check_account(order, case, ledger.account)
    for option, text in (("--statement", order.statement), ("--overrules", order.overrules)):
        _check_text(option, text)
    require_sound(ledger)
    with ledger:
        ledger.append(
            [
                Event(
                    SIGNED,
                    {
                        "id": case.id,
                        "role": order.role.value,
                        "as": order.who,
                        "statement": order.statement.strip(),
                        "advice": order.advice.value,
                        "overrules": order.overrules.strip() if order.overrules else None,
                        "evidence": {"size": case.size, "root": case.root},
                        "policy_digest": workspace.policy.digest,
                    },
                )
            ]
        )
        ledger.seal()
    return find_review(read_reviews(ledger), case.id)


def _check_rules(case: ReviewCase, workspace: Workspace) -> None:
    """Hold who may sign to what the policy said when the review was opened.

    NOTE: else whoever can write a policy file makes himself an approver for as long as he signs.
    """
    if case.signing is not None and case.signing != digest_of(workspace.policy.project.signing):
        problem = f"who may sign was changed since {case.id} was opened"
        raise UsageError("signing", problem, "undo that, or open the review anew with --again")


def _check_person(order: SignOrder, workspace: Workspace, today: date) -> None:
    policy = workspace.policy
    if not order.who.startswith("user:") or not policy.is_active(order.who, today):
        problem = f"'{order.who[:80]}' is no active member of a team"
        raise UsageError("--as", problem, "a person signs, as user:ana@example.org")
    signing = policy.project.signing
    named = {
        Role.AUTHOR: signing.authors,
        Role.ADVISER: signing.advisers,
        Role.APPROVER: signing.approvers,
    }[order.role]
    if named and not policy.identities(order.who, today) & set(named):
        problem = f"'{order.who[:80]}' may not sign as {order.role.value}"
        raise UsageError("--as", problem, f"ask one of: {', '.join(named)}")


def _check_turn(order: SignOrder, case: ReviewCase, workspace: Workspace, today: date) -> None:
    signed = [one for one in case.signatures if one.who == order.who]
    for one in signed:
        if one.role is not order.role:
            problem = f"{order.who} has signed it as {one.role.value}"
            raise UsageError("--as", problem, "another person signs in another role")
        if one.role is not Role.ADVISER:
            raise UsageError("--as", f"{order.who} has signed it already", "nothing is left to do")
    if case.is_signed:
        raise UsageError("review", f"{case.id} is signed", "open a new one with --again")
    if order.role is not Role.AUTHOR and not case.of_role(Role.AUTHOR):
        raise UsageError("review", "its author has not signed yet", "let the author sign first")
    if order.advice is Advice.OBJECTS and order.role is not Role.ADVISER:
        remedy = "an author or approver who objects does not sign"
        raise UsageError("--advice", "only an adviser objects", remedy)
    if order.role is Role.APPROVER:
        _check_advice(order, case, workspace, today)
    elif order.overrules is not None:
        raise UsageError("--overrules", "only an approver overrules", "leave it out")


def _check_advice(order: SignOrder, case: ReviewCase, workspace: Workspace, today: date) -> None:
    """Every adviser that the policy names is heard, and no objection is passed over in silence."""
    policy = workspace.policy
    heard = [policy.identities(one.who, today) for one in case.of_role(Role.ADVISER)]
    for named in policy.project.signing.advisers:
        if not any(named in names for names in heard):
            problem = f"{named} was not heard yet"
            raise UsageError("review", problem, "let them sign with --role adviser first")
    if case.objections and not order.overrules:
        objecting = ", ".join(one.who for one in case.objections)
        remedy = "say why it does not stand: --overrules TEXT"
        raise UsageError("review", f"{objecting} objects", remedy)
    if order.overrules and not case.objections:
        raise UsageError("--overrules", "nobody objects", "leave it out")


def _check_account(order: SignOrder, case: ReviewCase, account: str) -> None:
    others = {one.account for one in case.signatures if one.role is not order.role}
    if account in others:
        problem = "another role of it was signed from this account"
        raise UsageError("review", problem, "sign from an account of your own")


def _check_text(option: str, text: str | None) -> None:
    if text is None:
        return
    if not text.strip() or len(text) > LONGEST_STATEMENT or not text.strip().isprintable():
        problem = f"a statement is one line of at most {LONGEST_STATEMENT} characters"
        raise UsageError(option, problem, "write what you state")
    refuse_personal((text,), option)
