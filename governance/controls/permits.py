"""May this access happen? The policy's rules and grants against one access.

Deny overrides allow, order never matters, and what no rule allows is refused unless the project
says otherwise. The one function that decides: controls, ``governance can`` and policy tests ask it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from governance.controls.candidates import ANYONE, Candidates, Concerned, is_meant
from governance.controls.decisions import (
    DEFAULT,
    NO_RULE,
    Answer,
    Aspect,
    Decision,
    Weighed,
    permission,
    undecided,
)
from governance.controls.networks import in_networks
from governance.controls.windows import within
from governance.model.asset import Place
from governance.model.clock import in_force
from governance.model.documents import Dataset, Grant
from governance.model.facts import AccessUse
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.rules import Selected
from governance.model.selectors import Selectable, holds, matches
from governance.model.taxonomy import is_within

__all__ = ["ANYONE", "OWN_PURPOSES", "Answer", "Decision", "Permits", "Weighed"]

OWN_PURPOSES = "dataset.purposes"


@dataclass(frozen=True, slots=True)
class _Ask:
    """All that a rule can ask of an access but its time."""

    who: frozenset[str]
    action: str
    purpose: str | None
    network: str | None
    region: str | None
    field: str | None
    place: str | None


@dataclass(slots=True)
class _Case:
    """What may concern accesses that differ in their time alone, and how they stand.

    Args:
        timed: Those of ``standing`` whose answer depends on when it was.
        settled: The decision, by what each of them answers.
    """

    column: str | None
    standing: tuple[Weighed, ...]
    timed: tuple[Weighed, ...]
    settled: dict[tuple[bool | None, ...], Decision] = field(default_factory=dict)


class Permits:
    """The rules and grants that concern one dataset, ready to judge its accesses."""

    def __init__(self, policy: EffectivePolicy, dataset: Dataset) -> None:
        self._policy, self._dataset = policy, dataset
        self._rules = policy.access_rules(dataset)
        self._grants = policy.grants_of(dataset.id)
        self._candidates = Candidates(self._rules, self._grants)
        self._zone = ZoneInfo(policy.project.timezone)
        self._asked: dict[tuple[object, ...], tuple[_Case, ...]] = {}
        self._nothing = (_Case(None, (), ()),)
        self._purposes: dict[tuple[int, str | None], bool | None] = {}
        self._covered: dict[tuple[str, str | None, str | None], bool] = {}

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The dataset's grants, by id."""
        return self._grants

    def concerns(self, principal: str, action: str, day: date) -> bool:
        """Return whether any rule or grant could allow or deny somebody an action on a day.

        Where none could, ``decide`` answers the same for every such access that names no columns.
        """
        who = self._policy.identities(principal, day)
        return bool(self._candidates.of(who, action))

    def decide(self, use: AccessUse) -> Decision:
        """Return how one access stands; where it names columns, the worst of them decides."""
        first, last = self._local(use)
        worst = None
        for case in self._cases(use, first.date()):
            # NOTE: what else differs between two accesses is when they were.
            key = tuple([self._is_on_time(each, first, last) for each in case.timed])
            settled = case.settled.get(key)
            if settled is None:
                settled = self._settle([self._timed(each, first, last) for each in case.standing])
                if case.column is not None:
                    settled = replace(settled, field=case.column)
                case.settled[key] = settled
            if worst is None or settled.answer < worst.answer:
                worst = settled
        if worst is None:
            raise RuntimeError("an access asks for one column at least, or for none in particular")
        return worst

    def weigh(self, use: AccessUse, column: str | None = None) -> tuple[Weighed, ...]:
        """Return every rule and every grant of the dataset against an access of one column."""
        first, last = self._local(use)
        ask = self._ask(use, column, first.date())
        return tuple(self._timed(each, first, last) for each in self._weigh(self._rules, ask))

    def _local(self, use: AccessUse) -> tuple[datetime, datetime]:
        first = use.minute.astimezone(self._zone)
        return first, first if use.last is None else use.last.astimezone(self._zone)

    def _cases(self, use: AccessUse, day: date) -> tuple[_Case, ...]:
        """Return what an access asks for, column by column, and what may concern it."""
        who = self._policy.identities(use.actor, day)
        concerned = self._candidates.of(who, use.action)
        if not (concerned or use.fields):
            return self._nothing
        alike = (concerned, use.purpose, use.network, use.region, use.fields, use.place)
        known = self._asked.get(alike)
        if known is None:
            declared = self._dataset.fields
            columns = [name if name in declared else None for name in use.fields] or [None]
            asks = [self._ask(use, column, day) for column in dict.fromkeys(columns)]
            known = self._asked[alike] = tuple([self._case(concerned, ask) for ask in asks])
        return known

    def _case(self, concerned: Concerned, ask: _Ask) -> _Case:
        standing = tuple(self._stand(concerned, ask))
        timed = tuple([each for each in standing if _is_dated(each)])
        return _Case(ask.field, standing, timed)

    def _ask(self, use: AccessUse, column: str | None, day: date) -> _Ask:
        who = self._policy.identities(use.actor, day)
        place = use.place if use.place in self._dataset.locations else None
        return _Ask(who, use.action, use.purpose, use.network, use.region, column, place)

    def _weigh(self, rules: Iterable[RuleRef], ask: _Ask) -> Iterator[Weighed]:
        for ref in rules:
            yield Weighed(ref, None, tuple(self._rule_tests(ref, ask)))
        for grant in self._grants:
            yield Weighed(None, grant, tuple(self._grant_tests(grant, ask)))

    def _stand(self, concerned: Concerned, ask: _Ask) -> Iterator[Weighed]:
        """Yield, of all that ``weigh`` would, what does not fail; the first failure ends a look.

        Neither action nor principal is asked again, so that what stands is the same for all whom
        the same rules and grants concern.
        """
        for ref in concerned.rules:
            passed = _passed(self._further_tests(ref, ask))
            if passed is not None:
                yield Weighed(ref, None, passed)
        for grant in concerned.grants:
            passed = _passed(self._further_grant_tests(grant, ask))
            if passed is not None:
                yield Weighed(None, grant, passed)

    def _rule_tests(self, ref: RuleRef, ask: _Ask) -> Iterator[tuple[Aspect, bool | None]]:
        rule = ref.rule
        yield Aspect.ACTION, ask.action in (rule.deny or rule.allow or ())
        yield Aspect.WHO, is_meant(rule, ask.who)
        yield from self._further_tests(ref, ask)

    def _further_tests(self, ref: RuleRef, ask: _Ask) -> Iterator[tuple[Aspect, bool | None]]:
        """Yield what a candidate is asked beside its action and whom it means."""
        rule = ref.rule
        if not self._covers(ref, ask):
            yield Aspect.WHAT, False
        if rule.purpose is not None:
            key = (id(ref), ask.purpose)
            if key not in self._purposes:
                self._purposes[key] = self._fits_purpose(rule.purpose, ask.purpose)
            yield Aspect.PURPOSE, self._purposes[key]
        if rule.origin and rule.origin.network:
            yield Aspect.NETWORK, in_networks(ask.network, rule.origin.network)
        if rule.origin and rule.origin.region:
            regions = self._policy.taxonomy.expand_regions(rule.origin.region)
            yield Aspect.REGION, None if ask.region is None else ask.region in regions

    def _grant_tests(self, grant: Grant, ask: _Ask) -> Iterator[tuple[Aspect, bool | None]]:
        yield Aspect.ACTION, ask.action in grant.actions
        yield Aspect.WHO, grant.to in ask.who
        yield from self._further_grant_tests(grant, ask)

    def _further_grant_tests(self, grant: Grant, ask: _Ask) -> Iterator[tuple[Aspect, bool | None]]:
        if grant.fields:
            column = ask.field
            within_it = column and any(fnmatchcase(column, each) for each in grant.fields)
            yield Aspect.WHAT, None if column is None else bool(within_it)
        if grant.purpose is not None:
            named = ask.purpose
            yield Aspect.PURPOSE, None if named is None else is_within(named, grant.purpose)
        elif ask.purpose is not None and self._dataset.purposes:
            yield Aspect.PURPOSE, self._is_own(ask.purpose)

    def _is_on_time(self, weighed: Weighed, first: datetime, last: datetime) -> bool | None:
        grant, ref = weighed.grant, weighed.rule
        if grant:
            return in_force(since=grant.starts, until=grant.ends, day=first.date())
        return within(ref.rule.when, first, last) if ref and ref.rule.when else None

    def _timed(self, weighed: Weighed, first: datetime, last: datetime) -> Weighed:
        """Add whether it is on time; a grant's last day belongs to it."""
        if not _is_dated(weighed):
            return weighed
        on_time = self._is_on_time(weighed, first, last)
        return Weighed(weighed.rule, weighed.grant, (*weighed.tests, (Aspect.WHEN, on_time)))

    def _settle(self, weighed: Sequence[Weighed]) -> Decision:
        """Draw the one conclusion from all rules and grants that may concern an access."""
        open_deny = None
        for each in weighed:
            if each.denies and each.fits is not False and each.on_time is not False:
                if each.fits and each.on_time:
                    return Decision(Answer.DENIED, each.id, rule=each.rule)
                open_deny = open_deny or each
        answers = [permission(each) for each in weighed if not each.denies]
        best = max(
            answers, key=lambda found: found.answer, default=Decision(Answer.DENIED, NO_RULE)
        )
        if best.answer is Answer.DENIED and self._policy.project.defaults.access == "allow":
            best = Decision(Answer.ALLOWED, DEFAULT)
        # NOTE: what may be forbidden is not allowed, and what is refused anyway stays refused.
        if open_deny is not None and best.answer > Answer.UNDECIDED:
            return undecided(open_deny)
        return best

    def _covers(self, ref: RuleRef, ask: _Ask) -> bool:
        """Return whether a rule's selector holds for the column and place of an access."""
        if ask.field is None and ask.place is None:
            return True
        key = (ref.policy.id, ask.field, ask.place)
        if key not in self._covered:
            candidate = Selectable(self._dataset, ask.field, self._place(ask.place))
            self._covered[key] = matches(ref.policy.applies_to, candidate)
        return self._covered[key]

    def _place(self, name: str | None) -> Place | None:
        if name is None:
            return None
        known = self._dataset.locations[name]
        return Place(name, "", known.type, known.region, known.environment)

    def _fits_purpose(self, wanted: Selected, purpose: str | None) -> bool | None:
        """Return whether a purpose is meant; None when the access names none."""
        if purpose is None:
            return None
        # NOTE: the dataset's own purposes are a word of the language, not a purpose: the access
        # counts as having it when its purpose lies within them.
        names = (purpose, OWN_PURPOSES) if self._is_own(purpose) else (purpose,)
        return holds(wanted, names, key="purpose")

    def _is_own(self, purpose: str) -> bool:
        return any(is_within(purpose, allowed) for allowed in self._dataset.purposes or ())


def _passed(
    tests: Iterable[tuple[Aspect, bool | None]],
) -> tuple[tuple[Aspect, bool | None], ...] | None:
    """Return the tests of a rule or grant; None at the first that fails."""
    found = []
    for test in tests:
        if test[1] is False:
            return None
        found.append(test)
    return tuple(found)


def _is_dated(weighed: Weighed) -> bool:
    """Return whether the answer depends on when it was: of a grant, or of a rule with a window."""
    return weighed.rule is None or weighed.rule.rule.when is not None
