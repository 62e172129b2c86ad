"""HTML to PDF/A-3a through WeasyPrint, with every door to the outside shut."""

from __future__ import annotations

import gc
import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from governance.errors import ReportError
from governance.reporting.embedding import embed
from governance.reporting.objects import write_objects
from governance.reporting.review import Review
from governance.reporting.sink import Sink
from governance.reporting.tagging import pair_terms, scope_headers

with warnings.catch_warnings():
    # NOTE: WeasyPrint warns at import where the HarfBuzz-Subset library is missing. Fonts are
    # embedded whole here, so it is not needed.
    warnings.filterwarnings("ignore", message="HarfBuzz-Subset", category=DeprecationWarning)
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

_VARIANT = "pdf/a-3a"
_SELDOM = (100_000, 20, 100)


def write_pdf(html: str, review: Review, output: Sink) -> None:
    """Write the PDF of a self-contained page.

    Its dates and identifier come from the review and the page, so that the bytes do too.

    Args:
        output: Written to from its first byte to its last, never read or sought in.

    Raises:
        ReportError: If the page asks for anything but its own embedded data.
    """
    fetcher = URLFetcher(allowed_protocols={"data"}, allow_redirects=False, fail_on_errors=True)
    try:
        with warnings.catch_warnings(), _seldom_collecting():
            # NOTE: WeasyPrint 70.0 leaves the file of its colour profile to be closed by chance.
            warnings.filterwarnings("ignore", message="unclosed file", category=ResourceWarning)
            document = HTML(string=html, base_url=None, url_fetcher=fetcher)
            document.write_pdf(
                output,
                pdf_variant=_VARIANT,
                pdf_identifier=_identifier(html, review),
                # subsets would differ with the library that makes them, and carry a date
                full_fonts=True,
                finisher=partial(_finish, review),
            )
    except FatalURLFetchingError as cause:  # a BaseException: nothing else would stop it
        raise ReportError(
            where="report",
            problem="the template asks for something outside the report, which is refused",
            remedy="embed it as data, or leave it out",
        ) from cause


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Look for cycles a hundred times less often: a fifth of the time that pages take to set.

    Their millions of boxes all live to the end, so that each look at them finds nothing.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _identifier(html: str, review: Review) -> bytes:
    digest = hashlib.sha256(html.encode())
    for file in review.attached:
        digest.update(hashlib.sha256(file.packed).digest())
    return digest.digest()[:16]


def _finish(review: Review, _document: object, pdf: Any) -> None:  # noqa: ANN401 (no types)
    embed(pdf, review.attached, review.as_of)
    scope_headers(pdf)
    pair_terms(pdf)
    pdf.catalog["ViewerPreferences"] = "<</DisplayDocTitle true>>"
    pdf.write = partial(write_objects, pdf)
