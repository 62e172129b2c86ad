"""The console script on real files: every way a run can end, with its exit code and its line."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

GOVERNANCE = Path(sys.executable).with_name("governance")

PROJECT = """\
apiVersion: governance/v1
kind: Project
id: shop
include: [policies/*.yaml]
"""

TEAM = """\
apiVersion: governance/v1
kind: Team
id: sales
lead: user:ana@example.org
members:
  user:ana@example.org: {since: 2024-01-01}
  user:bo@example.org: {since: 2024-01-01}
contacts: {email: sales@example.org, support: sales-help@example.org}
"""

DATASET = """\
apiVersion: governance/v1
kind: Dataset
id: orders
title: Orders
owner: team:sales
steward: user:bo@example.org
classification: confidential
subjects: [customer]
purposes: [essential]
legal_basis: contract
collected: {from: the web checkout, since: 2020-01-01}
locations:
  here: {path: data/orders.csv}
fields:
  id: {category: system.operations}
  email: {category: user.contact.email}
reviews:
  - {on: 2026-11-01, by: [user:ana@example.org, user:bo@example.org]}
"""

ROWS = "id,email\n1,ana@example.org\n2,bo@example.org\n3,cy@example.com\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "governance.yaml").write_text(PROJECT)
    for name, text in (("policies/team.yaml", TEAM), ("policies/orders.yaml", DATASET)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "orders.csv").write_text(ROWS)
    return tmp_path


def run(*args: str, at: Path, file_size: int | None = None) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        if file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    return subprocess.run(
        [str(GOVERNANCE), *args],
        cwd=at,
        # NOTE: what is compiled under the limit would be cached cut short, for all later runs.
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(at),
            "LC_ALL": "C.UTF-8",
            **({"PYTHONDONTWRITEBYTECODE": "1"} if file_size is not None else {}),
        },
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=limit,
        check=False,
    )


def test_a_scan_without_policy_is_not_green(tmp_path: Path) -> None:
    result = run("scan", at=tmp_path)
    assert result.returncode == 3
    assert "there is no governance.yaml" in result.stderr
    assert "governance init" in result.stderr


def test_a_scan_of_an_empty_folder_is_not_green(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("scan", "empty", at=tmp_path)
    assert result.returncode == 3
    assert "nothing to examine" in result.stderr


def test_an_unreadable_file_is_skipped_and_not_green(workspace: Path) -> None:
    (workspace / "data" / "orders.csv").write_bytes(b"PAR1 this is no parquet file")
    result = run("scan", at=workspace)
    assert result.returncode == 3, result.stdout + result.stderr
    assert "skipped" in result.stdout


def test_a_missing_file_is_skipped_and_not_green(workspace: Path) -> None:
    (workspace / "data" / "orders.csv").unlink()
    result = run("scan", at=workspace)
    assert result.returncode == 3, result.stdout + result.stderr
    assert "skipped" in result.stdout


def test_a_typo_in_a_policy_names_its_line_and_the_right_word(workspace: Path) -> None:
    path = workspace / "policies" / "orders.yaml"
    path.write_text(path.read_text().replace("steward:", "stewrad:"))
    result = run("scan", at=workspace)
    assert result.returncode == 2
    assert "policies/orders.yaml:6:1" in result.stderr
    assert "steward" in result.stderr


def test_a_full_disk_for_the_trail_prints_no_verdict(workspace: Path) -> None:
    result = run("scan", at=workspace, file_size=20_000)
    assert result.returncode == 4, result.stdout + result.stderr
    assert result.stdout == ""
    assert "trail" in result.stderr


def test_a_breach_ends_in_one_and_its_mending_in_fewer_findings(workspace: Path) -> None:
    path = workspace / "policies" / "orders.yaml"
    declared = path.read_text()
    path.write_text(declared.replace("user.contact.email", "system.operations"))
    broken = run("scan", "--output", "json=run.json", "--fail-on", "low", at=workspace)
    assert "pii-declared" in (workspace / "run.json").read_text()
    assert broken.returncode in (1, 3), broken.stderr
    path.write_text(declared)
    mended = run("scan", "--output", "json=mended.json", at=workspace)
    assert mended.returncode in (0, 3), mended.stdout + mended.stderr


@pytest.mark.parametrize("table", ["clean", "leaking"])
def test_a_file_nobody_declared_is_scanned_ad_hoc(tmp_path: Path, table: str) -> None:
    rows = "sku,stock\nA-1,4\nB-2,5\n" if table == "clean" else ROWS
    (tmp_path / "table.csv").write_text(rows)
    result = run("scan", "table.csv", at=tmp_path)
    assert result.returncode == (0 if table == "clean" else 1), result.stdout + result.stderr
    assert "ad hoc" in result.stdout
    assert not (tmp_path / ".governance").exists()


def test_no_scanned_value_reaches_any_output(workspace: Path) -> None:
    path = workspace / "policies" / "orders.yaml"
    path.write_text(path.read_text().replace("user.contact.email", "system.operations"))
    outputs = [f"--output={name}=out.{name}" for name in ("json", "sarif", "markdown", "text")]
    result = run("scan", *outputs, at=workspace)
    run("report", "annual", "--period", "2026", "-o", "review.html", at=workspace)
    state = [each for each in (workspace / ".governance").rglob("*") if each.is_file()]
    written = [*workspace.glob("out.*"), workspace / "review.html", *state]
    assert len(written) >= 8
    for each in written:
        assert b"cy@example.com" not in each.read_bytes(), each
    assert "cy@example.com" not in result.stdout + result.stderr


def test_a_pattern_that_cannot_run_stops_the_run_and_not_an_asset(workspace: Path) -> None:
    (workspace / "policies" / "detectors.yaml").write_text(
        "apiVersion: governance/v1\nkind: Detectors\nid: ours\ndetectors:\n"
        "  broken: {entity: PERSON, patterns: {p: {regex: '(a+)+$'}}}\n"
    )
    for command in (["policy", "lint"], ["scan"]):
        result = run(*command, at=workspace)
        assert result.returncode == 2, result.stdout + result.stderr
        assert "broken" in result.stderr


def test_what_was_not_looked_for_is_said(workspace: Path) -> None:
    (workspace / "data" / ".orders_backup.csv").write_text(ROWS, encoding="utf-8")
    result = run("scan", "data", at=workspace)
    assert "1 hidden file or folder among the data" in " ".join(result.stdout.split())
    assert "of no country" in result.stdout
    assert "never means" in " ".join(result.stdout.split())
