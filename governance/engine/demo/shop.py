"""The shop's database: customers, orders, payments, products, and a table nobody declared."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from random import Random

from governance.engine.demo import identifiers as ids
from governance.engine.demo import words
from governance.engine.demo.people import Person, days_back, dice, make_people, pick, weighted

CUSTOMERS, ORDERS, PAYMENTS, PRODUCTS = 8_000, 30_000, 5_000, 600
_OLD_CUSTOMERS = 120
_CARD_NOTES = 12
_NINE_YEARS = 9 * 365

_TABLES = {
    "customers": (
        "customer_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT, "
        "phone TEXT, street TEXT, postcode TEXT, city TEXT, country TEXT, birth_date TEXT, "
        "loyalty_tier TEXT, created_at TEXT"
    ),
    "orders": (
        "order_id INTEGER PRIMARY KEY, customer_id INTEGER, order_ts TEXT, status TEXT, "
        "items INTEGER, total_eur REAL, channel TEXT, ship_country TEXT, carrier_ref TEXT"
    ),
    "payments": (
        "payment_id INTEGER PRIMARY KEY, order_id INTEGER, method TEXT, iban TEXT, "
        "amount_eur REAL, paid_at TEXT, note TEXT"
    ),
    "products": (
        "sku TEXT PRIMARY KEY, name TEXT, range TEXT, ean TEXT, price_eur REAL, "
        "stock INTEGER, weight_g INTEGER, updated_at TEXT"
    ),
    "customers_backup_2024": (
        "customer_id INTEGER, first_name TEXT, last_name TEXT, email TEXT, phone TEXT"
    ),
}


def customers(today: date) -> tuple[Person, ...]:
    """Return the shop's customers; exports and tickets are about the same people."""
    return tuple(make_people("customers", CUSTOMERS, today=today))


def write_database(path: Path, people: Sequence[Person], *, today: date) -> None:
    """Write the database file anew.

    Planted: a dozen card numbers in ``payments.note``, and the whole table
    ``customers_backup_2024``.
    """
    rows = {
        "customers": _customer_rows(people, today),
        "orders": _order_rows(people, today),
        "payments": _payment_rows(today),
        "products": _product_rows(today),
        "customers_backup_2024": _backup_rows(people),
    }
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        for table, columns in _TABLES.items():
            database.execute(f"CREATE TABLE {table} ({columns})")
            holes = ", ".join("?" * (columns.count(",") + 1))
            database.executemany(f"INSERT INTO {table} VALUES ({holes})", rows[table])  # noqa: S608 (our own names)
        database.commit()


def _customer_rows(people: Sequence[Person], today: date) -> Iterator[tuple[object, ...]]:
    rng = dice("customers.rows")
    tiers = (("none", 70), ("linen", 22), ("velvet", 8))
    for person in people:
        born = person.born.isoformat() if rng.random() < 0.6 else None
        since = _moment(rng, days_back(rng, today, 1, _NINE_YEARS))
        yield (
            *(person.number, person.first_name, person.last_name, person.email, person.phone),
            *(person.street, person.postcode, person.city, person.country, born),
            *(weighted(rng, tiers), since),
        )


def _order_rows(people: Sequence[Person], today: date) -> Iterator[tuple[object, ...]]:
    rng = dice("orders")
    states = (("delivered", 88), ("returned", 9), ("cancelled", 3))
    days = sorted(rng.randrange(1, _NINE_YEARS) for _ in range(ORDERS))
    for index, ago in enumerate(reversed(days)):
        person = rng.choice(people)
        yield (
            *(100_000 + index, person.number, _moment(rng, days_back(rng, today, ago, ago))),
            *(weighted(rng, states), rng.randint(1, 9), _amount(rng)),
            *(weighted(rng, (("web", 70), ("app", 30))), person.country),
            f"HF{rng.randrange(10**12):012d}",
        )


def _payment_rows(today: date) -> Iterator[tuple[object, ...]]:
    rng = dice("payments")
    with_card = pick(rng, _CARD_NOTES, PAYMENTS)
    methods = (("direct_debit", 35), ("card", 40), ("invoice", 25))
    notes = ("", "", "", "", "paid in two parts", "refund after return", "reminder sent")
    days = sorted(rng.randrange(1, 3 * 365) for _ in range(PAYMENTS))
    for index, ago in enumerate(reversed(days)):
        method = "card" if index in with_card else weighted(rng, methods)
        note: str | None = rng.choice(notes) or None
        if index in with_card:
            note = f"customer rang, new card {ids.card_number(rng)}, charge again"
        yield (
            *(500_000 + index, 100_000 + rng.randrange(ORDERS), method),
            ids.iban(rng) if method == "direct_debit" else None,
            *(_amount(rng), _moment(rng, days_back(rng, today, ago, ago)), note),
        )


def _product_rows(today: date) -> Iterator[tuple[object, ...]]:
    rng = dice("products")
    for index in range(PRODUCTS):
        kind = rng.choice(words.RANGES)
        series, colour = rng.choice(words.SERIES), rng.choice(words.COLOURS)
        yield (
            *(f"HF-{index:05d}", f"{series} {kind}, {colour}", kind, _barcode(rng)),
            *(_amount(rng), rng.randrange(0, 400), rng.randrange(80, 6000)),
            days_back(rng, today, 1, 700).isoformat(),
        )


def _backup_rows(people: Sequence[Person]) -> Iterator[tuple[object, ...]]:
    for person in people[:_OLD_CUSTOMERS]:
        yield (person.number, person.first_name, person.last_name, person.email, person.phone)


def _moment(rng: Random, day: date) -> str:
    """Return a time of that day as the database writes it."""
    return f"{day} {rng.randrange(24):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}"


def _amount(rng: Random) -> float:
    return round(rng.uniform(8, 320), 2)


def _barcode(rng: Random) -> str:
    """Return an EAN-13 of the German prefix range. Source: ISO/IEC 15420."""
    body = f"40{rng.randrange(10**10):010d}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(body))
    return f"{body}{-total % 10}"
