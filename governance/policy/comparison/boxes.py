"""Sets of accesses as unions of boxes, so that two of them can be subtracted exactly.

A box is one bit mask per dimension; it holds every access whose coordinate lies in each mask.
"""

from __future__ import annotations

from collections.abc import Iterable

Box = tuple[int, ...]


def crossed(one: Box, other: Box) -> Box | None:
    """Return what two boxes share, or None."""
    shared = tuple(mine & theirs for mine, theirs in zip(one, other, strict=True))
    return shared if all(shared) else None


def cut(box: Box, hole: Box) -> list[Box]:
    """Return disjoint boxes that hold what the first box has and the second has not."""
    if crossed(box, hole) is None:
        return [box]
    left = []
    for dimension, mask in enumerate(hole):
        rest = box[dimension] & ~mask
        if rest:
            left.append((*box[:dimension], rest, *box[dimension + 1 :]))
        box = (*box[:dimension], box[dimension] & mask, *box[dimension + 1 :])
    return left


def minus(boxes: Iterable[Box], holes: Iterable[Box]) -> list[Box]:
    """Return what a union of boxes holds and another one does not."""
    left = list(boxes)
    for hole in holes:
        if not left:
            break
        left = [piece for box in left for piece in cut(box, hole)]
    return left


def within(boxes: Iterable[Box], limits: Iterable[Box]) -> list[Box]:
    """Return what two unions of boxes share."""
    limits = list(limits)
    pairs = (crossed(box, limit) for box in boxes for limit in limits)
    return [shared for shared in pairs if shared is not None]
