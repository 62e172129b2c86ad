"""Text that cannot steer a terminal, nor a build service that reads what we print."""

from __future__ import annotations

from governance.formats.cleaning import clean, inert_line


def printable(text: str) -> str:
    """Return one line of text in which nothing is a control character or a command."""
    return inert_line(clean(text))
