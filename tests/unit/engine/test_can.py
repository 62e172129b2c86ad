"""`governance can`: the decision, each rule's part in it with its line, and undeclared names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from governance.cli.main import app
from governance.errors import UsageError

DEMO = Path(__file__).resolve().parents[3] / "policies" / "demo"
MONDAY, SATURDAY = "2026-11-23T10:00", "2026-11-21T10:00"


def can(*words: str):
    return CliRunner().invoke(app, ["can", *words, "--workspace", str(DEMO)])


@pytest.fixture(scope="module")
def seller() -> str:
    from governance.policy.workspace import load_workspace

    return sorted(load_workspace(DEMO).teams["sales"].members)[0]


OFFICE = ("--purpose", "billing", "--from", "10.1.2.3")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((*OFFICE, "--at", MONDAY), 0, "allowed: access-shop.people-in-working-hours allows it"),
        ((*OFFICE, "--at", SATURDAY), 1, "late: access-shop.people-in-working-hours allows it"),
        ((*OFFICE, "--at", SATURDAY), 1, "Sat 2026-11-21 10:00 Europe/Berlin is outside"),
        (("--from", "10.1.2.3", "--at", MONDAY), 1, "no purpose was given, and it wants dataset"),
        (("--purpose", "billing", "--at", MONDAY), 1, "no network was given, wanted 10.0.0.0/8"),
        (("--purpose", "billing", "--from", "192.0.2.1", "--at", MONDAY), 1,
         "192.0.2.1 lies outside 10.0.0.0/8"),
        (("--purpose", "marketing.advertising", "--from", "10.1.2.3", "--at", MONDAY), 1,
         "denied: access-shop.never-for-advertising denies it"),
    ],
)  # fmt: skip
def test_a_decision_is_told_with_its_reasons_and_an_exit_code(seller, words, code, said) -> None:
    result = can(seller, "read", "shop.orders", *words)
    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert "[policies/rules/access-shop.yaml:13:3]" in result.output


def test_what_nothing_allows_is_denied_and_that_is_said(seller) -> None:
    result = can(seller, "train", "shop.orders", "--at", MONDAY)
    assert result.exit_code == 1
    assert "no rule and no grant allows it: what nothing allows is denied" in result.output


@pytest.mark.parametrize(
    ("at", "answer"), [("2026-12-15T23:59", "allowed"), ("2026-12-16", "late")]
)
def test_a_grant_ends_with_its_last_day_in_the_zone_of_the_project(at, answer) -> None:
    told = can("user:vera.stolz", "read", "finance.payments", "-p", "billing", "--at", at,
               "-o", "json")  # fmt: skip
    document = json.loads(told.output)
    assert (document["answer"], document["by"]) == (answer, "tax-audit-2026")
    (grant,) = (each for each in document["rules"] if each["kind"] == "grant")
    assert grant["location"]["file"].endswith("grants.yaml")
    assert document["allowed"] is (told.exit_code == 0)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("user:vera.stolc", "read", "shop.orders"), "did you mean 'user:vera.stolz'"),
        (("user:vera.stolz", "reed", "shop.orders"), "did you mean 'read'"),
        (("user:vera.stolz", "read", "shop.order"), "did you mean 'shop.orders'"),
        (
            ("user:vera.stolz", "read", "shop.orders", "--purpose", "biling"),
            "did you mean 'billing'",
        ),
        (("user:vera.stolz", "read", "shop.orders", "--region", "EUX"), "unknown region 'EUX'"),
        (("user:vera.stolz", "read", "shop.orders", "--field", "emial"), "unknown field of shop"),
        (("user:vera.stolz", "read", "shop.orders", "--location", "x"), "unknown location of shop"),
        (("user:vera.stolz", "read", "shop.orders", "--from", "home"), "neither an address nor"),
        (("user:vera.stolz", "read", "shop.orders", "--at", "soon"), "--at: not a time"),
    ],
)
def test_a_name_that_nobody_declared_is_a_wrong_question(words, problem) -> None:
    fault = can(*words).exception
    assert isinstance(fault, UsageError)
    assert (fault.exit_code, problem in str(fault)) == (2, True), str(fault)
