"""Each kind of report: its folder is complete, its pages hold, its first section is its golden."""

from __future__ import annotations

import dataclasses
import io
import re
from itertools import pairwise

import example_year as year
import pypdf
import pytest

from governance.controls.manual import manual
from governance.controls.registry import CONTROLS
from governance.errors import UsageError
from governance.reporting.controls import ControlText
from governance.reporting.kinds import list_kinds, load_kind
from governance.reporting.render import PAPERS, Layout, render_html, render_pdf
from governance.reporting.review import build_review
from governance.reporting.subject import FlowRow, PermitRow, Told, UseRow

ABOUT = {"dataset": "sales.orders", "model": "models.churn", "owner": "team:sales"}
SHOWN = {
    "access": "permits", "annual": "waivers", "dpia": "risks_measured", "incident": "downstream",
    "model": "dossier", "records": "lacking", "scan": "coverage",
}  # fmt: skip


def review_for(kind: str):
    about = load_kind(kind).about
    told = Told(
        record={
            "sales.orders": (("title", "Orders"), ("owner", "team:sales"), ("purposes", "billing")),
            "models.churn": (("title", "Churn"), ("risk class", "limited")),
        },
        uses=(UseRow("sales.orders", "user:kim", "read", None, 12, "2026-09-01T06:00:00+00:00",
                     "2026-11-22T21:14:00+00:00", ("office",)),),
        permits=(PermitRow("sales.orders", "team:sales", ("read",), "billing", "shop.readers",
                           None, "2026-09-30"),),
        flows=(FlowRow("etl/nightly", "sales.orders", "analytics.orders", 46,
                       "2026-11-21T01:10:00+00:00"),
               FlowRow("etl/export", "analytics.orders", "crm.contacts", 2,
                       "2026-11-21T02:10:00+00:00")),
        policy_digest="sha256:" + "4e" * 32,
        evidence=True,
    )  # fmt: skip
    chosen = (about, ABOUT[about]) if about else None
    return build_review(dataclasses.replace(year.request(), kind=kind, about=chosen, told=told))


@pytest.mark.golden
@pytest.mark.parametrize("kind", list_kinds())
def test_a_section_of_each_kind_matches_its_golden(kind, golden):
    html = render_html(kind, review_for(kind))
    section = re.search(rf'<h1 id="{SHOWN[kind]}">.*?</section>', html, re.DOTALL)
    assert section is not None
    golden(f"reporting/{kind}.html", section[0] + "\n")


@pytest.mark.parametrize("kind", list_kinds())
def test_no_page_of_any_kind_asks_for_anything(kind):
    html = render_html(kind, review_for(kind))
    assert not re.search(r"(?:src|href)=[\"'](?!#)", html)
    assert not re.search(r"url\((?!data:|attr)", html.replace("attr(href url)", ""))


@pytest.mark.parametrize("kind", list_kinds())
def test_no_heading_of_any_kind_skips_a_level(kind):
    html = render_html(kind, review_for(kind))
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", html)]
    assert levels[0] == 1
    assert all(later - level <= 1 for level, later in pairwise(levels))


@pytest.mark.parametrize("cut", load_kind("annual").cuts)
def test_a_cut_prints_its_sections_and_no_other(cut):
    html = render_html("annual", build_review(year.request()), Layout(cut=cut))
    assert tuple(re.findall(r'<h1 id="([a-z_]+)">', html)) == load_kind("annual").cuts[cut]


@pytest.mark.slow
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_board_gets_four_pages_however_much_there_is(paper, language):
    documents = [
        year.document(f"r-{month:02d}", year.NOVEMBER.replace(month=month), 30 * month)
        for month in range(1, 12)
    ]
    for outcome in documents[-1]["outcomes"]:
        if outcome["finding"]:
            outcome["finding"]["title"] = "a title that goes on and on " * 20
            outcome["finding"]["owner"] = f"team:{outcome['field']}-with-a-long-name"
    alone = year.request(documents=(_weighty(),), texts=_longest())
    year_long = year.request(documents=documents, texts=_longest())
    for requested in (year_long, alone, year.request(documents=(), entries=())):
        layout = Layout(paper, language, "board")
        pages = pypdf.PdfReader(io.BytesIO(render_pdf("annual", build_review(requested), layout)))
        assert len(pages.pages) == 4


def _longest():
    """Requirements as long as any: what a control asks for stands under each risk."""
    pages = {control.id: manual(control) for control in CONTROLS}
    return {name: ControlText(page.summary, page.fails_when) for name, page in pages.items()}


def _weighty():
    """One scan with every reason for its statement, nine owners, and every control broken."""
    single = year.document("r-one", year.NOVEMBER, 60)
    broken = [outcome for outcome in single["outcomes"] if outcome["finding"]]
    ids = [control.id for control in CONTROLS]
    for number, outcome in enumerate(broken):
        outcome["control"] = ids[number % len(ids)]
        outcome["finding"] |= {
            "owner": f"team:owner-{number % 9}",
            "severity": ("critical", "high", "medium", "low")[number % 4],
            "kind": "gap" if number % 5 == 0 else "finding",
            "title": "a title that goes on and on " * 20,
        }
    return single


def test_paper_sizes_are_what_they_say():
    for paper, size in (("a4", (595, 842)), ("letter", (612, 792))):
        pdf = render_pdf("model", review_for("model"), Layout(paper))
        box = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].mediabox
        assert (round(box.width), round(box.height)) == size


def test_what_the_report_is_about_must_be_known():
    request = dataclasses.replace(year.request(), about=("dataset", "sales.odrers"))
    with pytest.raises(UsageError, match=r"knows no such dataset.*sales\.orders"):
        build_review(request)


@pytest.mark.parametrize("layout", [Layout("a5"), Layout(cut="press"), Layout(language="xx")])
def test_an_unknown_paper_cut_or_language_is_refused(layout):
    with pytest.raises(UsageError, match="use one of"):
        render_html("annual", build_review(year.request()), layout)


def test_downstream_follows_data_over_every_job():
    subject = review_for("incident").subject
    assert subject.downstream == ("analytics.orders", "crm.contacts")
