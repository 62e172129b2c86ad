"""The kinds of report: every folder in ``reports/`` that holds a ``report.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
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
    """

    id: str
    title: str
    description: str
    folder: Path
    sections: tuple[Section, ...]
    appendices: tuple[Section, ...]


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
        )
    except (KeyError, AttributeError, tomllib.TOMLDecodeError) as cause:
        raise ReportError(
            where=f"reports/{name}/report.toml",
            problem=f"not a description of a report ({cause})",
            remedy="give title, description and a table of sections",
        ) from cause


def _sections(table: dict[str, str]) -> tuple[Section, ...]:
    """TOML tables keep their order, so a table of id = title is a list of sections."""
    return tuple(Section(name, title) for name, title in table.items())
