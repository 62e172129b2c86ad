"""Text that cannot steer a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return text whose control characters cannot reach the terminal."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
