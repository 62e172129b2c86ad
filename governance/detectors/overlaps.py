"""Of several finds in one value, which count: one mark for each entity, and none inside another."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from governance.detectors.base import Detector, Found
from governance.model.evidence import Grade, Mark

CONTEXT_BEFORE, CONTEXT_AFTER = 50, 25
SECRET = "SECRET"  # noqa: S105 (the name of an entity)


class Scored(NamedTuple):
    """A mark and where in the value its match stands."""

    mark: Mark
    start: int
    end: int


def best(value: str, found: Sequence[tuple[Detector, Found]]) -> tuple[Scored, ...]:
    """One mark for each entity: the highest grade, then the whole value, then the first."""
    if len(found) == 1:
        ((detector, match),) = found
        return (Scored(mark_of(detector, match, value), match.start, match.end),)
    kept: dict[tuple[str, str | None], Scored] = {}
    certain = Certain(found)
    for detector, match in found:
        if certain.cover(detector.entity, match):
            continue
        scored = Scored(mark_of(detector, match, value), match.start, match.end)
        slot = (scored.mark.entity, scored.mark.detail)
        if slot not in kept or _rank(scored) > _rank(kept[slot]):
            kept[slot] = scored
    return tuple(kept[slot] for slot in sorted(kept, key=lambda slot: (slot[0], slot[1] or "")))


def _rank(scored: Scored) -> tuple[Grade, bool, bool, int, int]:
    mark = scored.mark
    return mark.grade, bool(mark.checksum), mark.whole, -scored.start, scored.end


class Certain:
    """The spans of certain matches by entity, and of those whose check digits hold."""

    def __init__(self, found: Sequence[tuple[Detector, Found]]) -> None:
        certain: dict[str, list[tuple[int, int]]] = {}
        checked: dict[str, list[tuple[int, int]]] = {}
        for detector, match in found:
            if match.grade is Grade.STRONG:
                certain.setdefault(detector.entity, []).append((match.start, match.end))
                if match.checksum:
                    checked.setdefault(detector.entity, []).append((match.start, match.end))
        self._certain = {entity: _Spans(spans) for entity, spans in certain.items()}
        self._checked = {entity: _Spans(spans) for entity, spans in checked.items()}

    def cover(self, entity: str, match: Found) -> bool:
        """Return whether a match is only a part of another entity's certain one.

        Whatever touches a secret belongs to it: ``user:password@host`` is no e-mail address. An
        uncertain match is a part of the certain one it lies in; a certain match of a longer one
        whose check digits hold: ten digits of a card number are no telephone number.
        """
        if entity == SECRET:
            return False
        if SECRET in self._certain and self._certain[SECRET].touch(match):
            return True
        is_strong = match.grade is Grade.STRONG
        return any(
            other != entity and spans.hold(match, longer=is_strong)
            for other, spans in (self._checked if is_strong else self._certain).items()
        )


class _Spans:
    """Spans in a text: their sorted starts, and the farthest end up to each."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        pairs = sorted(spans)
        self._starts = [start for start, _ in pairs]
        self._ends = list(accumulate((end for _, end in pairs), max))

    def touch(self, match: Found) -> bool:
        """Return whether a span shares a character with the match."""
        last = bisect_left(self._starts, match.end) - 1
        return last >= 0 and self._ends[last] > match.start

    def hold(self, match: Found, *, longer: bool) -> bool:
        """Return whether a span contains the match, and with ``longer`` more than it."""
        upto = bisect_right(self._starts, match.start) - 1
        if not longer:
            return upto >= 0 and self._ends[upto] >= match.end
        before = bisect_left(self._starts, match.start) - 1
        return (upto >= 0 and self._ends[upto] > match.end) or (
            before >= 0 and self._ends[before] >= match.end
        )


def mark_of(detector: Detector, match: Found, value: str) -> Mark:
    """Return what a match says; an uncertain one says more beside the detector's words."""
    grade = match.grade
    whole = match.end - match.start >= len(value.strip())
    if grade is Grade.WEAK and not whole and _has_context(detector.words, match, value):
        grade = Grade.CONTEXT
    return Mark(detector.entity, grade, whole, match.checksum, False, match.detail)


def _has_context(words: tuple[str, ...], match: Found, value: str) -> bool:
    if not words:
        return False
    before = value[max(0, match.start - CONTEXT_BEFORE) : match.start]
    after = value[match.end : match.end + CONTEXT_AFTER]
    return bool(_spoken(words).search(f"{before} {after}".lower()))


@lru_cache(maxsize=512)
def _spoken(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, words))})s?(?![^\W_])")
