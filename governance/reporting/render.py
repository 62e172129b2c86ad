"""Render a review: one template per kind, HTML with everything inside, PDF/A-3a from it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup, escape

from governance.assets import asset_folder
from governance.errors import ReportError, UsageError
from governance.reporting import charts, text
from governance.reporting.kinds import Kind, load_kind
from governance.reporting.language import Language, load_language
from governance.reporting.review import Review
from governance.reporting.sink import Sink

_FACES = (
    ("Plex Sans", 400, "normal", "IBMPlexSans-Regular.ttf"),
    ("Plex Sans", 400, "italic", "IBMPlexSans-Italic.ttf"),
    ("Plex Sans", 600, "normal", "IBMPlexSans-SemiBold.ttf"),
    ("Plex Mono", 400, "normal", "IBMPlexMono-Regular.ttf"),
)
PAPERS = {
    "a4": "@page{size:210mm 297mm}",
    "letter": "@page{size:8.5in 11in}.cover{height:11in}",
}
"""Paper sizes by name, as the last rules of the style sheet."""

# NOTE: plain TrueType, because WeasyPrint unpacks WOFF2 with the present time written inside.


@dataclass(frozen=True, slots=True)
class Layout:
    """How a report is printed.

    Args:
        paper: One of ``PAPERS``. language: A catalogue's code. cut: One of the kind's, or None.
    """

    paper: str = "a4"
    language: str = "en"
    cut: str | None = None


def render_html(kind: str, review: Review, layout: Layout = Layout()) -> str:
    """Return the report as one HTML page that asks for nothing from outside.

    Raises:
        UsageError: If the kind, its cut, the paper or the language is unknown.
        ReportError: If its template does not fit the review.
    """
    return _render(load_kind(kind), review, layout)


def render_pdf(kind: str, review: Review, layout: Layout = Layout()) -> bytes:
    """Return the report as PDF/A-3a with the run documents attached.

    The same review gives the same bytes with the same versions of the libraries.

    Raises:
        UsageError, ReportError: As ``render_html``, or if a template asks for anything outside.
    """
    written = BytesIO()
    print_pdf(kind, review, layout, written)
    return written.getvalue()


def print_pdf(kind: str, review: Review, layout: Layout, output: Sink) -> None:
    """Write what ``render_pdf`` returns, piece by piece: embedded evidence may be large."""
    # NOTE: here, because WeasyPrint takes half a second to import and HTML needs none of it.
    from governance.reporting.pdf import write_pdf

    write_pdf(_render(load_kind(kind), review, layout, medium="pdf"), review, output)


def template_digest(kind: Kind) -> str:
    """Return the digest of everything that shapes a kind's page: templates, style, fonts."""
    root = asset_folder("reports")
    files = [
        path
        for folder in (root / "_fonts", root / "_parts", kind.folder)
        for path in folder.rglob("*")
        if path.is_file()
    ]
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.relative_to(root).as_posix()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return "sha256:" + digest.hexdigest()


def _render(kind: Kind, review: Review, layout: Layout = Layout(), *, medium: str = "html") -> str:
    root = asset_folder("reports")
    language = load_language(layout.language)
    environment = _environment(root, kind, language)
    digest = template_digest(kind)
    chosen = kind.cut(layout.cut)
    try:
        template = environment.get_template("report.html.j2")
        return template.render(
            kind=chosen,
            cut=layout.cut or next(iter(kind.cuts), None),
            language=language.code,
            paper=layout.paper,
            medium=medium,
            review=review,
            style=_style(root, kind, layout.paper, medium),
            template_digest=digest,
        )
    except TemplateError as cause:
        raise ReportError(
            where=f"reports/{kind.id}",
            problem=f"the template does not fit ({cause})",
            remedy="mend the template, or reinstall governance",
        ) from cause


def _environment(root: Path, kind: Kind, language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([kind.folder, root / "_parts"]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=text.legible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": language.number,
        "share": language.share,
        "moment": language.moment,
        "day": language.day,
        "size": language.size,
        "word": language.word,
        "said": language.say,
        "told": language.told,
        "percent": language.percent,
        "quoted": partial(_quoted, language),
        "listed": text.listed,
    }
    environment.globals |= {
        "_": language.say,
        "requirement_of": language.recorded.requirement,
        "failure_of": language.recorded.fails_when,
        **charts.drawn_in(language),
    }
    return environment


def _quoted(language: Language, value: object) -> Markup:
    """Return a recorded sentence in the reader's language, or marked as the English that it is."""
    told = language.told(value)
    shown = escape(text.legible(told))
    is_foreign = told == str(value) and language.code != "en"
    return Markup('<span lang="en">{}</span>').format(shown) if is_foreign else shown


def _style(root: Path, kind: Kind, paper: str, medium: str) -> Markup:
    """Return our own style sheets with the fonts inside; no review text goes in here.

    What holds for narrow screens is for HTML alone: WeasyPrint knows no such condition.
    """
    if paper not in PAPERS:
        problem = f"no paper '{paper[:20]}'"
        raise UsageError("report", problem, f"use one of: {', '.join(PAPERS)}")
    faces = "".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:{slant};'
        f"src:url(data:font/ttf;base64,{_encoded(root / '_fonts' / file)}) "
        f'format("truetype")}}\n'
        for family, weight, slant, file in _FACES
    )
    own = kind.folder / "style.css"
    narrow = [root / "_parts" / "narrow.css"] if medium == "html" else []
    sheets = [root / "_parts" / "style.css", *narrow, *([own] if own.is_file() else [])]
    sheet = "".join(path.read_text("utf-8") for path in sheets)
    return Markup(faces + sheet + PAPERS[paper])  # noqa: S704 (shipped files alone)


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode("ascii")
