"""What has not changed is not read again, and what has changed always is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GOVERNANCE = str(Path(sys.executable).with_name("governance"))
PROJECT = """\
apiVersion: governance/v1
kind: Project
id: shop
countries: [DE]
watch: ["data/**"]
"""
DETECTOR = """\
apiVersion: governance/v1
kind: Detectors
id: own
detectors:
  badge:
    entity: ID
    deterministic: true
    patterns:
      badge: {regex: 'BADGE-[0-9]{4}', score: 0.9}
    why: Opens the doors.
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "governance.yaml").write_text(PROJECT)
    (tmp_path / "policies").mkdir()
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.csv").write_text("email,n\nann@example.org,1\nbob@example.org,2\n")
    (data / "b.csv").write_text("code,n\nBADGE-1234,1\nBADGE-9876,2\n")
    return tmp_path


def scan(folder: Path, *options: str) -> dict[str, Any]:
    command = [GOVERNANCE, "scan", "--output", "json=run.json", "-j", "1", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 3), done.stderr
    document: dict[str, Any] = json.loads((folder / "run.json").read_text("utf-8"))
    return document


def read_again(document: dict[str, Any]) -> set[str]:
    return {
        row["id"]
        for row in document["assets"]
        if row["coverage"] and not row["coverage"]["read_by"]
    }


def measured(document: dict[str, Any]) -> dict[str, Any]:
    return {row["id"]: (row["coverage"]["rows"], row["fields"])
            for row in document["assets"] if row["coverage"]}  # fmt: skip


def test_the_same_bytes_are_not_read_twice_and_give_the_same_facts(shop: Path) -> None:
    first = scan(shop)
    second = scan(shop)
    assert read_again(first) == {"data/a.csv", "data/b.csv"}
    assert read_again(second) == set()
    assert measured(second) == measured(first)
    told = {row["coverage"]["read_by"] for row in second["assets"] if row["coverage"]}
    assert told == {first["run"]["id"]}
    assert any("were not read again" in note for note in second["notes"])


def test_a_changed_file_is_read_again_even_when_its_times_and_size_are_the_old_ones(
    shop: Path,
) -> None:
    scan(shop)
    path = shop / "data/a.csv"
    before = path.stat()
    path.write_text("email,n\nann@example.net,1\nbob@example.org,2\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert read_again(scan(shop)) == {"data/a.csv"}


def test_another_rule_for_detection_reads_again_and_another_control_does_not(shop: Path) -> None:
    assert not measured(scan(shop))["data/b.csv"][1][0]["contains"]
    (shop / "policies/own.yaml").write_text(DETECTOR)
    (shop / "governance.yaml").write_text(PROJECT + 'include: ["policies/*.yaml"]\n')
    found = scan(shop)
    assert read_again(found) == {"data/a.csv", "data/b.csv"}
    assert measured(found)["data/b.csv"][1][0]["contains"]
    (shop / "governance.yaml").write_text(
        PROJECT + 'include: ["policies/*.yaml"]\ntitle: Another title\n'
    )
    assert read_again(scan(shop)) == set()


@pytest.mark.slow
def test_full_reads_everything(shop: Path) -> None:
    scan(shop)
    assert read_again(scan(shop, "--full")) == {"data/a.csv", "data/b.csv"}


def test_no_value_is_kept_with_a_measurement(shop: Path) -> None:
    scan(shop)
    from governance.facts.store import FactStore

    with FactStore.open(shop / ".governance/facts.db") as store, store._reading() as connection:
        from governance.facts.tables import FactsTable

        table = FactsTable.metadata.tables["reading"]
        keys = list(connection.execute(table.select()).mappings())
    assert len(keys) == 2
    with FactStore.open(shop / ".governance/facts.db") as store:
        kept = store.readings([row["key"] for row in keys])
    assert len(kept) == 2
    assert not any(b"ann@" in body or b"BADGE-1" in body for body in kept.values())


@pytest.mark.slow
def test_facts_of_the_first_format_gain_what_they_lack(shop: Path) -> None:
    import sqlite3
    from contextlib import closing

    first = scan(shop)
    with closing(sqlite3.connect(shop / ".governance/facts.db")) as facts:
        facts.execute("DROP TABLE reading")
        facts.execute("PRAGMA user_version = 1")
        facts.commit()
    assert read_again(scan(shop)) == {"data/a.csv", "data/b.csv"}
    assert read_again(scan(shop)) == set()
    assert first["run"]["id"]
