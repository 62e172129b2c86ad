"""The values at which two versions of the policies tell accesses apart, by dimension."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from governance.model.documents import Dataset, Grant, Team
from governance.model.rules import Choice, Rule, Selected
from governance.model.taxonomy import TaxonomyIndex

ANYONE = "anyone"
OWN_PURPOSES = "dataset.purposes"
NOT_NAMED = ""
OTHER = "another"
"""Stands for whatever no file names."""

_DAY_MINUTES = 1440


def is_access(rule: Rule) -> bool:
    """Return whether a rule allows or denies."""
    return bool(rule.allow or rule.deny)


def words(selected: Selected | None) -> Iterator[str]:
    """Yield every word of a scalar or a choice."""
    if isinstance(selected, Choice):
        for _, known in selected:
            yield from known or ()
    elif selected is not None:
        yield selected


def principals(
    rules: Iterable[Rule], grants: Iterable[Grant], teams: Iterable[Team]
) -> Iterator[str]:
    """Yield everybody who is named, and somebody for each glob and for the rest."""
    # NOTE: somebody whom no file names stands for everybody else; the letters of a glob are
    # filled with one that no name has.
    named = {f"user:{OTHER}", f"service:{OTHER}"}
    for word in {word for rule in rules for word in words(rule.to)} | {each.to for each in grants}:
        if word != ANYONE:
            named.add(instance_of(word) if _is_wild(word) else word)
    for team in teams:
        # NOTE: an account that people share is logged as its team, or as its role.
        named |= {*team.members, *team.accounts, team.lead, f"team:{team.id}"}
    yield from named


def _is_wild(word: str) -> bool:
    return any(sign in word for sign in "*?[")


def instance_of(word: str) -> str:
    """Return a name that a glob means."""
    filled = word.replace("*", OTHER).replace("?", "x")
    while "[" in filled and "]" in filled.partition("[")[2]:
        before, _, rest = filled.partition("[")
        inner, _, after = rest.partition("]")
        filled = f"{before}{inner.lstrip('!')[:1] or 'x'}{after}"
    return filled


def days(grants: Iterable[Grant], teams: Iterable[Team]) -> set[date]:
    """Return the first day of each span in which no membership and no grant begins or ends."""
    firsts = {date.min}
    spans = [(grant.starts, grant.ends) for grant in grants]
    members = (member for team in teams for member in team.members.values())
    for first, last in [*spans, *((member.since, member.until) for member in members)]:
        firsts.add(first)
        if last is not None and last < date.max:
            firsts.add(last + timedelta(1))
    return firsts


def purposes(
    rules: Iterable[Rule], grants: Iterable[Grant], datasets: Iterable[Dataset]
) -> set[str]:
    """Return the purposes that are named, one below each, one that is not, and none."""
    named = {word for rule in rules for word in words(rule.purpose) if word != OWN_PURPOSES}
    named |= {grant.purpose for grant in grants if grant.purpose}
    named |= {purpose for dataset in datasets for purpose in dataset.purposes or ()}
    named = {instance_of(word) if _is_wild(word) else word for word in named}
    return {NOT_NAMED, OTHER} | named | {f"{purpose}.{OTHER}" for purpose in named}


def minutes(rules: Iterable[Rule]) -> set[int]:
    """Return the first minute of each span of the week, counted from Monday 00:00."""
    edges = {0, *(edge for rule in rules if rule.when for edge in rule.when.edges)}
    return {_DAY_MINUTES * day + edge for day in range(7) for edge in edges if edge < _DAY_MINUTES}


def addresses(rules: Iterable[Rule]) -> set[tuple[int, int]]:
    """Return the family and first address of each span between networks, and 0 for none told."""
    firsts = {(0, 0), (4, 0), (6, 0)}  # the first one stands for an access without an address
    named = {each for rule in rules if rule.origin for each in rule.origin.network}
    for network in (ipaddress.ip_network(each, strict=False) for each in named):
        start, end = int(network.network_address), int(network.broadcast_address)
        firsts.add((network.version, start))
        if end + 1 < 1 << network.max_prefixlen:
            firsts.add((network.version, end + 1))
    return firsts


def regions(rules: Iterable[Rule], taxonomies: Iterable[TaxonomyIndex]) -> set[str]:
    """Return the regions that are named, with the countries in them, one that is not, and none."""
    named = {region for rule in rules if rule.origin for region in rule.origin.region}
    expanded = [taxonomy.expand_regions(named) for taxonomy in taxonomies]
    return {NOT_NAMED, OTHER}.union(named, *expanded)
