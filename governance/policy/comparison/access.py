"""Who may do what with a dataset: the exact set of allowed accesses of two versions, compared.

The head is reached from the base in six steps. What a step newly allows, and the head allows in the
end, is the doing of the documents that the step took over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from governance.model.policy import EffectivePolicy, RuleRef
from governance.policy.comparison.boxes import Box, minus, within
from governance.policy.comparison.scenes import Scene, Source, Stage, cells_of
from governance.policy.comparison.universe import Universe

STEPS = ("regions", "teams", "dataset", "grants", "rules", "default")


@dataclass(frozen=True, slots=True)
class Step:
    """What one step does to the accesses of a dataset.

    Args:
        name: One of ``STEPS``.
        gained: Newly allowed, and allowed in the end. lost: No longer, and not in the end.
        freed: Denied by a rule before and by none in the end. barred: The other way round.
        allowed, denied: What is so on both sides of it.
        before, after: The boxes of each source on both sides of the step.
    """

    name: str
    dataset: str
    gained: list[Box]
    lost: list[Box]
    freed: list[Box]
    barred: list[Box]
    allowed: list[Box]
    denied: list[Box]
    before: Mapping[Source, list[Box]]
    after: Mapping[Source, list[Box]]

    def sources(self, boxes: list[Box]) -> Iterator[Source]:
        """Yield the rules and grants that hold some boxes on one side of the step alone."""
        for source in sorted(self.before.keys() | self.after.keys()):
            old, new = self.before.get(source, []), self.after.get(source, [])
            if old != new and within(minus(new, old) + minus(old, new), boxes):
                yield source


class Accesses:
    """The allowed accesses of two versions."""

    def __init__(self, base: EffectivePolicy, head: EffectivePolicy) -> None:
        self._base, self._head = base, head
        self._rules = {id(each): _access_rules(each) for each in (base, head)}
        self._teams = {id(each): tuple(each.teams.values()) for each in (base, head)}
        # NOTE: what all datasets share is compared once, not for each of them.
        self._shared = {
            "regions": base.taxonomy.regions == head.taxonomy.regions,
            "teams": base.teams == head.teams,
            "rules": self._rules[id(base)] == self._rules[id(head)],
        }

    @cached_property
    def universe(self) -> Universe:
        """The coordinates that both versions together tell apart."""
        return Universe.of((self._base, self._head))

    @cached_property
    def _stage(self) -> Stage:
        return Stage(self.universe)

    def steps(self, name: str) -> Iterator[Step]:
        """Yield what each step does to a dataset that both versions declare."""
        scene, last = self._scene(self._base, name), self._scene(self._head, name)
        sources, parts = [self._stage.sources(scene)], []
        for part in STEPS:
            if self._is_same(part, scene, last):
                continue
            scene = replace(scene, **{part: getattr(last, part)})
            sources.append(self._stage.sources(scene))
            parts.append(part)
        sets = [_sets(each) for each in sources]
        if sets[0] == sets[-1]:
            return
        gain, loss = _difference(sets[0][0], sets[-1][0])
        bar, free = _difference(sets[0][1], sets[-1][1])
        for index, ((old, new), part) in enumerate(zip(pairwise(sets), parts, strict=True)):
            if old == new:
                continue
            gained, lost = _difference(old[0], new[0])
            barred, freed = _difference(old[1], new[1])
            yield Step(
                part, name,
                gained=within(gained, gain), lost=within(lost, loss),
                freed=within(freed, free), barred=within(barred, bar),
                allowed=minus(old[0], lost), denied=minus(old[1], freed),
                before=sources[index], after=sources[index + 1],
            )  # fmt: skip

    def _is_same(self, part: str, one: Scene, other: Scene) -> bool:
        if part in self._shared:
            return self._shared[part]
        return bool(getattr(one, part) == getattr(other, part))

    def _scene(self, policy: EffectivePolicy, name: str) -> Scene:
        dataset = policy.datasets[name]
        return Scene(
            regions=policy.taxonomy,
            teams=self._teams[id(policy)],
            dataset=dataset,
            grants=policy.grants_of(name),
            rules=self._rules[id(policy)],
            default=policy.project.defaults.access,
            cells=cells_of(each.datasets[name] for each in (self._base, self._head)),
        )


def _access_rules(policy: EffectivePolicy) -> tuple[RuleRef, ...]:
    return tuple(ref for ref in policy.rules() if ref.rule.allow or ref.rule.deny)


def _sets(sources: Mapping[Source, list[Box]]) -> tuple[list[Box], list[Box]]:
    """Return what is allowed in the end, and what is denied."""
    denied = [box for (kind, _), boxes in sources.items() if kind == "deny" for box in boxes]
    allowed = [box for (kind, _), boxes in sources.items() if kind != "deny" for box in boxes]
    return minus(allowed, denied), denied


def _difference(old: Iterable[Box], new: Iterable[Box]) -> tuple[list[Box], list[Box]]:
    """Return what is new, and what is gone."""
    old, new = list(old), list(new)
    return minus(new, old), minus(old, new)
