"""What each part of an access rule and of a grant means, one access at a time."""

from __future__ import annotations

from datetime import datetime

import pytest

from governance.controls.permits import Permits
from governance.model.facts import AccessUse

ANA, BO, CY, ETL = (
    "user:ana@example.org",
    "user:bo@example.org",
    "user:cy@example.org",
    "service:etl",
)


@pytest.fixture
def answer(build):
    """Judge one access under one rule, or under some documents."""

    def judge(rule=None, documents=(), project=None, dataset=None, **told):
        rules = {"kind": "Policy", "id": "use", "owner": "team:sales", "rules": {"r": rule}}
        case = {"documents": [*([rules] if rule else []), *documents], "project": project or {},
                "dataset": dataset or {}}  # fmt: skip
        _, world = build(case)
        use = AccessUse(
            log="etl.orders/access",
            actor=told.get("who", ANA),
            action=told.get("action", "read"),
            dataset="sales.orders",
            declared=True,
            purpose=told.get("purpose", "billing"),
            network=told.get("network"),
            region=told.get("region"),
            minute=datetime.fromisoformat(told.get("at", "2026-06-10T10:00+00:00")),
            count=1,
            lines=(1,),
            last=datetime.fromisoformat(told["last"]) if "last" in told else None,
            fields=tuple(told.get("fields", ())),
            place=told.get("place"),
        )
        return Permits(world.policy, world.policy.datasets["sales.orders"]).decide(use)

    return judge


@pytest.mark.parametrize(
    ("to", "allowed"),
    [
        (ANA, {ANA}),
        ("team:sales", {ANA}),  # bo has left it in March
        ("role:pipeline", {ETL}),
        ("service:etl", {ETL}),
        ("anyone", {ANA, BO, CY, ETL}),
        ("user:*", {ANA, BO, CY}),
        ({"any_of": ["team:sales", "team:platform"], "none_of": [CY]}, {ANA, ETL}),
        ({"all_of": ["team:sales", "role:analyst"]}, {ANA}),
    ],
)
def test_principals_are_people_services_teams_and_roles_of_that_day(answer, to, allowed):
    rule = {"allow": ["read"], "to": to}
    found = {who for who in (ANA, BO, CY, ETL) if answer(rule, who=who).answer.name == "ALLOWED"}
    assert found == allowed


def test_who_left_was_a_member_on_the_last_day(answer):
    rule = {"allow": ["read"], "to": "team:sales"}
    last = answer(rule, who=BO, at="2026-03-31T21:59+00:00", project={"timezone": "Europe/Berlin"})
    after = answer(rule, who=BO, at="2026-03-31T22:00+00:00", project={"timezone": "Europe/Berlin"})
    assert (last.answer.name, after.answer.name) == ("ALLOWED", "DENIED")


@pytest.mark.parametrize(
    ("wanted", "purpose", "expected"),
    [
        ("analytics", "analytics.product", "ALLOWED"),
        ("analytics.product", "analytics", "DENIED"),
        ("analytics", "analytics_two", "DENIED"),
        ("dataset.purposes", "billing", "ALLOWED"),
        ("dataset.purposes", "analytics.product", "DENIED"),
        ({"none_of": ["marketing"]}, "marketing.ads", "DENIED"),
        ({"none_of": ["marketing"]}, "billing", "ALLOWED"),
        ("billing", None, "UNDECIDED"),
    ],
)
def test_a_purpose_holds_for_everything_below_it(answer, wanted, purpose, expected):
    rule = {"allow": ["read"], "to": "anyone", "for": wanted}
    assert answer(rule, purpose=purpose).answer.name == expected


@pytest.mark.parametrize(
    ("when", "at", "expected"),
    [
        # 2026-03-29 in Berlin: clocks go from 01:59 to 03:00. 2026-10-25: from 02:59 to 02:00.
        ({"hours": "03:00-04:00"}, "2026-03-29T01:00+00:00", "ALLOWED"),
        ({"hours": "02:00-03:00"}, "2026-03-29T01:00+00:00", "LATE"),
        ({"hours": "02:00-03:00"}, "2026-10-25T00:30+00:00", "ALLOWED"),
        ({"hours": "02:00-03:00"}, "2026-10-25T01:30+00:00", "ALLOWED"),
        ({"hours": "02:00-03:00"}, "2026-10-25T02:00+00:00", "LATE"),
        ({"days": "sun", "hours": "22:00-03:30"}, "2026-03-29T22:30+00:00", "ALLOWED"),
        ({"days": "sun", "hours": "22:00-03:30"}, "2026-03-29T01:10+00:00", "LATE"),
        ({"days": "sat", "hours": "22:00-03:30"}, "2026-03-29T01:10+00:00", "ALLOWED"),
        ({"days": "mon"}, "2026-06-14T22:00+00:00", "ALLOWED"),
        ({"hours": "00:00-24:00"}, "2026-06-14T21:59+00:00", "ALLOWED"),
    ],
)
def test_windows_are_meant_in_the_zone_of_the_project(answer, when, at, expected):
    rule = {"allow": ["read"], "to": "anyone", "when": when}
    assert answer(rule, at=at, project={"timezone": "Europe/Berlin"}).answer.name == expected


@pytest.mark.parametrize(
    ("origin", "told", "expected"),
    [
        ({"network": ["10.0.0.0/8"]}, {"network": "10.255.255.255"}, "ALLOWED"),
        ({"network": ["10.0.0.0/8"]}, {"network": "11.0.0.0"}, "DENIED"),
        ({"network": ["2001:db8::/32"]}, {"network": "2001:db8:ffff::1"}, "ALLOWED"),
        ({"network": ["2001:db8::/32"]}, {"network": "10.0.0.1"}, "DENIED"),
        ({"network": ["10.1.0.0/16"]}, {"network": "10.0.0.0/8"}, "UNDECIDED"),
        ({"network": ["10.0.0.0/8"]}, {}, "UNDECIDED"),
        ({"region": ["EU"]}, {"region": "IE"}, "ALLOWED"),
        ({"region": ["EU"]}, {"region": "EU"}, "ALLOWED"),
        ({"region": ["EU"]}, {"region": "US"}, "DENIED"),
        ({"region": ["EU"]}, {}, "UNDECIDED"),
        ({"region": ["EU"], "network": ["10.0.0.0/8"]}, {"region": "US"}, "DENIED"),
    ],
)
def test_networks_and_regions_must_both_hold(answer, origin, told, expected):
    rule = {"allow": ["read"], "to": "anyone", "from": origin}
    assert answer(rule, **told).answer.name == expected


def test_what_may_be_forbidden_is_not_allowed(answer):
    everyone = {"kind": "Policy", "id": "all", "owner": "team:sales",
                "rules": {"r": {"allow": ["read"], "to": "anyone"}}}  # fmt: skip
    deny = {"deny": ["read"], "for": "marketing.ads"}
    open_one = answer(deny, [everyone], purpose=None)
    assert (open_one.answer.name, open_one.by) == ("UNDECIDED", "use.r")
    assert answer(deny, [everyone]).answer.name == "ALLOWED"
    assert answer(deny, [everyone], purpose="marketing.ads").by == "use.r"
    assert answer(deny, purpose=None).answer.name == "DENIED"


def grant(**changes):
    told = {"kind": "Grant", "id": "g", "dataset": "sales.orders", "to": CY, "actions": ["read"],
            "starts": "2026-06-01", "ends": "2026-06-12", "approved_by": [ANA]}  # fmt: skip
    return {**told, **changes}


@pytest.mark.parametrize(
    ("changes", "told", "expected"),
    [
        ({}, {"at": "2026-06-01T00:00+00:00"}, "ALLOWED"),
        ({}, {"at": "2026-06-12T23:59+00:00"}, "ALLOWED"),
        ({}, {"at": "2026-05-31T23:59+00:00"}, "LATE"),
        ({}, {"at": "2026-06-13T00:00+00:00"}, "LATE"),
        ({}, {"who": ANA}, "DENIED"),
        ({}, {"action": "export"}, "DENIED"),
        ({"to": "team:platform"}, {"who": ETL}, "ALLOWED"),
        ({"purpose": "analytics"}, {"purpose": "analytics.product"}, "ALLOWED"),
        ({"purpose": "analytics"}, {"purpose": None}, "UNDECIDED"),
        ({}, {"purpose": "marketing.ads"}, "DENIED"),  # no purpose of the dataset
        ({}, {"purpose": None}, "ALLOWED"),
        ({"fields": ["order_id"]}, {"fields": ["order_id"]}, "ALLOWED"),
        ({"fields": ["order_id"]}, {"fields": ["email", "order_id"]}, "DENIED"),
        ({"fields": ["order_*"]}, {"fields": ["order_id"]}, "ALLOWED"),
        ({"fields": ["order_id"]}, {}, "UNDECIDED"),
    ],
)
def test_a_grant_permits_what_it_says_and_no_more(answer, changes, told, expected):
    assert answer(None, [grant(**changes)], **{"who": CY, **told}).answer.name == expected


def test_the_last_day_of_a_grant_is_one_of_the_project_zone(answer):
    west = {"timezone": "America/Los_Angeles"}
    told = {"who": CY, "project": west}
    assert answer(None, [grant()], at="2026-06-13T06:59+00:00", **told).answer.name == "ALLOWED"
    assert answer(None, [grant()], at="2026-06-13T07:00+00:00", **told).answer.name == "LATE"


def test_columns_are_judged_one_by_one_and_the_worst_decides(answer):
    hidden = {"kind": "Policy", "id": "mail", "owner": "team:sales",
              "applies_to": {"category": "user.contact"},
              "rules": {"no": {"deny": ["read"]}}}  # fmt: skip
    rule = {"allow": ["read"], "to": "anyone"}
    assert answer(rule, [hidden], fields=["order_id"]).answer.name == "ALLOWED"
    both = answer(rule, [hidden], fields=["order_id", "email"])
    assert (both.answer.name, both.by, both.field) == ("DENIED", "mail.no", "email")
    # A log that names no column, or one that nobody declared, may mean any.
    assert answer(rule, [hidden]).answer.name == "DENIED"
    assert answer(rule, [hidden], fields=["undeclared"]).answer.name == "DENIED"


def test_a_rule_for_an_environment_concerns_the_places_in_it(answer):
    locations = {"shop": {"path": "orders.csv", "environment": "production"},
                 "copy": {"path": "copy.csv", "environment": "test"}}  # fmt: skip
    narrow = {"kind": "Policy", "id": "test", "owner": "team:sales",
              "applies_to": {"environment": "test"},
              "rules": {"all": {"allow": ["read"], "to": "anyone"}}}  # fmt: skip
    told = {"dataset": {"locations": locations}}
    assert answer(None, [narrow], place="copy", **told).answer.name == "ALLOWED"
    assert answer(None, [narrow], place="shop", **told).answer.name == "DENIED"
    assert answer(None, [narrow], **told).answer.name == "ALLOWED"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [("07:00-20:00", "ALLOWED"), ("07:00-09:00", "LATE"), ("07:00-10:30", "UNDECIDED"),
     ("10:15-10:30", "UNDECIDED"), ("22:00-06:00", "LATE")],
)  # fmt: skip
def test_accesses_counted_by_the_hour_are_open_where_a_window_ends_within_it(
    answer, hours, expected
):
    rule = {"allow": ["read"], "to": "anyone", "when": {"hours": hours}}
    found = answer(rule, at="2026-06-10T10:00+00:00", last="2026-06-10T10:45+00:00")
    assert found.answer.name == expected
