"""The rules of a CODEOWNERS file, and which of them decides for a path.

Source: GitHub Docs, "About code owners": the last matching pattern takes precedence; patterns are
those of gitignore without ``!``, without ``[ ]`` and without an escaped ``#``; ``docs/*`` does not
reach into folders of ``docs``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from governance.model.position import Position
from governance.policy.faults import Fault, quoted
from governance.policy.reading import MAX_BYTES

_TOKEN = re.compile(r"(?:\\.|[^\s\\])+")
_OWNER = re.compile(
    r"@[A-Za-z0-9](?:[A-Za-z0-9_-]*)(?:/[A-Za-z0-9_.-]+)?|[^\s@/]+@[^\s@/]+\.[^\s@/]+"
)
ANY_NAME = "any-name-0"
"""Stands for what a wildcard matches, where a path is needed to try a pattern on."""

_SECTION = re.compile(r"\^?\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: whoever is named owns what the pattern matches; nobody is allowed.

    Args:
        pattern: As written, with escaped spaces.
    """

    pattern: str
    owners: tuple[str, ...]
    position: Position


def is_owner(word: str) -> bool:
    """Return whether a word can stand for an owner: ``@user``, ``@org/team`` or an address."""
    return _OWNER.fullmatch(word) is not None


def read_rules(file: str, data: bytes) -> tuple[tuple[Rule, ...], tuple[Fault, ...]]:
    """Return the rules of a file and every line that GitHub would pass over.

    Args:
        file: The path as shown to people.
    """
    if len(data) > MAX_BYTES:
        problem = f"the file is larger than {MAX_BYTES // 1_000_000} MB"
        return (), (Fault(Position(file, 1, 1), problem, "shorten it"),)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        position = Position(file, data[: cause.start].count(b"\n") + 1, 1)
        return (), (Fault(position, "the file is not UTF-8", "save it as UTF-8"),)
    rules: list[Rule] = []
    faults: list[Fault] = []
    for number, row in enumerate(text.split("\n"), start=1):
        for found in _line(file, number, row):
            if isinstance(found, Rule):
                rules.append(found)
            else:
                faults.append(found)
    return tuple(rules), tuple(faults)


def _line(file: str, number: int, line: str) -> Iterator[Rule | Fault]:
    words = _words(line)
    if not words:
        return
    column, pattern = words[0]
    position = Position(file, number, column)
    if _SECTION.match(line.strip()):
        problem = "a section, which only GitLab knows: there, each section decides by itself"
        yield Fault(position, problem, "split the file")
        return
    for bad, problem in (
        (pattern.startswith("!"), "a pattern cannot be turned round with '!'"),
        (pattern.startswith("\\#"), "a pattern cannot begin with an escaped '#'"),
        (bool(re.search(r"(?<!\\)\[", pattern)), "a pattern cannot hold a range in '[ ]'"),
    ):
        if bad:
            yield Fault(position, problem, "GitHub passes over this line: write it otherwise")
            return
    owners = []
    for at, word in words[1:]:
        if is_owner(word):
            owners.append(word)
        else:
            problem = f"{quoted(word)} is no owner"
            remedy = "write @user, @organisation/team or a mail address"
            yield Fault(Position(file, number, at), problem, remedy)
    yield Rule(pattern, tuple(owners), position)


def _words(line: str) -> list[tuple[int, str]]:
    """Return the words of a line before its comment, each with its column."""
    words: list[tuple[int, str]] = []
    for match in _TOKEN.finditer(line):
        if match[0].startswith("#"):
            break
        words.append((match.start() + 1, match[0]))
    return words


def deciding(rules: Sequence[Rule], path: str) -> Rule | None:
    """Return the rule that decides for a path: the last one that matches it."""
    return next((rule for rule in reversed(rules) if matches(rule.pattern, path)), None)


def matches(pattern: str, path: str) -> bool:
    """Return whether a pattern matches a file's path, relative to the repository, with ``/``."""
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    body = pattern.strip("/")
    is_anchored = "/" in pattern.rstrip("/")
    parts = body.split("/")
    expression = "" if is_anchored and parts[0] != "**" else "(?:.*/)?"
    for index, part in enumerate(parts):
        is_last = index == len(parts) - 1
        if part == "**" and not is_last:
            expression += "" if index == 0 else "(?:.*/)?"
        elif part == "**":
            expression += ".*" if index else "[^/]*"
        else:
            expression += _segment(part) + ("" if is_last else "/")
    if pattern.endswith("/"):
        expression += "/.*"
    elif not (parts[-1] == "*" and len(parts) > 1):
        expression += "(?:/.*)?"
    return re.compile(expression, re.DOTALL)


def _segment(part: str) -> str:
    """Return one step of a path as an expression; ``*`` and ``?`` stay within it."""
    wild = {"*": "[^/]*", "?": "[^/]"}
    plain = re.sub(r"\*+", "*", part)
    return "".join(
        wild.get(found, re.escape(found.removeprefix("\\")))
        for found in re.findall(r"\\.|.", plain, re.DOTALL)
    )
