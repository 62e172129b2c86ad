"""The access matrices of policy tests, judged by the function that judges the events of a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from governance.controls.decisions import Answer, Aspect, Decision, Weighed
from governance.controls.permits import Permits
from governance.model.cases import Cell, Persona, instant_of
from governance.model.clock import in_force
from governance.model.documents import PolicyTest, Team
from governance.model.facts import AccessUse
from governance.model.parts import Membership
from governance.model.policy import EffectivePolicy
from governance.model.position import Position
from governance.model.testrun import Branch, CaseResult

UNLISTED = "denied, for no case lists it"

_ASPECTS = {
    Aspect.WHO: "principal",
    Aspect.WHAT: "column or place",
    Aspect.WHEN: "time",
}

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
    for bench in _benches(policy, test, test.cells()):
        yield from bench.judge(sides)


def matrices_hold(policy: EffectivePolicy, test: PolicyTest, cells: Iterable[Cell]) -> bool:
    """Return whether some of a test's accesses end as its cases say, in every matrix."""
    return all(bench.holds() for bench in _benches(policy, test, cells))


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


def _benches(policy: EffectivePolicy, test: PolicyTest, cells: Iterable[Cell]) -> Iterator[_Bench]:
    """Yield the matrices of a test, ready to be judged."""
    supposed = suppose(policy, test.principals)
    cells = tuple(cell for cell in cells if cell[2] in supposed.datasets)
    permits = {
        asset: Permits(supposed, supposed.datasets[asset]) for asset in {cell[2] for cell in cells}
    }
    for name in sorted(test.access):
        yield _Bench(supposed, test, name, cells, permits)


class _Bench:
    """One matrix: every cell of its test, held against what its cases list."""

    def __init__(
        self,
        policy: EffectivePolicy,
        test: PolicyTest,
        name: str,
        cells: tuple[Cell, ...],
        permits: Mapping[str, Permits],
    ) -> None:
        self._policy, self._test, self._name = policy, test, name
        self._cells, self._permits = cells, permits
        self._matrix = test.access[name]
        self._at = instant_of(self._matrix.at or test.now, policy.project.timezone)
        self._minute = _minute(self._at)
        self._day = self._at.astimezone(ZoneInfo(policy.project.timezone)).date()
        self._untouched: dict[str, Decision] = {}
        self._failures: dict[str, list[Branch]] = {}
        self._listed = {
            cell: _Listed(expected, f"{expected}.{name}", case.by)
            for expected, name, case in self._matrix.listed()
            for cell in case.cells()
        }

    def holds(self) -> bool:
        """Return whether every access ends as it must; the first that does not is enough."""
        for cell in self._cells:
            listed = self._listed.get(cell)
            if not self._is_right(cell, self._decide(cell), listed):
                return False
        return True

    def judge(self, sides: Sides | None) -> Iterator[CaseResult]:
        """Yield the result of each case, and of what no case lists."""
        checks: Counter[str] = Counter()
        for cell in self._cells:
            decision, listed = self._decide(cell), self._listed.get(cell)
            checks[listed.case if listed else ""] += 1
            if not self._is_right(cell, decision, listed):
                self._fail(self._use(cell), decision, listed)
            if sides is not None:
                _count(self._permits[cell[2]].weigh(self._use(cell)), decision, sides)
        for expected, name, _ in self._matrix.listed():
            yield self._result(f"{expected}.{name}", checks)
        yield self._result("", checks)

    def _decide(self, cell: Cell) -> Decision:
        """Return the decision; most cells of a matrix are of somebody whom no rule concerns."""
        who, action, asset, _ = cell
        permits = self._permits[asset]
        if permits.concerns(who, action, self._day):
            return permits.decide(self._use(cell))
        if asset not in self._untouched:
            self._untouched[asset] = permits.decide(self._use(cell))
        return self._untouched[asset]

    def _is_right(self, cell: Cell, decision: Decision, listed: _Listed | None) -> bool:
        found = _WORDS[decision.answer]
        if listed is None:
            return found == "denied"
        return found == listed.expected and (
            listed.by is None or self._is_by(listed.by, self._use(cell), decision)
        )

    def _fail(self, use: AccessUse, decision: Decision, listed: _Listed | None) -> None:
        found = _WORDS[decision.answer]
        expected = listed.expected if listed else UNLISTED
        if listed and found == listed.expected:
            expected = f"{found} by {listed.by}"
        text = f"{_told(use)}: {found} by {decision.by}, expected {expected}"
        below = (Branch(self._circumstances()), *self._considered(use, decision))
        self._failures.setdefault(listed.case if listed else "", []).append(
            Branch(text, None, below)
        )

    def _is_by(self, by: str, use: AccessUse, decision: Decision) -> bool:
        """Whether a rule or grant decided so, or would have, were the one that did not there."""
        if decision.by == by:
            return True
        says = Answer.DENIED if decision.answer is Answer.DENIED else Answer.ALLOWED
        return decision.answer is says and any(
            each.id == by and each.denies == (says is Answer.DENIED) and _acts(each)
            for each in self._permits[use.dataset].weigh(use)
        )

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
            minute=self._minute,
            count=1,
            lines=(),
        )

    def _circumstances(self) -> str:
        origin = " ".join(each for each in (self._matrix.network, self._matrix.region) if each)
        return f"at {self._at:%Y-%m-%d %H:%M} {self._at:%Z}, from {origin or 'nowhere told'}"

    def _considered(self, use: AccessUse, decision: Decision) -> Iterator[Branch]:
        """Yield every rule and grant that concerns the dataset, the one that decided first."""
        weighed = self._permits[use.dataset].weigh(use)
        for each in sorted(weighed, key=lambda each: (each.id != decision.by, each.id)):
            yield Branch(_said(each), _position(self._policy, each))
        if not weighed:
            yield Branch("no rule and no grant concerns the dataset")


def _count(weighed: Iterable[Weighed], decision: Decision, sides: Sides) -> None:
    """Count each rule of the dataset: it acted, or the access did not fit it."""
    for each in weighed:
        if each.rule is not None and _acts(each):
            # NOTE: beside a deny, an allow shows nothing: the access was refused.
            sides.acted[each.id] += each.denies or decision.answer is Answer.ALLOWED
        elif each.rule is not None and (each.fits is False or each.on_time is False):
            sides.rested[each.id] += 1


def _acts(weighed: Weighed) -> bool:
    return weighed.fits is True and weighed.on_time is True


def _said(weighed: Weighed) -> str:
    """Return what one rule or grant says, and for want of what it says nothing."""
    verb = "grant" if weighed.grant else "deny" if weighed.denies else "allow"
    misfits = [_ASPECTS.get(aspect, aspect.value) for aspect, fit in weighed.tests if fit is False]
    if misfits:
        return f"{verb} {weighed.id}: no, another {' and '.join(misfits)}"
    if weighed.untold:
        named = " and ".join(_ASPECTS.get(each, each.value) for each in weighed.untold)
        return f"{verb} {weighed.id}: open, {named} is not told"
    return f"{verb} {weighed.id}: yes"


def _position(policy: EffectivePolicy, weighed: Weighed) -> Position | None:
    if weighed.grant is not None:
        return policy.position("Grant", weighed.grant.id)
    ref = weighed.rule
    return policy.position("Policy", ref.policy.id, f"rules.{ref.name}") if ref else None


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def _told(use: AccessUse) -> str:
    purpose = f"for {use.purpose}" if use.purpose else "without a purpose"
    return f"{use.actor} {use.action} {use.dataset} {purpose}"
