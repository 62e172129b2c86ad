"""A table as shops have them: fourteen columns, synthetic, seeded, of any number of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

HEADER = (
    "id,uuid,first_name,last_name,email,phone,date_of_birth,street,city,card,iban,amount,"
    "created_at,note\n"
)
FIRST = [
    "Anna",
    "Bruno",
    "Carla",
    "David",
    "Elena",
    "Felix",
    "Greta",
    "Hugo",
    "Irene",
    "Jonas",
    "Karin",
    "Luis",
    "Maria",
    "Nils",
]
LAST = [
    "Weber",
    "Rossi",
    "Kowalski",
    "Moreau",
    "Jensen",
    "Novak",
    "Fischer",
    "Garcia",
    "Lindqvist",
    "Baker",
    "Yilmaz",
]
STREETS = ["Main", "Oak", "Park", "Hill", "Lake", "Mill", "Church", "Station"]
CITIES = ["Berlin", "Paris", "Madrid", "Rome", "Oslo", "Vienna", "Prague", "Warsaw"]
_BLOCK = 10_000


def write_table(path: Path, rows: int) -> None:
    """Write the table as CSV, about 270 bytes a row."""
    draw = np.random.default_rng(1)
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADER)
        for start in range(0, rows, _BLOCK):
            count = min(_BLOCK, rows - start)
            numbers = draw.integers(0, 10**9, (count, 6)).tolist()
            out.writelines(_row(start + n, each) for n, each in enumerate(numbers))


def _row(n: int, draw: list[int]) -> str:
    a, b, c, d, e, f = draw
    first, last = FIRST[a % len(FIRST)], LAST[b % len(LAST)]
    token = f"{a:09x}{b:09x}{c:09x}{d:09x}"
    note = "asked about the delivery and will call back on Monday"
    if e % 50 == 0:
        note = f"write to {first.lower()}{n}@example.org about the refund"
    cells = (
        str(n),
        f"{token[:8]}-{token[8:12]}-4{token[12:15]}-8{token[15:18]}-{token[18:30]}",
        first,
        last,
        f"{first}.{last}{n}@example.org".lower(),
        f"+1 202 555 {b % 10_000:04d}",
        f"{1940 + c % 65}-{1 + d % 12:02d}-{1 + e % 28:02d}",
        f"{1 + f % 200} {STREETS[c % len(STREETS)]} Street",
        CITIES[d % len(CITIES)],
        _card(f"4000{a:09d}{b % 100:02d}"),
        _iban(f"{c:09d}{d:09d}"),
        f"{a % 100_000 / 100:.2f}",
        f"2026-{1 + b % 12:02d}-{1 + c % 28:02d}T{d % 24:02d}:{e % 60:02d}:{f % 60:02d}Z",
        note,
    )
    return ",".join(cells) + "\n"


def _card(digits: str) -> str:
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return f"{digits}{-sum(n // 10 + n % 10 for n in doubled) % 10}"


def _iban(account: str) -> str:
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"
