"""From scan to scan: what is new, what stays, what came back, what is mended, and how old it is."""

from __future__ import annotations

import json
from datetime import timedelta

import example_year as year
import pytest

from governance.errors import ReportError
from governance.reporting.documents import gather
from governance.reporting.jsonstream import read_object
from governance.reporting.originals import Original
from governance.reporting.review import build_review


def _scan(name, days, *columns, **changes):
    """A scan some days before November's with one finding for each column."""
    document = year.document(name, year.NOVEMBER - timedelta(days=days), 0, waivers=[])
    document["outcomes"] += [year.failure("pii-declared", "sales.orders", each) for each in columns]
    return document | changes


def _history(*documents, **changes):
    return build_review(year.request(documents=documents, **changes)).history


def test_a_finding_is_new_persisting_or_came_back():
    history = _history(
        _scan("c", 0, "stays", "back", "new"),
        _scan("b", 100, "stays"),
        _scan("a", 200, "stays", "back"),
    )
    assert (history.new, history.persisting, history.returned, history.fixed) == (1, 1, 1, 0)
    ages = {tally.name: tally.total for tally in history.ages}
    assert ages == {"up to 30 days": 1, "31 to 90 days": 0, "91 to 180 days": 0,
                    "over 180 days": 2}  # fmt: skip


def test_what_is_gone_is_fixed_only_where_it_was_looked_for():
    newest = _scan("b", 0)
    newest["outcomes"].append(
        {"control": "pii-declared", "asset": "hr.absences", "place": None, "field": None,
         "subject": None, "status": "not_evaluated", "reason": "not read", "grade": None,
         "measured": None, "threshold": None, "finding": None}
    )  # fmt: skip
    older = _scan("a", 90, "mended")
    older["outcomes"].append(year.failure("pii-declared", "hr.absences", "unread"))
    history = _history(newest, older)
    assert [row.field for row in history.gone.rows] == ["mended"]
    assert (history.fixed, history.unclear) == (1, 1)


def test_a_year_is_compared_with_the_newest_scan_of_the_year_before():
    before = _scan("last-year", 400, "old")
    after = _scan("first", 200, "old"), _scan("newest", 0, "old", "more")
    review = build_review(year.request(documents=(*after, before)))
    assert review.compared.id == "last-year"
    assert review.history.scans == 3
    assert {run.id for run in review.runs.rows} == {"first", "newest"}
    high = next(kpi for kpi in review.kpis if kpi.label == "High")
    assert (high.value, high.previous, high.target) == (2, 1, 0)


def test_one_scan_has_no_history_and_says_so():
    history = _history(_scan("only", 0, "x"))
    assert not history.compares
    assert (history.new, history.fixed) == (1, 0)


def test_the_plan_counts_every_open_finding_once():
    review = build_review(year.request())
    assert sum(row.count for row in review.actions.plan.rows) == review.findings.by_severity.total
    assert {row.control for row in review.actions.risks.rows} <= {row.id for row in review.controls}


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_a_document_cut_anywhere_is_read_the_same(size):
    document = {"a": [{"x": "ä€😀" * 9, "n": -1.5e3}, 12, [], {}], "b": 3456, "c": {"d": [1, 2]}}
    text = json.dumps(document, indent=1, ensure_ascii=False).encode()
    taken = []
    pieces = (text[at : at + size] for at in range(0, len(text), size))
    head = read_object(pieces, {"a": lambda _head, items: taken.extend(items)})
    assert taken == document["a"]
    assert head == {"b": 3456, "c": {"d": [1, 2]}}


@pytest.mark.parametrize(
    "text", [b"", b"[]", b'{"a": 1', b'{"a": 1}}', b'{"a": 1, "a": 2}', b'{"a": [1 2]}', b"\xff{}"]
)
def test_what_is_no_document_is_an_error(text):
    with pytest.raises(ValueError):
        read_object([text], {"a": lambda _head, _items: None})


def test_packed_bytes_that_are_damaged_are_told():
    packed = Original.pack(b'{"a": 1}' * 1).packed
    for broken in (packed[:-3], b"no zlib stream", packed[:6] + b"\0" + packed[7:]):
        with pytest.raises(ReportError, match="cannot be read"):
            Original(broken).read(lambda _head, _items: None)


def test_outcomes_are_the_same_however_the_document_is_laid_out():
    document = json.loads(json.dumps(year.document("r", year.NOVEMBER, 30)))
    strange = 'a\udcff",\n    }\u2028'
    document["outcomes"][3]["field"] = document["outcomes"][3]["finding"]["title"] = strange
    layouts = (
        json.dumps(document, indent=2, sort_keys=True),
        json.dumps(document, separators=(",", ":")),
        json.dumps(document, indent=1),
        json.dumps({"waivers": [], **document, "notes": [{}, {}]}, indent=2),
    )
    read = []
    for text in layouts:
        taken = []
        Original.pack(text.encode()).read(lambda _head, items, taken=taken: taken.extend(items))
        read.append(taken)
    assert read[0] == read[1] == read[2] == read[3]
    assert [one.asset for one in read[0]] == [each["asset"] for each in document["outcomes"]]
    assert read[0][3].field == read[0][3].finding.title == strange


def test_lines_that_look_like_ends_of_items_cut_nothing():
    item = {"x": {"y": [{"a": 1}, {"b": 2}]}, "z": "}"}
    deep = json.dumps({"a": [item] * 9, "b": [item] * 3, "c": 1}, indent=2)
    flat = deep.replace("\n          }", "\n    }").replace("\n      }", "\n    }")
    for text in (deep, flat):
        taken = []
        head = read_object([text.encode()], {"a": lambda _head, items: taken.extend(items)})  # noqa: B023
        assert taken == [item] * 9
        assert head == {"b": [item] * 3, "c": 1}


@pytest.mark.parametrize("change", [{"asset": 7}, {"finding": []}, {"finding": {"title": "no id"}}])
def test_an_outcome_that_is_none_is_an_error(change):
    document = json.loads(json.dumps(year.document("r", year.NOVEMBER, 3)))
    document["outcomes"][1] |= change
    with pytest.raises(ReportError):
        build_review(year.request(documents=(document,)))


def test_rows_are_kept_of_the_reviewed_run_alone():
    evidence = year.request(documents=(_scan("old", 40, "x", "y"), _scan("new", 0, "x")))
    found = gather(evidence.documents, (), evidence.period, evidence.as_of)
    new, old = found.documents
    assert (new.counting.register.capped().total, len(new.counting.open_ids)) == (1, 1)
    assert old.counting.register.capped().rows == ()
    assert (len(old.counting.open_ids), old.counting.severities.total()) == (2, 2)
    assert set(old.counting.controls) == set(old.counting.by_control)
