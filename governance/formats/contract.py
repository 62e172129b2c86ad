"""What a format is: a name, and a way to turn a run into text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from governance.model.run import Run


@dataclass(frozen=True, slots=True)
class RuleText:
    """The manual page of a control, for formats that carry one. Each text is a paragraph."""

    summary: str
    why: str
    fails_when: str
    fix: str
    source: str


@dataclass(frozen=True, slots=True)
class View:
    """What the surroundings of an output are.

    Args:
        width: Columns, 40 at least; only the text format asks.
        color: Whether terminal colours may be used.
        prefix: The workspace as seen from the root of its repository, as ``data/shop``; empty
            where they are one. Code hosts want paths from the root.
        rules: Manual pages by the id of the control.
        include_waived: Whether waived findings are listed where they are left out by default.
        room: Bytes that may be written (of SARIF, after gzip); None for the format's own limit.
    """

    width: int = 100
    color: bool = False
    prefix: str = ""
    rules: Mapping[str, RuleText] = field(default_factory=dict)
    include_waived: bool = False
    room: int | None = None


class Format(Protocol):
    """One rendering of a run. It sees the run alone, so it cannot hold a scanned value."""

    name: ClassVar[str]

    def render(self, run: Run, view: View) -> str: ...
