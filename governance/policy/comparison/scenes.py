"""What decides about the accesses to one dataset, as the boxes of each rule and grant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from governance.model.asset import Place
from governance.model.documents import Dataset, Grant, Team
from governance.model.policy import RuleRef
from governance.model.selectors import Selectable, matches
from governance.model.taxonomy import TaxonomyIndex
from governance.policy.comparison.boxes import Box, minus
from governance.policy.comparison.universe import Universe

Source = tuple[str, str]
"""Kind and name of what allows or denies: ``("deny", "exports.closed")``, ``("grant", …)``."""

Cell = tuple[str, str]
"""A column and a place that an access names; empty where it names none."""

# Selectors of these keys hold for a dataset as a whole or not at all.
_WHOLE = frozenset({"dataset", "owner", "subject"})


@dataclass(frozen=True, slots=True)
class Scene:
    """What decides about the accesses to one dataset; each part is of one of two versions.

    Args:
        cells: Every column and place that either version declares, and none of each.
    """

    regions: TaxonomyIndex
    teams: tuple[Team, ...]
    dataset: Dataset
    grants: tuple[Grant, ...]
    rules: tuple[RuleRef, ...]
    default: str
    cells: tuple[Cell, ...]


def cells_of(datasets: Iterable[Dataset]) -> tuple[Cell, ...]:
    """Return every column at every place that some versions of a dataset declare."""
    datasets = tuple(datasets)
    fields = ["", *sorted({name for each in datasets for name in each.fields})]
    places = ["", *sorted({name for each in datasets for name in each.locations})]
    return tuple((field, place) for field in fields for place in places)


class Stage:
    """Turns scenes into boxes; what is the same in several of them is made once."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self._known: dict[tuple[object, ...], list[Box]] = {}

    def sources(self, scene: Scene) -> dict[Source, list[Box]]:
        """Return what each rule and grant that concerns a dataset allows or denies."""
        found: dict[Source, list[Box]] = {}
        for ref in scene.rules:
            cells = self._cells(ref, scene)
            if cells:
                kind = "allow" if ref.rule.allow else "deny"
                boxes = self._rule(ref, scene, is_open=kind == "deny")
                found[kind, ref.id] = [(*box, cells) for box in boxes]
        for grant in scene.grants:
            found["grant", grant.id] = list(self._grant(grant, scene))
        if scene.default == "allow":
            everything = [(*self.universe.everything, (1 << len(scene.cells)) - 1)]
            found["default", ""] = minus(everything, self._concerned(scene, found))
        return found

    def _concerned(self, scene: Scene, found: Mapping[Source, list[Box]]) -> Iterator[Box]:
        """Yield what an allow rule or a grant has a say in, whatever the time and what is untold.

        By default that is left to them: an access at another hour is late, not allowed.
        """
        universe = self.universe
        for ref in scene.rules:
            if ref.rule.allow and ("allow", ref.id) in found:
                cells = self._cells(ref, scene)
                for box in self._rule(ref, scene, is_open=True):
                    yield (*box[:4], universe.everything[4], *box[5:], cells)
        for (kind, _), boxes in found.items():
            if kind == "grant":
                yield from ((box[0], universe.everything[1], *box[2:]) for box in boxes)

    def _rule(self, ref: RuleRef, scene: Scene, *, is_open: bool) -> list[Box]:
        """Return the boxes of a rule.

        Args:
            is_open: Whether an access that does not tell what the rule asks for counts too.
        """
        own = scene.dataset.purposes
        key = (id(ref.rule), id(scene.regions), own, tuple(map(id, scene.teams)), is_open)
        if key not in self._known:
            self._known[key] = list(self._rule_boxes(ref, scene, is_open=is_open))
        return self._known[key]

    def _rule_boxes(self, ref: RuleRef, scene: Scene, *, is_open: bool) -> Iterator[Box]:
        rule, universe = ref.rule, self.universe
        if rule.allow and rule.to is None:
            return  # an allow rule without `to` permits nobody
        rest = (
            universe.actions(rule.allow or rule.deny or ()),
            universe.meant(rule.purpose, scene.dataset.purposes, untold=is_open),
            universe.at(rule.when),
            universe.from_networks(rule.origin, untold=is_open),
            universe.from_regions(rule.origin, scene.regions, untold=is_open),
        )
        if all(rest):
            for who, days in universe.who(rule.to, scene.teams):
                yield (who, days, *rest)

    def _grant(self, grant: Grant, scene: Scene) -> Iterator[Box]:
        universe = self.universe
        days = universe.span(grant.starts, grant.ends)
        what = universe.below(grant.purpose, scene.dataset.purposes)
        cells = _mask(scene.cells, lambda cell: _is_granted(grant, cell))
        for who, known in universe.who(grant.to, scene.teams):
            box = (who, known & days, universe.actions(grant.actions), what,
                   *universe.everything[4:], cells)  # fmt: skip
            if all(box):
                yield box

    def _cells(self, ref: RuleRef, scene: Scene) -> int:
        """Return the columns and places for which a rule's selector holds."""
        selector, dataset = ref.policy.applies_to, scene.dataset
        if not matches(selector, Selectable(dataset)):
            return 0
        if {key for key, value in selector if value and key != "may_be_empty"} <= _WHOLE:
            return (1 << len(scene.cells)) - 1

        def holds(cell: Cell) -> bool:
            field, name = cell
            known = dataset.locations.get(name)
            place = Place(name, "", known.type, known.region, known.environment) if known else None
            is_whole = not field and place is None
            return is_whole or matches(selector, Selectable(dataset, field or None, place))

        return _mask(scene.cells, holds)


def _is_granted(grant: Grant, cell: Cell) -> bool:
    return not grant.fields or any(fnmatchcase(cell[0], each) for each in grant.fields if cell[0])


def _mask(cells: Iterable[Cell], test: Callable[[Cell], bool]) -> int:
    return sum(1 << index for index, cell in enumerate(cells) if test(cell))
