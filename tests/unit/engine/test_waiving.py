"""Waivers on the days that matter: the last one elsewhere, the leap day, a clock that is moved."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from governance.engine.triage import apply_waivers, waiver_state
from governance.engine.waiving import Covered, due, new_id, standings
from governance.model.clock import local_day
from governance.model.documents import Waiver
from governance.model.ladders import Duration
from governance.model.outcome import Status
from governance.model.run import WaiverState
from tests.unit.engine.test_triage import failure, policy


def waiver(id: str = "w", *, opened: str = "2026-01-01", expires: str) -> Waiver:
    return Waiver.model_validate(
        {
            "apiVersion": "governance/v1",
            "kind": "Waiver",
            "author": "user:author@example.org",
            "id": id,
            "control": "pii-declared",
            "target": {"dataset": "orders"},
            "reason": "migration under way",
            "approved_by": ["user:dpo@example.org"],
            "opened": date.fromisoformat(opened),
            "expires": date.fromisoformat(expires),
        }
    )


@pytest.mark.parametrize(
    ("zone", "last_instant"),
    [
        ("UTC", "2026-11-30T23:59:59+00:00"),
        ("Pacific/Kiritimati", "2026-11-30T09:59:59+00:00"),
        ("Pacific/Pago_Pago", "2026-12-01T10:59:59+00:00"),
        ("Asia/Kathmandu", "2026-11-30T18:14:59+00:00"),
    ],
)
def test_the_last_day_is_that_of_the_projects_time_zone(zone: str, last_instant: str) -> None:
    covering = policy(waiver(expires="2026-11-30"))
    last = datetime.fromisoformat(last_instant)
    over = datetime.fromtimestamp(last.timestamp() + 1, UTC)
    for instant, status in ((last, Status.WAIVED), (over, Status.FAIL)):
        outcomes, _ = apply_waivers([failure()], covering, local_day(instant, zone))
        assert outcomes[0].status is status


@pytest.mark.parametrize(
    ("zone", "last_instant", "expires"),
    [
        # The night in which Berlin has 25 hours, and the one in which it has 23.
        ("Europe/Berlin", "2026-10-25T22:59:59+00:00", "2026-10-25"),
        ("Europe/Berlin", "2026-03-29T21:59:59+00:00", "2026-03-29"),
        # Where the clock jumps over midnight itself.
        ("America/Santiago", "2026-09-06T03:59:59+00:00", "2026-09-05"),
        ("Europe/Berlin", "2028-02-29T22:59:59+00:00", "2028-02-29"),
    ],
)
def test_a_day_of_23_or_25_hours_and_the_leap_day_count_to_their_end(
    zone: str, last_instant: str, expires: str
) -> None:
    last = datetime.fromisoformat(last_instant)
    over = datetime.fromtimestamp(last.timestamp() + 1, UTC)
    one = waiver(expires=expires)
    assert waiver_state(one, local_day(last, zone), 1) is WaiverState.ACTIVE
    assert waiver_state(one, local_day(over, zone), 1) is WaiverState.EXPIRED


def test_a_year_from_the_leap_day_ends_on_the_last_of_february() -> None:
    limited = policy(waiver(opened="2028-02-29", expires="2029-03-01"))
    limits = limited.project.limits.model_copy(
        update={"waiver_max": {"high": Duration.parse("1y")}}
    )
    project = limited.project.model_copy(update={"limits": limits})
    for expires, status in (("2029-02-28", Status.WAIVED), ("2029-03-01", Status.FAIL)):
        covering = policy(waiver(opened="2028-02-29", expires=expires))
        object.__setattr__(covering, "project", project)
        outcomes, _ = apply_waivers([failure()], covering, date(2028, 3, 1))
        assert outcomes[0].status is status


def test_states_and_days_left() -> None:
    today = date(2026, 11, 25)
    rows = standings(
        policy(
            waiver("over", expires="2026-11-24"),
            waiver("today", expires="2026-11-25"),
            waiver("soon", expires="2026-12-25"),
            waiver("later", opened="2026-11-26", expires="2027-06-01"),
        ),
        None,
        today,
    )
    assert [(row.waiver.id, row.state.value, row.days_left) for row in rows] == [
        ("over", "expired", -1),
        ("today", "active", 0),
        ("soon", "active", 30),
        ("later", "future", 188),
    ]
    assert waiver_state(waiver(expires="2026-12-01"), today, 0) is WaiverState.UNUSED
    within = [row.waiver.id for row in due(rows, Duration.parse("30d"), today)]
    assert within == ["over", "today", "soon"]
    assert [r.waiver.id for r in due(rows, Duration.parse("29d"), today)] == ["over", "today"]
    assert len(due(rows, Duration.parse("9999y"), today)) == 4


def test_a_new_id_is_a_name_that_no_other_waiver_has() -> None:
    covered = Covered("pii-declared", None, "sales.orders", "E-Mail [2]", "Export")
    first = new_id(covered, ())
    assert first == "pii-declared-sales-orders-export-e-mail-2"
    assert new_id(covered, [first, f"{first}-2"]) == f"{first}-3"
    assert new_id(Covered("x", None, "数据"), ()) == "x"
