"""What is printed: everything, harmless, the same every time, and from nowhere else."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import example_year as year
import pikepdf
import pypdf
import pytest
from fontTools.ttLib import TTFont
from markupsafe import escape

from governance.assets import asset_folder
from governance.errors import ReportError, UsageError
from governance.reporting.kinds import Kind, Section, list_kinds, load_kind
from governance.reporting.pdf import write_pdf
from governance.reporting.render import Layout, _render, render_html, render_pdf
from governance.reporting.review import build_review
from governance.reporting.subject import FlowRow, PermitRow, Told, UseRow
from governance.reporting.text import _drawable, legible

HOSTILE = (
    "</td><style>*{display:none}</style>",
    "{{7*7}}",
    "invoice\u202egpj.exe",
    "w" * 100_000,
    "bell\x07and\x1b[31mcolour\x00",
    "<img src=file:///etc/passwd>",
    "</title></svg><script>alert(1)</script>",
    "列名",
)
_ID = re.compile(r"\b[0-9a-f]{16}\b")


@pytest.fixture(scope="module")
def review():
    return build_review(year.request())


@pytest.fixture(scope="module")
def pdf(review):
    return render_pdf("annual", review)


@pytest.fixture(scope="module")
def pages(pdf):
    return _pages(pdf)


def _pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def _text(pdf: bytes) -> str:
    return "\n".join(_pages(pdf))


def _hostile_review():
    document = year.document("r-hostile", year.NOVEMBER, 30)
    for outcome, text in zip(document["outcomes"], HOSTILE * 3, strict=False):
        outcome["field"] = text
        outcome["finding"]["title"] = outcome["finding"]["owner"] = text
    for asset, text in zip(document["assets"], HOSTILE, strict=False):
        asset["uri"] = text
        asset["coverage"] |= {"status": "partial", "reason": text}
    return build_review(year.request(documents=(document,), project=HOSTILE[0]))


@pytest.mark.slow
def test_two_processes_give_the_same_bytes(pdf):
    program = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]); import example_year as year;"
        "from governance.reporting.review import build_review;"
        "from governance.reporting.render import render_pdf;"
        "print(hashlib.sha256(render_pdf('annual', build_review(year.request()))).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(Path(__file__).parent)],
        capture_output=True, text=True, check=True, timeout=240,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert run.stdout.strip() == hashlib.sha256(pdf).hexdigest()


@pytest.mark.slow
def test_every_finding_of_the_document_is_in_the_text_of_the_pdf_once(pages, review):
    manifest = json.loads(next(f.content for f in review.attached if "r-2026-11" in f.name))
    wanted = sorted(o["finding"]["id"] for o in manifest["outcomes"] if o["finding"])
    assert len(wanted) == 30
    assert sorted(_ID.findall("\n".join(pages))) == wanted


def test_the_pdf_is_tagged_archival_and_in_english(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
            assert (
                metadata["dc:title"] == "Annual governance review 2026 · Example Retail Cooperative"
            )
        root = document.Root
        assert root.MarkInfo.Marked
        assert root.Lang == "en"
        assert root.ViewerPreferences.DisplayDocTitle
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        assert document.open_outline().root[0].title.endswith("Statement of result")
        assert all(page.Tabs == "/S" for page in document.pages)


def test_the_file_is_read_without_any_repair(pdf):
    with pikepdf.open(io.BytesIO(pdf), attempt_recovery=False) as document:
        assert document.check_pdf_syntax() == []
        first, second = (bytes(half) for half in document.trailer.ID)
        assert first == second and len(first) == 16
        assert document.trailer.Info.Title == document.docinfo.Title
    assert pdf.startswith(b"%PDF-1.7\n") and pdf.endswith(b"\n%%EOF\n")


def test_the_pdf_has_a_tree_of_tags_every_font_inside_and_nothing_that_runs(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        parts = [o for o in document.objects if isinstance(o, pikepdf.Dictionary)]
    tags = {str(o.S) for o in parts if o.get("/Type") == "/StructElem"}
    assert {"/Document", "/H1", "/H2", "/P", "/L", "/Table", "/TH", "/TD", "/Figure"} <= tags
    scopes = Counter(str(o["/A"].get("/Scope")) for o in parts if o.get("/S") == "/TH")
    assert set(scopes) == {"/Column", "/Row"}
    fonts = [o for o in parts if o.get("/Type") == "/FontDescriptor"]
    assert len(fonts) == 4
    assert all("/FontFile2" in font for font in fonts)
    assert not [o for o in parts if {"/JS", "/Launch", "/AA", "/OpenAction"} & set(o.keys())]
    assert not [o for o in parts if o.get("/S") in ("/URI", "/Launch", "/JavaScript")]


def test_headings_never_skip_a_level_and_every_table_has_its_head(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        tags = [str(each.S) for each in _structure(document.Root.StructTreeRoot)]
    levels = [int(tag[2]) for tag in tags if re.fullmatch("/H[1-6]", tag)]
    assert levels[0] == 1
    assert all(later - level <= 1 for level, later in pairwise(levels))
    assert tags.count("/Table") == tags.count("/THead") > 10


def test_every_term_is_the_label_of_a_list_item_and_its_meaning_the_body(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        lists = [each for each in _structure(document.Root.StructTreeRoot) if each.S == "/L"]
        items = [kid for each in lists for kid in each.K if "/S" in kid]
        assert {str(item.S) for item in items} == {"/LI"}
        pairs = [[str(kid.S) for kid in item.K if isinstance(kid, pikepdf.Dictionary)]
                 for item in items]  # fmt: skip
    assert pairs.count(["/Lbl", "/LBody"]) > 40


def _structure(element):
    """Every element of the tree of tags in reading order."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _structure(kid)


def test_every_heading_of_the_contents_leads_to_a_page(pdf, review):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        links = [a for page in document.pages for a in page.get("/Annots", []) if "/Dest" in a]
    kind = load_kind("annual").cut(None)
    assert {str(link.Dest) for link in links} == {
        section.id for section in (*kind.sections, *kind.appendices)
    }


def test_the_run_documents_are_attached_byte_by_byte_as_data(pdf, review):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = {name: spec.get_file().read_bytes() for name, spec in document.attachments.items()}
        assert found == {file.name: file.content for file in review.attached}
        assert [str(spec.AFRelationship) for spec in document.Root.AF] == ["/Data", "/Data"]


@pytest.mark.slow
def test_every_page_but_the_cover_says_its_number_and_how_many_there_are(pages):
    for number, text in enumerate(pages[1:], start=2):
        assert f"Page {number} of {len(pages)}" in text


def test_every_chart_tells_its_content_in_words(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        figures = [o for o in document.objects
                   if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure"]  # fmt: skip
        assert len(figures) == 6
        words = ("10 complete", "critical", "pass", "in force", "none")
        assert all(any(word in str(o.Alt) for word in words) for o in figures)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", ["annual", "scan"])
def test_hostile_names_are_text_in_html(kind, language):
    html = render_html(kind, _hostile_review(), Layout(language=language))
    _assert_inert(html)
    assert len(set(_ID.findall(html))) >= 30


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", sorted(set(list_kinds()) - {"annual", "scan"}))
def test_hostile_words_of_policy_files_and_logs_are_text_in_every_sheet(kind, language):
    words = sorted(HOSTILE, key=len)  # the endless one last, for it is cut
    html = render_html(kind, _hostile_subject(load_kind(kind).about, " ".join(words)),
                       Layout(language=language))  # fmt: skip
    _assert_inert(html)
    for text in words[:-1]:
        assert str(escape(legible(text))) in html, text


def _assert_inert(html: str) -> None:
    assert not re.search(r"<(script|img|iframe|object|link|base)\b", html)
    assert "*{display:none}</style>" not in html
    assert "\u202e" not in html
    assert "\x07" not in html
    assert "\x1b" not in html


def _hostile_subject(about: str, text: str):
    """A review about one thing, all of whose words are hostile: record, uses, permits, flows."""
    document = year.document("r-hostile", year.NOVEMBER, 6)
    for outcome in document["outcomes"]:
        outcome["reason"] = outcome["field"] = text
        if outcome["finding"]:
            outcome["finding"] |= {"title": text, "message": text, "remedy": text, "owner": text}
    asset = next(a["id"] for a in document["assets"] if about == "owner" or a["kind"] == about)
    told = Told(
        record={asset: (("title", text), (text, text), ("retention", f"{text}, then delete"))},
        uses=(UseRow(asset, text, text, text, 1, text, text, (text,)),),
        permits=(PermitRow(asset, text, (text,), text, text, text, text),),
        flows=(FlowRow(text, asset, text, 1, text),),
        organisation=(("name", text), ("address", text), ("contact", text)),
        policy_digest=text,
        evidence=True,
    )
    chosen = (about, None if about == "owner" else asset)
    return build_review(year.request(documents=(document,), about=chosen, told=told, project=text))


@pytest.mark.slow
def test_hostile_names_appear_as_text_and_no_finding_is_hidden():
    text = _text(render_pdf("annual", _hostile_review()))
    assert len(set(_ID.findall(text))) == 30
    flat = re.sub(r"\s", "", text)
    assert "</td><style>*{display:none}</style>" in flat
    assert "{{7*7}}" in flat
    assert r"invoice\u{202e}gpj.exe" in flat
    assert "<imgsrc=file:///etc/passwd>" in flat
    assert "root:x:0" not in text


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="http://192.0.2.1/x.png" alt="x">',
        '<img src="file:///etc/passwd" alt="x">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<link rel="stylesheet" href="https://192.0.2.1/x.css">',
        "<style>@import url(file:///etc/passwd);</style>",
        '<base href="file:///etc/"><img src="passwd" alt="x">',
        '<p style="background:url(ftp://192.0.2.1/x)">x</p>',
    ],
)
def test_a_template_that_asks_for_anything_outside_is_refused(review, markup):
    with pytest.raises(ReportError, match="outside the report"):
        write_pdf(f"<html lang='en'><body>{markup}</body></html>", review, io.BytesIO())


def test_an_empty_period_says_what_is_missing_and_the_renderer_has_no_complaint(caplog):
    empty = build_review(year.request(documents=(), entries=()))
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        render_pdf("annual", empty)
    text = render_html("annual", empty)
    assert [r.getMessage() for r in caplog.records if r.name == "weasyprint"] == []
    assert "Cannot conclude" in text
    assert "No scan of the period is on record" in text
    assert "This does not mean that there is nothing to find" in text


def test_a_cut_table_says_how_many_rows_there_are_in_truth():
    document = year.document("r-many", year.NOVEMBER + timedelta(days=1), 1200)
    html = render_html("annual", build_review(year.request(documents=(document,))))
    assert "1\u202f000 of 1\u202f200 are listed" in html


def test_html_holds_no_address_that_a_browser_would_fetch(review):
    html = render_html("annual", review)
    wanted = re.findall(r"""(?:src|href)=["']([^"']*)|url\(([^)]{0,40})""", html)
    assert all((link or url).startswith(("#", "data:", "attr(")) or url == "attr(href url"
               for link, url in wanted)  # fmt: skip


def test_unknown_kind_names_those_there_are(review):
    assert "annual" in list_kinds()
    with pytest.raises(UsageError, match="use one of: access, annual, dpia"):
        render_html("anual", review)


def test_a_section_without_a_template_is_an_error_not_a_blank(review):
    kind = load_kind("annual")
    broken = Kind(kind.id, kind.title, kind.description, kind.folder, (Section("x", "X"),), ())
    with pytest.raises(ReportError, match="template does not fit"):
        _render(broken, review)


def test_the_list_of_drawable_characters_holds_for_every_bundled_font():
    for path in (asset_folder("reports") / "_fonts").glob("*.ttf"):
        assert _drawable() <= set(TTFont(path).getBestCmap())


@pytest.mark.parametrize(
    ("text", "kept"), [("w" * 100_000, 120), ("see " + "w" * 9_000, 123), ("so it is " * 900, 600)]
)
def test_long_text_is_cut_with_its_true_length(text, kept):
    drawn, told = str(legible(text)).split("…")
    assert len(drawn) == kept
    assert told == f" (+{len(text) - kept:,} characters)".replace(",", "\u202f")


def test_text_of_a_common_length_is_whole():
    text = "sha256:" + "4e" * 32 + " of data/shop.db#orders"
    assert legible(text) == text
