"""Every format, and the one function that renders a run."""

from __future__ import annotations

from difflib import get_close_matches

from governance.errors import UsageError
from governance.formats.contract import Format, View
from governance.formats.csvfmt import CsvFormat
from governance.formats.github import GithubFormat
from governance.formats.gitlab import GitlabFormat
from governance.formats.jsonfmt import JsonFormat
from governance.formats.junit import JunitFormat
from governance.formats.markdown import GithubSummaryFormat, MarkdownFormat
from governance.formats.sarif import SarifFormat
from governance.formats.text import TextFormat
from governance.model.run import Run

# Sorted by name. A new format is one module and one line here.
FORMATS: tuple[Format, ...] = (
    CsvFormat(),
    GithubFormat(),
    GithubSummaryFormat(),
    GitlabFormat(),
    JsonFormat(),
    JunitFormat(),
    MarkdownFormat(),
    SarifFormat(),
    TextFormat(),
)


def render(name: str, run: Run, view: View | None = None) -> str:
    """Return the run in the format called ``name``; it ends with a newline.

    Raises:
        UsageError: If there is no such format.
    """
    return check_format(name).render(run, view or View())


def check_format(name: str) -> Format:
    """Return a format by name, so that a typo is found before the run and not after it.

    Raises:
        UsageError: If there is no such format.
    """
    known = {entry.name: entry for entry in FORMATS}
    if name in known:
        return known[name]
    close = get_close_matches(name, known, n=1)
    remedy = f"did you mean '{close[0]}'" if close else f"use one of: {', '.join(known)}"
    raise UsageError(where="--output", problem=f"unknown format '{name[:40]}'", remedy=remedy)
