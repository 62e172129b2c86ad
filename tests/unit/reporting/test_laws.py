"""The law that a report prints is what the scan under review loaded, word by word, or nothing."""

from __future__ import annotations

import re
from datetime import date

import example_year as year

from governance.reporting.laws import Lawbook, view_laws
from governance.reporting.render import Layout, render_html
from governance.reporting.review import build_review

BOOK = Lawbook(
    path="pack:gdpr/references.yaml",
    sha256="ab" * 32,
    source="Regulation (EU) 2016/679",
    checked_on=date(2026, 11, 25),
    checked_how="Compared with a copy.",
    controls={"pii-declared": ("gdpr:art5.1c", "gdpr:art30")},
    articles={"gdpr:art30": "Records of processing", "gdpr:art5.1c": "Data minimisation"},
)


def _loaded(sha256: str):
    files = [{"path": BOOK.path, "sha256": sha256}, {"path": "governance.yaml", "sha256": "cd"}]
    return year.entry("policy.loaded", year.NOVEMBER, "r-2026-11", {"files": files})


def test_a_control_shows_the_articles_of_the_packs_that_the_scan_loaded():
    requested = year.request(entries=(*year.request().entries, _loaded(BOOK.sha256)), laws=(BOOK,))
    html = render_html("annual", build_review(requested))
    assert "gdpr:art30 Records of processing; gdpr:art5.1c Data minimisation" in html
    assert "Looked up on 25 November 2026." in html
    german = render_html("annual", build_review(requested), Layout(language="de"))
    assert "gdpr:art30 Verzeichnis von Verarbeitungstätigkeiten" in german


def test_another_version_of_a_pack_and_one_that_was_not_loaded_are_not_quoted():
    other = view_laws([_loaded("ef" * 32)], "r-2026-11", (BOOK,))
    assert (other.books, other.others, other.of("pii-declared")) == ((), (BOOK.path,), ())
    assert view_laws([_loaded(BOOK.sha256)], "another run", (BOOK,)).books == ()
    requested = year.request(laws=(BOOK,))
    text = re.sub(r"\s+", " ", render_html("annual", build_review(requested)))
    assert "The packs of the scan cite no law." in text
    assert "Records of processing" not in text
