"""The parts of a rule about access: whether one of them alone widens or narrows what it means."""

from __future__ import annotations

from governance.model.rules import Rule
from governance.policy.comparison.boxes import Box, minus
from governance.policy.comparison.change import Difference, Versions
from governance.policy.comparison.universe import Universe

_PARTS = frozenset({"allow", "deny", "to", "for", "when", "from"})


def is_access_part(difference: Difference) -> bool:
    """Return whether a difference is of what a rule allows or denies, to whom, for what, when."""
    path = difference.path
    return difference.kind == "Policy" and path[:1] == ("rules",) and path[2:3] != () and (
        path[2] in _PARTS
    )  # fmt: skip


def is_narrower(
    difference: Difference, versions: Versions, universe: Universe, *, is_loss: bool
) -> bool:
    """Return whether a part that changed can only do the opposite of a loss (or of a gain)."""
    if not is_access_part(difference):
        return False
    old, new = (
        policy.policies[difference.document].rules[difference.path[1]]
        for policy in (versions.base, versions.head)
    )
    if bool(old.allow) != bool(new.allow):
        return False
    part, at = difference.path[2], (universe, versions)
    for own in ((), universe.purposes):
        before, after = (_meaning(part, rule, at, own) for rule in (old, new))
        # A loss comes from an allow rule that means more, or from a deny rule that means less.
        grown, held = (after, before) if bool(new.allow) == is_loss else (before, after)
        if minus(grown, held):
            return False
    return True


def _meaning(
    part: str, rule: Rule, at: tuple[Universe, Versions], own: tuple[str, ...]
) -> list[Box]:
    """Return what one part of a rule means, as boxes of as many dimensions as it needs.

    Args:
        own: The purposes of the dataset that ``dataset.purposes`` stands for.
    """
    universe, versions = at
    match part:
        case "to":
            return list(universe.who(rule.to, versions.head.teams.values()))
        case "for":
            return [(universe.meant(rule.purpose, own),)]
        case "when":
            return [(universe.at(rule.when),)]
        case "from":
            regions = universe.from_regions(rule.origin, versions.head.taxonomy)
            return [(universe.from_networks(rule.origin), regions)]
    return [(universe.actions(rule.allow or rule.deny or ()),)]
