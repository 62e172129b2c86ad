"""Reviews: opened over pinned evidence, signed by two persons, and then issued as a report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from governance.engine.declared import declared_assets
from governance.engine.ledger import Ledger, verify_trail
from governance.engine.workspace import Workspace
from governance.errors import NothingToDoError, TrailError, UsageError
from governance.model.recurring import Signing
from governance.model.signoff import (
    OPENED,
    SCOPED,
    TYPES,
    ReviewCase,
    Role,
    reviews_in,
)
from governance.model.trail import Event
from governance.reporting.kinds import load_kind
from governance.reporting.period import Period, parse_period
from governance.trail.note import parse_checkpoint
from governance.trail.reading import read_entries, read_newest_note
from governance.trail.storage import exists, told

_ASSETS_AT_ONCE = 300


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
    _check_before(read_reviews(ledger), kind, spell, again=again)
    require_sound(ledger)
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
        opening["signing_digest"] = digest_of(workspace.policy.project.signing)
        scope = [Event(SCOPED, {"id": identity, "assets": each}) for each in more]
        ledger.append([Event(OPENED, opening), *scope])
        ledger.seal()
    (case,) = (case for case in read_reviews(ledger) if case.id == identity)
    return case


def _check_before(cases: Sequence[ReviewCase], kind: str, spell: Period, *, again: bool) -> None:
    """Refuse a second review of a period, however it is spelled, unless it is asked for."""
    zone = str(spell.start.tzinfo or "UTC")
    for case in reversed(cases):
        other = parse_period(case.period, zone)
        if case.kind != kind or (other.start, other.end) != (spell.start, spell.end):
            continue
        word = "signed" if case.is_signed else "open"
        problem = f"the review {case.id} of it is {word}"
        if case.period != spell.label:
            raise UsageError("--period", problem, f"write the period as that does: {case.period}")
        if not again:
            raise UsageError("review", problem, "sign that one, or supersede it with --again")
        return


def digest_of(signing: Signing) -> str:
    """Return a digest of who is to sign; the names themselves have no place in the trail."""
    return "sha256:" + hashlib.sha256(signing.model_dump_json().encode()).hexdigest()


def later_scans(ledger: Ledger, case: ReviewCase) -> int:
    """Return how many scans of everything ended since a review was opened: no part of it."""
    far = datetime.max.replace(tzinfo=UTC)
    return len(_whole_scans(ledger, case.opened_at, far))


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


def require_sound(ledger: Ledger) -> None:
    """Refuse to go on over a trail that does not verify.

    Raises:
        TrailError: If it does not.
    """
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


def _new_id(base: str, taken: set[str]) -> str:
    base, number = base.lower().replace("..", "-to-").replace(" ", "-"), 1
    name = base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def _named(principals: Sequence[str]) -> str:
    return ", ".join(principals) or "anybody of a team"
