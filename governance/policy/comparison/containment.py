"""Whether words that stand for more than themselves lie within others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from governance.policy.comparison.change import Direction


def contained(
    outer: Iterable[str], inner: Iterable[str], within: Callable[[str, str], bool]
) -> Direction:
    """Return stronger where ``inner`` lies within ``outer`` and is less than it."""
    outer, inner = list(outer), list(inner)
    is_inside = all(any(within(each, known) for known in outer) for each in inner)
    is_as_large = all(any(within(each, known) for known in inner) for each in outer)
    if is_inside and is_as_large:
        return Direction.NEUTRAL
    return Direction.STRONGER if is_inside else Direction.WEAKER


def glob_within(inner: str, outer: str) -> bool:
    """Whether a glob surely names no more than another one; doubt says no."""
    if inner == outer:
        return True
    for tail in ("/**/*", "/**"):
        if outer.endswith(tail) and not _is_wild(outer.removesuffix(tail)):
            return inner.startswith(f"{outer.removesuffix(tail)}/")
    return not _is_wild(inner) and "**" not in outer and _names(outer, inner)


def _names(glob: str, path: str) -> bool:
    ours, theirs = glob.split("/"), path.split("/")
    return len(ours) == len(theirs) and all(
        fnmatchcase(part, wanted) for part, wanted in zip(theirs, ours, strict=True)
    )


def _is_wild(text: str) -> bool:
    return any(sign in text for sign in "*?[")
