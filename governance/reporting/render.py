"""Render a review: one template per kind, HTML with everything inside, PDF/A-3a from it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from governance.assets import asset_folder
from governance.errors import ReportError
from governance.reporting import charts, text
from governance.reporting.kinds import Kind, load_kind
from governance.reporting.review import Review

_FACES = (
    ("Plex Sans", 400, "normal", "IBMPlexSans-Regular.ttf"),
    ("Plex Sans", 400, "italic", "IBMPlexSans-Italic.ttf"),
    ("Plex Sans", 600, "normal", "IBMPlexSans-SemiBold.ttf"),
    ("Plex Mono", 400, "normal", "IBMPlexMono-Regular.ttf"),
)
# NOTE: plain TrueType, because WeasyPrint unpacks WOFF2 with the present time written inside.


def render_html(kind: str, review: Review) -> str:
    """Return the report as one HTML page that asks for nothing from outside.

    Raises:
        ReportError: If the kind is unknown, or its template does not fit the review.
    """
    return _render(load_kind(kind), review)


def render_pdf(kind: str, review: Review) -> bytes:
    """Return the report as PDF/A-3a with the run documents attached.

    The same review gives the same bytes with the same versions of the libraries.

    Raises:
        ReportError: As ``render_html``, or if a template asks for anything from outside.
    """
    # NOTE: here, because WeasyPrint takes half a second to import and HTML needs none of it.
    from governance.reporting.pdf import write_pdf

    loaded = load_kind(kind)
    return write_pdf(_render(loaded, review), review)


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


def _render(kind: Kind, review: Review) -> str:
    root = asset_folder("reports")
    environment = _environment(root, kind)
    try:
        template = environment.get_template("report.html.j2")
        return template.render(
            kind=kind,
            review=review,
            style=_style(root, kind),
            template_digest=template_digest(kind),
        )
    except TemplateError as cause:
        raise ReportError(
            where=f"reports/{kind.id}",
            problem=f"the template does not fit ({cause})",
            remedy="mend the template, or reinstall governance",
        ) from cause


def _environment(root: Path, kind: Kind) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([kind.folder, root / "_parts"]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=text.legible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": text.number,
        "share": text.share,
        "moment": text.moment,
        "day": text.day,
        "size": text.size,
        "plural": text.plural,
        "listed": text.listed,
    }
    environment.globals |= _charts()
    return environment


def _charts() -> dict[str, Any]:
    return {
        "chart_tallies": charts.chart_tallies,
        "chart_controls": charts.chart_controls,
        "chart_coverage": charts.chart_coverage,
    }


def _style(root: Path, kind: Kind) -> Markup:
    """Return our own style sheets with the fonts inside; no review text goes in here."""
    faces = "".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:{slant};'
        f"src:url(data:font/ttf;base64,{_encoded(root / '_fonts' / file)}) "
        f'format("truetype")}}\n'
        for family, weight, slant, file in _FACES
    )
    sheet = (kind.folder / "style.css").read_text("utf-8")
    return Markup(faces + sheet)  # noqa: S704 (shipped files alone)


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode("ascii")
