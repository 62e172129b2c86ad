"""A scan says what it is about to do before it opens anything, and says so when it was stopped."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from governance.cli.main import app
from governance.trail.reading import read_entries

PROJECT = 'apiVersion: governance/v1\nkind: Project\nid: acme\nwatch: ["*.csv"]\n'


def test_what_a_scan_meant_to_do_is_there_even_if_there_was_nothing_to_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "governance.yaml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(app, ["scan", "-q"])
    assert getattr(ended.exception, "exit_code", ended.exit_code) == 3
    types = [entry.type for entry in read_entries(tmp_path / ".governance" / "trail.db")]
    assert types == ["log.created", "policy.loaded", "scan.started", "scan.aborted"]


def test_a_target_that_is_nothing_is_no_scan_and_leaves_no_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "governance.yaml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(app, ["scan", "-q", "missing.csv"])
    assert getattr(ended.exception, "exit_code", ended.exit_code) == 2
    assert not (tmp_path / ".governance" / "trail.db").exists()
