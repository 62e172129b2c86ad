"""Names and reasons that try to be something else, through every format."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from governance.formats.contract import RuleText, View
from governance.formats.csvfmt import COLUMNS
from governance.formats.registry import FORMATS, render
from governance.model.asset import Asset, AssetKind, Place
from governance.model.coverage import Coverage, CoverageStatus
from governance.model.facts import AssetFacts, FieldFacts, PlaceFacts
from governance.model.ladders import Severity
from governance.model.outcome import (
    Finding,
    FindingKind,
    FindingState,
    Outcome,
    Status,
    finding_id,
)
from governance.model.position import Position
from governance.model.run import BaselineUse, Comparison, Run

NAMES = [entry.name for entry in FORMATS]
CORPUS = {
    "stop": "\r::stop-commands::x",
    "set-env": "\n::set-env name=PATH::/tmp\n",
    "spaces": "   ::error::pwned",
    "wrapped": "x" * 99 + " ::stop-commands::x",
    "vso": "##vso[task.setvariable variable=x]y",
    "brackets": "##[set-output name=x]y",
    "teamcity": "##teamcity[testFailed name='x']",
    "section": "section_start:1560896352:x[collapsed=true]\r\x1b[0Kpwned",
    "ansi": "\x1b[31mred\x1b[0m\x9b2J",
    "osc": "\x1b]8;;https://e.example\x1b\\link\x1b]8;;\x1b\\\x1b]52;c;aGk=\x07",
    "bidi": "abc\u202etxt.exe\u2066\u2069\u200f\u061c",
    "invisible": "a\u200bb\u00adc\ufeffd\U000e0041",
    "html": "</td><style>*{display:none}</style><img src=x onerror=alert(1)><!--",
    "template": "{{7*7}} {%raw%} ${{ secrets.X }} #{1}",
    "markdown": "[a](javascript:alert(1)) ![b](http://e.example/b.png) <https://e.example>",
    "reference": "[x]: http://e.example\n\n[x] **bold** `code` ~~gone~~ # head",
    "mention": "@ops @org/team #1 GH-1 www.e.example ana@example.org http://e.example",
    "pipe": "a|b\\|c`|`d",
    "formula": "=cmd|' /C calc'!A0",
    "full-width": "\uff1d1+1",
    "padded": " \t\u00a0@SUM(1)",
    "separated": "a;=1+1",
    "xml": "]]>&x;<?pi?>\x00\ufffe\ud800",
    "json": '","level":"none","x":"\\',
    "percent": "%0A::error::x%25",
}
_CONTROLS = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)
_SERVICE = re.compile(r"##\w*\[")
_COMMAND = re.compile(r"::(?:error|warning|notice) [^:\r\n]*::[^\r\n]*")


def hostile_run(ordinary: Run, text: str) -> Run:
    """Return a run in which everything that a person or a file may choose is one text."""
    asset = Asset(text, AssetKind.DATASET, (Place(text, text),), text, declared=False)
    part = Coverage(CoverageStatus.PARTIAL, text, 1, 1)
    identity = finding_id("pii-declared", text, place=text, field=text, subject=text)
    finding = Finding(
        identity, FindingKind.FINDING, Severity.HIGH, 1.0, text, text, text, text,
        Position(text, 3, 1), (text,), FindingState.NEW, text,
    )  # fmt: skip
    failed = Outcome(
        "pii-declared", text, Status.FAIL, text, None, text, text, text, finding=finding
    )
    listed = replace(finding, id="0" * 16, state=FindingState.BASELINED)
    known = replace(failed, control="owner-declared", finding=listed)
    waived = replace(
        failed, control="retention-kept", status=Status.WAIVED,
        finding=replace(finding, id="1" * 16, state=FindingState.WAIVED, waiver="w"),
    )  # fmt: skip
    unknown = Outcome("technique-applied", text, Status.NOT_EVALUATED, text)
    column = FieldFacts(text, "string", 1, 0, 1)
    use = replace(ordinary.waivers[0], id="w", target=text, reason=text, approved_by=(text,))
    return replace(
        ordinary,
        project=text,
        assets=(AssetFacts(asset, (PlaceFacts(text, text, part, (column,)),)),),
        outcomes=(failed, known, waived, unknown),
        waivers=(use,),
        notes=(text,),
        verdict=text,
        comparison=Comparison(text, (failed,), (replace(failed, field="other"),)),
        baseline=BaselineUse(text, "c" * 64, 1, 1, 0, 0),
    )


def _rendered(name: str, run: Run) -> str:
    rules = {"pii-declared": RuleText("s", "w", "f", "x", "o")}
    return render(name, run, View(width=100, rules=rules, include_waived=True, prefix="a/b"))


@pytest.mark.parametrize("attack", CORPUS)
@pytest.mark.parametrize("name", NAMES)
def test_no_text_steers_a_terminal_or_a_build_service(
    name: str, attack: str, ordinary: Run
) -> None:
    said = _rendered(name, hostile_run(ordinary, CORPUS[attack]))
    said.encode("utf-8")
    assert not _CONTROLS.search(said.replace("\n", ""))
    assert not _SERVICE.search(said)
    commands = [line for line in said.splitlines() if line.lstrip().startswith("::")]
    assert commands == (said.splitlines() if name == "github" else [])
    assert all(_COMMAND.fullmatch(line) for line in commands)


@pytest.mark.parametrize("attack", CORPUS)
def test_markdown_stays_words_in_a_table(attack: str, ordinary: Run) -> None:
    said = _rendered("markdown", hostile_run(ordinary, CORPUS[attack]))
    assert not re.search(r"\{\{|\{%|\{#", said)
    html = MarkdownIt("gfm-like", {"linkify": False}).render(said)
    assert not re.search(
        r"<(?!/?(?:h[23]|p|table|thead|tbody|tr|t[hd]|code|strong|blockquote)\b)", html
    )
    for table in html.split("<table>")[1:]:
        head, body = table.split("</thead>")
        rows = body.split("</table>")[0].split("<tr>")[1:]
        assert {row.count("<td") for row in rows} == {head.count("<th>")}
    prose = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)
    assert not re.search(r"@\w|#\w|GH-1|www\.|://", prose)


@pytest.mark.parametrize("attack", CORPUS)
def test_no_cell_of_a_spreadsheet_is_a_formula(attack: str, ordinary: Run) -> None:
    said = _rendered("csv", hostile_run(ordinary, CORPUS[attack]))
    table = list(csv.reader(io.StringIO(said, newline="")))
    assert {len(row) for row in table} == {len(COLUMNS)}
    for cell in (cell for row in table for cell in row):
        parts = [cell, *cell.split(";")]
        assert not [
            part for part in parts if re.match(r"[\s\ufffd]*[=+\-@\uff1d\uff0b\uff0d\uff20]", part)
        ]


@pytest.mark.parametrize("attack", CORPUS)
def test_programs_read_the_same_shape(attack: str, ordinary: Run) -> None:
    run, plain = hostile_run(ordinary, CORPUS[attack]), hostile_run(ordinary, "plain")
    document = json.loads(_rendered("json", run))
    assert document["outcomes"][0]["asset"] == CORPUS[attack].replace("\ud800", "\ufffd")
    for name in ("sarif", "gitlab"):
        assert _shape(json.loads(_rendered(name, run))) == _shape(
            json.loads(_rendered(name, plain))
        )
    tags = [[each.tag for each in ET.fromstring(_rendered("junit", one)).iter()]
            for one in (run, plain)]  # fmt: skip
    assert tags[0] == tags[1]
    sarif = json.loads(_rendered("sarif", run))["runs"][0]
    for result in sarif["results"]:
        assert "](" not in result["message"]["text"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri)
        assert not uri.startswith("/")
        assert ".." not in uri.split("/")


@pytest.mark.parametrize("number", ["12", "-5", "+3.5", "99.9%", "0"])
def test_numbers_of_a_spreadsheet_are_untouched(number: str, ordinary: Run) -> None:
    said = _rendered("csv", hostile_run(ordinary, number))
    assert f'"{number}"' in said
    assert f"'{number}" not in said


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(each) for key, each in value.items()}
    return [_shape(each) for each in value] if isinstance(value, list) else type(value)
