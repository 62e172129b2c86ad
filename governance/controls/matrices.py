"""The access matrices of policy tests, judged by the function that judges the events of a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from governance.controls.permits import Answer, Decision, Permits
from governance.model.cases import Cell, Matrix, Persona, instant_of
from governance.model.clock import in_force
from governance.model.documents import PolicyTest, Team
from governance.model.facts import AccessUse
from governance.model.parts import Membership
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.position import Position
from governance.model.selectors import Selectable, matches
from governance.model.testrun import Branch, CaseResult

UNLISTED = "not listed, so denied"

_WORDS = {
    Answer.ALLOWED: "allowed",
    Answer.UNDECIDED: "undecided",
    Answer.LATE: "denied",
    Answer.DENIED: "denied",
}


@dataclass(frozen=True)
class Sides:
    """How often accesses saw each rule act, and concern them without acting; by rule id."""

    acted: Counter[str]
    rested: Counter[str]


@dataclass(frozen=True, slots=True)
class _Listed:
    """What a cell is expected to end as, and which case says so."""

    expected: str
    case: str
    by: str | None


def judge_matrices(
    policy: EffectivePolicy, test: PolicyTest, sides: Sides | None = None
) -> Iterator[CaseResult]:
    """Yield the result of every access case of a test, and of each matrix for what is unlisted.

    Args:
        sides: Where to count how the rules were exercised, if anybody asked.
    """
    supposed = suppose(policy, test.principals)
    permits = {
        asset: Permits(supposed, supposed.datasets[asset])
        for asset in {cell[2] for cell in test.cells()}
        if asset in supposed.datasets
    }
    for name, matrix in sorted(test.access.items()):
        yield from _Bench(supposed, test, name, matrix, permits).judge(sides)


def suppose(policy: EffectivePolicy, personas: Mapping[str, Persona]) -> EffectivePolicy:
    """Return the policy with principals in the teams and roles that they are supposed to have."""
    teams = dict(policy.teams)
    for number, (name, persona) in enumerate(sorted(personas.items())):
        if persona.as_of is not None:
            teams = {key: _frozen(team, name, persona.as_of) for key, team in teams.items()}
        for key in persona.teams:
            if key in teams:
                teams[key] = _joined(teams[key], name, ())
        if persona.roles:
            # NOTE: a role is held in a team, and which one decides nothing but for that team.
            host = persona.teams[0] if persona.teams else f"policy-test-{number}"
            found = teams.get(host) or Team(
                apiVersion="governance/v1", kind="Team", id=host, lead="user:policy-test"
            )
            teams[host] = _joined(found, name, persona.roles)
    return replace(policy, teams=teams)


def _frozen(team: Team, name: str, day: date) -> Team:
    """Return a team whose member stays for ever what it was on a day."""
    members = dict(team.members)
    member = members.pop(name, None)
    if member and in_force(since=member.since, until=member.until, day=day):
        members[name] = member.model_copy(update={"since": date.min, "until": None})
    return team.model_copy(update={"members": members})


def _joined(team: Team, name: str, roles: tuple[str, ...]) -> Team:
    known = team.members.get(name)
    held = tuple(dict.fromkeys((*(known.roles if known else ()), *roles)))
    membership = Membership(since=date.min, until=None, roles=held)
    return team.model_copy(update={"members": {**team.members, name: membership}})


class _Bench:
    """One matrix: every cell of its test, held against what its cases list."""

    def __init__(
        self,
        policy: EffectivePolicy,
        test: PolicyTest,
        name: str,
        matrix: Matrix,
        permits: Mapping[str, Permits],
    ) -> None:
        self._policy, self._test, self._name, self._matrix = policy, test, name, matrix
        self._permits = permits
        zone = policy.project.timezone
        self._at = instant_of(matrix.at or test.now, zone)
        self._failures: dict[str, list[Branch]] = {}
        self._rules = {asset: tuple(_access_rules(policy, asset)) for asset in permits}

    def judge(self, sides: Sides | None) -> Iterator[CaseResult]:
        listed = {
            cell: _Listed(expected, f"{expected}.{name}", case.by)
            for expected, name, case in self._matrix.listed()
            for cell in case.cells()
        }
        checks: Counter[str] = Counter()
        for cell in self._test.cells():
            if cell[2] not in self._permits:
                continue
            use = self._use(cell)
            decision = self._permits[cell[2]].decide(use)
            self._hold(cell, decision, listed.get(cell), checks)
            if sides is not None:
                self._count(cell, decision, sides)
        for expected, name, _ in self._matrix.listed():
            yield self._result(f"{expected}.{name}", checks)
        yield self._result("", checks)

    def _hold(
        self, cell: Cell, decision: Decision, listed: _Listed | None, checks: Counter[str]
    ) -> None:
        case = listed.case if listed else ""
        wanted, found = (listed.expected if listed else "denied"), _WORDS[decision.answer]
        checks[case] += 1
        is_other_rule = listed is not None and listed.by not in (None, decision.by)
        if wanted == found and not is_other_rule:
            return
        expected = wanted if listed else UNLISTED
        if wanted == found and listed:
            expected = f"{wanted} by {listed.by}"
        text = f"{_told(cell)}: {found} by {decision.by}, expected {expected}"
        below = (Branch(self._circumstances()), *self._considered(cell, decision))
        self._failures.setdefault(case, []).append(Branch(text, None, below))

    def _count(self, cell: Cell, decision: Decision, sides: Sides) -> None:
        for ref in self._rules[cell[2]]:
            if cell[1] not in (ref.rule.allow or ref.rule.deny or ()):
                continue
            is_denial = decision.answer is Answer.DENIED and decision.rule is not None
            if decision.rule is not None and decision.rule.id == ref.id:
                has_acted = decision.answer in (Answer.ALLOWED, Answer.DENIED)
                (sides.acted if has_acted else sides.rested)[ref.id] += 1
            elif ref.rule.deny or not is_denial:
                # NOTE: beside a deny nobody learns what an allow would have said.
                sides.rested[ref.id] += 1

    def _result(self, case: str, checks: Counter[str]) -> CaseResult:
        path = f"access.{self._name}{f'.{case}' if case else ''}"
        position = self._policy.position("PolicyTest", self._test.id, path)
        failures = tuple(self._failures.get(case, ()))
        return CaseResult(self._test.id, path, position, checks[case], failures)

    def _use(self, cell: Cell) -> AccessUse:
        who, action, asset, purpose = cell
        return AccessUse(
            log="policy-test",
            actor=who,
            action=action,
            dataset=asset,
            declared=True,
            purpose=purpose,
            network=self._matrix.network,
            region=self._matrix.region,
            minute=_minute(self._at),
            count=1,
            lines=(),
        )

    def _circumstances(self) -> str:
        origin = " ".join(each for each in (self._matrix.network, self._matrix.region) if each)
        return f"at {self._at:%Y-%m-%d %H:%M} {self._at:%Z}, from {origin or 'nowhere told'}"

    def _considered(self, cell: Cell, decision: Decision) -> Iterator[Branch]:
        """Yield every rule and grant that concerns the dataset, the one that decided first."""
        policy = self._policy
        for ref in sorted(self._rules[cell[2]], key=lambda ref: (ref.id != decision.by, ref.id)):
            decided = "decided" if ref.id == decision.by else "did not"
            verb = "deny" if ref.rule.deny else "allow"
            yield Branch(f"{verb} {ref.id}: {decided}", _position(policy, ref))
        for grant in self._permits[cell[2]].grants:
            decided = "decided" if grant.id == decision.by else "did not"
            yield Branch(f"grant {grant.id}: {decided}", policy.position("Grant", grant.id))


def _access_rules(policy: EffectivePolicy, asset: str) -> Iterator[RuleRef]:
    candidate = Selectable(policy.datasets[asset])
    for ref in policy.rules():
        is_access = ref.rule.allow or ref.rule.deny
        if is_access and matches(ref.policy.applies_to, candidate):
            yield ref


def _position(policy: EffectivePolicy, ref: RuleRef) -> Position | None:
    return policy.position("Policy", ref.policy.id, f"rules.{ref.name}")


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def _told(cell: Cell) -> str:
    who, action, asset, purpose = cell
    return f"{who} {action} {asset} {f'for {purpose}' if purpose else 'without a purpose'}"
