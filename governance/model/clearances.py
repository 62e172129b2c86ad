"""How sensitive the data is that somebody may see.

A clearance that names a person holds for that person, the lowest where several say so. Who has
none has the highest of the teams and roles held on that day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from governance.model.clock import in_force
from governance.model.ladders import Classification
from governance.model.policy import EffectivePolicy


def clearance_of(policy: EffectivePolicy, principal: str, day: date) -> Classification | None:
    """Return up to which tier a principal may see data on a day; None when nobody says."""
    own = [policy.project.clearances.get(principal)]
    for team in policy.teams.values():
        member = team.members.get(principal)
        if member and in_force(since=member.since, until=member.until, day=day):
            own.append(member.clearance)
    personal = _said(own)
    if personal:
        return personal[0]
    held = _said(policy.project.clearances.get(name) for name in policy.identities(principal, day))
    return held[-1] if held else None


def uses_clearances(policy: EffectivePolicy) -> bool:
    """Return whether the policy files give anybody a clearance."""
    members = (member for team in policy.teams.values() for member in team.members.values())
    return bool(policy.project.clearances) or any(member.clearance for member in members)


def _said(tiers: Iterable[Classification | None]) -> list[Classification]:
    return sorted((tier for tier in tiers if tier is not None), key=lambda tier: tier.rank)
