"""What an effect does to assets, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from governance.model.policy import RuleRef
from governance.model.rules import Action
from governance.policy.comparison.boxes import Box
from governance.policy.comparison.coordinates import NOT_NAMED
from governance.policy.comparison.coverage import Spot
from governance.policy.comparison.universe import Universe

NAMED = 4
_ACTIONS = tuple(Action)
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
    dataset: str,
    *,
    is_loss: bool,
    is_barred: bool,
    most: int = NAMED,
) -> str:
    """Say who may do what with a dataset from now on, or no longer."""
    who = _people(universe, boxes, most)
    what = listed([action.value for action in _ACTIONS if _has(boxes, 2, _ACTIONS.index(action))])
    why = _purposes(universe, boxes, most)
    if is_barred:
        verb = f"no rule forbids {who} any more" if is_loss else f"a rule forbids {who} now"
        return f"{verb} to {what} {dataset}{why}"
    return f"{who} may {'now' if is_loss else 'no longer'} {what} {dataset}{why}"


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
    persons = [name for name in names if not name.startswith(("team:", "role:"))]
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
