"""What continuous integration reads: JUnit, GitLab's report, GitHub's commands, a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from governance.formats.csvfmt import COLUMNS
from governance.formats.github import MAX_ANNOTATIONS
from governance.formats.junit import MAX_CASES
from governance.formats.registry import render
from governance.model.ladders import Severity
from governance.model.outcome import Outcome, Status
from governance.model.run import Run
from tests.unit.formats.conftest import make_failure


def test_junit_has_a_case_for_each_outcome_and_place(ordinary: Run) -> None:
    root = ET.fromstring(render("junit", ordinary))
    cases = root.findall("testsuite/testcase")
    places = sum(len(facts.places) for facts in ordinary.assets)
    assert len(cases) == len(ordinary.outcomes) + places + 1
    assert len(cases) == sum(int(suite.get("tests", "0")) for suite in root)
    by_control = {suite.get("name"): suite for suite in root}
    passed = by_control["owner-declared"].find("testcase")
    assert passed is not None
    assert len(passed) == 0
    assert by_control["technique-applied"].get("errors") == "1"
    assert by_control["retention-kept"].get("skipped") == "1"
    assert by_control["coverage"].get("errors") == "2"
    assert by_control["verdict"].get("errors") == "1"
    assert by_control["retention-declared"].get("skipped") == "1"
    assert sum(int(suite.get("failures", "0")) for suite in root) == 3


def test_gitlab_names_each_finding_once_with_its_line(ordinary: Run) -> None:
    entries = json.loads(render("gitlab", ordinary))
    assert len({entry["fingerprint"] for entry in entries}) == len(entries) == 9
    (declared,) = (entry for entry in entries if entry["check_name"] == "pii-declared")
    assert declared["location"] == {"path": "policies/orders.yaml", "lines": {"begin": 14}}
    assert declared["severity"] == "critical"
    assert not any("#" in entry["location"]["path"] for entry in entries)
    (known,) = (entry for entry in entries if entry["check_name"] == "retention-declared")
    assert known["severity"] == "info"
    assert known["description"].startswith("Baselined: ")


def test_github_shows_ten_annotations_and_says_how_many_more(ordinary: Run) -> None:
    more = tuple(make_failure(f"d{n}", "pii-declared", Severity.HIGH) for n in range(40))
    lines = render("github", replace(ordinary, outcomes=(*ordinary.outcomes, *more))).splitlines()
    assert len(lines) == MAX_ANNOTATIONS
    assert "36 more findings" in lines[-1]
    assert lines[2].startswith("::error file=logs/app.log,line=1,title=governance byproducts-clean")


def test_no_name_starts_a_workflow_command(ordinary: Run) -> None:
    named = make_failure("a\n::set-output name=x::y", "pii-declared", Severity.HIGH,
                         title="x%0A::error::y, line=3:4\n::stop-commands::z")  # fmt: skip
    lines = render("github", replace(ordinary, outcomes=(named,))).splitlines()
    commands = re.compile(r"::(?:error|warning|notice) [^:]*::[^\r\n]*")
    assert all(commands.fullmatch(line) for line in lines)
    assert "x%250A%3A%3Aerror%3A%3Ay%2C line=3%3A4" in "\n".join(lines)


def test_a_cell_is_never_a_formula(ordinary: Run) -> None:
    named = [make_failure(f"{mark}cmd|' /C calc'!A0", "pii-declared", Severity.HIGH)
             for mark in "=+-@"]  # fmt: skip
    written = render("csv", replace(ordinary, outcomes=tuple(named)))
    header, *rows = csv.reader(io.StringIO(written, newline=""))
    assert tuple(header) == COLUMNS
    assert len(rows) == 4 + 2 + 2
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r")]
    assert {row[4] for row in rows[:4]} == {f"'{mark}cmd|' /C calc'!A0" for mark in "=+-@"}


# What both schemas of JUnit reports in use ask for: element, its attributes, what it may hold in
# this order. Source: jenkinsci/xunit-plugin, junit-10.xsd; windyroad/JUnit-Schema, JUnit.xsd.
_SUITE = "name package id timestamp hostname tests failures errors skipped time"
_GRAMMAR = {
    "testsuites": ("", "(testsuite )*"),
    "testsuite": (_SUITE, "properties (testcase )*system-out system-err "),
    "properties": ("", ""),
    "testcase": ("classname name time", "((failure|error|skipped) )?"),
    "failure": ("type message", ""),
    "error": ("type message", ""),
    "skipped": ("type message", ""),
    "system-out": ("", ""),
    "system-err": ("", ""),
}


@pytest.mark.parametrize("name", ["ordinary", "empty", "hostile", "crowded"])
def test_junit_has_the_shape_that_every_reader_of_it_takes(name: str, request) -> None:
    root = ET.fromstring(render("junit", request.getfixturevalue(name)))
    for element in root.iter():
        attributes, children = _GRAMMAR[element.tag]
        assert sorted(element.keys()) == sorted(attributes.split())
        assert re.fullmatch(children, "".join(f"{child.tag} " for child in element))
    for number, suite in enumerate(root):
        assert suite.get("id") == str(number)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp", ""))
        names = [case.get("name") for case in suite.iter("testcase")]
        assert len(set(names)) == len(names) == int(suite.get("tests", ""))


def test_junit_is_never_green_for_what_was_not_evaluated(empty: Run, ordinary: Run) -> None:
    for run in (empty, replace(ordinary, outcomes=(), assets=())):
        root = ET.fromstring(render("junit", run))
        assert [suite.get("errors") for suite in root] == ["1"]


def test_a_crowd_of_cases_is_rolled_up_and_what_fails_comes_first(ordinary: Run) -> None:
    passed = tuple(
        Outcome("owner-declared", f"d{n}", Status.PASS, "owned") for n in range(MAX_CASES + 5)
    )
    said = render("junit", replace(ordinary, outcomes=(*passed, *ordinary.outcomes)))
    root = ET.fromstring(said)
    by_control = {suite.get("name"): suite for suite in root}
    assert by_control["pii-declared"].get("failures") == "1"
    cases = [case.get("name") for case in by_control["owner-declared"].iter("testcase")]
    assert cases[-1] == "13 more passed"


def test_gitlab_gives_two_findings_of_one_id_two_fingerprints(ordinary: Run) -> None:
    twice = replace(ordinary, outcomes=(ordinary.outcomes[0],) * 3)
    prints = [each["fingerprint"] for each in json.loads(render("gitlab", twice))]
    assert len(set(prints)) == len(prints)


def test_github_ends_with_an_error_where_nothing_can_be_concluded(empty: Run) -> None:
    assert render("github", empty).startswith("::error title=governance scan::exit 3: nothing")
    clean = replace(empty, exit_code=0)
    assert render("github", clean).startswith("::notice title=governance scan::exit 0: ")
