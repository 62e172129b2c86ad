"""Where something was written: a place in a policy file, and how it came to apply."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a policy file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an effective value comes from.

    Args:
        position: The line that wrote it.
        via: ``"declared"``, or who handed it down, as ``"inherited from Project acme"``.
    """

    position: Position
    via: str = "declared"
