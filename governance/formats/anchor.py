"""The file and line that a program shows a finding at."""

from __future__ import annotations

from typing import NamedTuple

from governance.formats.cleaning import clean
from governance.model.outcome import Finding, Outcome
from governance.model.run import Run

PROJECT_FILE = "governance.yaml"
"""Where a finding is shown that has neither a line nor a file of its own."""


class Anchor(NamedTuple):
    """A path as it is written, and a place in it, counted from 1."""

    path: str
    line: int
    column: int | None = None


class Anchors:
    """Finds the one line that declares a thing; else the file that was read; else the project's."""

    def __init__(self, run: Run) -> None:
        self._uris: dict[tuple[str, str | None], str] = {
            (facts.asset.id, place.place): place.uri
            for facts in run.assets
            for place in facts.places
        }

    def of(self, outcome: Outcome, finding: Finding) -> Anchor:
        """Return where a finding is shown."""
        place = finding.location
        if place is not None:
            return Anchor(place.file, max(place.line, 1), max(place.column, 1))
        return Anchor(self._uris.get((outcome.asset, outcome.place)) or PROJECT_FILE, 1)


def file_of(path: str) -> str:
    """Return the file of a path that may name a table or a member in it, as one printable line."""
    return clean(path.partition("#")[0].partition("!")[0].replace("\\", "/"), 1_000)
