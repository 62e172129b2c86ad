"""May this access happen? The policy's rules and grants against one logged access.

Deny overrides allow, order never matters, and what no rule allows is refused unless the
project says otherwise.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from governance.model.clock import in_force
from governance.model.documents import Dataset, Grant
from governance.model.facts import AccessUse
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.rules import Origins, Rule, Selected, Window
from governance.model.selectors import Selectable, holds, matches
from governance.model.taxonomy import is_within

ANYONE = "anyone"
OWN_PURPOSES = "dataset.purposes"
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Answer(IntEnum):
    """How an access stands, worst first."""

    DENIED = 0
    UNDECIDED = 1
    LATE = 2
    ALLOWED = 3


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and the rule or grant that gave it.

    Args:
        rule: The deny rule that refused, or the allow rule whose window was missed.
        grant: The grant that had not begun or was over.
        by: The id of either, or ``no rule``.
        reason: For an undecided one, what the log does not tell.
    """

    answer: Answer
    by: str
    rule: RuleRef | None = None
    grant: Grant | None = None
    reason: str = ""


_Candidates = tuple[list[RuleRef], list[RuleRef]]


class Permits:
    """The rules and grants that concern one dataset, ready to judge its accesses."""

    def __init__(self, policy: EffectivePolicy, dataset: Dataset) -> None:
        self._policy, self._dataset = policy, dataset
        rules = [
            ref
            for ref in policy.rules()
            if (ref.rule.allow or ref.rule.deny)
            and matches(ref.policy.applies_to, Selectable(dataset))
        ]
        self._denies = [ref for ref in rules if ref.rule.deny]
        self._allows = [ref for ref in rules if ref.rule.allow]
        self._grants = [
            grant for _, grant in sorted(policy.grants.items()) if grant.dataset == dataset.id
        ]
        self._zone = ZoneInfo(policy.project.timezone)
        self._identities: dict[tuple[str, date], frozenset[str]] = {}
        self._candidates: dict[tuple[frozenset[str], str, str | None], _Candidates] = {}

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The dataset's grants, by id."""
        return tuple(self._grants)

    def decide(self, use: AccessUse) -> Decision:
        """Return how one access stands."""
        local = use.minute.astimezone(self._zone)
        key = (use.actor, local.date())
        if key not in self._identities:
            self._identities[key] = self._policy.identities(*key)
        who = self._identities[key]
        denies, allows = self._meant(who, use)
        for ref in denies:
            if self._denied_by(ref.rule, use, local):
                return Decision(Answer.DENIED, ref.id, rule=ref)
        answers = [self._by_rule(ref, use, local) for ref in allows]
        answers += [self._by_grant(grant, use, who, local.date()) for grant in self._grants]
        best = max(answers, key=lambda found: found.answer, default=None)
        if best is not None and best.answer is not Answer.DENIED:
            return best
        if self._policy.project.defaults.access == "allow":
            return Decision(Answer.ALLOWED, "the project's default")
        return Decision(Answer.DENIED, "no rule")

    def _meant(self, who: frozenset[str], use: AccessUse) -> _Candidates:
        """Return the rules that deny, and those that allow, such a use at some time from somewhere.

        Few combinations of actor, action and purpose make up the millions of accesses of a log.
        """
        key = (who, use.action, use.purpose)
        if key not in self._candidates:
            denies = [ref for ref in self._denies if self._is_denying(ref.rule, use, who)]
            # NOTE: an allow rule without `to` permits nobody: whoever means everybody writes it.
            allows = [
                ref
                for ref in self._allows
                if use.action in (ref.rule.allow or ())
                and ref.rule.to is not None
                and _is_meant(ref.rule.to, who)
            ]
            self._candidates[key] = (denies, allows)
        return self._candidates[key]

    def _is_denying(self, rule: Rule, use: AccessUse, who: frozenset[str]) -> bool:
        return (
            use.action in (rule.deny or ())
            and (rule.to is None or _is_meant(rule.to, who))
            and (rule.purpose is None or self._fits_purpose(rule.purpose, use.purpose) is True)
        )

    def _denied_by(self, rule: Rule, use: AccessUse, local: datetime) -> bool:
        return (rule.when is None or in_window(rule.when, local)) and (
            rule.origin is None or self._fits_origin(rule.origin, use) is True
        )

    def _by_rule(self, ref: RuleRef, use: AccessUse, local: datetime) -> Decision:
        rule = ref.rule
        refused = Decision(Answer.DENIED, "no rule")
        purpose = rule.purpose is None or self._fits_purpose(rule.purpose, use.purpose)
        origin = rule.origin is None or self._fits_origin(rule.origin, use)
        if purpose is False or origin is False:
            return refused
        if purpose is None or origin is None:
            what = "a purpose" if purpose is None else "where the access came from"
            return Decision(
                Answer.UNDECIDED, ref.id, rule=ref, reason=f"the log does not name {what}"
            )
        on_time = rule.when is None or in_window(rule.when, local)
        return Decision(Answer.ALLOWED if on_time else Answer.LATE, ref.id, rule=ref)

    def _by_grant(self, grant: Grant, use: AccessUse, who: frozenset[str], day: date) -> Decision:
        if use.action not in grant.actions or grant.to not in who:
            return Decision(Answer.DENIED, "no rule")
        if grant.purpose is not None:
            if use.purpose is None:
                reason = "the log does not name a purpose"
                return Decision(Answer.UNDECIDED, grant.id, grant=grant, reason=reason)
            if not is_within(use.purpose, grant.purpose):
                return Decision(Answer.DENIED, "no rule")
        on_time = in_force(since=grant.starts, until=grant.ends, day=day)
        return Decision(Answer.ALLOWED if on_time else Answer.LATE, grant.id, grant=grant)

    def _fits_purpose(self, wanted: Selected, purpose: str | None) -> bool | None:
        """Return whether a purpose is meant; None when the log names none."""
        if purpose is None:
            return None
        own = any(is_within(purpose, allowed) for allowed in self._dataset.purposes or ())
        # NOTE: the dataset's own purposes are a word of the language, not a purpose: the access
        # counts as having it when its purpose lies within them.
        names = (purpose, OWN_PURPOSES) if own else (purpose,)
        return holds(wanted, names, key="purpose")

    def _fits_origin(self, origin: Origins, use: AccessUse) -> bool | None:
        regions = self._policy.taxonomy.expand_regions(origin.region)
        answers: list[bool | None] = []
        if origin.network:
            answers.append(_in_networks(use.network, origin.network))
        if origin.region:
            answers.append(None if use.region is None else use.region in regions)
        if False in answers:
            return False
        return None if None in answers else True


def in_window(window: Window, local: datetime) -> bool:
    """Return whether a local time lies in a window; its last minute is the one before the end.

    Hours that run over midnight belong to the day on which they began.
    """
    minute, day = local.hour * 60 + local.minute, local.date()
    if window.hours is not None:
        start, end = (_minutes(part) for part in window.hours.split("-"))
        if start < end and not start <= minute < end:
            return False
        if start > end:
            if end <= minute < start:
                return False
            if minute < end:
                day -= timedelta(days=1)
    return window.days is None or _WEEK[day.weekday()] in _week_days(window.days)


def _is_meant(wanted: Selected, who: frozenset[str]) -> bool:
    return holds(wanted, who | {ANYONE})


@lru_cache(maxsize=4096)
def _in_networks(origin: str | None, networks: tuple[str, ...]) -> bool | None:
    """Return whether an address, or the network it was cut down to, lies in one of some."""
    if origin is None:
        return None
    came_from = _network(origin)
    known = [_network(network) for network in networks]
    return came_from is not None and any(
        each is not None and _lies_in(came_from, each) for each in known
    )


def _network(text: str) -> _Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _lies_in(inner: _Network, outer: _Network) -> bool:
    if isinstance(outer, ipaddress.IPv4Network):
        return isinstance(inner, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, ipaddress.IPv6Network) and inner.subnet_of(outer)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _week_days(text: str) -> frozenset[str]:
    days: set[str] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in _WEEK or (last or first) not in _WEEK:
            continue
        start, count = _WEEK.index(first), (_WEEK.index(last or first) - _WEEK.index(first)) % 7
        days |= {_WEEK[(start + step) % 7] for step in range(count + 1)}
    return frozenset(days)
