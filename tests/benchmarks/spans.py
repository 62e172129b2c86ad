"""Every span that the detectors and the name model find in one text, overlaps resolved.

A scan keeps one mark for each entity and value; measuring against labelled texts needs them all.
The rules are those of a scan: a certain match covers what lies in it, a bare number counts where a
word beside it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from governance.detectors.base import Detector
from governance.detectors.dates import DATE_OF_BIRTH, dates_in
from governance.detectors.named import beside
from governance.detectors.names import NamedFound, NameFinder
from governance.detectors.overlaps import Certain, mark_of
from governance.model.evidence import Grade


class Span(NamedTuple):
    """What a text holds from ``start`` up to ``end``."""

    start: int
    end: int
    entity: str


def find_spans(
    texts: Sequence[str], detectors: Sequence[Detector], names: NameFinder
) -> list[list[Span]]:
    """Return the spans of each text, in the order of their places."""
    named = names.find(texts, "")
    births = tuple(each for each in detectors if each.entity == DATE_OF_BIRTH)
    return [
        _with_names(_certain_enough(text, detectors), beside(dates_in(text, births), each))
        for text, each in zip(texts, named, strict=True)
    ]


def _certain_enough(text: str, detectors: Sequence[Detector]) -> list[Span]:
    found = [(each, match) for each in detectors for match in each.find(text)]
    certain = Certain(found)
    ranked: list[tuple[Grade, bool, int, Span]] = []
    for detector, match in found:
        mark = mark_of(detector, match, text)
        if mark.grade > Grade.WEAK and not certain.cover(detector.entity, match):
            span = Span(match.start, match.end, detector.entity)
            ranked.append((mark.grade, bool(match.checksum), match.end - match.start, span))
    kept: list[Span] = []
    for *_, span in sorted(ranked, reverse=True):
        _add(kept, span)
    return kept


def _with_names(spans: list[Span], names: Iterable[NamedFound]) -> list[Span]:
    for name in names:
        _add(spans, Span(name.start, name.end, name.entity))
    return sorted(spans)


def _add(kept: list[Span], span: Span) -> None:
    if all(span.end <= other.start or span.start >= other.end for other in kept):
        kept.append(span)
