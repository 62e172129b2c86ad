"""Make text from data harmless: names of files, columns and actors reach every output.

A column may be called ``\\x1b[2J`` or hold a right-to-left override. Nothing of the kind may
reach a terminal, a log viewer or a pull request.
"""

from __future__ import annotations

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def clean(text: str, limit: int | None = None) -> str:
    """Return one line of printable characters, at most ``limit`` long.

    White space of any kind becomes a space; control, bidirectional, invisible and unassigned
    characters and lone surrogates become U+FFFD, so that two names stay told apart.
    """
    if not text.isprintable():
        text = "".join(map(_printable, text))
    if limit is not None and len(text) > limit:
        return text[: limit - 1] + _ELLIPSIS
    return text


def well_formed(text: str) -> str:
    """Return the text with lone surrogates (undecodable file names) replaced by U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return ``1 finding`` or ``1,200 findings``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else _REPLACEMENT
