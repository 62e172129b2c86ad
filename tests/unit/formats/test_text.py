"""The table that people read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from governance.formats.contract import View
from governance.formats.registry import render
from governance.model.run import Run


@pytest.mark.parametrize("width", [40, 80, 100, 133, 200])
@pytest.mark.parametrize("name", ["ordinary", "hostile", "crowded"])
def test_no_line_is_wider_than_asked(width: int, name: str, request) -> None:
    said = render("text", request.getfixturevalue(name), View(width=width))
    assert max(map(cell_len, said.splitlines())) <= width


def test_findings_come_first_worst_first_and_the_verdict_last(ordinary: Run) -> None:
    said = render("text", ordinary)
    marks = ["1 critical finding", "2 high findings", "1 gap", "Coverage", "Not evaluated",
             "Waivers", "exit 3: 2 places"]  # fmt: skip
    positions = [said.index(mark) for mark in marks]
    assert positions == sorted(positions)


def test_finding_names_place_owner_remedy_and_policy_line(ordinary: Run) -> None:
    said = render("text", ordinary, View(width=200))
    for word in ("sales.orders", "email", "team:sales", "fix: declare its category",
                 "policies/orders.yaml:14:3", "nobody owns it"):  # fmt: skip
        assert word in said


def test_coverage_is_shown_when_nothing_was_found(ordinary: Run) -> None:
    said = render("text", replace(ordinary, outcomes=()))
    assert "Findings: none" in said
    assert "Coverage: 1 complete, 1 partial, 1 skipped" in said


def test_coverage_is_shown_when_nothing_was_read(empty: Run) -> None:
    assert "Coverage: nothing was read" in render("text", empty)


def test_dataset_without_a_place_counts_as_skipped(ordinary: Run) -> None:
    orders = replace(ordinary.assets[0], places=())
    assert "Coverage: 1 skipped" in render("text", replace(ordinary, assets=(orders,)))


def test_waivers_say_in_force_expired_and_unused(ordinary: Run) -> None:
    said = render("text", ordinary, View(width=160))
    for waiver, state in (("old-orders", "1 finding"), ("stale", "expired"), ("idle", "unused")):
        line = next(line for line in said.splitlines() if waiver in line)
        assert state in line


def test_long_lists_say_how_many_there_are(crowded: Run) -> None:
    said = render("text", crowded)
    assert "3,000 high findings" in said
    assert "first 50 of 6,000 findings" in said
    assert "first 100 of 300 places" in said


def test_markup_in_names_is_printed_and_not_obeyed(hostile: Run) -> None:
    said = render("text", hostile, View(width=200, color=True))
    assert "[red]x[/](http://e.example)" in said
    assert "\x1b[2J" not in said


def test_verdict_counts_what_is_open_when_nobody_worded_it(ordinary: Run) -> None:
    said = render("text", replace(ordinary, verdict=""))
    assert "exit 3: 2 places not read completely, 1 outcome not evaluated" in said
    assert "exit code 3 means: not evaluated" in said


def test_colour_appears_only_when_asked(ordinary: Run) -> None:
    assert "\x1b[" in render("text", ordinary, View(color=True))
    assert "\x1b[" not in render("text", ordinary)
