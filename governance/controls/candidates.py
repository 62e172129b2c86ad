"""Which rules and grants can concern an access at all: found by action and principal, not asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from governance.model.documents import Grant
from governance.model.policy import RuleRef
from governance.model.rules import Rule

ANYONE = "anyone"
_GLOB = frozenset("*?[")
_Key = tuple[frozenset[str], str]


class Candidates:
    """The rules and grants of a dataset by action and principal.

    A rule that names principals by globs, or by what they must be at once, stands under none: it is
    a candidate for everybody.
    """

    def __init__(self, rules: Sequence[RuleRef], grants: Iterable[Grant]) -> None:
        self._rules = rules
        self._by_word: dict[tuple[str, str], list[int]] = {}
        self._rest: dict[str, list[int]] = {}
        self._grants: dict[tuple[str, str], list[Grant]] = {}
        self._known: dict[_Key, tuple[tuple[RuleRef, ...], tuple[Grant, ...]]] = {}
        for number, ref in enumerate(rules):
            self._add(number, ref.rule)
        for grant in grants:
            for action in grant.actions:
                self._grants.setdefault((action, grant.to), []).append(grant)

    def of(self, who: frozenset[str], action: str) -> tuple[tuple[RuleRef, ...], tuple[Grant, ...]]:
        """Return the rules, in the order of the policy, and the grants, by id."""
        known = self._known.get((who, action))
        if known is None:
            numbers = set(self._rest.get(action, ()))
            for word in (*who, ANYONE):
                numbers.update(self._by_word.get((action, word), ()))
            grants = (each for word in who for each in self._grants.get((action, word), ()))
            known = self._known[who, action] = (
                tuple(self._rules[number] for number in sorted(numbers)),
                tuple(sorted(grants, key=lambda grant: grant.id)),
            )
        return known

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
