"""Markdown that a code host renders with its own rights: data must stay data."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from governance.formats.markdown import MAX_BYTES
from governance.formats.registry import render
from governance.model.run import Run


def _html(run: Run) -> str:
    return MarkdownIt("gfm-like", {"linkify": False}).render(render("markdown", run))


def test_names_from_data_render_inert(hostile: Run) -> None:
    html = _html(hostile)
    assert "<script" not in html
    assert "<a " not in html
    assert "<img" not in html
    assert "alert(1)" in html


def test_prose_neither_mentions_people_nor_links(hostile: Run) -> None:
    outside_code = re.sub(r"<code>.*?</code>", "", _html(hostile), flags=re.DOTALL)
    assert "@ops" not in outside_code
    assert "http://" not in outside_code


@pytest.mark.parametrize("name", ["ordinary", "hostile"])
def test_every_row_keeps_the_columns_of_its_table(name: str, request) -> None:
    html = _html(request.getfixturevalue(name))
    for table in html.split("<table>")[1:]:
        head, body = table.split("</thead>")
        rows = body.split("</table>")[0].split("<tr>")[1:]
        assert {row.count("<td") for row in rows} == {head.count("<th>")}


def test_row_cells_hold_what_was_written(hostile: Run) -> None:
    html = _html(hostile)
    assert "a|b" in html
    assert "names in a|b" in html


def test_summary_stays_below_what_job_pages_take(crowded: Run) -> None:
    said = render("markdown", crowded)
    assert len(said.encode()) < MAX_BYTES
    assert "of 6,000." in said
