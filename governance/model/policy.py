"""The effective policy: every document of a workspace after defaults and inheritance.

What the policy room makes and every other room asks. Values are already inherited and
tightened; ``origin`` tells for each where it was written and through whom it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from governance.model.clock import in_force
from governance.model.documents import (
    Dataset,
    Grant,
    ModelRecord,
    Pipeline,
    Policy,
    PolicyTest,
    Project,
    Team,
    Waiver,
)
from governance.model.ladders import Severity
from governance.model.parts import Defaults, Membership
from governance.model.position import Origin, Position
from governance.model.rules import PatternDetector, Rule
from governance.model.selectors import Selectable, matches, may_select
from governance.model.taxonomy import TaxonomyIndex

DocumentKey = tuple[str, str]
"""Kind and id, as ``("Dataset", "sales.orders")``."""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A file that was loaded: its path as shown to people, and the SHA-256 of its bytes."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RuleRef:
    """A rule together with the policy that holds it."""

    policy: Policy
    name: str
    rule: Rule

    @property
    def id(self) -> str:
        return f"{self.policy.id}.{self.name}"

    @property
    def severity(self) -> Severity:
        return self.rule.severity or self.policy.severity

    @property
    def references(self) -> tuple[str, ...]:
        return self.rule.references or self.policy.references


@dataclass(frozen=True)
class EffectivePolicy:
    """All documents of a workspace.

    Args:
        origins: Per document, key path (``"owner"``, ``"fields.email.category"``; ``""`` for
            the document itself) to where its value was written.
        digest: ``sha256:`` and the digest of the effective documents; reformatting the files
            does not change it.
        references: Control slug to the articles it serves, from the packs in use.
        tests: The workspace's own policy tests, by id.
        folders: What each ``_defaults.yaml`` hands down, by its path.
    """

    project: Project
    taxonomy: TaxonomyIndex
    teams: Mapping[str, Team]
    datasets: Mapping[str, Dataset]
    pipelines: Mapping[str, Pipeline]
    models: Mapping[str, ModelRecord]
    policies: Mapping[str, Policy]
    grants: Mapping[str, Grant]
    waivers: Mapping[str, Waiver]
    detectors: Mapping[str, PatternDetector]
    origins: Mapping[DocumentKey, Mapping[str, Origin]]
    files: tuple[PolicyFile, ...]
    digest: str
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tests: Mapping[str, PolicyTest] = field(default_factory=dict)
    folders: Mapping[str, Defaults] = field(default_factory=dict)

    def origin(self, kind: str, id: str, path: str = "") -> Origin | None:
        """Return where ``path`` of a document was written, or its nearest written parent."""
        paths = self.origins.get((kind, id), {})
        while path and path not in paths:
            path = path.rpartition(".")[0]
        return paths.get(path)

    def position(self, kind: str, id: str, path: str = "") -> Position | None:
        """Return the position of ``origin``."""
        origin = self.origin(kind, id, path)
        return origin.position if origin else None

    def rules(self) -> tuple[RuleRef, ...]:
        """Return every rule of every policy, in the order of their ids."""
        return self._rules

    def demands(self) -> tuple[RuleRef, ...]:
        """Return the rules that require something by ``require``, in the order of their ids."""
        return self._demands

    @cached_property
    def _demands(self) -> tuple[RuleRef, ...]:
        return tuple(ref for ref in self._rules if ref.rule.require)

    @cached_property
    def _rules(self) -> tuple[RuleRef, ...]:
        return tuple(
            RuleRef(policy, name, policy.rules[name])
            for _, policy in sorted(self.policies.items())
            for name in sorted(policy.rules)
        )

    def access_rules(self, dataset: Dataset) -> tuple[RuleRef, ...]:
        """Return the rules that allow or deny the use of a dataset, in the order of their ids."""
        candidate = Selectable(dataset)
        return tuple(
            ref
            for policy, refs in self._access_rules
            if may_select(policy.applies_to, dataset.id) and matches(policy.applies_to, candidate)
            for ref in refs
        )

    @cached_property
    def _access_rules(self) -> tuple[tuple[Policy, tuple[RuleRef, ...]], ...]:
        found: dict[str, list[RuleRef]] = {}
        for ref in self.rules():
            if ref.rule.allow or ref.rule.deny:
                found.setdefault(ref.policy.id, []).append(ref)
        return tuple((refs[0].policy, tuple(refs)) for refs in found.values())

    def grants_of(self, dataset: str) -> tuple[Grant, ...]:
        """Return the grants of a dataset, in the order of their ids."""
        return self._grants.get(dataset, ())

    @cached_property
    def _grants(self) -> dict[str, tuple[Grant, ...]]:
        found: dict[str, tuple[Grant, ...]] = {}
        for _, grant in sorted(self.grants.items()):
            found[grant.dataset] = (*found.get(grant.dataset, ()), grant)
        return found

    def principals(self) -> frozenset[str]:
        """Return every user, service and team that the policy files name."""
        named = {word for ref in self.rules() for word in ref.rule.principals}
        people = {member for team in self.teams.values() for member in team.members}
        leads = {team.lead for team in self.teams.values()}
        grantees = {grant.to for grant in self.grants.values()}
        return frozenset(
            named | people | leads | grantees | {f"team:{name}" for name in self.teams}
        )

    def accounts(self) -> dict[str, str]:
        """Return the principal that each account of another system belongs to."""
        found: dict[str, str] = {}
        for _, team in sorted(self.teams.items()):
            for principal, names in team.accounts.items():
                found.update(dict.fromkeys(names, principal))
            for principal, member in team.members.items():
                found.update(dict.fromkeys(member.accounts, principal))
        return found

    def identities(self, principal: str, day: date) -> frozenset[str]:
        """Return what a principal may act as on a day: itself, its teams, its roles there."""
        if principal not in self._memberships:
            return frozenset({principal})
        settled = self._settled.get(principal)
        if settled is not None and settled[0] <= day:
            return settled[1]
        known = self._identities.get((principal, day))
        if known is None:
            known = self._identities[principal, day] = self._named(principal, day)
        return known

    @cached_property
    def _identities(self) -> dict[tuple[str, date], frozenset[str]]:
        return {}

    @cached_property
    def _settled(self) -> dict[str, tuple[date, frozenset[str]]]:
        """The day from which on nothing of a principal's memberships changes, and what it is."""
        found = {}
        for principal, held in self._memberships.items():
            days = [each for _, member in held for each in (member.since, member.until) if each]
            # NOTE: a last day belongs to the membership, so it is over on the day after.
            last = max(days)
            if last < date.max:
                day = last + timedelta(days=1)
                found[principal] = (day, self._named(principal, day))
        return found

    def _named(self, principal: str, day: date) -> frozenset[str]:
        names = {principal}
        for team, member in self._memberships.get(principal, ()):
            if in_force(since=member.since, until=member.until, day=day):
                names |= {f"team:{team}"} | {f"role:{role}" for role in member.roles}
        return frozenset(names)

    @cached_property
    def _memberships(self) -> dict[str, list[tuple[str, Membership]]]:
        found: dict[str, list[tuple[str, Membership]]] = {}
        for team in self.teams.values():
            for principal, member in team.members.items():
                found.setdefault(principal, []).append((team.id, member))
        return found

    def is_declared(self, principal: str, day: date) -> bool:
        """Return whether somebody is or has a member of a team on a day, or leads one."""
        word, _, name = principal.partition(":")
        return any(team.lead == principal for team in self.teams.values()) or any(
            in_force(since=member.since, until=member.until, day=day)
            and (
                who == principal
                or (word == "team" and team.id == name)
                or (word == "role" and name in member.roles)
            )
            for team in self.teams.values()
            for who, member in team.members.items()
        )

    def is_active(self, principal: str, day: date) -> bool:
        """Return whether a team has an active lead, or a user is an active team member."""
        if principal.startswith("team:"):
            team = self.teams.get(principal.removeprefix("team:"))
            return team is not None and self.is_active(team.lead, day)
        return len(self.identities(principal, day)) > 1
