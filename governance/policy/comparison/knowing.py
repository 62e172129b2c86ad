"""Judges that must know more than two values: both versions as a whole, or what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from governance.model.asset import Place
from governance.model.clearances import uses_clearances
from governance.model.documents import Dataset
from governance.model.ladders import Classification, State
from governance.model.policy import EffectivePolicy
from governance.model.selectors import declared_state
from governance.model.taxonomy import is_within
from governance.policy.comparison.change import Difference, Direction, Versions
from governance.policy.comparison.judges import present, sooner, subset

Knowing = Callable[[Difference, Versions], Direction | None]
"""Returns None where the difference means nothing at all."""

_GOVERNED = ("datasets", "models", "pipelines", "policies")


def field(difference: Difference, versions: Versions) -> Direction:
    """A field left out is weaker, unless the last scan saw everything and no such column."""
    found = present(difference.before, difference.after)
    known = versions.measured.get(difference.document)
    columns = known.columns.values() if known else [{difference.path[1]}]
    if found is Direction.WEAKER and not any(difference.path[1] in each for each in columns):
        return Direction.NEUTRAL
    return Direction.NEUTRAL if found is Direction.UNKNOWN else found


def category(difference: Difference, versions: Versions) -> Direction:
    """As strong as it is specific; what is no longer personal or special is weaker."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return present(before, after)
    base, head = versions.base.taxonomy, versions.head.taxonomy
    flags = [
        (bool(base.is_personal(before)), bool(head.is_personal(after))),
        (bool(base.is_special(before)), bool(head.is_special(after))),
    ]
    if any(old and not new for old, new in flags):
        return Direction.WEAKER
    if any(new and not old for old, new in flags) or is_within(after, before):
        return Direction.STRONGER
    return Direction.WEAKER if is_within(before, after) else Direction.UNKNOWN


def tier(difference: Difference, versions: Versions) -> Direction | None:
    """A field's tier, its dataset's where it has none of its own."""
    name, ranks = difference.path[1], []
    for policy in (versions.base, versions.head):
        dataset = policy.datasets[difference.document]
        said = dataset.fields[name].classification or dataset.classification
        ranks.append(-1 if said is None else said.rank)
    if ranks[0] == ranks[1]:
        return None
    return Direction.STRONGER if ranks[1] > ranks[0] else Direction.WEAKER


def state(difference: Difference, versions: Versions) -> Direction | None:
    """The state that a field promises, place by place, its dataset's where it says nothing."""
    name = difference.path[1]
    old, new = (policy.datasets[difference.document] for policy in (versions.base, versions.head))
    places = [*_places(old), *_places(new)] or [None]
    pairs = [(_promised(old, name, place), _promised(new, name, place)) for place in places]
    if all(before == after for before, after in pairs):
        return None if old.state != new.state else Direction.NEUTRAL
    is_weaker = any(after < before for before, after in pairs)
    return Direction.WEAKER if is_weaker else Direction.STRONGER


def _promised(dataset: Dataset, field: str, place: Place | None) -> int:
    spec = dataset.fields.get(field)
    said = declared_state(spec, place) if spec else None
    return -1 if said is None else State(said).rank


def _places(dataset: Dataset) -> Iterator[Place | None]:
    for name, location in dataset.locations.items():
        yield Place(name, "", location.type, location.region, location.environment)


def residency(difference: Difference, versions: Versions) -> Direction | None:
    """Regions by the countries in them, as each version's vocabulary has it."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return present(before, after)
    return subset(_countries(after, versions.head), _countries(before, versions.base))


def region(difference: Difference, versions: Versions) -> Direction:
    """Where a place lies: within what the dataset was allowed before, a move is none."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return present(before, after)
    if _countries([after], versions.head) <= _countries([before], versions.base):
        return Direction.NEUTRAL
    dataset = versions.base.datasets.get(difference.document)
    allowed = _countries(dataset.residency or (), versions.base) if dataset else set()
    is_inside = _countries([after], versions.head) <= allowed
    return Direction.NEUTRAL if is_inside else Direction.WEAKER


def _countries(regions: list[str] | tuple[str, ...], policy: EffectivePolicy) -> set[str]:
    groups = policy.taxonomy.regions
    known = set(policy.taxonomy.expand_regions(regions))
    # NOTE: a group whose members nobody names stands for itself.
    return known - {each for each in known if groups.get(each)}


def region_group(difference: Difference, versions: Versions) -> Direction:  # noqa: ARG001
    """A group of countries that grows lets data live in more places wherever it is named."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return Direction.NEUTRAL  # whoever names it does not load without it
    return subset(set(after), set(before))


def severity(difference: Difference, versions: Versions) -> Direction | None:
    """A rule's severity, its policy's where it has none of its own."""
    name = difference.path[1]
    ranks = []
    for policy in (versions.base, versions.head):
        document = policy.policies[difference.document]
        ranks.append((document.rules[name].severity or document.severity).rank)
    if ranks[0] == ranks[1]:
        return None
    return Direction.STRONGER if ranks[1] > ranks[0] else Direction.WEAKER


def policy_severity(difference: Difference, versions: Versions) -> Direction:
    """A policy's severity counts for those of its rules that have none of their own."""
    old, new = (policy.policies[difference.document] for policy in (versions.base, versions.head))
    moves = [
        (new.rules[name].severity or new.severity).rank
        - (old.rules[name].severity or old.severity).rank
        for name in old.rules.keys() & new.rules.keys()
    ]
    if any(move < 0 for move in moves):
        return Direction.WEAKER
    return Direction.STRONGER if any(move > 0 for move in moves) else Direction.NEUTRAL


def waiver(difference: Difference, versions: Versions) -> Direction:
    """A waiver matters until its last day; one that is over waives nothing."""
    policy = versions.base if difference.after is None else versions.head
    if policy.waivers[difference.document].expires < versions.day:
        return Direction.NEUTRAL
    return Direction.WEAKER if difference.before is None else Direction.STRONGER


def waiver_end(difference: Difference, versions: Versions) -> Direction:
    """A later end matters, unless it is over all the same."""
    found = sooner(difference.before, difference.after)
    is_over = versions.head.waivers[difference.document].expires < versions.day
    return Direction.NEUTRAL if is_over and found is Direction.WEAKER else found


def waiver_start(difference: Difference, versions: Versions) -> Direction:
    """A start matters while it lies ahead."""
    days = (difference.before, difference.after)
    if all(str(day) <= versions.day.isoformat() for day in days):
        return Direction.NEUTRAL
    return sooner(*days).opposite


def grantee(difference: Difference, versions: Versions) -> Direction:
    """A grant for one member of the team that had it is narrower; any other hand is another."""
    before, after = str(difference.before), str(difference.after)
    team = versions.base.teams.get(before.removeprefix("team:"))
    is_member = team is not None and before.startswith("team:") and after in team.members
    return Direction.STRONGER if is_member else Direction.WEAKER


def timezone(difference: Difference, versions: Versions) -> Direction:  # noqa: ARG001
    """Another zone moves every window, so that hours are allowed that were not."""
    rules = (*versions.base.rules(), *versions.head.rules())
    return Direction.WEAKER if any(ref.rule.when for ref in rules) else Direction.UNKNOWN


def team(difference: Difference, versions: Versions) -> Direction:
    """A team that is dissolved leaves what it owned; a new one is only a name."""
    if difference.before is None:
        return Direction.NEUTRAL
    return Direction.WEAKER if owns(versions.base, difference.document) else Direction.NEUTRAL


def clearance(difference: Difference, versions: Versions) -> Direction:
    """A higher tier is weaker. The last clearance that goes takes the question with it."""
    before, after = difference.before, difference.after
    if before is None:
        return Direction.WEAKER if uses_clearances(versions.base) else Direction.STRONGER
    if after is None:
        return Direction.STRONGER if uses_clearances(versions.head) else Direction.WEAKER
    is_higher = Classification(after).rank > Classification(before).rank
    return Direction.WEAKER if is_higher else Direction.STRONGER


def membership(difference: Difference, versions: Versions) -> Direction:
    """Whoever joins an owner may approve in its name; what a team may read is an effect."""
    old, new = (
        policy.teams[difference.document].members.get(difference.path[1])
        for policy in (versions.base, versions.head)
    )
    if new is None or not owns(versions.base, difference.document):
        return Direction.NEUTRAL
    if old is None or new.since < old.since:
        return Direction.WEAKER
    is_longer = old.until is not None and (new.until is None or new.until > old.until)
    return Direction.WEAKER if is_longer else Direction.NEUTRAL


def owns(policy: EffectivePolicy, name: str) -> bool:
    """Return whether a team owns an asset, a pipeline or a policy, or the settings."""
    owner = f"team:{name}"
    return (
        any(
            document.owner == owner
            for kind in _GOVERNED
            for document in getattr(policy, kind).values()
        )
        or getattr(policy.project, "owner", None) == owner
    )


def pipeline(difference: Difference, versions: Versions) -> Direction:  # noqa: ARG001
    """A pipeline more uses what it reads; one less leaves logs behind that nobody scans."""
    if difference.before is None:
        uses = difference.after["reads"] or difference.after["writes"]
        return Direction.WEAKER if uses else Direction.STRONGER
    return Direction.WEAKER if difference.before["logs"] else Direction.STRONGER


def training(difference: Difference, versions: Versions) -> Direction:  # noqa: ARG001
    """A dataset more is another use of it, one less a record less; a version is a version."""
    is_same = difference.before is not None and difference.after is not None
    return Direction.NEUTRAL if is_same else Direction.WEAKER


def purpose(difference: Difference, versions: Versions) -> Direction:  # noqa: ARG001
    """A purpose within the one before is narrower; any other is another use."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return present(before, after)
    return Direction.STRONGER if is_within(after, before) else Direction.WEAKER


def mapping(difference: Difference, versions: Versions) -> Direction:
    """What an entity proves: judged as the category of a field."""
    return category(difference, versions)


def sensitive(difference: Difference, versions: Versions) -> Direction:  # noqa: ARG001
    """The thresholds of a sensitive column: more values are stronger, larger distances weaker."""
    name, before, after = difference.path[-1], difference.before, difference.after
    if before is None or after is None:
        return present(before, after)
    sign = {"l": 1, "t": -1, "beta": -1, "delta": -1, "alpha": -1}.get(name, 0)
    if not sign:
        return Direction.UNKNOWN
    return Direction.STRONGER if sign * (after - before) > 0 else Direction.WEAKER
