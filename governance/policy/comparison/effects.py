"""What each difference does to the protections of assets, and in which documents that is caused."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from governance.model.policy import RuleRef
from governance.model.rules import Selector
from governance.policy.comparison.access import Accesses, Step
from governance.policy.comparison.boxes import Box
from governance.policy.comparison.change import Difference, Effect, Versions
from governance.policy.comparison.coverage import Coverage, Shift, Spot
from governance.policy.comparison.parts import is_access_part, is_narrower
from governance.policy.comparison.scenes import Source
from governance.policy.comparison.tellings import NAMED, access_told, spots_told

Effects = dict[tuple[str, str, tuple[str, ...]], Effect]
_Wanted = Callable[[Difference], bool]
_ASSETS = ("Dataset", "Model")
# Which keys of an asset decide about a key of a selector.
_SELECTED_BY = {
    "category": ("category",), "classification": ("classification",), "state": ("state",),
    "tag": ("tags",), "owner": ("owner",), "subject": ("subjects",),
    "environment": ("environment",), "region": ("region",), "location": (), "dataset": (),
    "field": (), "model": (), "risk_class": ("risk_class",),
}  # fmt: skip


class Attribution:
    """Finds for every effect the differences that cause it.

    Args:
        found: Every difference of the two versions.
    """

    def __init__(self, versions: Versions, found: Sequence[Difference]) -> None:
        self._versions, self._found = versions, found
        self._effects: Effects = {}
        self.coverage = Coverage(versions.base, versions.head)
        self.accesses = Accesses(versions.base, versions.head)

    def effects(self) -> tuple[Effects, tuple[Effect, ...]]:
        """Return the effect of each difference that has one, and effects without a cause."""
        stray: list[Effect] = []
        if any(each.kind in ("Policy", "Dataset", "Model", "Project") for each in self._found):
            for shift in self.coverage.losses():
                stray += self._covered(shift, is_loss=True)
            for shift in self.coverage.gains():
                stray += self._covered(shift, is_loss=False)
        if any(map(_concerns_access, self._found)):
            for name in sorted(self._versions.base.datasets.keys() & self._versions.head.datasets):
                for step in self.accesses.steps(name):
                    stray += self._accessible(step)
        return self._effects, tuple(each for each in stray if each.losses)

    def _covered(self, shift: Shift, *, is_loss: bool) -> Iterator[Effect]:
        ref = shift.rule
        if shift.by_rule:
            effect = _coverage_effect(ref, shift.by_rule, is_loss=is_loss)
            yield from self._attach(effect, lambda each: self._is_reach(each, ref.id))
        for name in sorted({spot.dataset for spot in shift.by_dataset - shift.by_rule}):
            spots = frozenset(each for each in shift.by_dataset if each.dataset == name)
            effect = _coverage_effect(ref, spots, is_loss=is_loss)
            keys = _deciding(ref.policy.applies_to, ref.rule.within)
            yield from self._attach(
                effect,
                lambda each, spots=spots, keys=keys: _decides(each, spots, keys),  # type: ignore[misc]
                lambda each, name=name: each.kind in _ASSETS and each.document == name,  # type: ignore[misc]
            )

    def _accessible(self, step: Step) -> Iterator[Effect]:
        for boxes, is_loss, is_barred in (
            (step.gained, True, False), (step.freed, True, True),
            (step.lost, False, False), (step.barred, False, True),
        ):  # fmt: skip
            if not boxes:
                continue
            sources = tuple(step.sources(boxes))
            told, mark = (
                access_told(self.accesses.universe, boxes, step,
                            is_loss=is_loss, is_barred=is_barred, most=most)
                for most in (NAMED, sys.maxsize)
            )  # fmt: skip
            rules = tuple(name for kind, name in sources if kind in ("allow", "deny"))
            effect = Effect(
                losses=(told,) if is_loss else (), gains=() if is_loss else (told,),
                assets=(step.dataset,), rules=rules, marks=(mark,),
            )  # fmt: skip
            yield from self._attach(effect, *self._causes(step, boxes, sources, is_loss=is_loss))

    def _causes(
        self, step: Step, boxes: list[Box], sources: tuple[Source, ...], *, is_loss: bool
    ) -> tuple[_Wanted, ...]:
        """Return tests of a difference that may be the cause, the surest first."""
        if step.name == "regions":
            return (lambda each: each.kind == "Taxonomy" and each.path[:1] == ("regions",),)
        if step.name == "default":
            return (lambda each: each.path == ("defaults", "access"),)
        if step.name == "dataset":
            return (
                lambda each: _is_of(each, "Dataset", step.dataset) and each.path == ("purposes",),
                lambda each: _is_of(each, "Dataset", step.dataset),
            )
        if step.name == "grants":
            names = {name for kind, name in sources if kind == "grant"}
            return (lambda each: each.kind == "Grant" and each.document in names,)
        if step.name == "teams":
            people = set(self._people(boxes))
            return (lambda each: _is_membership(each, people),)
        names = {name for kind, name in sources if kind in ("allow", "deny")}
        universe = self.accesses.universe

        def is_cause(each: Difference) -> bool:
            if not any(self._is_part(each, name) for name in names):
                return False
            return not is_narrower(each, self._versions, universe, is_loss=is_loss)

        return is_cause, lambda each: any(self._is_part(each, name) for name in names)

    def _people(self, boxes: Iterable[Box]) -> Iterator[str]:
        for index, name in enumerate(self.accesses.universe.principals):
            if any(box[0] >> index & 1 for box in boxes):
                yield name

    def _attach(self, effect: Effect, *tests: _Wanted) -> Iterator[Effect]:
        """Give an effect to the first causes that are found; yield it where there is none."""
        for test in tests:
            causes = [each for each in self._found if test(each)]
            for cause in causes:
                self._effects[cause.key] = self._effects.get(cause.key, Effect()) + effect
            if causes:
                return
        yield effect

    @cached_property
    def _rules(self) -> dict[str, RuleRef]:
        versions = self._versions
        return {ref.id: ref for each in (versions.head, versions.base) for ref in each.rules()}

    def _is_part(self, each: Difference, rule_id: str) -> bool:
        """Whether a difference is of a rule, of its policy's selector, or of the packs."""
        ref = self._rules[rule_id]
        if _is_of(each, "Project", "") and each.path == ("packs",):
            return bool(self._is_packed(ref))
        if not _is_of(each, "Policy", ref.policy.id):
            return False
        return each.path[:1] in ((), ("applies_to",)) or (
            each.path[:2] == ("rules", ref.name) and (len(each.path) == 2 or is_access_part(each))
        )

    def _is_reach(self, each: Difference, rule_id: str) -> bool:
        """Whether a difference decides about where a protecting rule holds."""
        return self._is_part(each, rule_id) or (
            _is_of(each, "Policy", self._rules[rule_id].policy.id)
            and each.path == ("rules", self._rules[rule_id].name, "in")
        )

    def _is_packed(self, ref: RuleRef) -> bool:
        both = (self._versions.base, self._versions.head)
        found = (policy.position("Policy", ref.policy.id) for policy in both)
        return any(position and position.file.startswith("pack:") for position in found)


def _coverage_effect(ref: RuleRef, spots: frozenset[Spot], *, is_loss: bool) -> Effect:
    told = (spots_told(spots, ref, is_loss=is_loss),)
    return Effect(
        losses=told if is_loss else (),
        gains=() if is_loss else told,
        assets=tuple(sorted({spot.dataset for spot in spots})),
        rules=(ref.id,),
        marks=tuple(f"{is_loss} {spot} {ref.id}" for spot in sorted(spots)),
    )


def _concerns_access(each: Difference) -> bool:
    if each.kind in ("Team", "Grant", "Policy", "Dataset"):
        return True
    if each.kind == "Taxonomy":
        return each.path[:1] == ("regions",)
    return each.kind == "Project" and each.path[-1:] in (("access",), ("packs",))


def _deciding(selector: Selector, within: Sequence[str]) -> frozenset[str]:
    """Return the keys of a dataset on which a selector and ``in`` depend."""
    keys = {
        key
        for name, selected in selector
        if name != "may_be_empty" and selected is not None
        for key in _SELECTED_BY[name]
    }
    return frozenset(keys | ({"environment"} if within else set()))


def _decides(each: Difference, spots: frozenset[Spot], keys: frozenset[str]) -> bool:
    path = each.path
    if each.kind not in _ASSETS or each.document not in {spot.dataset for spot in spots}:
        return False
    if path[:1] == ("fields",):
        fields = {spot.field for spot in spots}
        in_field = fields == {""} or path[1] in fields
        return in_field and (len(path) == 2 or path[2] in keys)
    if path[:1] == ("locations",):
        known = {spot.place for spot in spots}
        return path[1] in known and (len(path) == 2 or path[2] in keys)
    return bool(path) and path[0] in keys


def _is_of(each: Difference, kind: str, document: str) -> bool:
    return each.kind == kind and each.document == document


def _is_membership(each: Difference, people: set[str]) -> bool:
    if each.kind != "Team":
        return False
    if each.path:
        return each.path[0] == "members" and each.path[1] in people
    return not people.isdisjoint((each.before or each.after or {}).get("members", {}))
