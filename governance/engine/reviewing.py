"""Reviews: opened over pinned evidence, signed by two persons, and then issued as a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from governance.engine.declared import declared_assets
from governance.engine.ledger import Ledger, verify_trail
from governance.engine.recording import refuse_personal
from governance.engine.workspace import Workspace
from governance.errors import NothingToDoError, TrailError, UsageError
from governance.model.clock import local_day
from governance.model.recurring import Signing
from governance.model.signoff import (
    OPENED,
    SCOPED,
    SIGNED,
    TYPES,
    Advice,
    ReviewCase,
    Role,
    newest_review,
    reviews_in,
)
from governance.model.trail import Event
from governance.reporting.kinds import load_kind
from governance.reporting.period import parse_period
from governance.trail.note import parse_checkpoint
from governance.trail.reading import read_entries, read_newest_note
from governance.trail.storage import exists, told

LONGEST_STATEMENT = 1000
_ASSETS_AT_ONCE = 300


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


def read_reviews(ledger: Ledger, until: datetime | None = None) -> tuple[ReviewCase, ...]:
    """Return every review, oldest first.

    Raises:
        TrailError: If the trail cannot be read, or holds an entry that is not as it should be.
    """
    if not exists(ledger.path):
        return ()
    try:
        return reviews_in(read_entries(ledger.path, until=until, types=TYPES))
    except (KeyError, TypeError, ValueError):
        problem = "an entry of a review is not as this version writes it"
        raise TrailError(told(ledger.path), problem, "use the version that wrote it") from None


def start_review(
    workspace: Workspace, ledger: Ledger, *, kind: str, period: str, again: bool = False
) -> ReviewCase:
    """Open a review over what the trail holds now, and return it.

    Args:
        again: Whether a review of the same report may be superseded by this one.

    Raises:
        UsageError: If the kind or the period is unknown, or such a review is open or signed.
        NothingToDoError: If no scan of everything ended in the period: there is nothing to review.
        TrailError: If the trail does not verify, or cannot be written.
    """
    load_kind(kind)
    spell = parse_period(period, workspace.policy.project.timezone)
    before = newest_review(read_reviews(ledger), kind, spell.label)
    if before is not None and not again:
        word = "signed" if before.is_signed else "open"
        problem = f"the review {before.id} of it is {word}"
        raise UsageError("review", problem, "sign that one, or supersede it with --again")
    _require_sound(ledger)
    whole = _whole_scans(ledger, spell.start, spell.end)
    if not whole:
        raise NothingToDoError(
            where=f"review {kind} {period}",
            problem="no scan of everything ended in that period, so there is nothing to review",
            remedy="run 'governance scan' in the period, or name another one",
        )
    taken = {case.id for case in read_reviews(ledger)}
    assets = [asset.id for asset in declared_assets(workspace.policy)]
    with ledger:
        ledger.seal()
        note = read_newest_note(ledger.path)
        if note is None:
            raise TrailError(told(ledger.path), "no checkpoint is stored", "run a scan first")
        seal = parse_checkpoint(note)
        identity = _new_id(f"{kind}-{spell.label}", taken)
        evidence = {"size": seal.size, "root": seal.root.hex()}
        opening = {"id": identity, "kind": kind, "period": spell.label, "evidence": evidence}
        first, *more = [
            assets[start : start + _ASSETS_AT_ONCE]
            for start in range(0, max(len(assets), 1), _ASSETS_AT_ONCE)
        ]
        opening |= {"assets": first, "policy_digest": workspace.policy.digest}
        opening["runs"] = whole[-_ASSETS_AT_ONCE:]
        scope = [Event(SCOPED, {"id": identity, "assets": each}) for each in more]
        ledger.append([Event(OPENED, opening), *scope])
        ledger.seal()
    (case,) = (case for case in read_reviews(ledger) if case.id == identity)
    return case


def sign_review(
    order: SignOrder, workspace: Workspace, ledger: Ledger, now: datetime
) -> ReviewCase:
    """Record a signature and return the review as it stands then.

    Raises:
        UsageError: If who signs may not, has signed, or comes before their turn; if an objection
            is overruled without a reason; or if the statement holds somebody's data.
        TrailError: If the trail does not verify, or cannot be written.
    """
    case = find_review(read_reviews(ledger), order.review)
    today = local_day(now, workspace.policy.project.timezone)
    _check_person(order, workspace, today)
    _check_turn(order, case, workspace, today)
    if workspace.policy.project.signing.separate_accounts:
        _check_account(order, case, ledger.account)
    for option, text in (("--statement", order.statement), ("--overrules", order.overrules)):
        _check_text(option, text)
    _require_sound(ledger)
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
                    },
                )
            ]
        )
        ledger.seal()
    return find_review(read_reviews(ledger), case.id)


def find_review(cases: Sequence[ReviewCase], written: str) -> ReviewCase:
    """Return the review with an id.

    Raises:
        UsageError: If there is none.
    """
    for case in cases:
        if case.id == written:
            return case
    known = ", ".join(case.id for case in cases[-5:]) or "none was opened"
    raise UsageError("review", f"there is no review '{written[:60]}'", f"known: {known}")


def lacking(case: ReviewCase, signing: Signing) -> Iterator[str]:
    """Yield what a review still lacks, in words; nothing when it is signed."""
    if not case.of_role(Role.AUTHOR):
        yield f"the signature of an author ({_named(signing.authors)})"
    heard = {one.who for one in case.of_role(Role.ADVISER)}
    if signing.advisers and not heard:
        yield f"the word of an adviser ({_named(signing.advisers)})"
    if case.objections and not case.is_signed:
        objecting = ", ".join(one.who for one in case.objections)
        yield f"a reason why the objection of {objecting} does not stand, from the approver"
    if not case.is_signed:
        yield f"the signature of an approver ({_named(signing.approvers)})"


def report_instant(case: ReviewCase) -> datetime | None:
    """Return the instant as of which a signed review is issued, the same every time.

    NOTE: the very instant of the approval, so that no issue is in it that follows at once.
    """
    return case.signed_at


def _require_sound(ledger: Ledger) -> None:
    found = verify_trail(ledger.path, ledger.pin) if exists(ledger.path) else None
    if found is not None and found.problem:
        raise TrailError(
            told(ledger.path),
            f"the trail does not verify: {found.problem}",
            "nothing is signed over a broken trail; run 'governance audit verify'",
        )


def _whole_scans(ledger: Ledger, since: datetime, end: datetime) -> list[str]:
    if not exists(ledger.path):
        return []
    started: set[str | None] = set()
    found = []
    for entry in read_entries(ledger.path, types={"scan.started", "scan.finished"}):
        if entry.type == "scan.started" and not entry.payload["targets"]:
            started.add(entry.run)
        elif entry.type == "scan.finished" and entry.run in started and since <= entry.ts < end:
            found.append(entry.run or "")
    return found


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


def _new_id(base: str, taken: set[str]) -> str:
    base, number = base.lower().replace("..", "-to-").replace(" ", "-"), 1
    name = base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def _named(principals: Sequence[str]) -> str:
    return ", ".join(principals) or "anybody of a team"
