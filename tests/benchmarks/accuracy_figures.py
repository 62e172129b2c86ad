"""A figure with its target, and the table of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Figure(NamedTuple):
    """What was measured, what was reached, what is asked for, and whether that is reached."""

    what: str
    reached: str
    target: str
    met: bool


class Part(NamedTuple):
    """The figures of one measurement, and the lines that explain them."""

    title: str
    figures: Sequence[Figure]
    lines: Sequence[str]


def show(parts: Sequence[Part]) -> None:
    """Print the table of all figures, then the lines of each part."""
    figures = [figure for part in parts for figure in part.figures]
    print(f"{'figure':46}{'reached':>28}  {'target':28}")
    for figure in figures:
        verdict = "reached" if figure.met else "MISSED"
        print(f"{figure.what:46}{figure.reached:>28}  {figure.target:28}{verdict}")
    for part in parts:
        print(f"\n{part.title}")
        for line in part.lines:
            print(f"  {line}")


def counted(kinds: Iterable[tuple[str, int]]) -> str:
    """Return counts by kind in words, the most frequent first."""
    ordered = sorted(kinds, key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {kind}" for kind, count in ordered) or "none"
