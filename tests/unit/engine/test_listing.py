"""Triage: which findings fit a filter, how old they are, and what a week brought each owner."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from governance.cli.finding import _limit, _told
from governance.engine.digest import closed_since
from governance.engine.listing import Days, Order, Wanted, arrange, choose, find, findings_of
from governance.errors import UsageError
from governance.formats.findinglist import COLUMNS, LISTS
from governance.model.ladders import Duration, Severity
from governance.model.outcome import Finding, FindingKind, FindingState, Outcome, Status
from governance.model.run import Run
from tests.unit.engine.test_past import DAY, Log

NOW = datetime(2026, 6, 15, 22, 30, tzinfo=UTC)
DAYS = Days(NOW, "Europe/Berlin")  # where it is the 16th already
HOSTILE = '=cmd|"<b>@all\x1b[2J`|`'


def outcome(
    id: str, severity: str = "high", owner: str | None = "team:sales", **how: str
) -> Outcome:
    finding = Finding(
        id=id.ljust(16, "0"),
        kind=FindingKind(how.get("kind", "finding")),
        severity=Severity(severity),
        confidence=1.0,
        title=how.get("title", "t"),
        message="m",
        remedy="r",
        owner=owner,
        location=None,
        state=FindingState(how.get("state", "existing")),
    )
    status = Status.WAIVED if how.get("state") == "waived" else Status.FAIL
    asset = how.get("asset", "sales.orders")
    return Outcome(how.get("control", "pii-declared"), asset, status, "m", finding=finding)


OUTCOMES = (
    outcome("aaaa", "low"),
    outcome("bbbb", "critical", owner=None, control="free-text-clean"),
    outcome("cccc", kind="gap", asset="crm.contacts"),
    outcome("dddd", state="waived", asset="crm.notes"),
)
SINCE = {"aaaa" + "0" * 12: NOW - 30 * DAY, "bbbb" + "0" * 12: NOW - 31 * DAY}


def listed():
    run = Run("r", "check", "p", NOW, NOW, "1", "d", 0, (), OUTCOMES)
    return findings_of(run, SINCE, DAYS)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), "bdac"),
        (Wanted(owners=("none",)), "b"),
        (Wanted(severities=("low", "gap")), "ac"),
        (Wanted(at_least=Severity.HIGH), "bdc"),
        (Wanted(controls=("free-*",)), "b"),
        (Wanted(assets=("crm.*",)), "dc"),
        (Wanted(states=(FindingState.WAIVED,)), "d"),
        (Wanted(older_than=Duration.parse("30d")), "b"),
        (Wanted(newer_than=Duration.parse("30d")), "dac"),
        (Wanted(owners=("team:sales",), newer_than=Duration.parse("1d")), "dc"),
    ],
)
def test_a_filter_keeps_what_fits_worst_first(wanted: Wanted, found: str) -> None:
    assert "".join(row.finding.id[0] for row in choose(listed(), wanted, DAYS)) == found


def test_an_age_is_counted_in_days_of_the_projects_zone() -> None:
    assert {row.finding.id[0]: row.age_days for row in listed()} == {
        "a": 30, "b": 31, "c": 0, "d": 0
    }  # fmt: skip


@pytest.mark.parametrize("written", ["", "eeee", "ab"])
def test_an_id_that_names_none_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="no finding has"):
        find(listed(), written)


def test_any_beginning_of_an_id_that_fits_one_alone_names_it() -> None:
    assert find(listed(), "A").finding.severity is Severity.LOW
    with pytest.raises(UsageError, match="2 findings have ids"):
        find([*listed(), *listed()], "aa")


def test_a_hostile_title_is_text_in_every_format() -> None:
    row = dict.fromkeys(COLUMNS) | {"title": HOSTILE, "finding": "f", "age_days": 0, "state": "new"}
    row |= {"severity": "high", "control": "c", "asset": HOSTILE}
    written = {name: write([row]) for name, write in LISTS.items()}
    assert all("\x1b" not in text for text in written.values())
    assert json.loads(written["json"])[0]["title"] == HOSTILE
    assert next(csv.DictReader(io.StringIO(written["csv"])))["title"].startswith("'=")
    assert "<b>" not in written["markdown"].replace("`=cmd", "").split("`")[-1]
    assert "@all" not in written["markdown"].rpartition("`")[2]


def test_closed_is_what_the_first_scan_of_the_week_no_longer_saw() -> None:
    log, start = Log(), NOW - 20 * DAY
    for day, found in ((0, "old"), (5, "fixed"), (15, "fixed"), (18, "")):
        log.add(start + day * DAY, "scan.started", f"r{day}", targets=[])
        for id_ in filter(None, ("open", found)):
            payload = {"id": id_, "control": "c", "asset": "a", "severity": "high"}
            log.add(start + day * DAY, "finding.recorded", f"r{day}", owner=None, kind="finding",
                    **payload)  # fmt: skip
        log.add(start + day * DAY + timedelta(hours=1), "scan.finished", f"r{day}")
    closed = closed_since(log.entries, NOW - 7 * DAY, frozenset({"open"}))
    assert [one.id for one in closed["none"]] == ["fixed"]


@pytest.mark.parametrize(
    ("order", "found"),
    [("severity", "bdac"), ("age", "badc"), ("owner", "bdac"), ("control", "bdac"),
     ("asset", "cdba")],
)  # fmt: skip
def test_a_list_is_in_the_order_that_was_asked_for_and_worst_first_within(order: str, found: str):
    assert "".join(row.finding.id[0] for row in arrange(listed(), Order(order))) == found


def test_a_list_that_is_cut_tells_its_length_and_what_the_rest_is() -> None:
    rows, run = listed(), Run("r", "check", "p", NOW, NOW, "1", "d", 0, (), OUTCOMES)
    cut, count = _told(rows[:2], rows, rows, run)
    assert cut == (
        "the first 2 of 4; --limit 0 shows all. by control: pii-declared 3, free-text-clean 1"
    )
    assert count == "4 of 4 findings"
    assert [*_told(rows, rows, rows, run)] == [count]
    assert [_limit(asked, "csv") for asked in (None, 0, 7)] == [None, None, 7]
