"""Charts as inline SVG: numbers and escaped text only, legible without colour.

Each chart carries its whole content as a text alternative, each segment its count, and the
template prints a table of the same numbers beside it. The ramp runs from dark to light, so it
survives a black-and-white printer; what is unknown is hatched or dashed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from governance.reporting.parts import ControlRow, CoverageView, Tally
from governance.reporting.text import legible, number, share

_WIDTH = 642  # CSS pixels between the margins of an A4 page
_LABEL = 168
_TOTAL = 40
_BAR = 15
_STEP = 23
_LEGEND = 26
_LEAST_LABELLED = 13  # a narrower segment cannot hold its number


@dataclass(frozen=True, slots=True)
class Ink:
    """How one series is drawn: fill and the colour of the number on it."""

    name: str
    fill: str
    text: str
    hatched: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label and one count per ink, in the inks' order."""

    label: str
    counts: tuple[int, ...]


SEVERITY_INKS = (
    Ink("critical", "#0a2f38", "#ffffff"),
    Ink("high", "#13606f", "#ffffff"),
    Ink("medium", "#6aa5b0", "#0a2f38"),
    Ink("low", "#c3dde1", "#0a2f38"),
    Ink("gap", "#ffffff", "#0a2f38", dashed=True),
)
STATUS_INKS = (
    Ink("fail", "#0a2f38", "#ffffff"),
    Ink("waived", "#6aa5b0", "#0a2f38", hatched=True),
    Ink("not evaluated", "#ffffff", "#0a2f38", dashed=True),
    Ink("pass", "#c3dde1", "#0a2f38"),
)
_COVERAGE_INKS = (
    Ink("complete", "#13606f", "#ffffff"),
    Ink("partial", "#6aa5b0", "#0a2f38"),
    Ink("skipped", "#ffffff", "#0a2f38", dashed=True),
)


def chart_tallies(title: str, tallies: Sequence[Tally]) -> Markup:
    """Return stacked bars of findings by severity, one bar per tally, on one scale."""
    bars = [Bar(tally.name, tuple(count for _, count in tally.counts)) for tally in tallies]
    return _stacked(title, bars, SEVERITY_INKS, whole=False)


def chart_controls(title: str, controls: Sequence[ControlRow]) -> Markup:
    """Return one bar per control that applied to anything, each filling the width."""
    bars = [
        Bar(row.id, (row.failed, row.waived, row.not_evaluated, row.passed))
        for row in controls
        if row.population
    ]
    return _stacked(title, bars, STATUS_INKS, whole=True)


def chart_coverage(title: str, coverage: CoverageView) -> Markup:
    """Return a ring of places by how far they were read, the share complete in its middle."""
    counts = (coverage.complete, coverage.partial, coverage.skipped)
    total = sum(counts)
    parts = []
    turn = 0.0
    for ink, count in zip(_COVERAGE_INKS, counts, strict=True):
        if count:
            parts.append(_arc(ink, turn, turn + count / total))
            turn += count / total
    middle = share(coverage.share_complete)
    parts.append(_text(75, 76, middle, size=21, weight=600, anchor="middle"))
    parts.append(_text(75, 94, "complete", size=9.5, anchor="middle"))
    parts.extend(
        Markup("").join((_swatch(ink, 176, 44 + 26 * i), _text(196, 54 + 26 * i, label, size=11)))
        for i, (ink, label) in enumerate(
            (ink, f"{number(count)} {ink.name}")
            for ink, count in zip(_COVERAGE_INKS, counts, strict=True)
        )
    )
    told = ", ".join(
        f"{ink.name} {count}" for ink, count in zip(_COVERAGE_INKS, counts, strict=True)
    )
    return _svg(title, told, 320, 150, Markup("").join(parts))


def _stacked(title: str, bars: Sequence[Bar], inks: Sequence[Ink], *, whole: bool) -> Markup:
    """Draw the bars; ``whole`` stretches every bar to the full width."""
    longest = max((sum(bar.counts) for bar in bars), default=0) or 1
    room = _WIDTH - _LABEL - _TOTAL
    parts = [_legend(inks)]
    for row, bar in enumerate(bars):
        top = _LEGEND + row * _STEP
        total = sum(bar.counts)
        parts.append(_text(_LABEL - 8, top + 11.5, _shorten(bar.label), size=9.5, anchor="end"))
        scale = room / ((total or 1) if whole else longest)
        parts.append(_segments(bar, inks, top, scale))
        end = _LABEL + total * scale + 6
        parts.append(_text(end, top + 11.5, number(total), size=9.5, weight=600))
    told = "; ".join(_tell(bar, inks) for bar in bars)
    height = _LEGEND + len(bars) * _STEP
    return _svg(title, told, _WIDTH, height, Markup("").join(parts))


def _segments(bar: Bar, inks: Sequence[Ink], top: float, scale: float) -> Markup:
    parts = []
    left = float(_LABEL)
    for ink, count in zip(inks, bar.counts, strict=True):
        width = count * scale
        if count:
            parts.append(_box(ink, left, top, width, _BAR))
        if count and width >= _LEAST_LABELLED:
            middle = left + width / 2
            parts.append(_halo(ink, middle, top, count))
            parts.append(
                _text(middle, top + 11.3, number(count), size=9, fill=ink.text, anchor="middle")
            )
        left += width
    return Markup("").join(parts)


def _halo(ink: Ink, middle: float, top: float, count: int) -> Markup:
    """A plain ground for a number on hatching."""
    if not ink.hatched:
        return Markup("")
    width = 5.6 * len(str(count)) + 4
    return _rect(middle - width / 2, top + 2, width, _BAR - 4, 'fill="#ffffff"')


def _legend(inks: Sequence[Ink]) -> Markup:
    parts = []
    left = float(_LABEL)
    for ink in inks:
        parts.append(_swatch(ink, left, 1))
        parts.append(_text(left + 17, 10.5, ink.name, size=9.5))
        left += 17 + 5.6 * len(ink.name) + 18
    return Markup("").join(parts)


def _swatch(ink: Ink, left: float, top: float) -> Markup:
    return _box(ink, left, top, 12, 12)


def _box(ink: Ink, left: float, top: float, width: float, height: float) -> Markup:
    stroke = 'stroke="#0a2f38" stroke-width="0.7"' + (
        ' stroke-dasharray="2.5 1.8"' if ink.dashed else ""
    )
    box = _rect(left, top, width, height, f'fill="{ink.fill}" {stroke}')
    return box + _hatching(left, top, width, height) if ink.hatched else box


def _hatching(left: float, top: float, width: float, height: float) -> Markup:
    """Slanted lines cut to the box by hand: clip paths and patterns print unevenly."""
    lines = []
    offset = 4.0
    while offset < width + height:
        x1, y1 = (offset, 0.0) if offset <= width else (width, offset - width)
        x2, y2 = (0.0, offset) if offset <= height else (offset - height, height)
        lines.append(f"M{left + x1:.1f} {top + y1:.1f}L{left + x2:.1f} {top + y2:.1f}")
        offset += 4.0
    return Markup(f'<path d="{"".join(lines)}" stroke="#0a2f38" stroke-width="0.7"/>')  # noqa: S704


def _arc(ink: Ink, start: float, end: float) -> Markup:
    """A part of the ring, turns counted from twelve o'clock."""
    end = min(end, start + 0.9999)  # a full circle has no two ends to draw between
    points = [_polar(radius, turn) for radius, turn in
              ((66, start), (66, end), (44, end), (44, start))]  # fmt: skip
    (a, b, c, d), large = points, int(end - start > 0.5)
    dash = ' stroke-dasharray="2.5 1.8"' if ink.dashed else ""
    path = f"M{a}A66 66 0 {large} 1 {b}L{c}A44 44 0 {large} 0 {d}Z"
    return Markup(  # noqa: S704 (numbers and our own colours)
        f'<path d="{path}" fill="{ink.fill}" stroke="#0a2f38" stroke-width="0.9"{dash}/>'
    )


def _polar(radius: float, turn: float) -> str:
    angle = 2 * math.pi * turn - math.pi / 2
    return f"{75 + radius * math.cos(angle):.2f} {75 + radius * math.sin(angle):.2f}"


def _rect(left: float, top: float, width: float, height: float, style: str) -> Markup:
    return Markup(  # noqa: S704 (numbers and our own colours)
        f'<rect x="{left:.2f}" y="{top:.2f}" width="{width:.2f}" height="{height:.2f}" {style}/>'
    )


def _text(  # noqa: PLR0913 (the attributes of an SVG text, all named at the call)
    x: float,
    y: float,
    content: str,
    *,
    size: float,
    weight: int = 400,
    anchor: str = "start",
    fill: str = "#0a2f38",
) -> Markup:
    return Markup(
        '<text x="{}" y="{}" font-family="Plex Sans" font-size="{}" font-weight="{}" '
        'text-anchor="{}" fill="{}">{}</text>'
    ).format(f"{x:.2f}", f"{y:.2f}", size, weight, anchor, fill, escape(str(legible(content))))


def _svg(title: str, told: str, width: int, height: int, body: Markup) -> Markup:
    """Wrap a chart; the title holds everything because PDF takes its alternative from there."""
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{w}" height="{h}" '
        'viewBox="0 0 {w} {h}"><title>{title}: {told}.</title><desc>{told}</desc>{body}</svg>'
    ).format(w=width, h=height, title=title, told=escape(str(legible(told))), body=body)


def _tell(bar: Bar, inks: Sequence[Ink]) -> str:
    counts = (f"{count} {ink.name}" for ink, count in zip(inks, bar.counts, strict=True) if count)
    return f"{_shorten(bar.label)} {', '.join(counts) or 'none'}"


def _shorten(label: str) -> str:
    return label if len(label) <= 28 else label[:27] + "…"
