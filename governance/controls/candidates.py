"""Which rules and grants can concern an access at all: found by action and principal, not asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from governance.model.documents import Grant
from governance.model.policy import RuleRef
from governance.model.rules import Rule
from governance.model.selectors import holds

ANYONE = "anyone"
_GLOB = frozenset("*?[")
_Key = tuple[frozenset[str], str]


@dataclass(frozen=True, eq=False)
class Concerned:
    """The rules, in the order of the policy, and the grants, by id, that can concern some accesses.

    There is one for all accesses that the same rules and grants concern, whoever they are of.
    """

    rules: tuple[RuleRef, ...] = ()
    grants: tuple[Grant, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rules or self.grants)


class Candidates:
    """The rules and grants of a dataset by action and principal: those that mean somebody.

    A rule that names principals by globs, or by what they must be at once, stands under none: it is
    a candidate for everybody.
    """

    def __init__(self, rules: Sequence[RuleRef], grants: Iterable[Grant]) -> None:
        self._rules = rules
        self._by_word: dict[tuple[str, str], list[int]] = {}
        self._rest: dict[str, list[int]] = {}
        self._grants: dict[tuple[str, str], list[Grant]] = {}
        self._known: dict[_Key, Concerned] = {}
        self._alike: dict[tuple[tuple[int, ...], tuple[str, ...]], Concerned] = {}
        for number, ref in enumerate(rules):
            self._add(number, ref.rule)
        for grant in grants:
            for action in grant.actions:
                self._grants.setdefault((action, grant.to), []).append(grant)

    def of(self, who: frozenset[str], action: str) -> Concerned:
        """Return what can concern an action of somebody who acts under some names."""
        known = self._known.get((who, action))
        if known is None:
            known = self._known[who, action] = self._found(who, action)
        return known

    def _found(self, who: frozenset[str], action: str) -> Concerned:
        numbers = set(self._rest.get(action, ()))
        for word in (*who, ANYONE):
            numbers.update(self._by_word.get((action, word), ()))
        meant = tuple(each for each in sorted(numbers) if is_meant(self._rules[each].rule, who))
        grants = [each for word in who for each in self._grants.get((action, word), ())]
        grants.sort(key=lambda grant: grant.id)
        key = (meant, tuple([grant.id for grant in grants]))
        if key not in self._alike:
            rules = tuple([self._rules[each] for each in meant])
            self._alike[key] = Concerned(rules, tuple(grants))
        return self._alike[key]

    def _add(self, number: int, rule: Rule) -> None:
        wanted = rule.to
        words = [wanted] if isinstance(wanted, str) else wanted.any_of if wanted else None
        is_plain = isinstance(wanted, str) or (wanted is not None and not wanted.all_of)
        is_plain = is_plain and not any(map(is_glob, words or ()))
        for action in rule.deny or rule.allow or ():
            if not words or not is_plain:
                self._rest.setdefault(action, []).append(number)
                continue
            for word in words:
                self._by_word.setdefault((action, word), []).append(number)


@lru_cache(maxsize=65_536)
def is_glob(word: str) -> bool:
    """Return whether a word is a pattern of several."""
    return not _GLOB.isdisjoint(word)


def is_meant(rule: Rule, who: frozenset[str]) -> bool:
    """Return whether a rule means somebody who acts under some names."""
    if isinstance(rule.to, str) and not is_glob(rule.to):
        return rule.to in who or rule.to == ANYONE
    # NOTE: an allow rule without `to` permits nobody: whoever means everybody writes it.
    return rule.deny is not None if rule.to is None else holds(rule.to, who | {ANYONE})
