"""What the last scan's measurements say about a change: clear values, old rows, logged accesses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from governance.controls.permits import Answer, Decision, Permits
from governance.engine.measurements import Measurements
from governance.model.facts import AccessUse, FieldFacts
from governance.model.ladders import Duration
from governance.model.policy import EffectivePolicy, RuleRef
from governance.policy.comparison.change import Change, Direction, Versions
from governance.policy.comparison.coverage import Spot, spots

_ACCESS_KINDS = frozenset({"Policy", "Grant", "Team", "Dataset", "Project", "Taxonomy"})


def replayed(
    changes: Sequence[Change], versions: Versions, known: Measurements
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return the changes with what was measured, and what holds for all of them together."""
    told = [each.replayed(*_measured(each, versions, known)) for each in changes]
    moves = _moves(changes, versions, known)
    by_change: dict[str, Counter[bool]] = {}
    total: Counter[bool] = Counter()
    for use, is_allowed, cause in moves:
        total[is_allowed] += use.count
        if cause is not None:
            by_change.setdefault(cause.id, Counter())[is_allowed] += use.count
    told = [each.replayed(*_accesses_told(by_change.get(each.id, Counter()))) for each in told]
    return tuple(told), tuple(_accesses_told(total))


def _accesses_told(counts: Counter[bool]) -> Iterator[str]:
    for is_allowed, before, after in ((True, "denied", "allowed"), (False, "allowed", "denied")):
        count = counts[is_allowed]
        if count:
            verb = "become" if count != 1 else "becomes"
            was = "were" if count != 1 else "was"
            yield (
                f"{_counted(count, 'access', 'accesses')} of the last scan that {was} {before} "
                f"{verb} {after}"
            )


def _moves(
    changes: Sequence[Change], versions: Versions, known: Measurements
) -> Iterator[tuple[AccessUse, bool, Change | None]]:
    """Yield each logged access that is answered otherwise, and the change that does it."""
    touching = [each for each in changes if each.kind in _ACCESS_KINDS]
    names = {asset for each in touching for asset in each.assets}
    base, head = versions.base, versions.head
    names &= base.datasets.keys() & head.datasets.keys()
    permits = {
        name: (Permits(base, base.datasets[name]), Permits(head, head.datasets[name]))
        for name in names & {use.dataset for use in known.accesses}
    }
    for use in known.accesses:
        if use.dataset in permits:
            old, new = (each.decide(use) for each in permits[use.dataset])
            allowed = [each.answer is Answer.ALLOWED for each in (old, new)]
            if allowed[0] != allowed[1]:
                yield use, allowed[1], _cause(touching, use, (old, new))


def _cause(
    changes: Sequence[Change], use: AccessUse, decisions: tuple[Decision, Decision]
) -> Change | None:
    """Return the change of the rule or grant that decided, else of the actor, else of the asset."""
    deciders = {each.by for each in decisions}
    concerning = [each for each in changes if use.dataset in each.assets]
    tests: tuple[Callable[[Change], bool], ...] = (
        lambda each: each.kind == "Policy" and any(_is_of(each, by) for by in deciders),
        lambda each: each.kind == "Grant" and each.document in deciders,
        lambda each: each.kind == "Team" and use.actor in each.path,
        lambda each: each.kind == "Team",
        lambda each: bool(each.consequences),
    )
    for test in tests:
        for change in concerning:
            if test(change):
                return change
    return None


def _is_of(change: Change, rule_id: str) -> bool:
    if not rule_id.startswith(f"{change.document}."):
        return False
    path = change.path
    name = rule_id.removeprefix(f"{change.document}.")
    is_rule = path == f"rules.{name}" or path.startswith(f"rules.{name}.")
    return not path or path.startswith("applies_to") or is_rule


def _measured(change: Change, versions: Versions, known: Measurements) -> Iterator[str]:
    if change.direction is not Direction.WEAKER:
        return
    for rule in _state_rules(change, versions.base):
        yield from _in_clear(rule, change, versions, known)
    if change.kind == "Dataset" and change.path.startswith("retention"):
        yield from _kept_longer(change.document, versions, known)
    if change.kind == "Dataset" and change.path.startswith("fields.") and change.head is None:
        yield from _still_there(change, known)


def _state_rules(change: Change, base: EffectivePolicy) -> list[RuleRef]:
    return [
        ref
        for ref in base.rules()
        if ref.rule.require_state
        and (ref.id in change.rules or (change.kind == "Policy" and _is_of(change, ref.id)))
    ]


def _in_clear(
    rule: RuleRef, change: Change, versions: Versions, known: Measurements
) -> Iterator[str]:
    """Say how many of the values that lose a required state are in clear."""
    heads = {each.id: each for each in versions.head.rules()}
    lost: list[Spot] = []
    for name in change.assets:
        old, new = versions.base.datasets.get(name), versions.head.datasets.get(name)
        if old is None:
            continue
        before = set(spots(rule, old))
        twin = heads.get(rule.id)
        after = set(spots(twin, new)) if twin and new else set()
        lost += sorted(before - after or before)
    found = [facts for spot in lost for facts in _facts(spot, known)]
    rows = sum(each.rows - each.nulls for each in found)
    datasets = len({spot.dataset for spot in lost})
    if not lost:
        return
    who = f"{_counted(datasets, 'dataset')} {'lose' if datasets != 1 else 'loses'}"
    what = f"{who} the protection of {rule.id} or a part of it"
    if not rows:
        yield f"{what}; no scan has measured its values"
        return
    clear = sum(map(_clear_rows, found))
    link = "although" if clear else "and"
    yield f"{what}, {link} {_percent(clear / rows)} of the values that it protects are in clear"


def _facts(spot: Spot, known: Measurements) -> Iterator[FieldFacts]:
    asset = known.assets.get(spot.dataset)
    for place in asset.places if asset else ():
        if not spot.place or place.place == spot.place:
            yield from (field for field in place.fields if field.name == spot.field)


def _clear_rows(facts: FieldFacts) -> int:
    seen = facts.protection
    # NOTE: where every value is masked, what a detector matched is the mask.
    if seen is not None and seen.other == 0 and seen.masked > 0:
        return 0
    return min(facts.rows - facts.nulls, max((hit.rows for hit in facts.contains), default=0))


def _kept_longer(name: str, versions: Versions, known: Measurements) -> Iterator[str]:
    """Say how many rows were due and may stay."""
    old, new = (policy.datasets[name].retention for policy in (versions.base, versions.head))
    if old is None or old.measured_by is None or known.taken is None:
        return
    asset = known.assets.get(name)
    first = old.max_age.before(known.taken)
    last = new.max_age.before(known.taken) if new else date.min
    days = [
        (day, rows)
        for place in (asset.places if asset else ())
        for field in place.fields
        if field.name == old.measured_by
        for day, rows in field.days
    ]
    due = sum(rows for day, rows in days if last <= day < first)
    if due and _is_longer(old.max_age, new.max_age if new else None):
        yield f"{_counted(due, 'row')} of the last scan {_were(due)} due to be removed and may stay"


def _is_longer(old: Duration, new: Duration | None) -> bool:
    return new is None or new.approximate_days > old.approximate_days


def _still_there(change: Change, known: Measurements) -> Iterator[str]:
    asset, name = known.assets.get(change.document), change.path.removeprefix("fields.")
    places = [
        place.place
        for place in (asset.places if asset else ())
        if any(field.name == name for field in place.fields)
    ]
    if places:
        yield f"the last scan still found the column at {', '.join(places)}"


def _counted(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _percent(share: float) -> str:
    if 0 < share < 0.01:
        return "less than 1 %"
    return f"{share:.0%}".replace("%", " %")
