"""Make text from data harmless: names of files, columns and actors reach every output.

A column may be called ``\\x1b[2J``, hold a right-to-left override, or read like a command of a
build service. Nothing of the kind may reach a terminal, a log viewer or a pull request.
"""

from __future__ import annotations

import json
import re

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
# Azure Pipelines takes a command anywhere in a line, GitHub's runner too: ``##vso[``, ``##[``.
_COMMAND = re.compile(r"#(?=#\w*\[)")
# The runner of GitHub takes one at the start of a line, behind white space; TeamCity likewise.
_AT_START = re.compile(r"^(\s*)(?::(?=:)|#(?=#))")
_Json = str | int | float | None | list["_Json"] | dict[str, "_Json"]
_DOUBLED = re.compile(r"#(?=#)")


def clean(text: str, limit: int | None = None) -> str:
    """Return one line of printable characters, at most ``limit`` long.

    White space of any kind becomes a space; control, bidirectional, invisible and unassigned
    characters and lone surrogates become U+FFFD, so that two names stay told apart. ``##`` before
    a bracket is broken up.
    """
    if not text.isprintable():
        text = "".join(map(_printable, text))
    text = _COMMAND.sub("# ", text)
    if limit is not None and len(text) > limit:
        return text[: limit - 1] + _ELLIPSIS
    return text


def inert_line(line: str) -> str:
    """Return a line that no build service takes for a command, wherever a name was wrapped."""
    return _AT_START.sub(rf"\1{_ELLIPSIS}", line)


def inert_json(text: str) -> str:
    """Return the same JSON, in which no line holds ``##``: a log viewer may take that for more."""
    return _DOUBLED.sub(r"\\u0023", text)


def well_formed(text: str) -> str:
    """Return the text with lone surrogates (undecodable file names) replaced by U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def interoperable(value: _Json) -> _Json:
    """Replace lone surrogates everywhere: many JSON readers refuse the whole document."""
    if _is_interoperable(value):
        return value
    return _replaced(value)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return ``1 finding`` or ``1,200 findings``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else _REPLACEMENT


def _is_interoperable(value: _Json) -> bool:
    """Return whether all text is well-formed, as nearly always; far quicker than looking at it."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _replaced(value: _Json) -> _Json:
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, list):
        return [_replaced(item) for item in value]
    if isinstance(value, dict):
        return {well_formed(key): _replaced(item) for key, item in value.items()}
    return value
