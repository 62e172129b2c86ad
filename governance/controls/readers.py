"""Who comes in by a grant or a rule: persons, services, and words that stand for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from governance.model.policy import EffectivePolicy
from governance.model.rules import Action, Rule, Selected
from governance.model.selectors import holds

ANYONE = "anyone"
READING = frozenset({Action.READ, Action.EXPORT, Action.TRAIN})
"""The actions that show somebody the data."""

_WILD = frozenset("*?[")


class Readers:
    """The persons and services of the policy files, and what each acts as on a day."""

    def __init__(self, policy: EffectivePolicy, day: date) -> None:
        self._policy = policy
        named = {
            word for ref in policy.rules() for word in words_of(ref.rule.to) if _is_somebody(word)
        }
        people = {who for who in policy.principals() if _is_somebody(who)} | named
        self._acts_as = {who: policy.identities(who, day) for who in sorted(people)}

    def granted(self, to: str) -> tuple[str, ...]:
        """Return whom a grant lets in: those who act as its grantee, and a cleared group itself."""
        found = [who for who, names in self._acts_as.items() if to in names]
        if to not in found and (to in self._policy.project.clearances or not found):
            found.insert(0, to)
        return tuple(found)

    def let_in(self, rule: Rule, denies: Sequence[Rule]) -> tuple[str, ...]:
        """Return whom an allow rule lets in and no deny rule keeps out whatever the occasion."""
        found = [
            who
            for who, names in self._acts_as.items()
            if _is_meant(rule.to, names) and not self._is_kept_out(rule, denies, names)
        ]
        # NOTE: a group whose clearance is told must suffice even while nobody belongs to it.
        groups = [
            word
            for word in _wanted(rule.to)
            if word in self._policy.project.clearances
            and not self._is_kept_out(rule, denies, frozenset({word}))
        ]
        return tuple(dict.fromkeys([*groups, *found]))

    def is_for_anyone(self, rule: Rule, denies: Sequence[Rule]) -> bool:
        """Return whether a rule lets in whoever comes."""
        stranger = frozenset({"user:"})
        return _is_meant(rule.to, stranger) and not self._is_kept_out(rule, denies, stranger)

    def unlisted(self, rule: Rule) -> str | None:
        """Return a glob by which a rule lets in persons that no policy file lists."""
        globs = [word for word in _wanted(rule.to) if not _WILD.isdisjoint(word)]
        return next((word for word in globs if not word.startswith(("team:", "role:"))), None)

    def _is_kept_out(self, rule: Rule, denies: Sequence[Rule], names: frozenset[str]) -> bool:
        wanted = READING.intersection(rule.allow or ())
        return any(
            wanted <= set(deny.deny or ())
            and (deny.purpose, deny.when, deny.origin) == (None, None, None)
            and (deny.to is None or _is_meant(deny.to, names))
            for deny in denies
        )


def words_of(selected: Selected | None) -> Iterator[str]:
    """Yield every word of a scalar or a choice."""
    if isinstance(selected, str):
        yield selected
    elif selected is not None:
        for _, words in selected:
            yield from words or ()


def _wanted(selected: Selected | None) -> Iterator[str]:
    """Yield the words that let somebody in; those of ``none_of`` keep out."""
    if isinstance(selected, str):
        yield selected
    elif selected is not None:
        yield from selected.any_of or ()
        yield from selected.all_of or ()


def _is_meant(wanted: Selected | None, names: frozenset[str]) -> bool:
    return wanted is not None and holds(wanted, names | {ANYONE})


def _is_somebody(word: str) -> bool:
    return word.startswith(("user:", "service:")) and _WILD.isdisjoint(word)
