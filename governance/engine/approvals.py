"""Who approved what: a small document that any review system can write, and which of it counts.

An approval counts for a change when it names the change's id, or that of all held changes
together, or the very commit that is checked out; when it was given by a member of the party that
must approve, by the policies of the base and of its branch today; and when the approver wrote no
part of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from governance.errors import UsageError
from governance.model.clock import in_force, local_day
from governance.model.documents import Team
from governance.model.policy import EffectivePolicy
from governance.policy.comparison.change import Change
from governance.policy.diff import digest_of

SCHEMA = "governance/approvals/v1"
GITHUB = "github:"
_OPTION = "--approvals"
_MAX_BYTES = 1_000_000
_SKEW = timedelta(minutes=5)
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_CHANGE = re.compile(r"[0-9a-f]{16}")
_KEYS = frozenset({"approver", "at", "change", "changes", "commit", "pull_request"})
_PRIVATE_MAIL = re.compile(r"(?:\d+\+)?([a-z0-9-]+)@users\.noreply\.github\.com")


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval.

    Args:
        approver: ``user:…``, or an account such as ``github:ana``.
        at: When it was given, aware.
        changes: The ids it names. commit: The commit it was given for, or None.
    """

    approver: str
    at: datetime
    changes: frozenset[str] = frozenset()
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class Approvals:
    """What a review system said.

    Args:
        given: All approvals. authors: Whoever it names as the author, as approvers are named.
        pull_request: What was reviewed, for the trail. notes: What it left out, in words.
        source: Where it was read. commits: The reviewed commits, where it names them itself.
    """

    given: tuple[Approval, ...] = ()
    authors: tuple[str, ...] = ()
    pull_request: str | None = None
    notes: tuple[str, ...] = ()
    source: str = ""
    commits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an approval is held against.

    Args:
        base: The policies at the fork. tip: Those of the base's branch now. head: The change's.
        addresses: Of whoever wrote a commit of the change.
        commits: The commits whose content is what is compared; empty where it is no commit's.
    """

    base: EffectivePolicy
    tip: EffectivePolicy
    head: EffectivePolicy
    now: datetime
    addresses: frozenset[str]
    commits: frozenset[str]


@dataclass(frozen=True)
class Decided:
    """Which party of which change is satisfied by whom.

    Args:
        by: Change id and party to who approved for it. notes: Approvals that do not count.
    """

    by: Mapping[tuple[str, str], tuple[str, ...]]
    notes: tuple[str, ...] = ()

    def approvers(self, change: Change) -> tuple[str, ...]:
        """Return who approved a change, for whichever party."""
        found = (name for party in change.approvers for name in self.by.get((change.id, party), ()))
        return tuple(dict.fromkeys(found))

    def missing(self, change: Change) -> tuple[str, ...]:
        """Return the parties that have not approved a change."""
        return tuple(party for party in change.approvers if (change.id, party) not in self.by)

    def is_approved(self, change: Change) -> bool:
        """Return whether every party has; a change that nobody can approve never is."""
        return bool(change.approvers) and not self.missing(change)


def read_approvals(path: Path) -> Approvals:
    """Read a document of approvals.

    Raises:
        UsageError: If it cannot be read, or is not one.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as cause:
        problem = f"cannot read {path}: {(cause.strerror or 'unknown reason').lower()}"
        raise UsageError(_OPTION, problem, "name a file of approvals") from None
    if len(data) > _MAX_BYTES:
        raise UsageError(_OPTION, f"{path} is over 1 MB", "leave out what is not of this change")
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        raise UsageError(_OPTION, f"{path} is no JSON", f"see docs/gate.md for {SCHEMA}") from None
    return _document(said, str(path))


def decide(held: Sequence[Change], approvals: Approvals, under: Circumstances) -> Decided:
    """Return which of the held changes are approved, and why the other approvals do not count."""
    everything = digest_of(held)
    authors = _authors(approvals, under)
    may_approve = under.base.project.approval.author_may_approve
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    notes = list(approvals.notes)
    for given in approvals.given:
        person = _person(given.approver, under.base)
        problem = _problem(given, person, under)
        if not problem and person in authors and not may_approve:
            problem = "wrote a part of the change"
        if problem or person is None:
            notes.append(f"the approval of {given.approver} does not count: {problem}")
            continue
        bound = [each for each in held if _binds(given, each, everything, under)]
        if not bound:
            notes.append(
                f"the approval of {given.approver} does not count: it names no change here"
            )
        for change in bound:
            for party in change.approvers:
                if _speaks_for(person, party, under):
                    known = found.get((change.id, party), ())
                    found[change.id, party] = tuple(dict.fromkeys((*known, person)))
    return Decided(found, tuple(dict.fromkeys(notes)))


def _document(said: Any, where: str) -> Approvals:  # noqa: ANN401
    if not isinstance(said, dict) or said.get("schema") != SCHEMA:
        raise UsageError(_OPTION, f"{where} does not say 'schema': '{SCHEMA}'", "see docs/gate.md")
    unknown = sorted(said.keys() - {"schema", "author", "pull_request", "approvals"})
    if unknown:
        raise UsageError(_OPTION, f"{where}: unknown key '{unknown[0]}'", "see docs/gate.md")
    given = said.get("approvals")
    if not isinstance(given, list):
        raise UsageError(_OPTION, f"{where}: 'approvals' is no list", "write [] for none")
    authors = said.get("author", [])
    authors = [authors] if isinstance(authors, str) else authors
    if not isinstance(authors, list) or not all(isinstance(each, str) for each in authors):
        raise UsageError(
            _OPTION, f"{where}: 'author' is no name", "write it as user:ana@example.org"
        )
    return Approvals(
        given=tuple(_approval(each, f"{where}: approval {at}") for at, each in enumerate(given, 1)),
        authors=tuple(authors),
        pull_request=_text(said, "pull_request", where),
        source=where,
    )


def _approval(said: Any, where: str) -> Approval:  # noqa: ANN401
    if not isinstance(said, dict):
        raise UsageError(_OPTION, f"{where} is no object", "see docs/gate.md")
    unknown = sorted(str(key) for key in said.keys() - _KEYS)
    if unknown:
        raise UsageError(_OPTION, f"{where}: unknown key '{unknown[0]}'", "see docs/gate.md")
    approver = _text(said, "approver", where) or ""
    if not approver.startswith(("user:", GITHUB)):
        remedy = "name a person: user:ana@example.org, or github:LOGIN"
        raise UsageError(_OPTION, f"{where} names no approver", remedy)
    changes = said.get("changes", [said["change"]] if "change" in said else [])
    if not isinstance(changes, list) or not all(_is_like(_CHANGE, each) for each in changes):
        raise UsageError(_OPTION, f"{where} names no change", "use ids as policy diff prints them")
    commit = _text(said, "commit", where)
    if commit is not None and not _COMMIT.fullmatch(commit):
        raise UsageError(_OPTION, f"{where}: 'commit' is no commit", "write all its hex digits")
    if not changes and commit is None:
        remedy = "name the change's id, or the commit that was reviewed"
        raise UsageError(_OPTION, f"{where} is bound to nothing", remedy)
    return Approval(approver, _instant(said, where), frozenset(changes), commit)


def _is_like(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _text(said: Mapping[str, Any], key: str, where: str) -> str | None:
    value = said.get(key)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and value.isprintable() and 0 < len(value) <= 200:
        return value
    raise UsageError(_OPTION, f"{where}: '{key}' is no text", "see docs/gate.md")


def _instant(said: Mapping[str, Any], where: str) -> datetime:
    try:
        instant = datetime.fromisoformat(str(said.get("at")))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        remedy = "write it as 2026-11-23T10:00:00Z"
        raise UsageError(_OPTION, f"{where}: 'at' is no instant with its offset", remedy)
    return instant


def _authors(approvals: Approvals, under: Circumstances) -> frozenset[str]:
    """Return every name that an author of the change may have as an approver."""
    accounts = _accounts(under.base)
    found: set[str] = set()
    for address in under.addresses:
        login = _PRIVATE_MAIL.fullmatch(address)
        names = [address, f"user:{address}", *([f"{GITHUB}{login[1]}"] if login else [])]
        found |= {name.lower() for name in names}
    found |= {name.lower() for name in approvals.authors}
    people = {accounts[name] for name in found if name in accounts}
    named = _people(under.base) | _people(under.tip)
    return frozenset(people | {name for name in named if name.lower() in found} | found)


def _people(policy: EffectivePolicy) -> set[str]:
    return {name for name in policy.principals() if name.startswith("user:")}


def _accounts(policy: EffectivePolicy) -> dict[str, str]:
    return {name.lower(): person for name, person in policy.accounts().items()}


def _person(approver: str, base: EffectivePolicy) -> str | None:
    """Return the user that an approver is; None for an account that nobody of the base has."""
    if approver.startswith("user:"):
        known = {name.lower(): name for name in _people(base)}
        return known.get(approver.lower(), approver)
    person = _accounts(base).get(approver.lower())
    return person if person and person.startswith("user:") else None


def _problem(given: Approval, person: str | None, under: Circumstances) -> str:
    if person is None:
        return "no member of a team has this account"
    if given.at > under.now + _SKEW:
        return "it is dated in the future"
    if not given.changes and given.commit not in under.commits:
        return "it is of another commit, or the checkout is none"
    return ""


def _binds(given: Approval, change: Change, everything: str, under: Circumstances) -> bool:
    if given.changes:
        return change.id in given.changes or everything in given.changes
    return given.commit in under.commits


def _speaks_for(person: str, party: str, under: Circumstances) -> bool:
    """Return whether somebody is a party, or a member of it, then and now."""
    if party.startswith("user:"):
        return person == party
    name = party.removeprefix("team:")
    day = local_day(under.now, under.base.project.timezone)
    # NOTE: a team that the change itself declares can only be asked whether it takes over.
    versions = (under.base, under.tip) if name in under.base.teams else (under.head,)
    teams = [policy.teams.get(name) for policy in versions]
    return all(team is not None and _is_member(team, person, day) for team in teams)


def _is_member(team: Team, person: str, day: date) -> bool:
    member = team.members.get(person)
    if member is None:
        return team.lead == person
    return in_force(since=member.since, until=member.until, day=day)
