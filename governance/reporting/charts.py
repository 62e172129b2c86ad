"""Charts as inline SVG: numbers and escaped text only, legible without colour.

Each chart carries its whole content as a text alternative, each segment its count, and the
template prints a table of the same numbers beside it. The ramp runs from dark to light, so it
survives a black-and-white printer; what is unknown is hatched or dashed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from markupsafe import Markup

from governance.reporting.controls import ControlRow
from governance.reporting.language import Language
from governance.reporting.parts import CoverageView, Tally, WaiverRow
from governance.reporting.period import Period
from governance.reporting.svg import DARK, Ink, arc, box, rect, svg, swatch, text

_WIDTH = 642  # CSS pixels between the margins of an A4 page
_LABEL = 168
_TOTAL = 40
_BAR = 15
_STEP = 23
_LEGEND = 26
_LEAST_LABELLED = 13  # a narrower segment cannot hold its number
_COLUMNS_HIGH = 150
_WAIVERS = 24  # bars of a timeline that a page holds


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label and one count per ink, in the inks' order."""

    label: str
    counts: tuple[int, ...]


SEVERITY_INKS = (
    Ink("critical", DARK, "#ffffff"),
    Ink("high", "#13606f", "#ffffff"),
    Ink("medium", "#6aa5b0", DARK),
    Ink("low", "#c3dde1", DARK),
    Ink("gap", "#ffffff", DARK, dashed=True),
)
STATUS_INKS = (
    Ink("fail", DARK, "#ffffff"),
    Ink("waived", "#6aa5b0", DARK, hatched=True),
    Ink("not evaluated", "#ffffff", DARK, dashed=True),
    Ink("pass", "#c3dde1", DARK),
)
_COVERAGE_INKS = (
    Ink("complete", "#13606f", "#ffffff"),
    Ink("partial", "#6aa5b0", DARK),
    Ink("skipped", "#ffffff", DARK, dashed=True),
)
_STANDING_INKS = {
    "in force": Ink("in force", "#13606f", "#ffffff"),
    "unused": Ink("unused", "#c3dde1", DARK),
    "not yet": Ink("not yet", "#ffffff", DARK, dashed=True),
    "ended": Ink("ended", "#6aa5b0", DARK, hatched=True),
}


def drawn_in(language: Language) -> Mapping[str, Callable[..., Markup]]:
    """Return the charts that templates may draw, in a language."""
    return {
        "chart_tallies": partial(chart_tallies, language),
        "chart_columns": partial(chart_columns, language),
        "chart_controls": partial(chart_controls, language),
        "chart_coverage": partial(chart_coverage, language),
        "chart_waivers": partial(chart_waivers, language),
    }


def chart_tallies(language: Language, title: str, tallies: Sequence[Tally]) -> Markup:
    """Return stacked bars of findings by severity, one bar per tally, on one scale."""
    bars = [
        Bar(language.word(tally.name), tuple(count for _, count in tally.counts))
        for tally in tallies
    ]
    return _stacked(language, title, bars, SEVERITY_INKS, whole=False)


def chart_controls(language: Language, title: str, controls: Sequence[ControlRow]) -> Markup:
    """Return one bar per control that applied to anything, each filling the width."""
    bars = [
        Bar(row.id, (row.failed, row.waived, row.not_evaluated, row.passed))
        for row in controls
        if row.population
    ]
    return _stacked(language, title, bars, STATUS_INKS, whole=True)


def chart_columns(language: Language, title: str, tallies: Sequence[Tally]) -> Markup:
    """Return upright stacked columns in time, one per tally, on one scale."""
    longest = max((tally.total for tally in tallies), default=0) or 1
    step = _WIDTH / max(len(tallies), 6)
    wide = min(step * 0.62, 44)
    floor = _LEGEND + 14 + _COLUMNS_HIGH
    parts = [_legend(language, SEVERITY_INKS, left=0), _line(0, floor, _WIDTH)]
    for place, tally in enumerate(tallies):
        left, top = place * step + (step - wide) / 2, float(floor)
        middle = left + wide / 2
        for ink, (_, count) in zip(SEVERITY_INKS, tally.counts, strict=True):
            high = count / longest * _COLUMNS_HIGH
            top -= high
            if count:
                parts.append(box(ink, left, top, wide, high))
            if count and high >= _LEAST_LABELLED - 2:
                told = language.number(count)
                at = top + high / 2 + 3
                parts.append(text(middle, at, told, size=8.5, fill=ink.text, anchor="middle"))
        parts.append(text(middle, top - 4, language.number(tally.total), size=9.5, weight=600,
                          anchor="middle"))  # fmt: skip
        parts.append(text(middle, floor + 13, tally.name, size=8.5, anchor="middle"))
    told = "; ".join(_tell(language, Bar(t.name, tuple(n for _, n in t.counts)), SEVERITY_INKS)
                     for t in tallies)  # fmt: skip
    return svg(title, told, _WIDTH, floor + 18, Markup("").join(parts))


def chart_coverage(language: Language, title: str, coverage: CoverageView) -> Markup:
    """Return a ring of places by how far they were read, the share complete in its middle."""
    counts = (coverage.complete, coverage.partial, coverage.skipped)
    total = sum(counts)
    parts = []
    turn = 0.0
    for ink, count in zip(_COVERAGE_INKS, counts, strict=True):
        if count:
            parts.append(arc(ink, turn, turn + count / total))
            turn += count / total
    middle = language.share(coverage.share_complete)
    parts.append(text(75, 76, middle, size=21, weight=600, anchor="middle"))
    parts.append(text(75, 94, language.word("complete"), size=9.5, anchor="middle"))
    named = [
        (ink, f"{language.number(count)} {language.word(ink.name)}")
        for ink, count in zip(_COVERAGE_INKS, counts, strict=True)
    ]
    for place, (ink, label) in enumerate(named):
        parts.append(swatch(ink, 176, 44 + 26 * place))
        parts.append(text(196, 54 + 26 * place, label, size=11))
    return svg(title, ", ".join(label for _, label in named), 320, 150, Markup("").join(parts))


def chart_waivers(
    language: Language, title: str, waivers: Sequence[WaiverRow], period: Period
) -> Markup:
    """Return one bar per waiver from its first day to its last, over the period."""
    rows = [(row, _span(row, period)) for row in waivers[:_WAIVERS]]
    room, days = _WIDTH - _LABEL, (period.last_day - period.first_day).days + 1
    inks = [_STANDING_INKS[name] for name in _STANDING_INKS]
    parts = [_legend(language, inks)]
    bottom = _LEGEND + len(rows) * _STEP
    for month in _month_starts(period):
        at = _LABEL + (month - period.first_day).days / days * room
        parts.append(rect(at, _LEGEND - 4, 0.5, bottom - _LEGEND + 6, 'fill="#9db8bd"'))
        parts.append(text(at + 2, bottom + 12, f"{month:%m}", size=8))
    for place, (row, (first, last)) in enumerate(rows):
        top = _LEGEND + place * _STEP
        left = _LABEL + (first - period.first_day).days / days * room
        width = max(((last - first).days + 1) / days * room, 2)
        ink = _STANDING_INKS.get(row.standing, _STANDING_INKS["ended"])
        parts.append(text(_LABEL - 8, top + 11.5, _shorten(row.id), size=9.5, anchor="end"))
        parts.append(box(ink, left, top, width, _BAR))
    told = "; ".join(
        f"{_shorten(row.id)} {row.opened or '…'} – {row.expires}, {language.word(row.standing)}"
        for row, _ in rows
    )
    return svg(title, told, _WIDTH, bottom + 18, Markup("").join(parts))


def _span(row: WaiverRow, period: Period) -> tuple[date, date]:
    """The days of a waiver that lie in the period; at its edge where none does."""
    first, last = _date(row.opened, period.first_day), _date(row.expires, period.last_day)
    first = min(max(first, period.first_day), period.last_day)
    return first, min(max(last, first), period.last_day)


def _date(told: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError:
        return otherwise


def _month_starts(period: Period) -> list[date]:
    first = period.first_day
    count = (period.last_day.year - first.year) * 12 + period.last_day.month - first.month + 1
    months = [first.year * 12 + first.month - 1 + n for n in range(count)]
    return [date(month // 12, month % 12 + 1, 1) for month in months][:24]


def _stacked(
    language: Language, title: str, bars: Sequence[Bar], inks: Sequence[Ink], *, whole: bool
) -> Markup:
    """Draw the bars; ``whole`` stretches every bar to the full width."""
    longest = max((sum(bar.counts) for bar in bars), default=0) or 1
    room = _WIDTH - _LABEL - _TOTAL
    parts = [_legend(language, inks)]
    for row, bar in enumerate(bars):
        top = _LEGEND + row * _STEP
        total = sum(bar.counts)
        parts.append(text(_LABEL - 8, top + 11.5, _shorten(bar.label), size=9.5, anchor="end"))
        scale = room / ((total or 1) if whole else longest)
        parts.append(_segments(language, bar, inks, (top, scale)))
        end = _LABEL + total * scale + 6
        parts.append(text(end, top + 11.5, language.number(total), size=9.5, weight=600))
    told = "; ".join(_tell(language, bar, inks) for bar in bars)
    height = _LEGEND + len(bars) * _STEP
    return svg(title, told, _WIDTH, height, Markup("").join(parts))


def _segments(language: Language, bar: Bar, inks: Sequence[Ink], at: tuple[float, float]) -> Markup:
    top, scale = at
    parts = []
    left = float(_LABEL)
    for ink, count in zip(inks, bar.counts, strict=True):
        width = count * scale
        told = language.number(count)
        if count:
            parts.append(box(ink, left, top, width, _BAR))
        if count and width >= max(_LEAST_LABELLED, 6 * len(told)):
            middle = left + width / 2
            parts.append(_halo(ink, middle, top, told))
            parts.append(text(middle, top + 11.3, told, size=9, fill=ink.text, anchor="middle"))
        left += width
    return Markup("").join(parts)


def _halo(ink: Ink, middle: float, top: float, told: str) -> Markup:
    """A plain ground for a number on hatching."""
    if not ink.hatched:
        return Markup("")
    width = 5.6 * len(told) + 4
    return rect(middle - width / 2, top + 2, width, _BAR - 4, 'fill="#ffffff"')


def _legend(language: Language, inks: Sequence[Ink], left: float = _LABEL) -> Markup:
    parts = []
    for ink in inks:
        name = language.word(ink.name)
        parts.append(swatch(ink, left + 0.5, 1))
        parts.append(text(left + 17, 10.5, name, size=9.5))
        left += 17 + 5.6 * len(name) + 18
    return Markup("").join(parts)


def _line(left: float, top: float, width: float) -> Markup:
    return rect(left, top, width, 0.7, f'fill="{DARK}"')


def _tell(language: Language, bar: Bar, inks: Sequence[Ink]) -> str:
    counts = (
        f"{language.number(count)} {language.word(ink.name)}"
        for ink, count in zip(inks, bar.counts, strict=True)
        if count
    )
    return f"{_shorten(bar.label)} {', '.join(counts) or '0'}"


def _shorten(label: str) -> str:
    return label if len(label) <= 28 else label[:27] + "…"
