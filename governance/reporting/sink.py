"""Where a report is written to."""

from __future__ import annotations

from typing import Protocol


class Sink(Protocol):
    """What bytes are written to, from the first to the last; nobody reads or seeks in it."""

    def write(self, data: bytes, /) -> object:
        """Take the next piece."""
