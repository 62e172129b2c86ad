"""A rule on k, l or t that nobody measures: named with its line, and never green."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from governance.cli.main import app
from tests.e2e.test_exit_codes import DATASET, PROJECT, ROWS, TEAM

RULES = """\
apiVersion: governance/v1
kind: Policy
id: released
owner: team:sales
applies_to: {dataset: orders}
rules:
  alike: {require_anonymity: {k: 11, quasi_identifiers: [id]}}
  spread: {require_anonymity: {quasi_identifiers: [id], sensitive: {email: {l: 3, t: 0.2}}}}
"""


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, Path]:
    folder = tmp_path_factory.mktemp("released")
    for name, text in {
        "governance.yaml": PROJECT + "nlp: {engine: none}\n", "data/orders.csv": ROWS,
        "policies/team.yaml": TEAM, "policies/orders.yaml": DATASET, "policies/out.yaml": RULES,
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    ended = _run(folder, "scan", "-j", "1", "-o", "text", "-o", f"json={folder / 'run.json'}")
    return ended.exit_code, ended.output, folder


def _run(folder: Path, *command: str) -> Result:
    where = ("--workspace", str(folder), "--as-of", "2026-11-23T12:00:00Z")
    return CliRunner().invoke(app, [*command, *where])


def _outcomes(folder: Path) -> list[dict[str, Any]]:
    told = json.loads((folder / "run.json").read_text("utf-8"))["outcomes"]
    return [each for each in told if each["control"] == "anonymity-thresholds"]


def test_each_rule_on_groups_of_persons_is_an_open_question_of_its_own(scanned) -> None:
    code, _, folder = scanned
    asked = [each for each in _outcomes(folder) if each["status"] == "not_evaluated"]
    told = {each["subject"]: each["reason"] for each in asked}
    assert code == 3
    assert set(told) == {"released.alike", "released.spread"}
    assert (
        "released.alike (policies/out.yaml:7:11) asks for k >= 11 over id" in told["released.alike"]
    )
    assert "l >= 3 of email, t <= 0.2 of email over id in here" in told["released.spread"]


def test_the_text_names_the_rules_their_lines_and_what_to_do(scanned) -> None:
    output = " ".join(scanned[1].replace("│", " ").split())
    for said in ("anonymity-thresholds", "released.alike", "released.spread", "measure it with"):
        assert said in output
    assert "policies/out.yaml:8" in output


def test_a_dated_waiver_answers_for_one_rule_and_hides_nothing(scanned) -> None:
    folder = scanned[2]
    added = _run(
        folder, "waiver", "add", "--asset", "orders", "--rule", "released.alike",
        "--expires", "30d", "--reason", "measured with another tool, report of November",
        "--author", "user:ana@example.org", "--approved-by", "user:bo@example.org",
        "--file", str(folder / "policies" / "waivers.yaml"),
    )  # fmt: skip
    assert added.exit_code == 0, added.output
    try:
        ended = _run(folder, "check", "-o", "text", "-o", f"json={folder / 'checked.json'}")
        told = json.loads((folder / "checked.json").read_text("utf-8"))["outcomes"]
        found = {
            each["subject"]: (each["status"], (each["finding"] or {}).get("kind"))
            for each in told
            if each["control"] == "anonymity-thresholds" and each["asset"] == "orders"
        }
    finally:
        (folder / "policies" / "waivers.yaml").unlink()
    assert ended.exit_code == 3
    assert found == {
        "released.alike": ("waived", "gap"),
        "released.spread": ("not_evaluated", None),
    }
    assert "nothing was checked: a waiver stands for evidence" in " ".join(ended.output.split())
