"""Every sentence is in every catalogue, and no catalogue loses what a sentence says."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from pathlib import Path

import example_year as year
import pytest

from governance.assets import asset_folder
from governance.errors import UsageError
from governance.reporting import actions, conclusion, figures
from governance.reporting.language import WORDS, list_languages, load_language
from governance.reporting.render import Layout, render_html
from governance.reporting.review import build_review

_IN_TEMPLATE = re.compile(r'\b_\("((?:[^"\\]|\\.)*)"')
_TABLE_IN_TEMPLATE = re.compile(r"\b_\(\{(.*?)\}", re.DOTALL)
_VALUE = re.compile(r""":\s*(?:"([^"]*)"|'([^']*)')""")


def _messages() -> set[str]:
    """Everything that a report says by itself."""
    root = asset_folder("reports")
    found = set(WORDS)
    for path in root.rglob("*.j2"):
        text = path.read_text("utf-8")
        found |= {match[1] for match in _IN_TEMPLATE.finditer(text)}
        for table in _TABLE_IN_TEMPLATE.finditer(text):
            found |= {one or other for one, other in _VALUE.findall(table[1])}
    for path in root.glob("*/report.toml"):
        kind = tomllib.loads(path.read_text("utf-8"))
        found |= {kind["title"], kind["description"]}
        found |= {*kind["sections"].values(), *kind.get("appendices", {}).values()}
    for path in Path(figures.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "said":
                found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    for module in (actions, conclusion):
        constants = [value for name, value in vars(module).items() if name.strip("_").isupper()]
        found |= {value for value in constants if isinstance(value, str)}
        found |= {*conclusion._OPEN.values()}
    review = build_review(year.request())
    return found | {kpi.label for kpi in review.kpis}


def _named(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_german_has_every_message_and_no_other():
    german = set(load_language("de").messages)
    messages = _messages()
    assert messages - german == set()
    left_over = german - messages
    assert left_over <= {
        "The reviewed scan was of single targets only.",
        "The audit trail is intact but carries no verified signature.",
    }


@pytest.mark.parametrize("code", list_languages())
def test_a_translation_says_every_number_and_name_of_the_original(code):
    for original, told in load_language(code).messages.items():
        if "|" in original:
            assert told.count("|") == 1, original
        assert _named(told) == _named(original), original


def test_german_page_has_german_numbers_and_dates_and_says_whose_words_are_quoted():
    html = render_html("annual", build_review(year.request()), Layout(language="de"))
    assert '<html lang="de">' in html
    assert "1. Januar 2026 bis 31. Dezember 2026" in html
    assert "90,9\u202f%" in html
    assert "wird in ihrer Sprache wiedergegeben" in html
    assert not re.search(r">(Findings|Coverage|Statement of result|Owner)<", html)


def test_a_hostile_argument_is_no_pattern():
    english = load_language("en")
    told = english.say("The trail does not hold: {problem}.", problem="{0.__class__} {n}")
    assert told == "The trail does not hold: {0.__class__} {n}."


def test_an_unknown_language_names_those_there_are():
    with pytest.raises(UsageError, match="use one of: de, en"):
        load_language("../../x")
