"""Rows of the table that no case of a whole workspace reaches: each judged in both directions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from governance.policy.comparison import directions
from governance.policy.comparison.change import Difference, Versions
from governance.policy.comparison.directions import direction_of
from governance.policy.workspace import load_builtin

OLD, NEW = "2026-01-01", "2026-02-01"
NEUTRAL = ("neutral", "neutral")
WEAKER = ("weaker", "stronger")
RECORD = ("unknown", "neutral")
"""A record that is older cannot be told; a newer one is as good."""
SOMETHING = {"any": "thing"}

# Kind and path: the value before, after, and where that leads, there and back.
ROWS: dict[str, tuple[Any, Any, tuple[str, str]]] = {
    "Pipeline logs app region": ("DE", None, WEAKER),
    "Project defaults dataset residency": (["DE"], ["DE", "US"], WEAKER),
    "Defaults residency": (["DE"], ["DE", "US"], WEAKER),
    "Team members user:ana clearance": ("internal", "restricted", WEAKER),
    "Waiver opened": ("2027-02-01", "2027-01-01", WEAKER),
    "Policy rules a references": (["gdpr:art5"], [], NEUTRAL),
    "Team contacts email": ("a@example.org", None, NEUTRAL),
    "References controls": (["gdpr:art5"], [], NEUTRAL),
    "Dataset recertifications": ([SOMETHING], [], WEAKER),
    "Dataset ownership team:sales": (SOMETHING, None, WEAKER),
    "Dataset ownership team:sales since": (NEW, OLD, RECORD),
    "Dataset fields email type": ("string", "text", NEUTRAL),
    "Dataset special_ground": ("explicit consent", None, WEAKER),
    "Dataset dpia": (SOMETHING, None, WEAKER),
    "Dataset dpia on": (NEW, OLD, RECORD),
    "Dataset collected": (SOMETHING, None, WEAKER),
    "Model out_of_scope": ("prices", None, WEAKER),
    "Model risk_assessment": (SOMETHING, None, WEAKER),
    "Model risk_assessment on": (NEW, OLD, RECORD),
    "Model oversight": (SOMETHING, None, WEAKER),
    "Model oversight by": (["user:ana", "user:bo"], ["user:ana"], WEAKER),
    "Model instructions": ("read it", None, WEAKER),
    "Model notice": ("told", None, WEAKER),
    "Model logs": (["a", "b"], ["a"], WEAKER),
    "Model version": ("1.0", "1.1", NEUTRAL),
    "Model trained_on": (NEW, OLD, RECORD),
    "Model deployed_on": (NEW, OLD, RECORD),
    "Model tests bias result": ("passed", "0.9", NEUTRAL),
    "Model tests bias report": ("report.pdf", None, WEAKER),
    "Policy rules a never": (["email"], [], WEAKER),
    "Policy rules a require_anonymity": (SOMETHING, None, WEAKER),
    "Policy rules a require_anonymity sensitive diagnosis": (SOMETHING, None, WEAKER),
    "Waiver control": ("pii-declared", "retention-kept", ("weaker", "weaker")),
    "Team accounts role:analyst": (["a"], ["a", "b"], WEAKER),
    "Project organisation": (SOMETHING, None, WEAKER),
    "Project organisation address": ("Quay 1", None, WEAKER),
    "Project organisation data_protection_officer name": ("A", "B", NEUTRAL),
    "Project review findings high": ("30d", "90d", WEAKER),
    "Project signing separate_accounts": (True, False, WEAKER),
    "Project signing advisers": (["user:ana"], [], WEAKER),
    "Project signing approvers": (["user:ana"], ["user:ana", "user:bo"], WEAKER),
    "Project skills gdpr team:sales": ("365d", "730d", WEAKER),
    "Project gate facts": ("facts.jsonl", None, WEAKER),
    "Project schedules nightly jitter_minutes": (5, 50, NEUTRAL),
    "Project schedules nightly grace_minutes": (5, 50, NEUTRAL),
    "Project defaults dataset purposes": (["billing"], ["billing", "marketing"], WEAKER),
    "Project defaults dataset state": ("anonymised", "identified", WEAKER),
    "Project defaults dataset retention": (SOMETHING, None, WEAKER),
    "Project defaults dataset retention max_age": ("1y", "3y", WEAKER),
    "Project defaults dataset steward": ("user:ana", None, WEAKER),
    "Defaults classification": ("restricted", "internal", WEAKER),
    "Defaults purposes": (["billing"], ["billing", "marketing"], WEAKER),
    "Defaults state": ("anonymised", "identified", WEAKER),
    "Defaults retention": (SOMETHING, None, WEAKER),
    "Defaults retention max_age": ("1y", "3y", WEAKER),
    "Defaults retention then": ("delete", "archive", WEAKER),
    "Defaults retention basis": ("law", "habit", NEUTRAL),
    "Defaults retention measured_by": ("day", None, WEAKER),
    "Taxonomy categories user.shoe": (SOMETHING, None, WEAKER),
    "Taxonomy categories user.shoe special": (True, False, WEAKER),
    "Taxonomy purposes billing": ("a", "b", NEUTRAL),
    "Taxonomy subjects customer": ("a", "b", NEUTRAL),
    "Detectors context": (["staff", "employee"], ["staff"], WEAKER),
    "Detectors countries": (None, ["DE"], WEAKER),
    "Detectors secret": ("token", "key", NEUTRAL),
    "PolicyTest principals user:ana": (SOMETHING, None, WEAKER),
    "PolicyTest actions": (["read", "export"], ["read"], WEAKER),
    "PolicyTest assets": (["a", "b"], ["a"], WEAKER),
    "PolicyTest purposes": (["a", "b"], ["a"], WEAKER),
    "PolicyTest access day": (SOMETHING, None, WEAKER),
    "PolicyTest access day undecided one": (None, SOMETHING, WEAKER),
    "PolicyTest access day denied one who": (["a", "b"], ["a"], WEAKER),
    "PolicyTest access day allowed one who": (["a"], ["a", "b"], WEAKER),
    "PolicyTest data rows": (SOMETHING, None, WEAKER),
    "PolicyTest data rows nothing_else": (True, False, WEAKER),
    "PolicyTest data rows findings one": (SOMETHING, None, WEAKER),
    "PolicyTest data rows absent one": (SOMETHING, None, WEAKER),
    "PolicyTest data rows findings one field": ("email", None, WEAKER),
    "PolicyTest data rows absent one field": (None, "email", WEAKER),
    "PolicyTest changes longer": (SOMETHING, None, WEAKER),
}


@pytest.fixture(scope="module")
def versions() -> Versions:
    policy = load_builtin()
    return Versions(policy, policy, date(2026, 11, 23), {})


@pytest.mark.parametrize("row", ROWS)
def test_a_row_leads_where_it_says_in_both_directions(row: str, versions: Versions) -> None:
    before, after, expected = ROWS[row]
    kind, *path = row.split(" ")
    there = direction_of(Difference(kind, "x", tuple(path), before, after), versions)
    back = direction_of(Difference(kind, "x", tuple(path), after, before), versions)
    assert (there, back) == expected


def test_what_no_row_knows_is_unknown(versions: Versions) -> None:
    odd = Difference("Project", "x", ("what", "nobody", "thought", "of"), 1, 2)
    assert direction_of(odd, versions) == "unknown"
    assert len({pattern for pattern, _ in (*directions._KNOWING, *directions._PLAIN)}) > 200
