"""Explaining an asset or a field, and the command line around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from governance.cli.policy import app
from governance.errors import UsageError
from governance.policy.explain import explain
from governance.policy.workspace import load_workspace

ACME = Path(__file__).resolve().parents[2] / "cases" / "policies" / "valid" / "acme"
PROJECT = "apiVersion: governance/v1\nkind: Project\nid: tiny\n"


def test_asset_shows_effective_values_and_who_handed_them_down() -> None:
    lines = {line.key: line for line in explain(load_workspace(ACME), "sales.orders")}
    assert lines["owner"].value == "team:sales"
    assert lines["owner"].via == "inherited from policies/sales/_defaults.yaml"
    assert lines["residency"].value == "DE, IE"
    assert lines["residency"].via == "declared"
    assert "restricted" in lines["fields.customer_email"].value


def test_field_shows_the_rules_that_reach_it_and_no_others() -> None:
    policy = load_workspace(ACME)
    email = {line.key: line for line in explain(policy, "sales.orders.customer_email")}
    assert email["rule pii.masked"].value.startswith("require_state pseudonymised")
    assert "must not leave the vault" in email["rule pii.masked"].via
    assert str(email["rule pii.masked"].position) == "policies/rules.yaml:12:3"
    order = [line.key for line in explain(policy, "sales.orders.order_id")]
    assert "rule pii.masked" not in order


def test_model_and_pipeline_can_be_explained() -> None:
    policy = load_workspace(ACME)
    assert {line.key for line in explain(policy, "churn")} >= {"risk_class", "tests.accuracy-q1"}
    assert {line.key for line in explain(policy, "etl.orders")} >= {"purpose", "logs.app"}


@pytest.mark.parametrize(
    ("target", "nearest"),
    [
        ("sales.order", "sales.orders"),
        ("sales.orders.custmer_email", "sales.orders.customer_email"),
    ],
)
def test_unknown_target_names_the_nearest(target: str, nearest: str) -> None:
    with pytest.raises(UsageError, match=f"did you mean '{nearest}'"):
        explain(load_workspace(ACME), target)


def test_lint_counts_what_it_loaded() -> None:
    result = CliRunner().invoke(app, ["lint", "--workspace", str(ACME)])
    assert result.exit_code == 0
    assert "1 Dataset" in result.output
    assert "2 Team" in result.output


def test_lint_points_at_the_fault_and_exits_with_two(tmp_path: Path) -> None:
    (tmp_path / "governance.yaml").write_text(PROJECT + "timezon: UTC\npacks: [basline]\n")
    result = CliRunner().invoke(app, ["lint", "--workspace", str(tmp_path)])
    assert result.exit_code == 2
    lines = result.output.splitlines()
    assert lines[0].startswith(
        "governance.yaml:4:1: unknown key 'timezon'. did you mean 'timezone'"
    )
    assert lines[1:3] == ["    timezon: UTC", "    ^"]
    assert lines[4:6] == ["    packs: [basline]", "            ^"]
    assert lines[6] == "2 errors in the policy files"


def test_no_control_character_of_a_policy_file_reaches_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "governance.yaml").write_bytes(PROJECT.encode() + b'"ti\\e[31mtle\\u202e": x\n')
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "bad.yaml").write_bytes(b"title: a\x1b[31m\n")
    result = CliRunner().invoke(app, ["lint", "--workspace", str(tmp_path)])
    assert result.exit_code == 2
    assert all(letter.isprintable() or letter == "\n" for letter in result.output)


def test_schema_of_the_run_document_is_printed() -> None:
    result = CliRunner().invoke(app, ["schema", "run"])
    assert result.exit_code == 0
    assert "governance/run/v1" in result.output


def test_a_model_shows_the_rules_that_reach_it(tmp_path: Path) -> None:
    rule = "\n---\napiVersion: governance/v1\nkind: {}\nid: {}\nowner: none\n"
    model = "risk_class: {}\nintended_use: Ranking\n"
    act = (
        "applies_to: {risk_class: '>= high'}\nrules: {watched: {require: [oversight], why: Law}}\n"
    )
    (tmp_path / "governance.yaml").write_text(
        PROJECT
        + (rule.format("Model", "ranker") + model.format("high"))
        + (rule.format("Model", "sorter") + model.format("limited"))
        + (rule.format("Policy", "act") + act)
    )
    policy = load_workspace(tmp_path)
    ranker = {line.key: line for line in explain(policy, "ranker")}
    assert ranker["rule act.watched"].value == "require oversight"
    assert "rule act.watched" not in {line.key for line in explain(policy, "sorter")}
