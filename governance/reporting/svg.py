"""Pieces of inline SVG: numbers and escaped text only, legible without colour."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup, escape

from governance.reporting.text import legible

DARK = "#0a2f38"


@dataclass(frozen=True, slots=True)
class Ink:
    """How one series is drawn: fill and the colour of the number on it."""

    name: str
    fill: str
    text: str
    hatched: bool = False
    dashed: bool = False


def swatch(ink: Ink, left: float, top: float) -> Markup:
    """Return the square of a legend."""
    return box(ink, left, top, 12, 12)


def box(ink: Ink, left: float, top: float, width: float, height: float) -> Markup:
    """Return a rectangle in an ink."""
    stroke = 'stroke="#0a2f38" stroke-width="0.7"' + (
        ' stroke-dasharray="2.5 1.8"' if ink.dashed else ""
    )
    box = rect(left, top, width, height, f'fill="{ink.fill}" {stroke}')
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


def arc(ink: Ink, start: float, end: float) -> Markup:
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


def rect(left: float, top: float, width: float, height: float, style: str) -> Markup:
    """Return a rectangle; ``style`` are attributes of our own, never text from a review."""
    return Markup(  # noqa: S704 (numbers and our own colours)
        f'<rect x="{left:.2f}" y="{top:.2f}" width="{width:.2f}" height="{height:.2f}" {style}/>'
    )


def text(  # noqa: PLR0913 (the attributes of an SVG text, all named at the call)
    x: float,
    y: float,
    content: str,
    *,
    size: float,
    weight: int = 400,
    anchor: str = "start",
    fill: str = "#0a2f38",
) -> Markup:
    """Return a line of text, made harmless and escaped."""
    return Markup(
        '<text x="{}" y="{}" font-family="Plex Sans" font-size="{}" font-weight="{}" '
        'text-anchor="{}" fill="{}">{}</text>'
    ).format(f"{x:.2f}", f"{y:.2f}", size, weight, anchor, fill, escape(str(legible(content))))


def svg(title: str, told: str, width: int, height: int, body: Markup) -> Markup:
    """Wrap a chart; the title holds everything because PDF takes its alternative from there."""
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{w}" height="{h}" '
        'viewBox="0 0 {w} {h}"><title>{title}: {told}.</title><desc>{told}</desc>{body}</svg>'
    ).format(w=width, h=height, title=title, told=escape(str(legible(told))), body=body)
