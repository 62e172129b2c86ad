"""What the trail tells beside the scans, as a reader of the page sees it."""

from __future__ import annotations

import re
from datetime import timedelta

import example_year as year

from governance.reporting.render import Layout, render_html
from governance.reporting.review import build_review

LATER = year.NOVEMBER + timedelta(minutes=5)


def _text_of(*entries, **changes):
    """The words of an annual review over a year, and over some entries after its last scan."""
    requested = year.request(**changes)
    whole = (*requested.entries, *entries)
    html = render_html("annual", build_review(year.request(**changes, entries=whole)))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_waiver_asked_for_after_the_last_scan_is_told():
    asked = [year.entry("waiver.requested", LATER, "", {"id": f"w-{n}"}) for n in range(2)]
    bare = [year.document("r-new", year.NOVEMBER, 3, waivers=[])]
    assert "2 waivers were asked for after that scan" in _text_of(*asked)
    told = _text_of(*asked, documents=bare)
    assert "No waiver was declared at the scan of" in told
    assert "2 waivers were asked for after that scan" in told
    assert "asked for after that scan" not in _text_of(documents=bare)


def test_a_weakening_is_named_by_direction_and_id():
    changes = [
        {"id": f"{n:016x}", "direction": "weaker", "kind": "Dataset", "document": "crm.people"}
        for n in (1, 2)
    ]
    decided = {"verdict": "refused", "changes": changes, "head": {"commit": "b" * 40},
               "base": {"commit": "a" * 40}}  # fmt: skip
    told = _text_of(year.entry("gate.decided", LATER, "", decided))
    for change in changes:
        assert f"crm.people: Dataset, weaker {change['id']}" in told
    assert "bbbbbbbbbb against aaaaaaaaaa" in told


def test_a_weakening_is_told_in_the_sentence_that_the_trail_holds():
    change = {
        "id": "1" * 16,
        "direction": "weaker",
        "kind": "retention",
        "document": "crm.people",
        "sentence": "Dataset crm.people changes the longest age of rows from 2y to 10y",
    }
    decided = {"verdict": "approved", "changes": [change], "head": {"commit": "b" * 40}}
    told = _text_of(year.entry("gate.decided", LATER, "", decided))
    assert f"{change['sentence']} crm.people: retention, weaker {change['id']}" in told


def test_the_command_that_makes_it_again_names_the_paper():
    review = build_review(year.request())
    html = render_html("annual", review, Layout("letter", "de"))
    assert "--language de --paper letter -o again.html\nsha256sum again.html" in html
    assert "--language de --paper letter -o report.pdf\npdfdetach -saveall report.pdf" in html
    assert "--paper" not in render_html("annual", review)
