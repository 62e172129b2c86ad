"""Reading a regular expression: its groups, its character classes, whether it could run away."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import regex

# An unbounded repetition, or one this large, inside a repeated group is refused.
LARGE_REPEAT = 32
# RE2 writes a repetition out. Classes of all scripts take much more room than those of ASCII.
WRITTEN_OUT, WRITTEN_OUT_WIDE = 32, 8

_QUANTIFIER = regex.compile(r"[*+]|\{(\d*),(\d*)\}|\{(\d+)\}")
_OPENING = regex.compile(r"\((?:\?(?:[:>|=!]|P?<\w+>|<[=!]|[a-zA-Z-]+:))?")
_BOUNDS = regex.compile(r"\{(\d*)(,(\d*))?\}")
_DROPPED = ("(?=", "(?!", "(?<=", "(?<!", "(?P=")
_ANYTHING = "(?s:.*)"
_ONE_CHARACTER = regex.compile(r"\[((?:\\.|[^\]\\^])(?:\\.|[^\]\\])*)\]|(\\[dw]|\w)")
_WIDER_INSIDE = {r"\d": r"\p{Nd}", r"\w": r"\p{L}\p{M}\p{N}\p{Pc}", r"\s": r"\s\x0b\x{85}\p{Z}"}
_WIDER = {short: f"[{wide}]" for short, wide in _WIDER_INSIDE.items()} | {
    r"\b": "", r"\B": "", r"\A": "", r"\Z": "", r"\z": "", r"\G": "",
}  # fmt: skip
_CLASS = regex.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", regex.DOTALL)


def strip_classes(pattern: str) -> str:
    """Return the pattern with every character class replaced by ``~``."""
    return str(_CLASS.sub(lambda match: "~" if match[0][0] == "[" else match[0], pattern))


def tokens(pattern: str) -> Iterator[tuple[int, str]]:
    """Yield position and text of each escape, class or single character."""
    at = 0
    while at < len(pattern):
        match = _CLASS.match(pattern, at)
        text = match.group() if match else pattern[at]
        yield at, text
        at += len(text)


def groups(pattern: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every group, inner ones first."""
    opened: list[int] = []
    for at, text in tokens(pattern):
        if text == "(":
            opened.append(at)
        elif text == ")" and opened:
            yield opened.pop(), at + 1


def widen_for_re2(pattern: str, *, ignore_case: bool, ascii_only: bool) -> str:
    """Return an RE2 pattern that matches wherever the pattern matches, and maybe elsewhere.

    RE2 knows no look-around and no back-reference: those at the very ends become one character
    that is not part of the match, the others are left out. Its ``\\b``, ``\\d``, ``\\w``, ``\\s``
    are ASCII, so texts with other characters need a pattern of their own. Source: RE2 syntax.

    Args:
        ascii_only: Whether the texts to search hold nothing but ASCII.
    """
    kept, done = "", 0
    left_out = _left_out(pattern)
    edges = _edges(pattern, left_out) if ascii_only else {}
    for start, end in left_out:
        instead = _ANYTHING if pattern.startswith("(?P=", start) else edges.get(start, "")
        kept += pattern[done:start] + instead
        done = end
    most = WRITTEN_OUT if ascii_only else WRITTEN_OUT_WIDE
    body = _BOUNDS.sub(partial(_widen_bounds, most), kept + pattern[done:])
    if not ascii_only:
        body = "".join(_widen_token(text) for _, text in tokens(body))
    body = regex.sub(r"(?<!\\)((?:\\\\)*)\\[1-9]", rf"\1{_ANYTHING}", body)
    return f"(?ms{'i' if ignore_case else ''}){body}"


def could_run_away(pattern: str) -> bool:
    """Return whether a repeated group repeats inside, or has alternatives that overlap.

    ``(a+)+``, ``(a|aa)*`` and ``([a-z]+|\\d)*`` can take exponential time. The test is stricter
    than need be: what it refuses can be written with bounds.
    """
    return any(
        is_unbounded(pattern, end)
        and (_repeats_inside(pattern, start, end) or _overlaps(pattern[start:end]))
        for start, end in groups(pattern)
    )


def is_unbounded(pattern: str, at: int) -> bool:
    """Return whether a repetition without bound, or a large one, stands at a position."""
    match = _QUANTIFIER.match(pattern, at)
    if not match:
        return False
    if match.group() in "*+":
        return True
    most = match.group(3) if match.group(3) is not None else match.group(2)
    return most == "" or int(most) > LARGE_REPEAT


def _repeats_inside(pattern: str, start: int, end: int) -> bool:
    return any(
        is_unbounded(pattern, at)
        for at, text in tokens(pattern)
        if start < at < end and text in "*+{"
    )


def _overlaps(group: str) -> bool:
    """Alternatives that may start alike; anything but plain, different characters may."""
    inner = _OPENING.sub("", group, count=1)[:-1]
    if "|" not in strip_classes(inner):
        return False
    if "(" in inner:
        return True
    heads = [branch[:1] for branch in strip_classes(inner).split("|")]
    return len(set(heads)) < len(heads) or bool({"\\", "~", ".", ""} & set(heads))


def _left_out(pattern: str) -> list[tuple[int, int]]:
    """Start and end of what RE2 has no words for, in order and none inside another."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(groups(pattern)):
        if pattern.startswith(_DROPPED, start) and (not found or start >= found[-1][1]):
            found.append((start, end))
    return found


def _edges(pattern: str, left_out: list[tuple[int, int]]) -> dict[int, str]:
    """What stands for the look-arounds at the very ends: no such character before or after.

    Only one at each end, since what stands for it takes a character.
    """
    edges: dict[int, str] = {}
    at = 0
    for start, end in left_out:
        if start != at or edges:
            break
        at = end
        edges |= _instead(pattern, start, end, "(?<!", r"\A")
    found = len(edges)
    at = len(pattern)
    for start, end in reversed(left_out):
        if end != at or len(edges) > found:
            break
        at = start
        edges |= _instead(pattern, start, end, "(?!", r"\z")
    return edges


def _instead(pattern: str, start: int, end: int, opening: str, edge: str) -> dict[int, str]:
    """A class that one of the forbidden alternatives is; nothing where all are longer."""
    if not pattern.startswith(opening, start):
        return {}
    for branch in _branches(pattern[start + len(opening) : end - 1]):
        match = _ONE_CHARACTER.fullmatch(branch)
        if match:
            return {start: rf"(?:{edge}|[^{match.group(1) or match.group(2)}])"}
    return {}


def _branches(inside: str) -> list[str]:
    """Split at the bars that stand outside of classes and groups."""
    branches, depth = [""], 0
    for _, text in tokens(inside):
        depth += {"(": 1, ")": -1}.get(text, 0)
        if text == "|" and not depth:
            branches.append("")
        else:
            branches[-1] += text
    return branches


def _widen_token(text: str) -> str:
    if text in _WIDER:
        return _WIDER[text]
    if text.startswith("[^"):
        # Left out of what is left out, more would pass than RE2's ASCII classes say.
        return "(?s:.)" if regex.search(r"\\[WDS]", text) else text
    if text.startswith("[") and len(text) > 1:
        for ascii_only, inside in _WIDER_INSIDE.items():
            text = text.replace(ascii_only, inside)
    return text


def _widen_bounds(most: int, match: regex.Match[str]) -> str:
    """Large repetitions make RE2 slow to start and to run; this many say enough."""
    low = int(match.group(1) or 0)
    high = low if match.group(2) is None else int(match.group(3) or low)
    return match.group() if high <= most else f"{{{min(low, most)},}}"
