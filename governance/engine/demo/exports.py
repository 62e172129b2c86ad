"""The Parquet exports for analytics, which ought to name nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random

from governance.engine.demo import identifiers as ids
from governance.engine.demo import words
from governance.engine.demo.people import Person, days_back, dice, pick, weighted

EXPORTED = 20_000
_CLEAR_MAILS, _CLEAR_PHONES, _GIFTS = 40, 15, 260
_MONTHS = (("2026-08", 100), ("2026-09", 70), ("2026-10", 40))

Columns = dict[str, list[object]]


def write_orders_export(data: Path, people: Sequence[Person], *, today: date) -> None:
    """Write three monthly files of the order export.

    Planted: 40 of 20,000 e-mail addresses and 15 telephone numbers in clear, and a column
    ``giftee_email`` that nobody declared.
    """
    rng = dice("orders_export")
    clear_mails, clear_phones = (
        pick(rng, _CLEAR_MAILS, EXPORTED),
        pick(rng, _CLEAR_PHONES, EXPORTED),
    )
    gifts = pick(rng, _GIFTS, EXPORTED)
    bounds = [EXPORTED * part // len(_MONTHS) for part in range(len(_MONTHS) + 1)]
    for (month, ago), start, end in zip(_MONTHS, bounds, bounds[1:], strict=False):
        rows = []
        for index in range(start, end):
            person = rng.choice(people)
            row = _export_row(rng, person, month)
            row["email_token"] = person.email if index in clear_mails else ids.token(person.email)
            if index in clear_phones:
                row["phone_masked"] = person.phone
            row["giftee_email"] = rng.choice(people).email if index in gifts else None
            row["exported_on"] = days_back(rng, today, ago, ago)
            rows.append(row)
        _write(data / f"export/orders/orders-{month}.parquet", _columns(rows))


def write_broken_returns(data: Path, *, today: date) -> None:
    """Write a returns export whose upload broke off: its end, and so its index, is missing."""
    rng = dice("returns_export")
    rows: list[dict[str, object]] = [
        {
            "order_ref": ids.hex_id(rng, 16),
            "sku": f"HF-{rng.randrange(600):05d}",
            "reason": rng.choice(("colour", "size", "quality", "late")),
            "returned_on": days_back(rng, today, 54, 145),
        }
        for _ in range(4_000)
    ]
    path = data / "export/returns/returns-2026-q3.parquet"
    _write(path, _columns(rows))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 3 // 5])


def _export_row(rng: Random, person: Person, month: str) -> dict[str, object]:
    return {
        "order_ref": ids.hex_id(rng, 16),
        "customer_token": ids.token(str(person.number)),
        "email_token": None,
        "phone_masked": ids.masked_phone(person.phone),
        "postcode_area": person.postcode[:2],
        "order_month": month,
        "range": rng.choice(words.RANGES),
        "items": rng.randint(1, 9),
        "total_eur": round(rng.uniform(8, 320), 2),
        "channel": weighted(rng, (("web", 70), ("app", 30))),
    }


def _columns(rows: Sequence[dict[str, object]]) -> Columns:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _write(path: Path, columns: Columns) -> None:
    import pyarrow as pa  # heavy, and needed only where a demo is written
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
