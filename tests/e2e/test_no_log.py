"""A workspace that collects no access log: what a person answers for, for a time, and what not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from governance.cli.main import app
from tests.e2e.test_exit_codes import DATASET, PROJECT, ROWS, TEAM

OPEN = ("access-granted", "access-in-window", "use-within-purpose")
LIMITS = "limits: {waiver_max: {critical: 30d, high: 90d, medium: 180d, low: 365d}}\n"
PIPELINE = """\
apiVersion: governance/v1
kind: Pipeline
id: shop-api
owner: team:sales
purpose: essential
reads: [dataset:orders]
logs:
  access: {type: access, path: logs/none-*.jsonl, fields: {at: t, who: u, action: a, asset: d}}
"""


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("no-log")
    for name, text in {
        "governance.yaml": PROJECT + LIMITS + "nlp: {engine: none}\n", "data/orders.csv": ROWS,
        "policies/team.yaml": TEAM, "policies/orders.yaml": DATASET,
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    assert _run(folder, "scan", "-j", "1").exit_code == 3
    return folder


@pytest.fixture
def shop(scanned: Path) -> Path:
    for path in (scanned / "policies").iterdir():
        if path.name not in ("team.yaml", "orders.yaml"):
            path.unlink()
    return scanned


def _run(folder: Path, *command: str, as_of: str = "2026-11-23T12:00:00Z") -> Result:
    return CliRunner().invoke(app, [*command, "--workspace", str(folder), "--as-of", as_of])


def _check(folder: Path, as_of: str = "2026-11-23T12:00:00Z") -> tuple[int, list[dict[str, str]]]:
    """Return how the check ends, and the outcomes of the controls that ask for a log."""
    path = folder / "run.json"
    code = _run(folder, "check", "-o", f"json={path}", "-o", "text", as_of=as_of).exit_code
    outcomes = json.loads(path.read_text(encoding="utf-8"))["outcomes"]
    return code, [
        each for each in outcomes if each["control"] in OPEN and each["asset"] == "orders"
    ]


def _waived(folder: Path, *controls: str) -> None:
    for control in controls:
        ended = _run(
            folder, "waiver", "add", "--asset", "orders", "--control", control, "--expires", "30d",
            "--reason", "the shop keeps no access log before the new gateway",
            "--author", "user:ana@example.org", "--approved-by", "user:bo@example.org",
        )  # fmt: skip
        assert ended.exit_code == 0, ended.output


def test_a_dated_waiver_stands_for_a_log_that_nobody_collects(shop: Path) -> None:
    code, told = _check(shop)
    assert (code, {each["status"] for each in told}) == (3, {"not_evaluated"})
    _waived(shop, *OPEN)
    code, told = _check(shop)
    assert (code, {each["status"] for each in told}) == (0, {"waived"})
    assert {each["finding"]["kind"] for each in told} == {"gap"}
    assert "of 3 outcomes nothing was checked: a waiver stands" in _run(shop, "check").output
    assert "no access log is declared; nothing was checked" in told[0]["finding"]["message"]
    listed = _run(shop, "waiver", "list").output
    assert "active" in listed
    assert "unused" not in listed


def test_each_control_that_asks_for_a_log_needs_its_own(shop: Path) -> None:
    _waived(shop, *OPEN[:2])
    code, told = _check(shop)
    assert code == 3
    assert [each["status"] for each in told] == ["waived", "waived", "not_evaluated"]


def test_the_gap_is_back_with_the_day_after_the_last(shop: Path) -> None:
    _waived(shop, *OPEN)
    assert _check(shop, as_of="2026-12-23T22:00:00Z")[0] == 0
    code, told = _check(shop, as_of="2026-12-24T00:00:01Z")
    assert (code, {each["status"] for each in told}) == (3, {"not_evaluated"})


def test_a_waiver_beyond_the_limit_of_the_gap_stands_for_nothing(shop: Path) -> None:
    """Of restricted data the gap is critical: a month and no more."""
    _waived(shop, *OPEN)
    orders = shop / "policies" / "orders.yaml"
    text = orders.read_text(encoding="utf-8")
    try:
        waivers = shop / "policies" / "waivers.yaml"
        longer = waivers.read_text(encoding="utf-8").replace("2026-12-23", "2027-02-01")
        waivers.write_text(longer, encoding="utf-8")
        assert {each["status"] for each in _check(shop)[1]} == {"waived"}
        restricted = text.replace("classification: confidential", "classification: restricted")
        orders.write_text(restricted, encoding="utf-8")
        told = {each["control"]: each["status"] for each in _check(shop)[1]}
        assert told["access-granted"] == "not_evaluated"
    finally:
        orders.write_text(text, encoding="utf-8")


def test_a_log_that_is_declared_and_was_not_read_is_nobodys_exception(shop: Path) -> None:
    _waived(shop, *OPEN)
    (shop / "policies" / "etl.yaml").write_text(PIPELINE, encoding="utf-8")
    code, told = _check(shop)
    assert (code, {each["status"] for each in told}) == (3, {"not_evaluated"})
    assert all("not read" in each["reason"] for each in told)
