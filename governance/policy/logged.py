"""Names that logs use: an account belongs to one principal, an alias to one dataset."""

from __future__ import annotations

from collections.abc import Iterator

from governance.model.documents import Team
from governance.model.position import Position
from governance.policy.faults import Fault, quoted
from governance.policy.known import Known
from governance.policy.nodes import Path
from governance.policy.validation import Written

_SHARED = ("role:", "team:", "service:")


def check_logged_names(known: Known) -> Iterator[Fault]:
    """Yield a fault for each name that two claim, since one of them would answer for the other."""
    accounts: dict[str, tuple[str, Position]] = {}
    for written in known.corpus.valid("Team"):
        yield from _shared(known, written, written.model)
        for principal, path, name in _accounts(written.model):
            claimed = accounts.setdefault(name, (principal, written.at(*path)))
            if claimed[0] != principal:
                problem = f"the account {quoted(name)} already belongs to {claimed[0]}"
                remedy = f"leave it with one of the two (the other is at {claimed[1]})"
                yield Fault(written.at(*path), problem, remedy)
    aliases: dict[str, tuple[str, Position]] = {}
    for written in known.corpus.valid("Dataset"):
        for index, name in enumerate(written.model.aliases):
            position = written.at("aliases", index)
            if name in known.datasets and name != written.id:
                yield Fault(position, f"{quoted(name)} is another dataset's id", "remove the alias")
            claimed = aliases.setdefault(name, (written.id, position))
            if claimed[0] != written.id:
                problem = f"{quoted(name)} is already an alias of {claimed[0]}"
                yield Fault(position, problem, f"leave it with one of the two ({claimed[1]})")


def _shared(known: Known, written: Written, team: Team) -> Iterator[Fault]:
    for principal in team.accounts:
        if not principal.startswith(_SHARED):
            problem = f"the accounts of a person stand with the member, found {quoted(principal)}"
            yield Fault(written.key("accounts", principal), problem, "write them under members")
        for fault in known.principal(written, ("accounts", principal), principal):
            position = written.key("accounts", principal)
            yield Fault(position, fault.problem, fault.remedy)


def _accounts(team: Team) -> Iterator[tuple[str, Path, str]]:
    for principal, names in team.accounts.items():
        for index, name in enumerate(names):
            yield principal, ("accounts", principal, index), name
    for principal, member in team.members.items():
        for index, name in enumerate(member.accounts):
            yield principal, ("members", principal, "accounts", index), name
