"""A rule on k, l or t that nobody measures: named with its line, and never green."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

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
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, list[dict[str, str]]]:
    folder = tmp_path_factory.mktemp("released")
    for name, text in {
        "governance.yaml": PROJECT + "nlp: {engine: none}\n", "data/orders.csv": ROWS,
        "policies/team.yaml": TEAM, "policies/orders.yaml": DATASET, "policies/out.yaml": RULES,
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    path = folder / "run.json"
    command = ("scan", "-j", "1", "--workspace", str(folder), "--as-of", "2026-11-23T12:00:00Z")
    ended = CliRunner().invoke(app, [*command, "-o", "text", "-o", f"json={path}"])
    return ended.exit_code, ended.output, json.loads(path.read_text("utf-8"))["outcomes"]


def test_each_rule_on_groups_of_persons_is_an_open_question_of_its_own(scanned) -> None:
    code, _, outcomes = scanned
    told = {
        each["subject"]: each["reason"]
        for each in outcomes
        if (each["control"], each["status"]) == ("anonymity-thresholds", "not_evaluated")
    }
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
