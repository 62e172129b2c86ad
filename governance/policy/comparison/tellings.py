"""What an effect does to assets, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_

from governance.model.policy import RuleRef
from governance.model.rules import Action
from governance.policy.comparison.access import Step
from governance.policy.comparison.boxes import Box
from governance.policy.comparison.circumstances import circumstances
from governance.policy.comparison.coordinates import NOT_NAMED
from governance.policy.comparison.coverage import Spot
from governance.policy.comparison.universe import Universe

NAMED = 4
_ACTIONS = tuple(Action)
_COLLECTIVE = ("team:", "role:")
_REST = {"user:another": "any other user", "service:another": "any other service"}


def listed(words: Iterable[str], *, most: int = 8) -> str:
    """Return words as a sentence lists them, ``a, b and c``; beyond the limit they are counted."""
    shown = list(words)
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(shown) - most + 1:,} more"]
    return " and ".join(part for part in (", ".join(shown[:-1]), "".join(shown[-1:])) if part)


def spots_told(spots: frozenset[Spot], rule: RuleRef, *, is_loss: bool) -> str:
    """Say what a rule no longer reaches, or reaches anew."""
    where = listed([str(spot) for spot in sorted(spots)], most=NAMED)
    verb = "is no longer" if is_loss else "is now"
    if len(spots) > 1:
        verb = "are no longer" if is_loss else "are now"
    return f"{where} {verb} protected by the rule {rule.id}"


def access_told(
    universe: Universe,
    boxes: Sequence[Box],
    step: Step,
    *,
    is_loss: bool,
    is_barred: bool,
    most: int = NAMED,
) -> str:
    """Say who may do what with a dataset from now on, or no longer.

    Each person stands beside those actions alone of which that is true. Who has the access in other
    circumstances all the while is told in which ones more, or some no longer.
    """
    told, dataset = [], step.dataset
    others = step.denied if is_barred else step.allowed
    for actions, own in _by_actions(universe, boxes):
        who, why = _people(universe, own, most), _purposes(universe, own, most)
        what = listed([action.value for action in actions])
        # NOTE: a protection goes where accesses come, and where those that are forbidden go.
        when = circumstances(universe, own, others, is_more=is_loss is not is_barred)
        if is_barred:
            verb = f"no rule forbids {who} any more" if is_loss else f"a rule forbids {who} now"
            told.append(f"{verb} to {what} {dataset}{why}{when}")
        else:
            verb = "may now" if is_loss else "may no longer"
            told.append(f"{who} {verb} {what} {dataset}{why}{when}")
    return "; ".join(told)


def _by_actions(
    universe: Universe, boxes: Sequence[Box]
) -> Iterator[tuple[list[Action], list[Box]]]:
    """Yield the actions that the same people gain or lose, with the boxes that hold them."""
    people = sum(
        1 << index
        for index, name in enumerate(universe.principals)
        if not name.startswith(_COLLECTIVE)
    )
    alike: dict[int, list[Action]] = {}
    for index, action in enumerate(_ACTIONS):
        who = reduce(or_, (box[0] for box in boxes if box[2] >> index & 1), 0)
        if who:
            alike.setdefault(who & people or who, []).append(action)
    for actions in alike.values():
        held = sum(1 << _ACTIONS.index(action) for action in actions)
        yield actions, [box for box in boxes if box[2] & held]


def _people(universe: Universe, boxes: Sequence[Box], most: int) -> str:
    names = [
        name.replace("another", "*")
        for index, name in enumerate(universe.principals)
        if _has(boxes, 0, index) and name not in _REST
    ]
    rest = [
        told
        for name, told in _REST.items()
        if name in universe.principals and _has(boxes, 0, universe.principals.index(name))
    ]
    if len(rest) == len(_REST):
        return "anyone" if len(names) >= most or not names else f"{listed(names)} and anyone else"
    # NOTE: people say more than the teams and roles through which they come.
    persons = [name for name in names if not name.startswith(_COLLECTIVE)]
    return listed([*(persons or names), *rest], most=most)


def _purposes(universe: Universe, boxes: Sequence[Box], most: int) -> str:
    found = {each for index, each in enumerate(universe.purposes) if _has(boxes, 3, index)}
    if "another" in found or found == {NOT_NAMED}:
        return ""
    # A purpose stands for those below it; a stand-in has no name of its own.
    named = sorted(each for each in found - {NOT_NAMED} if not each.endswith(".another"))
    top = [each for each in named if not any(each.startswith(f"{one}.") for one in named)]
    return f" for {listed(top, most=most)}" if top else ""


def _has(boxes: Iterable[Box], dimension: int, index: int) -> bool:
    return any(box[dimension] >> index & 1 for box in boxes)
