"""What the tool recorded in English is told in German, whole; what people wrote stays theirs."""

from __future__ import annotations

import importlib.util
import re
import time
from pathlib import Path

import example_year as year
import pytest
import yaml

from governance.controls.evaluate import evaluate
from governance.controls.manual import manual
from governance.controls.registry import CONTROLS
from governance.engine.dossier import measured_accuracy
from governance.policy.lawbooks import lawbooks
from governance.reporting.controls import ControlText
from governance.reporting.language import load_language
from governance.reporting.recorded import MAX_TOLD, english_digest, load_recorded
from governance.reporting.render import Layout, render_html
from governance.reporting.review import build_review

_TESTS = Path(__file__).parents[2]
_CASES = sorted((_TESTS / "cases" / "controls").glob("*.yaml"))
_ENGLISH = re.compile(
    r"\b(the|and|were|nobody|none|first at|(?<!-)declared|without|requires|which|it has)\b"
)


@pytest.fixture(scope="module")
def german():
    return load_language("de")


@pytest.fixture(scope="module")
def sentences():
    """Every sentence that the case files of the controls bring forth, and the policies' own."""
    spec = importlib.util.spec_from_file_location(
        "builders_of_controls", _TESTS / "unit" / "controls" / "builders.py"
    )
    builders = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(builders)
    said, own = set(), set()
    for path in _CASES:
        for case in yaml.safe_load(path.read_text("utf-8")):
            asset, world = builders.build(case)
            own |= {ref.rule.fix for ref in world.policy.rules() if ref.rule.fix}
            for outcome in evaluate((asset,), world):
                said.add(outcome.reason)
                if outcome.finding:
                    found = outcome.finding
                    said |= {found.title, found.message, found.remedy}
    return said - {""}, own


def test_every_sentence_of_every_control_is_told_in_german(german, sentences):
    said, own = sentences
    assert len(said) > 300
    untold = {text for text in said - own if german.told(text) == text}
    assert untold == set()
    half = {text: german.told(text) for text in said - own if _ENGLISH.search(german.told(text))}
    assert half == {}


def test_every_number_of_a_sentence_is_in_its_translation(german, sentences):
    for text in sentences[0] - sentences[1]:
        digits = sorted(re.sub(r"\D", "", text))
        assert sorted(re.sub(r"\D", "", german.told(text))) == digits, text


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_the_page_of_each_control_is_told_as_it_reads_today(control, german):
    page = manual(control)
    requirement, fails_when = (t.replace("``", "") for t in (page.summary, page.fails_when))
    now = english_digest(requirement, fails_when)
    kept = german.recorded.controls[control.id][0]
    assert kept == now, f"translate {control.id} anew in recorded/de.toml, then set of = '{now}'"
    assert german.recorded.requirement(control.id, requirement) != requirement
    assert german.recorded.fails_when(control.id, fails_when) != fails_when
    assert german.recorded.requirement(control.id, "It moved.") == "It moved."


def test_a_german_annual_review_holds_no_english_text_of_a_control(german):
    pages = {control.id: manual(control) for control in CONTROLS}
    texts = {
        name: ControlText(page.summary.replace("``", ""), page.fails_when.replace("``", ""))
        for name, page in pages.items()
    }
    document = year.document("r-de", year.NOVEMBER, 6)
    for outcome in document["outcomes"]:
        outcome["reason"] = "it was never reviewed"
        if outcome["finding"]:
            outcome["finding"] |= {"title": "Review is missing", "message": "none is on record",
                                   "remedy": "Mend them, or have a waiver approved."}  # fmt: skip
    requested = year.request(documents=(document,), texts=texts)
    html = render_html("annual", build_review(requested), Layout(language="de"))
    told = {name for name in texts if german.recorded.controls[name][1] in html}
    assert told >= {row["control"] for row in document["outcomes"]} & texts.keys() != set()
    for text in texts.values():
        assert text.requirement not in html
        assert text.fails_when not in html
    for english in ("Review is missing", "never reviewed", "none is on record", "Mend them"):
        assert english not in html
    assert "Die Durchsicht fehlt" in html


def test_the_catalogue_knows_no_control_that_is_gone(german):
    assert set(german.recorded.controls) == {control.id for control in CONTROLS}


def test_the_subject_of_every_article_that_a_pack_cites_is_told(german):
    books = tuple(lawbooks())
    assert len(books) == 4
    for _, _, book in books:
        assert {each for each in book.articles.values() if german.told(each) == each} == set()


@pytest.mark.parametrize(
    "note",
    [
        "national numbers were looked for of DE, US, elsewhere only where a header asks for them",
        "2 of 5 places hold the very bytes that an earlier run measured (run a, b) and were not "
        "read again; --full reads everything",
        "1 places begin with the very bytes that an earlier run measured (run a): of those 1,200 "
        "rows the measurement was taken over, and only what was added was read; --full reads "
        "everything",
        "names of persons were looked for by spacy with de_core_news_sm in up to 1,024 distinct "
        "values of each column: a clean result never means that there is no personal data",
        "names of persons were not looked for in text (nlp.engine is none)",
    ],
)
def test_the_notes_of_a_scan_are_told(german, note):
    assert german.told(note) != note
    assert not _ENGLISH.search(german.told(note).replace("'none'", "").replace("ist none", ""))


def test_the_figures_of_the_name_model_are_told(german):
    for row in measured_accuracy():
        assert german.told(row.what) != row.what
        assert "." not in german.percent(row.alone)


@pytest.mark.parametrize(
    "text",
    [
        "Add the tokenize step to the export job, or drop the column.",
        "rows of data that nobody counted",
        "12 rows",
        "{n} rows of {m}",
        "",
    ],
)
def test_what_fits_no_shape_stays_as_it_was_written(german, text):
    assert german.told(text) == text


def test_a_name_inside_a_sentence_is_quoted_even_where_it_is_a_word_of_ours(german):
    assert german.told("read is EMAIL_ADDRESS, undeclared").startswith("read ist")
    assert german.told("{n} is {0.__class__}, undeclared") == "{n} ist {0.__class__}, nicht erklärt"


def test_numbers_and_lengths_are_written_as_german_writes_them(german):
    assert german.told("1,310 rows kept longer than 1y6m") == (
        "1\u202f310 Zeilen länger als 1 Jahr 6 Monate aufbewahrt"
    )
    rows = "310 rows (10.3 %) in list are dated before 2024-11-23 by seen"
    assert "(10,3 %)" in german.told(f"{rows}; the oldest is 1,395 days old")


def test_a_hostile_text_costs_no_more_than_its_length(german):
    begun = time.process_time()
    for text in ("a; " * 200, "is " * 200 + ", undeclared", " of 1 rows" * 60, "w" * 10_000_000):
        german.told(text[:MAX_TOLD])
        german.told(text)
    assert time.process_time() - begun < 2


def test_english_tells_what_was_recorded():
    english = load_language("en")
    assert english.told("1 row of 6,000") == "1 row of 6,000"
    assert load_recorded("en", ".").controls == {}
