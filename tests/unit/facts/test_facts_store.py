"""What the store of facts promises: runs come back as they were, findings keep their age."""

from __future__ import annotations

import json
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from governance.errors import FactsError
from governance.facts.runs import RunRecord
from governance.facts.store import FactStore

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def _document(*findings: str, severity: str = "high") -> bytes:
    field: dict[str, Any] = {
        "name": "email",
        "type": "string",
        "rows": 10,
        "nulls": 0,
        "distinct": 10,
        "free_text": False,
        "entity": {"name": "EMAIL_ADDRESS", "confidence": 0.99, "because": [], "runner_up": None},
        "contains": [
            {
                "entity": "EMAIL_ADDRESS",
                "rows": 10,
                "distinct": 10,
                "share": 1.0,
                "checksum_rate": None,
                "lines": [1],
                "preview": "a***@***.***",
                "fingerprint": "v1:" + "0" * 24,
                "deterministic": True,
                "detail": None,
            }
        ],
    }
    coverage = {"status": "complete", "reason": None, "rows": 10, "bytes": 99, "sampled": False}
    dataset = {
        "id": "sales.orders",
        "kind": "dataset",
        "owner": None,
        "declared": True,
        "place": "here",
        "uri": "orders.csv",
        "coverage": coverage,
        "fields": [field],
    }
    model = {
        "id": "churn",
        "kind": "model",
        "owner": "team:ml",
        "declared": True,
        "place": None,
        "uri": None,
        "coverage": None,
        "fields": [],
    }
    outcomes = [
        {
            "control": "pii-declared",
            "asset": "sales.orders",
            "place": None,
            "field": "email",
            "finding": {"id": number, "kind": "finding", "severity": severity, "owner": None},
        }
        for number in findings
    ]
    passed = {"control": "x", "asset": "churn", "place": None, "field": None, "finding": None}
    return json.dumps(
        {
            "run": {"started": "2026-11-23T11:59:00Z"},
            "assets": [dataset, model],
            "outcomes": [*outcomes, passed],
        }
    ).encode()


def _record(id: str, finished: datetime, document: bytes, snapshot: bytes = b"") -> RunRecord:
    return RunRecord(id, "scan", finished, "sha256:0", 1, document, snapshot)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "facts.db"


def test_a_run_comes_back_byte_for_byte_newest_first(path: Path) -> None:
    first, second = _document("a"), _document("a", "b")
    with FactStore.open(path) as store:
        store.save(_record("1", NOON, first, b"measured"))
        store.save(_record("2", NOON + timedelta(hours=1), second))
    with FactStore.open(path) as store:
        assert [each.document for each in store.documents(until=None)] == [second, first]
        assert [each.id for each in store.documents(until=NOON)] == ["1"]
        assert list(store.snapshots(until=None)) == [b"measured"]
        latest = store.latest(None)
        assert latest is not None and latest.id == "2" and latest.finished.tzinfo is not None
        assert store.latest(NOON - timedelta(seconds=1)) is None


def test_a_finding_keeps_the_day_it_was_first_seen(path: Path) -> None:
    later = NOON + timedelta(days=3)
    with FactStore.open(path) as store:
        store.save(_record("2", later, _document("a", "b")))
        store.save(_record("1", NOON, _document("a")))  # an older run, stored late
        assert store.known_findings(later) == {"a": NOON, "b": later}
        assert store.known_findings(NOON) == {"a": NOON}


def test_a_finding_that_was_mended_and_came_back_is_not_known(path: Path) -> None:
    with FactStore.open(path) as store:
        store.save(_record("1", NOON, _document("a", "b")))
        store.save(_record("2", NOON + timedelta(hours=1), _document("b")))
        assert store.known_findings() == {"b": NOON}
        partial = json.loads(_document("b"))
        partial["outcomes"], partial["assets"][0]["coverage"]["status"] = [], "partial"
        store.save(_record("3", NOON + timedelta(hours=2), json.dumps(partial).encode()))
        assert store.known_findings() == {"b": NOON}


def test_rebuilding_gives_what_saving_gave(path: Path) -> None:
    with FactStore.open(path) as store:
        store.save(_record("1", NOON, _document("a")))
        store.save(_record("2", NOON + timedelta(days=1), _document("a", "c", severity="low")))
    before = _dump(path)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM finding_fact")
        connection.execute("UPDATE field_fact SET rows = 0")
    connection.close()
    with FactStore.open(path) as store:
        store.rebuild()
    assert _dump(path) == before
    assert {row[0] for row in before["asset_fact"]} == {"1", "2"}
    assert len(before["entity_fact"]) == 2


def test_a_run_saved_twice_is_stored_once(path: Path) -> None:
    with FactStore.open(path) as store:
        store.save(_record("1", NOON, _document("a")))
        store.save(_record("1", NOON, _document("a")))
        assert len(list(store.documents(until=None))) == 1


def test_a_reader_that_pauses_does_not_block_a_writer(path: Path) -> None:
    with FactStore.open(path) as store:
        for number in range(3):
            store.save(_record(str(number), NOON, _document()))
        reading = store.documents(until=None)
        next(reading)
        store.save(_record("9", NOON, _document()))
        assert len(list(reading)) == 2


def test_the_file_is_private(path: Path) -> None:
    FactStore.open(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"not a database at all, only text " * 99, b"\x00" * 5000])
def test_a_damaged_file_says_delete_it_and_scan_again(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "facts.db"
    path.write_bytes(content)
    with pytest.raises(FactsError, match="delete it and scan again"):
        FactStore.open(path)


def test_facts_of_another_version_are_refused(path: Path) -> None:
    FactStore.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(FactsError, match=r"another version.*delete it and scan again"):
        FactStore.open(path)


def test_a_document_that_was_changed_is_not_handed_out(path: Path) -> None:
    with FactStore.open(path) as store:
        store.save(_record("1", NOON, _document("a")))
        connection = sqlite3.connect(path)
        connection.execute("UPDATE run SET sha256 = ?", ("0" * 64,))
        connection.commit()
        connection.close()
        with pytest.raises(FactsError, match="damaged"):
            list(store.documents(until=None))


def _dump(path: Path) -> dict[str, list[Any]]:
    connection = sqlite3.connect(path)
    tables = ("asset_fact", "field_fact", "entity_fact", "finding_fact")
    found = {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}
    connection.close()
    return found
