"""The examples of the handbook load, and every key of a selector selects as it is written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from governance.model.asset import Place
from governance.model.clock import in_force, local_day
from governance.model.ladders import Duration, State
from governance.model.policy import EffectivePolicy
from governance.model.rules import Selector
from governance.model.selectors import Selectable, matches
from governance.policy.regions import with_countries
from governance.policy.workspace import load_workspace

HANDBOOK = Path(__file__).resolve().parents[2] / "cases" / "policies" / "valid" / "handbook"
ORDERS, PEOPLE = {"sales.orders"}, {"hr.people"}
BOTH, NONE = ORDERS | PEOPLE, set()


@pytest.fixture(scope="module")
def handbook() -> EffectivePolicy:
    return load_workspace(HANDBOOK)


def _told(value: object) -> str:
    # NOTE: a set's own text differs from process to process.
    return str(sorted(value)) if isinstance(value, set | frozenset) else str(value)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, BOTH),
        ({"dataset": "sales.orders"}, ORDERS),
        ({"dataset": "s*"}, ORDERS),
        ({"dataset": {"any_of": ["hr.people", "sales.*"]}}, BOTH),
        ({"dataset": {"none_of": ["hr.*"]}}, ORDERS),
        ({"field": "customer_email"}, ORDERS),
        ({"field": "*mail"}, BOTH),
        ({"field": {"all_of": ["name", "email"]}}, PEOPLE),
        ({"field": {"none_of": ["notes"]}}, ORDERS),
        ({"category": "user.name"}, PEOPLE),
        ({"category": "user"}, BOTH),  # with everything below it
        ({"category": {"all_of": ["user.name", "user.contact.email"]}}, PEOPLE),
        ({"category": {"none_of": ["user.health_and_medical"]}}, PEOPLE),
        ({"category": "user.*.email"}, BOTH),
        ({"classification": "confidential"}, ORDERS),
        ({"classification": ">= confidential"}, BOTH),
        ({"classification": "> confidential"}, PEOPLE),
        ({"classification": "<restricted"}, ORDERS),
        ({"classification": {"any_of": ["public", "restricted"]}}, PEOPLE),
        ({"classification": {"none_of": [">= restricted"]}}, ORDERS),
        ({"classification": "re*"}, PEOPLE),
        ({"state": "aggregated"}, PEOPLE),
        ({"state": ">= aggregated"}, PEOPLE),
        ({"state": "identified"}, BOTH),
        ({"state": {"none_of": ["aggregated"]}}, ORDERS),
        ({"owner": "team:sales"}, ORDERS),
        ({"owner": "team:*"}, BOTH),
        ({"owner": {"none_of": ["team:sales"]}}, PEOPLE),
        ({"subject": "employee"}, PEOPLE),
        ({"subject": {"any_of": ["customer", "employee"]}}, BOTH),
        ({"location": "warehouse"}, ORDERS),
        ({"location": {"all_of": ["export", "open"]}}, ORDERS),
        ({"location": {"none_of": ["vault"]}}, ORDERS),
        ({"environment": "vault"}, PEOPLE),
        ({"environment": {"any_of": ["export", "report"]}}, BOTH),
        ({"environment": {"none_of": ["vault"]}}, ORDERS),
        ({"tag": "core"}, ORDERS),
        ({"tag": {"any_of": ["core", "staff"]}}, BOTH),
        ({"region": "IE"}, ORDERS),
        ({"region": "EU"}, BOTH),  # every country of it
        ({"region": {"any_of": ["EEA"]}}, BOTH),
        ({"region": {"none_of": ["EU"]}}, NONE),
        ({"region": {"none_of": ["US", "FR"]}}, PEOPLE),
        ({"region": {"all_of": ["DE", "IE"]}}, ORDERS),
        ({"dataset": "hr.*", "classification": ">= restricted", "region": "EU"}, PEOPLE),
        ({"dataset": "hr.*", "tag": "core"}, NONE),  # all keys must hold
        ({"tag": {"any_of": ["core", "staff"], "none_of": ["staff"]}}, ORDERS),
    ],
    ids=_told,
)
def test_a_selector_matches_what_it_says(
    handbook: EffectivePolicy, selector: dict[str, object], expected: set[str]
) -> None:
    policy = handbook.policies["pii"].model_copy(
        update={"applies_to": Selector.model_validate(selector)}
    )
    effective = with_countries(policy, handbook.taxonomy).applies_to
    matched = {
        name
        for name, dataset in handbook.datasets.items()
        if matches(effective, Selectable(dataset))
    }
    assert matched == expected


def test_a_policy_for_a_group_of_countries_holds_at_a_place_in_one(
    handbook: EffectivePolicy,
) -> None:
    policy = handbook.policies["pii"].model_copy(
        update={"applies_to": Selector.model_validate({"region": {"none_of": ["EU"]}})}
    )
    selector = with_countries(policy, handbook.taxonomy).applies_to
    orders = handbook.datasets["sales.orders"]
    inside, outside = Place("export", "", region="IE"), Place("export", "", region="US")
    assert not matches(selector, Selectable(orders, None, inside))
    assert matches(selector, Selectable(orders, None, outside))


def test_a_state_comes_down_to_personal_fields_and_never_weakens(handbook: EffectivePolicy) -> None:
    fields = handbook.datasets["hr.people"].fields
    assert fields["row"].state is None, "no person, no state"
    assert fields["name"].state is State.AGGREGATED, "the dataset tightened its folder's"
    assert fields["email"].state == {"vault": State.ANONYMISED, "report": State.AGGREGATED}


def test_a_member_who_left_since_could_approve_on_that_day(handbook: EffectivePolicy) -> None:
    waiver = handbook.waivers["clear-export"]
    member = handbook.teams["sales"].members["user:bo@acme.example"]
    assert member.until == waiver.opened, "the last day counts, or the file would not load"


@pytest.mark.parametrize(
    ("instant", "zone", "lasts"),
    [
        ("2026-06-30T21:59:59", "Europe/Berlin", True),
        ("2026-06-30T22:00:00", "Europe/Berlin", False),  # midnight there
        ("2026-07-01T09:59:59", "Pacific/Honolulu", True),
        ("2026-06-30T10:00:00", "Pacific/Kiritimati", False),
        ("2026-06-30T23:59:59", "UTC", True),
    ],
)
def test_the_last_day_counts_to_its_end_in_the_zone_of_the_project(
    instant: str, zone: str, lasts: bool
) -> None:
    day = local_day(datetime.fromisoformat(instant).replace(tzinfo=UTC), zone)
    assert in_force(since=date(2026, 1, 1), until=date(2026, 6, 30), day=day) is lasts


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-03-28T23:30:00", date(2026, 3, 29)),  # the day of 23 hours begins
        ("2026-03-29T21:59:00", date(2026, 3, 29)),
        ("2026-03-29T22:00:00", date(2026, 3, 30)),
        ("2026-10-24T22:00:00", date(2026, 10, 25)),  # the day of 25 hours
        ("2026-10-25T22:59:00", date(2026, 10, 25)),
        ("2026-10-25T23:00:00", date(2026, 10, 26)),
    ],
)
def test_a_day_on_which_the_clocks_change_is_one_day(instant: str, expected: date) -> None:
    assert (
        local_day(datetime.fromisoformat(instant).replace(tzinfo=UTC), "Europe/Berlin") == expected
    )


@pytest.mark.parametrize(
    ("length", "opened", "last"),
    [
        ("1y", "2024-02-29", "2025-02-28"),
        ("4y", "2024-02-29", "2028-02-29"),
        ("365d", "2024-01-01", "2024-12-31"),
        ("1m", "2026-01-31", "2026-02-28"),
        ("30d", "9999-12-20", "9999-12-31"),
        ("9000y", "9000-01-01", "9999-12-31"),
    ],
)
def test_a_limit_counts_by_the_calendar_and_ends_with_it(
    length: str, opened: str, last: str
) -> None:
    after = Duration.parse(length).after(date.fromisoformat(opened))
    assert after == date.fromisoformat(last)
