"""Whoever takes the trail away, or puts an older one in its place, leaves the facts behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from governance.cli.main import app
from tests.e2e.test_exit_codes import DATASET, PROJECT, ROWS, TEAM


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a workspace with two scans, and a copy of its trail after the first."""
    for name, text in {
        "governance.yaml": PROJECT + "nlp: {engine: none}\n", "data/orders.csv": ROWS,
        "policies/team.yaml": TEAM, "policies/orders.yaml": DATASET,
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert _ended(tmp_path, "scan")[0] == "pass"
    shutil.copy(_trail(tmp_path), tmp_path / "older.db")
    assert _ended(tmp_path, "scan")[0] == "pass"
    return tmp_path


def test_a_trail_put_back_to_an_older_copy_fails_and_stays_failed(shop: Path) -> None:
    kept = _trail(shop).read_bytes()
    shutil.copy(shop / "older.db", _trail(shop))
    status, told = _ended(shop, "check")
    assert (status, "1 run whose result is stored" in told) == ("fail", True), told
    assert _ended(shop, "scan")[0] == "fail"
    assert _ended(shop, "scan")[0] == "fail"
    _trail(shop).write_bytes(kept)
    assert "2 runs whose results are" in _ended(shop, "check")[1]  # those that the older one holds


def test_a_trail_that_is_gone_is_no_fresh_start(shop: Path) -> None:
    _trail(shop).unlink()
    status, told = _ended(shop, "check")
    assert (status, "2 runs whose results are stored" in told) == ("not_evaluated", True), told
    status, told = _ended(shop, "scan")
    assert (status, "2 runs whose results are stored" in told) == ("fail", True), told


def test_facts_that_were_removed_are_no_breach(shop: Path) -> None:
    (shop / ".governance" / "facts.db").unlink()
    assert _ended(shop, "scan")[0] == "pass"


def _trail(shop: Path) -> Path:
    return shop / ".governance" / "trail.db"


def _ended(shop: Path, command: str) -> tuple[str, str]:
    """Return how ``trail-unbroken`` ended, and what was told of it."""
    file = shop / "run.json"
    wanted = ("--output", f"json={file}", "--workspace", str(shop))
    CliRunner().invoke(app, [command, *wanted, *(("-j", "1") if command == "scan" else ())])
    outcomes = json.loads(file.read_text("utf-8"))["outcomes"]
    file.unlink()
    of_trail = (each for each in outcomes if each["asset"] == "trail")
    (found,) = (each for each in of_trail if each["control"] == "trail-unbroken")
    return found["status"], json.dumps(found)
