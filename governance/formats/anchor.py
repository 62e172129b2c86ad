"""The file and line that a program shows a finding at."""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from governance.formats.cleaning import clean
from governance.model.outcome import Finding, Outcome
from governance.model.position import Position
from governance.model.run import Run

PROJECT_FILE = "governance.yaml"
"""Where a finding is shown that has neither a line nor a file of its own."""
_LONGEST = 1_000
_ELSEWHERE = re.compile(r"/|\\|[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]*://|pack:")
"""An absolute path, an address, or a file of a pack: nothing that the repository holds."""


class Anchor(NamedTuple):
    """A path from the root of the repository, with ``/``, and a place in it, counted from 1."""

    path: str
    line: int
    column: int | None = None


class Anchors:
    """Finds the one line that declares a thing; else the file that was read; else the project's.

    What lies outside of the repository is shown at the project's file: a code host has no other
    line to show, and a path of this machine is nobody's business.
    """

    def __init__(self, run: Run, prefix: str = "") -> None:
        self._prefix = prefix
        self._declared = {facts.asset.id: facts.asset.position for facts in run.assets}
        self._uris: dict[tuple[str, str | None], str] = {
            (facts.asset.id, place.place): place.uri
            for facts in run.assets
            for place in facts.places
        }

    def of(self, outcome: Outcome, finding: Finding) -> Anchor:
        """Return where a finding is shown."""
        for position in (finding.location, self._declared.get(outcome.asset)):
            shown = self._at(position) if position else None
            if shown is not None:
                return shown
        return self.file(self._uris.get((outcome.asset, outcome.place)) or PROJECT_FILE)

    def file(self, uri: str) -> Anchor:
        """Return the first line of the file of a URI that may name a table or a member in it."""
        path = self._from_root(uri.partition("#")[0].partition("!")[0].replace("\\", "/"))
        return Anchor(path or self._from_root(PROJECT_FILE) or PROJECT_FILE, 1)

    def _at(self, position: Position) -> Anchor | None:
        path = self._from_root(position.file)
        return Anchor(path, max(position.line, 1), max(position.column, 1)) if path else None

    def _from_root(self, path: str) -> str | None:
        if not path or _ELSEWHERE.match(path):
            return None
        joined = posixpath.normpath(posixpath.join(self._prefix, path))
        if joined == ".." or joined.startswith("../"):
            return None
        return clean(joined, _LONGEST)
