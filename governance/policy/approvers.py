"""Who may approve a waiver: those whom the project asks, two people, and never the author."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import permutations

from governance.model.clock import in_force
from governance.model.documents import Waiver
from governance.model.policy import EffectivePolicy
from governance.policy.faults import Fault, quoted
from governance.policy.known import Known
from governance.policy.validation import Written

_DECIDING = ("Team", "Policy", "Dataset", "Model", "Pipeline", "Project", "Defaults")
_NOBODY = (None, "none")


def check_approvers(known: Known, written: Written, waiver: Waiver) -> Iterator[Fault]:
    """Yield a fault where nobody but its author stands behind a waiver, or not those who must."""
    approval = known.policy.project.approval
    if not known.trusts("Team"):
        return
    if not approval.author_may_approve:
        for index, approver in enumerate(waiver.approved_by):
            alone = _speaks_for(known.policy, approver, waiver.opened) == {waiver.author}
            if alone and approver != waiver.author:
                problem = f"nobody but the author stands behind {quoted(approver)}"
                where = written.at("approved_by", index)
                yield Fault(where, problem, "let somebody else approve it")
    if approval.waiver and waiver.approved_by and known.trusts(*_DECIDING):
        yield from _asked(known, written, waiver)


def _asked(known: Known, written: Written, waiver: Waiver) -> Iterator[Fault]:
    holders: dict[str, frozenset[str]] = {}
    for word in known.policy.project.approval.waiver:
        owners = _owners(known, waiver, word)
        if not owners:
            what = waiver.target.dataset if word == "asset_owner" else waiver.rule or "any policy"
            problem = f"nobody owns {quoted(what)}, so nobody can approve as {word}"
            yield Fault(written.key("approved_by"), problem, "give it an owner")
            return
        holders[word] = frozenset(
            approver
            for approver in waiver.approved_by
            if owners & _acts_as(known.policy, approver, waiver.opened)
        )
        if not holders[word]:
            problem = f"nobody approves as {word}"
            remedy = f"add {' or '.join(sorted(owners)[:3])}, or somebody of it"
            yield Fault(written.key("approved_by"), problem, remedy)
            return
    if not _by_different_people(known.policy, holders, waiver):
        problem = f"one person approves as {' and as '.join(holders)}"
        yield Fault(written.key("approved_by"), problem, "let two people approve it")


def _by_different_people(
    policy: EffectivePolicy, holders: dict[str, frozenset[str]], waiver: Waiver
) -> bool:
    """Return whether each role can be held by an approver of its own."""
    return any(
        all(who in holders[word] for who, word in zip(chosen, holders, strict=True))
        and _are_different(policy, chosen, waiver.opened)
        for chosen in permutations(waiver.approved_by, len(holders))
    )


def _are_different(policy: EffectivePolicy, chosen: tuple[str, ...], day: date) -> bool:
    persons = [_speaks_for(policy, who, day) for who in chosen]
    return all(len(one | other) > 1 for n, one in enumerate(persons) for other in persons[n + 1 :])


def _owners(known: Known, waiver: Waiver, word: str) -> frozenset[str]:
    """Return who holds a role of approval for a waiver.

    A control belongs to no policy, nor does a pack's rule to anybody here: whoever owns a policy
    of the workspace may approve their waivers.
    """
    policy = known.policy
    if word == "asset_owner":
        name = waiver.target.dataset
        pipeline = policy.pipelines.get(name.partition("/")[0])
        asset = policy.datasets.get(name) or policy.models.get(name) or pipeline
        found = [asset.owner] if asset else []
    else:
        ref = known.rules.get(waiver.rule or "")
        found = [ref.policy.owner] if ref else []
        if not ref or ref.policy.owner in _NOBODY:
            found = [each.owner for each in policy.policies.values()]
    return frozenset(owner for owner in found if owner is not None and owner != "none")


def _acts_as(policy: EffectivePolicy, who: str, day: date) -> frozenset[str]:
    led = {f"team:{team.id}" for team in policy.teams.values() if team.lead == who}
    return policy.identities(who, day) | led


def _speaks_for(policy: EffectivePolicy, approver: str, day: date) -> set[str]:
    """Return the persons who may stand behind an approval: of a team, its members that day."""
    team = policy.teams.get(approver.removeprefix("team:"))
    if team is None or not approver.startswith("team:"):
        return {approver}
    members = {
        who
        for who, member in team.members.items()
        if in_force(since=member.since, until=member.until, day=day)
    }
    return members or {team.lead}
