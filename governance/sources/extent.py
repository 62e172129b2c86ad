"""How much of each place is examined: all of it, unless a person asked for less."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extent:
    """What a person asked for.

    Args:
        max_bytes: Bytes of rows, as they lie in memory, after which a place is left; None for all.
        permille: Rows of every thousand that are examined; None for all.
        seed: Which of them.
    """

    max_bytes: int | None = None
    permille: int | None = None
    seed: int = 0


EVERYTHING = Extent()
