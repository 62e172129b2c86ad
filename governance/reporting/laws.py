"""The law behind the controls: what the packs in use cite, as the run under review loaded them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from governance.model.trail import Entry


@dataclass(frozen=True, slots=True)
class Lawbook:
    """What a pack that ships with the tool says of one law.

    Args:
        path, sha256: As the trail records a policy file that a run loaded.
        source: The law, with its version. checked_on, checked_how: Who looked, and how far.
        controls: Control slug to what it serves. articles: Each of these to its subject.
    """

    path: str
    sha256: str
    source: str
    checked_on: date
    checked_how: str
    controls: Mapping[str, Sequence[str]]
    articles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LawsView:
    """The books that the run under review loaded, in the words that it loaded.

    Args:
        books: Those that this version of the tool has as they were. others: Paths of those that
            it has in another version; they are not quoted.
    """

    books: tuple[Lawbook, ...] = ()
    others: tuple[str, ...] = ()
    _of: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def of(self, control: str) -> tuple[tuple[str, str], ...]:
        """Return what a control serves: references with the subject of each."""
        return self._of.get(control, ())


def view_laws(entries: Sequence[Entry], run: str | None, known: Sequence[Lawbook]) -> LawsView:
    """Return the books among those known whose very bytes a run loaded."""
    loaded: dict[str, Any] = {}
    for entry in entries:
        if run is not None and entry.run == run and entry.type == "policy.loaded":
            loaded = {row.get("path"): row.get("sha256") for row in entry.payload.get("files", ())}
    books = tuple(book for book in known if loaded.get(book.path) == book.sha256)
    others = sorted(book.path for book in known if loaded.get(book.path) not in (None, book.sha256))
    found: dict[str, dict[str, str]] = {}
    for book in books:
        for control, references in book.controls.items():
            for reference in references:
                title = book.articles.get(reference, "")
                found.setdefault(control, {})[reference] = title
    served = {control: tuple(sorted(each.items())) for control, each in found.items()}
    return LawsView(books, tuple(others), served)
