"""In what alone an access differs from those that the same people have: hours, networks, columns.

Whoever may read already, and may do so at more hours from now on, is not told to read "now".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import groupby
from operator import or_

from governance.policy.comparison.boxes import Box, minus
from governance.policy.comparison.coordinates import NOT_NAMED, OTHER
from governance.policy.comparison.universe import Universe

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 1440
# Who does what for which purpose: boxes have a mask over each in this place.
_DEED = (0, 2, 3)
_DAYS, _MINUTES, _ADDRESSES, _REGIONS, _CELLS = 1, 4, 5, 6, 7
_MOST = 3


def circumstances(
    universe: Universe, boxes: Sequence[Box], others: Iterable[Box], *, is_more: bool
) -> str:
    """Return `` at more hours (sat 08:00-18:00)``; empty where some of the deeds are new.

    Args:
        boxes: The accesses that change. others: Those beside them that do not.
        is_more: Whether they come to the others, or some of all go.
    """
    alike = [box for box in others if any(_is_same_deed(box, each) for each in boxes)]
    if not alike or minus(map(_deed, boxes), map(_deed, alike)):
        return ""
    told, word = [], "more" if is_more else "some"
    for dimension in (_DAYS, _MINUTES, _ADDRESSES, _REGIONS, _CELLS):
        mask = _together(boxes, dimension) & ~_together(alike, dimension)
        if mask:
            told.append(_told(universe, dimension, mask, word))
    return f" {' and '.join(told)}" if told else f" in {word} cases"


def _is_same_deed(one: Box, other: Box) -> bool:
    return all(one[dimension] & other[dimension] for dimension in _DEED)


def _deed(box: Box) -> Box:
    return tuple(box[dimension] for dimension in _DEED)


def _together(boxes: Iterable[Box], dimension: int) -> int:
    return reduce(or_, (box[dimension] for box in boxes), 0)


def _told(universe: Universe, dimension: int, mask: int, word: str) -> str:
    if dimension == _DAYS:
        return f"on {word} days of the calendar"
    if dimension == _MINUTES:
        return f"at {word} hours{_in_brackets(_spans(universe, mask))}"
    if dimension == _ADDRESSES:
        return f"from {word} networks"
    if dimension == _CELLS:
        return f"of {word} columns or places"
    named = [each for index, each in enumerate(universe.regions) if mask >> index & 1]
    is_any = OTHER in named or NOT_NAMED in named
    return f"from {word} regions{'' if is_any else _in_brackets(sorted(named))}"


def _in_brackets(words: Sequence[str]) -> str:
    return f" ({', '.join(words)})" if 0 < len(words) <= _MOST else ""


def _spans(universe: Universe, mask: int) -> list[str]:
    """Return spans of the week as a window is written: ``mon-fri 07:00-08:00``."""
    by_day = [" ".join(_of_day(universe, mask, day)) for day in range(7)]
    told = []
    for hours, run in groupby(range(7), key=lambda day: by_day[day]):
        days = list(run)
        if hours:
            first, last = _WEEK[days[0]], _WEEK[days[-1]]
            told.append(f"{first if first == last else f'{first}-{last}'} {hours}")
    return told


def _of_day(universe: Universe, mask: int, day: int) -> Iterator[str]:
    """Yield the hours of a day; spans that touch are one."""
    ends = [*universe.minutes[1:], 7 * _DAY_MINUTES]
    spans: list[list[int]] = []
    for index, (first, end) in enumerate(zip(universe.minutes, ends, strict=True)):
        if mask >> index & 1 and first // _DAY_MINUTES == day:
            if spans and spans[-1][1] == first:
                spans[-1][1] = end
            else:
                spans.append([first, end])
    start = day * _DAY_MINUTES
    for first, end in spans:
        yield f"{_clock(first - start)}-{_clock(end - start)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
