"""Every access that two versions of the policies can tell apart, cut into few coordinates.

Principals, days, actions, purposes, minutes of the week, networks and regions are each divided at
the values that a rule or a grant of either version names. Between two such values no rule can
tell accesses apart, so one of them stands for all.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from governance.model.clock import in_force
from governance.model.documents import Team
from governance.model.policy import EffectivePolicy
from governance.model.rules import Action, Origins, Selected, Window
from governance.model.selectors import holds
from governance.model.taxonomy import TaxonomyIndex, is_within
from governance.policy.comparison import coordinates
from governance.policy.comparison.boxes import Box
from governance.policy.comparison.coordinates import ANYONE, NOT_NAMED, OWN_PURPOSES

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 1440
_ACTIONS = tuple(Action)
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Universe:
    """The coordinates; a box has a mask over each in this order, and one over what is read.

    Args:
        days: First day of each span of days in which no membership and no grant begins or ends.
        minutes: First minute, from Monday 00:00, of each span of the week.
        addresses: Family and first address of each span; the last one stands for none logged.
    """

    principals: tuple[str, ...]
    days: tuple[date, ...]
    purposes: tuple[str, ...]
    minutes: tuple[int, ...]
    addresses: tuple[tuple[int, int], ...]
    regions: tuple[str, ...]

    @classmethod
    def of(cls, versions: Iterable[EffectivePolicy]) -> Universe:
        """Return the coordinates that tell apart whatever some policies tell apart."""
        versions = tuple(versions)
        refs = (ref for each in versions for ref in each.rules())
        rules = [ref.rule for ref in refs if coordinates.is_access(ref.rule)]
        grants = [grant for each in versions for grant in each.grants.values()]
        teams = [team for each in versions for team in each.teams.values()]
        datasets = [dataset for each in versions for dataset in each.datasets.values()]
        return cls(
            principals=tuple(sorted(coordinates.principals(rules, grants, teams))),
            days=tuple(sorted(coordinates.days(grants, teams))),
            purposes=tuple(sorted(coordinates.purposes(rules, grants, datasets))),
            minutes=tuple(sorted(coordinates.minutes(rules))),
            addresses=tuple(sorted(coordinates.addresses(rules))),
            regions=tuple(sorted(coordinates.regions(rules, [each.taxonomy for each in versions]))),
        )

    @cached_property
    def everything(self) -> Box:
        """Every access there is, but for the columns and places that it is of."""
        sizes = (self.principals, self.days, _ACTIONS, self.purposes, self.minutes,
                 self.addresses, self.regions)  # fmt: skip
        return tuple((1 << len(each)) - 1 for each in sizes)

    def who(self, selected: Selected | None, teams: Iterable[Team]) -> Iterator[tuple[int, int]]:
        """Yield masks of principals and days that a rule's ``to`` means, by memberships."""
        if selected is None or selected == ANYONE:
            yield self.everything[0], self.everything[1]
            return
        by_days: dict[int, int] = {}
        for index, spans in enumerate(self._identities(tuple(teams))):
            mask = sum(
                days for names, days in spans.items() if holds(selected, (*names, ANYONE), key="to")
            )
            if mask:
                by_days[mask] = by_days.get(mask, 0) | 1 << index
        for days, who in by_days.items():
            yield who, days

    def _identities(self, teams: tuple[Team, ...]) -> list[dict[frozenset[str], int]]:
        """Return per principal what it may act as, with the days on which it may."""
        key = tuple(id(team) for team in teams)
        if key not in self._known:
            self._known[key] = [self._spans(name, teams) for name in self.principals]
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[int, ...], list[dict[frozenset[str], int]]]:
        return {}

    def _spans(self, principal: str, teams: tuple[Team, ...]) -> dict[frozenset[str], int]:
        held = [(team, team.members[principal]) for team in teams if principal in team.members]
        if not held:
            return {frozenset({principal}): self.everything[1]}
        spans: dict[frozenset[str], int] = {}
        for index, day in enumerate(self.days):
            names = {principal}
            for team, member in held:
                if in_force(since=member.since, until=member.until, day=day):
                    names |= {f"team:{team.id}", *(f"role:{role}" for role in member.roles)}
            key = frozenset(names)
            spans[key] = spans.get(key, 0) | 1 << index
        return spans

    def span(self, first: date, last: date) -> int:
        """Return the days from one to another, both included."""
        return _mask(in_force(since=first, until=last, day=day) for day in self.days)

    def actions(self, actions: Iterable[Action]) -> int:
        """Return some actions."""
        known = set(actions)
        return _mask(action in known for action in _ACTIONS)

    def meant(
        self, selected: Selected | None, own: Iterable[str] | None, *, untold: bool = False
    ) -> int:
        """Return the purposes that a rule's ``for`` means, given a dataset's own.

        Args:
            untold: Whether an access that names none counts too, as one that may be forbidden.
        """
        if selected is None:
            return self.everything[3]
        own = tuple(own or ())
        return _mask(
            untold
            if purpose == NOT_NAMED
            else holds(selected, _with_own(purpose, own), key="purpose")
            for purpose in self.purposes
        )

    def below(self, purpose: str | None, own: Iterable[str] | None) -> int:
        """Return what a grant is for: a purpose and all below it, else a dataset's own, or none."""
        if purpose is not None:
            return _mask(is_within(each, purpose) for each in self.purposes)
        own = tuple(own or ())
        if not own:
            return self.everything[3]
        return _mask(
            each == NOT_NAMED or any(is_within(each, one) for one in own) for each in self.purposes
        )

    def at(self, window: Window | None) -> int:
        """Return the minutes of the week that lie in a window."""
        if window is None:
            return self.everything[4]
        return _mask(in_window(window, minute) for minute in self.minutes)

    def from_networks(self, origin: Origins | None, *, untold: bool = False) -> int:
        """Return the addresses that lie in the networks of a rule."""
        if origin is None or not origin.network:
            return self.everything[5]
        networks = [ipaddress.ip_network(each, strict=False) for each in origin.network]
        return _mask(
            any(_holds(each, *span) for each in networks) or (untold and not span[0])
            for span in self.addresses
        )

    def from_regions(
        self, origin: Origins | None, taxonomy: TaxonomyIndex, *, untold: bool = False
    ) -> int:
        """Return the regions that a rule names, groups resolved."""
        if origin is None or not origin.region:
            return self.everything[6]
        known = {*taxonomy.expand_regions(origin.region), *([NOT_NAMED] if untold else ())}
        return _mask(region in known for region in self.regions)


def in_window(window: Window, minute: int) -> bool:
    """Return whether a minute of the week lies in a window, as accesses are judged.

    Hours that run over midnight belong to the day on which they began.
    """
    day, of_day = divmod(minute, _DAY_MINUTES)
    if window.hours is not None:
        start, end = (_of_day(part) for part in window.hours.split("-"))
        if start < end and not start <= of_day < end:
            return False
        if start > end:
            if end <= of_day < start:
                return False
            day -= of_day < end
    return window.days is None or day % 7 in _week_days(window.days)


def _mask(bits: Iterable[bool]) -> int:
    return sum(1 << index for index, bit in enumerate(bits) if bit)


def _with_own(purpose: str, own: tuple[str, ...]) -> tuple[str, ...]:
    is_own = any(is_within(purpose, each) for each in own)
    return (purpose, OWN_PURPOSES) if is_own else (purpose,)


def _of_day(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _week_days(text: str) -> set[int]:
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        start, end = _WEEK.index(first), _WEEK.index(last or first)
        found |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    return found


def _holds(network: _Network, family: int, address: int) -> bool:
    first, last = int(network.network_address), int(network.broadcast_address)
    return family == network.version and first <= address <= last
