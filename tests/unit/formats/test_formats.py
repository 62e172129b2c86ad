"""What every format promises, whatever the run holds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import UsageError
from governance.formats.cleaning import clean
from governance.formats.contract import View
from governance.formats.registry import FORMATS, render
from governance.model.run import Run

NAMES = [entry.name for entry in FORMATS]
SUFFIXES = {
    "csv": "csv", "github": "commands.txt", "github-summary": "md", "gitlab": "gitlab.json",
    "json": "json", "junit": "xml", "markdown": "md", "sarif": "sarif.json", "text": "txt",
}  # fmt: skip
_INVISIBLE = ("\x1b", "\u202e", "\x00", "\x85", "\u2066")


@pytest.mark.parametrize("name", NAMES)
def test_format_renders_as_its_golden(name: str, ordinary: Run, golden) -> None:
    golden(f"formats/{name}.{SUFFIXES[name]}", render(name, ordinary))


@pytest.mark.parametrize("name", NAMES)
def test_every_format_shows_coverage_that_is_not_complete(name: str, ordinary: Run) -> None:
    said = render(name, ordinary, View(width=200))
    assert "line 812 is longer than 16 MiB" in said
    assert "no such file" in said


@pytest.mark.parametrize("name", NAMES)
def test_names_from_data_cannot_steer_a_terminal(name: str, hostile: Run) -> None:
    said = render(name, hostile, View(width=200))
    assert not [mark for mark in _INVISIBLE if mark in said]
    said.encode("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_order_in_which_workers_finish_does_not_change_the_output(name: str, ordinary: Run) -> None:
    from dataclasses import replace

    turned = replace(
        ordinary,
        assets=ordinary.assets[::-1],
        outcomes=ordinary.outcomes[::-1],
        waivers=ordinary.waivers[::-1],
        accesses=ordinary.accesses[::-1],
    )
    assert render(name, turned) == render(name, ordinary)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_examined_is_said_and_not_green(name: str, empty: Run) -> None:
    said = render(name, empty)
    assert said.endswith("\n")
    said = json.dumps(json.loads(said)) if name == "json" else said
    assert ('"exit_code": 3' if name == "json" else "exit 3: nothing was checked") in said


@pytest.mark.parametrize("name", NAMES)
def test_every_format_counts_what_the_baseline_hides(name: str, ordinary: Run) -> None:
    said = render(name, ordinary, View(width=200))
    if name == "json":
        assert json.loads(said)["baseline"]["matched"] == 1
    else:
        assert "baseline governance-baseline.jsonl lists 3 known findings: 1 open" in said


def test_registry_is_sorted_and_unique() -> None:
    assert sorted(set(NAMES)) == NAMES


def test_unknown_format_is_refused_with_a_suggestion(ordinary: Run) -> None:
    with pytest.raises(UsageError, match="did you mean 'sarif'"):
        render("sarfi", ordinary)
    with pytest.raises(
        UsageError,
        match="use one of: csv, github, github-summary, gitlab, json, junit, markdown, sarif, text",
    ):
        render("\x1b", ordinary)


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_cleaned_text_is_one_printable_line_within_its_limit(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert cleaned.isprintable()
    assert len(cleaned) <= limit
