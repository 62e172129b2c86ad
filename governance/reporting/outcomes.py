"""The outcomes of a run document, read as records of what a report asks of them.

A document may hold millions: read as records they take a tenth of the time of dictionaries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec


class Location(msgspec.Struct, gc=False):
    """Where to mend a finding."""

    file: str | None = None
    line: int | None = None


class Found(msgspec.Struct, gc=False):
    """The finding of an outcome, as ``governance/run/v1`` names its fields."""

    id: str
    kind: str | None = None
    severity: str | None = None
    state: str | None = None
    title: str | None = None
    message: str | None = None
    remedy: str | None = None
    owner: str | None = None
    confidence: float | None = None
    location: Location | None = None
    references: tuple[str, ...] | None = None
    waiver: str | None = None


class Outcome(msgspec.Struct, gc=False):
    """The result of one control, as ``governance/run/v1`` names its fields."""

    control: str
    asset: str
    status: str
    place: str | None = None
    field: str | None = None
    subject: str | None = None
    grade: str | None = None
    reason: str | None = None
    finding: Found | None = None


Take = Callable[[dict[str, Any], Sequence[Outcome]], None]
"""Called with what was read of the document before its outcomes, and the next of them."""

_DECODER = msgspec.json.Decoder(list[Outcome])


class Outcomes:
    """Reads the list of outcomes for ``jsonstream``."""

    def many(self, text: str) -> list[Outcome]:
        """Return the outcomes of a whole list; ValueError where it is none, or has odd text."""
        return _DECODER.decode(text)

    def one(self, value: Any) -> Outcome:  # noqa: ANN401 (JSON)
        """Return an outcome that was parsed by the standard library, which takes any text."""
        return msgspec.convert(value, Outcome)
