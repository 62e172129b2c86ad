"""Runs stand in the order in which they ran, whatever clock they were given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from governance.engine.earlier import Earlier

ENDED = datetime(2026, 11, 23, 10, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "behind"),
    [
        (ENDED - timedelta(minutes=2), ENDED + timedelta(microseconds=1)),
        (ENDED, ENDED + timedelta(microseconds=1)),
        (ENDED + timedelta(seconds=1), ENDED + timedelta(seconds=1)),
        (datetime(2026, 11, 23, tzinfo=UTC), ENDED + timedelta(microseconds=1)),
        (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), datetime(2026, 11, 22, 23, 59, tzinfo=UTC)),
        (
            datetime(2026, 11, 23, 1, tzinfo=timezone(timedelta(hours=2))),  # the day before in UTC
            datetime(2026, 11, 22, 23, tzinfo=UTC),
        ),
    ],
)
def test_a_run_of_the_same_day_ends_behind_the_one_before(now: datetime, behind: datetime) -> None:
    assert Earlier(ended=ENDED).behind(now) == behind
    assert Earlier().behind(now) == now
