"""Text logs, access logs and lineage events."""

import json
from datetime import UTC, datetime

import pytest

from governance.sources.reading import ReadLimits
from governance.sources.timestamps import parse_instant

FIELDS = {"at": "ts", "who": "user.name", "action": "op", "asset": "table", "network": "ip"}


def access(**changes):
    line = {
        "ts": "2026-03-01T10:00:00+01:00",
        "user": {"name": "ada"},
        "op": "READ",
        "table": "crm.contacts",
        "ip": "192.0.2.7",
        "note": "for bob@example.org",
    }
    return json.dumps({**line, **changes})


def test_rows_of_a_log_are_its_lines(read, write):
    write("app.log", "one\n\nthree\r\nfour")
    result = read("app.log")
    assert result.column("message") == ["one", None, "three", "four"]
    assert result.status == "complete"


def test_line_numbers_run_on_over_files_in_the_order_of_their_names(read, write):
    write("logs/b.log", "3\n4\n")
    write("logs/a.log", "1\n2\n")
    result = read("logs/*.log", "text")
    assert result.column("message") == ["1", "2", "3", "4"]
    assert result.first_rows == [1, 3]


def test_access_tells_events_and_scans_what_a_log_need_not_hold(read, write):
    write("access.jsonl", access() + "\n")
    result = read("access.jsonl", "access", fields=FIELDS)
    (event,) = result.accesses
    assert event.at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert (event.who, event.action, event.asset) == ("ada", "read", "crm.contacts")
    assert (event.network, event.purpose, event.line) == ("192.0.2.7", None, 1)
    assert result.rows == [{"op": "READ", "table": "crm.contacts", "note": "for bob@example.org"}]


def test_lines_that_tell_no_access_are_counted_and_scanned(read, write):
    lines = [access(), access(ts="soon"), access(user=None), "mail eve@example.org", "", "[]"]
    write("a.jsonl", "\n".join(lines))
    result = read("a.jsonl", "access", fields=FIELDS)
    assert [event.line for event in result.accesses] == [1]
    assert "mail eve@example.org" in result.column("unparsed")
    assert "3 lines without a usable at, who, action or asset (first at 2)" in result.reason
    assert "1 line that is not valid JSON" in result.reason
    assert result.status == "partial"


def test_access_lines_are_numbered_over_files(read, write):
    write("a1.jsonl", access() + "\n" + access() + "\n")
    write("a2.jsonl", access() + "\n")
    result = read("a*.jsonl", "access", fields=FIELDS, limits=ReadLimits(batch_rows=1))
    assert [event.line for event in result.accesses] == [1, 2, 3]


def test_access_log_without_a_field_map_is_skipped(read, write):
    write("a.jsonl", access())
    result = read("a.jsonl", "access", fields={"at": "ts"})
    assert result.reason == "the log's fields do not map who, action, asset"


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T09:00:00Z", "2026-03-01 10:00:00.000000000+01:00", "1772355600", "1772355600000"],
)
def test_instants_become_utc_whatever_their_form(text):
    assert parse_instant(text) == datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "12", "9" * 40, "2026-13-01", "0001-01-01T00:00+14"])
def test_what_is_no_instant_is_none(text):
    assert parse_instant(text) is None


def lineage(**changes):
    event = {
        "eventTime": "2026-03-01T09:00:00Z",
        "eventType": "complete",
        "run": {"runId": "r1"},
        "job": {
            "namespace": "etl",
            "name": "orders",
            "facets": {"sql": {"_producer": "p", "query": "SELECT 'ada@example.org'"}},
        },
        "inputs": [{"namespace": "pg", "name": "crm"}, {"namespace": "pg", "name": "crm"}],
        "outputs": [{"namespace": "pg", "name": "mart"}],
        "producer": "https://example.org",
    }
    return {**event, **changes}


@pytest.mark.parametrize("shape", ["lines", "array", "object", "pretty objects"])
def test_lineage_events_are_told_in_every_shape(read, write, shape):
    events = [lineage(), lineage()]
    text = {
        "lines": "\n".join(json.dumps(event) for event in events),
        "array": json.dumps(events, indent=1),
        "object": json.dumps(events[0]),
        "pretty objects": "\n".join(json.dumps(event, indent=1) for event in events),
    }[shape]
    write("ol.json", text)
    result = read("ol.json")
    first = result.lineage[0]
    assert (first.job, first.run, first.event, first.line) == ("etl/orders", "r1", "COMPLETE", 1)
    assert (first.inputs, first.outputs) == (("pg/crm",), ("pg/mart",))
    assert len(result.lineage) == (1 if shape == "object" else 2)
    assert result.rows[0]["job.facets.sql.query"] == "SELECT 'ada@example.org'"
    assert not {"run.runId", "producer", "eventTime", "job.facets.sql._producer"} & set(
        result.names
    )
    assert result.status == "complete"


def test_records_that_are_no_events_are_counted_and_scanned(read, write):
    write("ol.jsonl", "\n".join(map(json.dumps, [lineage(), {"x": "eve@example.org"}, 5])))
    result = read("ol.jsonl", "openlineage")
    assert len(result.lineage) == 1
    assert result.column("x")[1] == "eve@example.org"
    assert result.reason == "2 records that are not lineage events (first at 2)"


def test_event_larger_than_the_limit_is_told(read, write):
    write("ol.json", json.dumps([lineage(), lineage(note="x" * 900_000)], indent=1))
    result = read("ol.json", "openlineage", limits=ReadLimits(record_bytes=400_000))
    assert len(result.lineage) == 1
    assert result.reason == "event 2 is larger than the limit"
