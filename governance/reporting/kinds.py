"""The kinds of report: every folder in ``reports/`` that holds a ``report.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from governance.assets import asset_folder
from governance.errors import ReportError, UsageError


@dataclass(frozen=True, slots=True)
class Section:
    """One numbered section; its template is ``_parts/<id>.html.j2`` or the kind's own."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of report.

    Args:
        id: The folder's name. folder: Where its templates are.
        sections: In printing order. appendices: Likewise, lettered instead of numbered.
        cuts: Name of a cut to the ids that it prints; the first cut is the usual one. Empty
            where there is but one.
        about: What the report is about: ``dataset``, ``model`` or ``owner``; None: the whole.
        needs: Whether one of those must be named. signed: Whether people sign it; until then it
            says that it is a draft.
    """

    id: str
    title: str
    description: str
    folder: Path
    sections: tuple[Section, ...]
    appendices: tuple[Section, ...]
    cuts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    about: str | None = None
    needs: bool = False
    signed: bool = False

    def cut(self, name: str | None) -> Kind:
        """Return the kind with the sections of one cut; None takes the usual one.

        Raises:
            UsageError: If there is no such cut.
        """
        if name is None and not self.cuts:
            return self
        chosen = name if name is not None else next(iter(self.cuts))
        if chosen not in self.cuts:
            known = ", ".join(self.cuts) or "none: leave --cut out"
            problem = f"the report has no cut '{chosen[:20]}'"
            raise UsageError(f"report {self.id}", problem, f"use one of: {known}")
        kept = self.cuts[chosen]
        named = {section.id: section for section in (*self.sections, *self.appendices)}
        sections = tuple(named[each] for each in kept if named[each] in self.sections)
        appendices = tuple(named[each] for each in kept if named[each] in self.appendices)
        return replace(self, sections=sections, appendices=appendices)


def list_kinds() -> tuple[str, ...]:
    """Return the names of the kinds there are, sorted."""
    return tuple(sorted(path.parent.name for path in asset_folder("reports").glob("*/report.toml")))


def load_kind(name: str) -> Kind:
    """Return a kind by its name.

    Raises:
        UsageError: If there is no such kind.
        ReportError: If its ``report.toml`` is not complete.
    """
    known = list_kinds()
    if name not in known:
        raise UsageError(
            where="report", problem=f"no kind '{name}'", remedy=f"use one of: {', '.join(known)}"
        )
    folder = asset_folder("reports") / name
    try:
        text = tomllib.loads((folder / "report.toml").read_text("utf-8"))
        return Kind(
            id=name,
            title=text["title"],
            description=text["description"],
            folder=folder,
            sections=_sections(text["sections"]),
            appendices=_sections(text.get("appendices", {})),
            cuts={cut: tuple(ids) for cut, ids in text.get("cuts", {}).items()},
            about=text.get("about"),
            needs=bool(text.get("needs")),
            signed=bool(text.get("signed")),
        )
    except (KeyError, AttributeError, TypeError, tomllib.TOMLDecodeError) as cause:
        raise ReportError(
            where=f"reports/{name}/report.toml",
            problem=f"not a description of a report ({cause})",
            remedy="give title, description and a table of sections",
        ) from cause


def _sections(table: dict[str, str]) -> tuple[Section, ...]:
    """TOML tables keep their order, so a table of id = title is a list of sections."""
    return tuple(Section(name, title) for name, title in table.items())
