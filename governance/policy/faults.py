"""One fault of one policy file, and what to suggest instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from governance.errors import PolicyError
from governance.model.position import Position

IMPORTED = "Imported from "
"""How the first comment of an imported file begins."""

_FROM = re.compile(r"  # from (\S.*:\d+)$")
_FAR = 500
_MOST = 1_000
_LONGEST_QUOTE = 60
_LONGEST_LIST = 12
_NEAR_ENOUGH = 60


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong at a position, and what to do about it; both lower case, no full stop."""

    position: Position
    problem: str
    remedy: str


def quoted(text: str) -> str:
    """Return text in quotes, cut to sixty characters and without control characters."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in text)
    short = clean if len(clean) <= _LONGEST_QUOTE else f"{clean[: _LONGEST_QUOTE - 1]}…"
    return f"'{short}'"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like ``word``, or None when none is near."""
    from rapidfuzz import fuzz, process  # only where something is wrong

    choices = sorted(known)
    # NOTE: also compared case-blind, so that 'Conf' and 'USER:ana' find their like.
    found = process.extractOne(
        word, choices, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_NEAR_ENOUGH
    )
    return found[0] if found else None


def suggest(word: str, known: Iterable[str], *, otherwise: str = "remove it") -> str:
    """Return the remedy for an unknown word: the nearest known one, and which there are."""
    choices = sorted(set(known))
    if not choices:
        return otherwise
    listed = ", ".join(choices[:_LONGEST_LIST])
    more = len(choices) - _LONGEST_LIST
    like = nearest(word, choices)
    if like is not None and more > 0:
        return f"did you mean '{like}'"
    if like is not None:
        return f"did you mean '{like}'? known: {listed}"
    return f"use one of: {listed}" + (f" and {more} more" if more > 0 else "")


def as_errors(
    faults: Iterable[Fault], lines: Mapping[str, tuple[str, ...]]
) -> tuple[PolicyError, ...]:
    """Return the faults as errors, sorted by position, each once, with the offending line.

    Args:
        lines: File as shown to people, to its lines.
    """
    return tuple(
        PolicyError(
            str(fault.position),
            fault.problem + _origin(fault.position, lines.get(fault.position.file, ())),
            fault.remedy,
            line=_line(fault.position, lines),
        )
        for fault in sorted(set(faults))
    )


def _origin(position: Position, lines: Sequence[str]) -> str:
    """Return which line of another file a line was imported from, as its comment tells."""
    if not any(row.startswith(f"# {IMPORTED}") for row in lines[:3]):
        return ""
    indent = _MOST
    for row in reversed(lines[: position.line][-_FAR:]):
        depth = len(row) - len(row.lstrip(" "))
        found = _FROM.search(row) if depth < indent else None
        if found:
            return f" (from {found[1]})"
        indent = min(indent, depth + 1) if row.strip() else indent
    return ""


def _line(position: Position, lines: Mapping[str, tuple[str, ...]]) -> str | None:
    known = lines.get(position.file, ())
    return known[position.line - 1] if 0 < position.line <= len(known) else None
