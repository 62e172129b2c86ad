"""What a format is: a name, and a way to turn a run into text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from governance.model.run import Run


@dataclass(frozen=True, slots=True)
class View:
    """How much room there is; only the text format asks.

    Args:
        width: Columns, 40 at least.
        color: Whether terminal colours may be used.
    """

    width: int = 100
    color: bool = False


class Format(Protocol):
    """One rendering of a run. It sees the run alone, so it cannot hold a scanned value."""

    name: ClassVar[str]

    def render(self, run: Run, view: View) -> str: ...
