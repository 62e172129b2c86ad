"""Dates are told where people write sentences; columns of dates and stamps stay silent."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from governance.detectors.conclude import conclude
from governance.detectors.dates import dates_in
from governance.detectors.examine import EMPTY, Examiner
from governance.model.facts import EntityFacts

KEY = b"a workspace's secret of 32 bytes"


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("Seen on 2021-03-05 in the clinic", ["2021-03-05"]),
        ("Gesehen am 5. März 2021 in der Praxis", ["5. März 2021"]),
        ("Vu le 1er janvier 2020 à 14h30 par elle", ["1er janvier 2020 à 14h30"]),
        ("Visto el 3 de mayo de 2019 en la clínica", ["3 de mayo de 2019"]),
        ("from 2020-01-01 to 2021-12-31", ["2020-01-01", "2021-12-31"]),
        ("2024-01-01T10:00:00Z INFO booked for 2024-05-01 at the desk", ["2024-05-01"]),
        ("level=info ts=2024-01-01T10:00:00Z msg=done by me", []),
        ('{"level": "info", "ts": "2024-01-01 10:00:00", "msg": "done"}', []),
        ("10.0.0.1 - me [10/Oct/2000:13:55:36 -0700] GET of it", []),
        ("we wrote 5/21 of it in /data/2024/01/15 and v1.2.2024x", []),
        ("Nothing on 31/02/2020 or 2020-13-45", []),
        ("2024-01-01 10:00:00", []),
    ],
)
def test_a_text_tells_its_dates_and_no_stamp(text: str, dates: list[str]) -> None:
    assert [text[each.start : each.end] for each in dates_in(text)] == dates


def test_dates_of_a_text_are_content_and_never_a_verdict(examined: Any) -> None:
    texts = [f"The {n}th visit took place on 2021-03-{n:02} in town" for n in range(1, 25)]
    days = [f"2021-03-{n:02} 10:00:00" for n in range(1, 25)]
    facts = examined({"note": texts, "created_at": days, "c3": [day[:10] for day in days]})
    assert [field.verdict for field in facts.values()] == [None] * 3
    assert [item.entity for item in facts["note"].contains] == ["DATE_TIME"]
    assert facts["note"].contains[0].rows == 24
    assert not facts["created_at"].contains and not facts["c3"].contains


def test_a_date_of_birth_is_told_once(examined: Any) -> None:
    facts = examined({"note": ["She was born on 1980-03-15 in Rome", "Nothing else to be said"]})
    assert [item.entity for item in facts["note"].contains] == ["DATE_OF_BIRTH"]


def test_batches_and_their_order_do_not_change_the_dates() -> None:
    texts = [f"Visit number {n} was on {1990 + n % 30}-03-05 in town" for n in range(3000)]

    def told(batches: list[list[str]]) -> tuple[EntityFacts, ...]:
        examiner = Examiner(countries=(), patterns={}, key=KEY)
        evidence, row = EMPTY, 1
        for batch in batches:
            table = pa.record_batch([pa.array(batch)], names=["note"])
            evidence = evidence.merge(examiner.examine(table, row))
            row += len(batch)
        return conclude(evidence.merge(examiner.finish()))[0].contains

    assert told([texts]) == told([texts[:7], texts[7:1000], texts[1000:]])
