"""Which fields and places each protecting rule reaches, in two versions.

A rule protects by demanding: a state, anonymity, or that something is declared. What one version's
rules reach and the other's do not is lost, unless another rule demands there at least as much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from governance.model.asset import Place
from governance.model.documents import Dataset, ModelRecord
from governance.model.policy import EffectivePolicy, RuleRef
from governance.model.rules import Selector
from governance.model.selectors import Selectable, matches, matches_model
from governance.policy.comparison.change import Direction
from governance.policy.comparison.judges import accepted, less, more


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A field at a place of a dataset; empty where the rule means the whole of it."""

    dataset: str
    field: str = ""
    place: str = ""

    def __str__(self) -> str:
        where = f"field {self.field} of {self.dataset}" if self.field else self.dataset
        return f"{where} at {self.place}" if self.place else where


@dataclass(frozen=True, slots=True)
class Shift:
    """What a rule reaches in one version alone.

    Args:
        by_rule: Lost or gained already when the rules alone change.
        by_dataset: Likewise when the datasets alone change. Where neither does it, both do.
    """

    rule: RuleRef
    by_rule: frozenset[Spot]
    by_dataset: frozenset[Spot]


class Coverage:
    """What the protecting rules of two versions reach, among what both declare."""

    def __init__(self, base: EffectivePolicy, head: EffectivePolicy) -> None:
        self._base, self._head = base, head
        self._shared = sorted(_assets(base).keys() & _assets(head).keys())

    def losses(self) -> Iterator[Shift]:
        """Yield what rules of the base no longer reach."""
        yield from self._shifts(self._base, self._head)

    def gains(self) -> Iterator[Shift]:
        """Yield what rules of the head reach anew."""
        yield from self._shifts(self._head, self._base)

    def reached(self, policy: EffectivePolicy, rule_id: str) -> frozenset[str]:
        """Return the datasets that a rule reaches, access rules included."""
        ref = self._rules(policy).get(rule_id)
        if ref is None:
            return frozenset()
        applies = ref.policy.applies_to
        if ref.rule.allow or ref.rule.deny:
            datasets = policy.datasets.values()
            return frozenset(each.id for each in datasets if matches(applies, Selectable(each)))
        assets = _assets(policy).values()
        return frozenset(spot.dataset for each in assets for spot in spots(ref, each))

    def _shifts(self, one: EffectivePolicy, other: EffectivePolicy) -> Iterator[Shift]:
        """Yield what the rules of one version reach and those of the other do not."""
        others = self._rules(other)
        for rule_id, ref in self._rules(one).items():
            if ref.rule.allow or ref.rule.deny:
                continue
            twin = others.get(rule_id)
            is_same = twin is not None and _reach(twin) == _reach(ref)
            by_rule: set[Spot] = set()
            by_dataset: set[Spot] = set()
            for name in self._changed if is_same else self._shared:
                here, there = _assets(one)[name], _assets(other)[name]
                known = {each for each in spots(ref, here) if _is_declared(ref, each, there)}
                gone = known - (set(spots(twin, there)) if twin else set())
                gone = {each for each in gone if not self._is_made_up(ref, other, each)}
                if gone:
                    by_rule |= gone - (set(spots(twin, here)) if twin else set())
                    by_dataset |= gone - set(spots(ref, there))
                    neither = gone - by_rule - by_dataset
                    by_rule, by_dataset = by_rule | neither, by_dataset | neither
            if by_rule or by_dataset:
                yield Shift(ref, frozenset(by_rule), frozenset(by_dataset))

    def _is_made_up(self, ref: RuleRef, other: EffectivePolicy, spot: Spot) -> bool:
        """Whether another rule of a version demands at least as much at a spot."""
        asset = _assets(other)[spot.dataset]
        return any(
            each.id != ref.id and demands_as_much(each, ref) and spot in spots(each, asset)
            for each in self._rules(other).values()
        )

    def _rules(self, policy: EffectivePolicy) -> dict[str, RuleRef]:
        return self._indexed[id(policy)]

    @cached_property
    def _indexed(self) -> dict[int, dict[str, RuleRef]]:
        both = (self._base, self._head)
        return {id(policy): {ref.id: ref for ref in policy.rules()} for policy in both}

    @cached_property
    def _changed(self) -> list[str]:
        base, head = _assets(self._base), _assets(self._head)
        return [name for name in self._shared if base[name] != head[name]]


def demands_as_much(one: RuleRef, other: RuleRef) -> bool:
    """Return whether a rule demands at least what another one does, in the same owner's name."""
    if one.policy.owner != other.policy.owner or one.severity.rank < other.severity.rank:
        return False
    mine, theirs = one.rule, other.rule
    if theirs.require is not None:
        return set(theirs.require) <= set(mine.require or ())
    if theirs.require_anonymity is not None:
        return mine.require_anonymity == theirs.require_anonymity
    if mine.require_state is None or theirs.require_state is None:
        return False
    if mine.form is not theirs.form or not set(theirs.never) <= set(mine.never):
        return False
    verified, asked = mine.verify, theirs.verify
    judged = (
        more(theirs.require_state.rank, mine.require_state.rank),
        accepted(theirs.accept, mine.accept),
        less(asked.max_hits, verified.max_hits),
        more(asked.technique_check, verified.technique_check),
    )
    return Direction.WEAKER not in judged


def _reach(ref: RuleRef) -> tuple[object, ...]:
    """Return everything on which depends what a rule reaches."""
    return ref.policy.applies_to, ref.rule.within, _kind(ref)


def _kind(ref: RuleRef) -> str:
    if ref.rule.require is not None:
        return "require"
    return "state" if ref.rule.require_state is not None else "anonymity"


def spots(ref: RuleRef, asset: Dataset | ModelRecord) -> Iterator[Spot]:
    """Yield where a rule holds in a dataset, or that it holds for a model, as controls ask it."""
    if isinstance(asset, Dataset):
        yield from _spots(ref, asset)
    elif ref.rule.require is not None and matches_model(ref.policy.applies_to, asset):
        yield Spot(asset.id)


def _spots(ref: RuleRef, dataset: Dataset) -> Iterator[Spot]:
    selector, within = ref.policy.applies_to, set(ref.rule.within)
    whole = Selector(dataset=selector.dataset, owner=selector.owner, subject=selector.subject)
    if not matches(whole, Selectable(dataset)):
        return
    if ref.rule.require is not None:
        if matches(selector, Selectable(dataset)):
            yield Spot(dataset.id)
        return
    fields = tuple(dataset.fields) if ref.rule.require_state is not None else (None,)
    for place in _places(dataset):
        if within and within.isdisjoint({place.name, place.environment} if place else ()):
            continue
        for field in fields:
            if matches(selector, Selectable(dataset, field, place)):
                yield Spot(dataset.id, field or "", place.name if place else "")


def _places(dataset: Dataset) -> list[Place | None]:
    found: list[Place | None] = [
        Place(name, "", location.type, location.region, location.environment)
        for name, location in dataset.locations.items()
    ]
    return found or [None]


def _assets(policy: EffectivePolicy) -> Mapping[str, Dataset | ModelRecord]:
    # NOTE: datasets and models share one set of ids.
    return {**policy.datasets, **policy.models} if policy.models else policy.datasets


def _is_declared(ref: RuleRef, spot: Spot, asset: Dataset | ModelRecord) -> bool:
    """Whether another version declares the field and the place; else that is its own change."""
    if not isinstance(asset, Dataset):
        return True
    dataset = asset
    if spot.field and spot.field not in dataset.fields:
        return False
    if ref.rule.require is not None:
        return True
    return spot.place in dataset.locations or not (spot.place or dataset.locations)
