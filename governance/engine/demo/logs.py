"""Three months of pipeline text logs, and what slipped into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from governance.engine.demo import identifiers as ids
from governance.engine.demo.people import Person, dice

DAYS = 91
_BATCHES = 37
_MAIL_DAYS = frozenset({12, 13, 40, 41, 42, 66, 67, 80, 81})

_JOBS: Mapping[str, tuple[str, ...]] = {
    "etl-orders": ("shop.orders", "shop.customers", "finance.payments"),
    "etl-crm": ("crm.contacts", "support.tickets"),
    "etl-export": ("analytics.orders_export", "analytics.returns_export"),
    "etl-newsletter": ("marketing.newsletter", "marketing.audience"),
}
_STEPS = (
    "INFO  batch {batch:03d} of {table}: {rows} rows in {ms} ms",
    "INFO  batch {batch:03d} of {table}: checksum {digest}",
    "DEBUG cache hit ratio 0.{ratio:02d} for {table}",
    "DEBUG wrote part-{batch:05d}.tmp ({bytes} bytes)",
    "WARN  batch {batch:03d} of {table}: retry 1 after timeout of 3000 ms",
)
# Published by Amazon as the key of its examples; it opens nothing.
_EXAMPLE_KEY = "AKIAIOSFODNN7EXAMPLE"


def write_text_logs(logs: Path, people: Sequence[Person], *, today: date) -> None:
    """Write one log a month for each of four jobs, the last day being yesterday.

    Planted: e-mail addresses in nine lines of etl-orders, an access key in one line of
    etl-crm, a password within a connection address in three lines of etl-export. The log of
    etl-newsletter is clean.
    """
    logs.mkdir(parents=True, exist_ok=True)
    for job, tables in _JOBS.items():
        rng = dice(f"log:{job}")
        months: dict[str, list[str]] = {}
        for index in range(DAYS):
            day = today - timedelta(days=DAYS - index)
            lines = [*_night(rng, job, tables, day), *_slips(rng, job, people, index, day)]
            months.setdefault(f"{day:%Y-%m}", []).extend(lines)
        for month, lines in months.items():
            text = "".join(f"{line}\n" for line in lines)
            (logs / f"{job}-{month}.log").write_text(text, encoding="utf-8")


def _night(rng: Random, job: str, tables: Sequence[str], day: date) -> Iterator[str]:
    run = ids.hex_id(rng, 32)
    run_id = "-".join((run[:8], run[8:12], run[12:16], run[16:20], run[20:]))
    yield _line(rng, day, 0, f"INFO  {job} 3.14.2 starting, run {run_id}")
    yield _line(rng, day, 0, "INFO  connected to warehouse.internal:5432, schema version 41")
    for batch in range(_BATCHES):
        step = rng.choices(_STEPS, weights=(60, 15, 12, 12, 1))[0]
        message = step.format(
            batch=batch,
            table=rng.choice(tables),
            rows=rng.randrange(100, 5000),
            ms=rng.randrange(20, 4000),
            digest=ids.hex_id(rng, 8),
            ratio=rng.randrange(50, 99),
            bytes=rng.randrange(10_000, 9_000_000),
        )
        yield _line(rng, day, batch + 1, message)
    yield _line(rng, day, _BATCHES + 1, f"INFO  {job} finished, run {run_id}, exit code 0")


def _slips(rng: Random, job: str, people: Sequence[Person], index: int, day: date) -> Iterator[str]:
    if job == "etl-orders" and index in _MAIL_DAYS:
        mail = rng.choice(people).email
        order = 100_000 + rng.randrange(30_000)
        yield _line(
            rng, day, 50, f"WARN  order {order}: address of {mail} has no postcode, skipped"
        )
    if job == "etl-crm" and index == 58:
        yield _line(
            rng, day, 50, f"DEBUG env AWS_ACCESS_KEY_ID={_EXAMPLE_KEY} AWS_REGION=eu-west-1"
        )
    if job == "etl-export" and index in (20, 21, 22):
        address = "postgresql://etl_export:Herbst-Laub-7@warehouse.internal:5432/lake"
        yield _line(rng, day, 50, f"ERROR could not connect to {address}: connection refused")


def _line(rng: Random, day: date, minute: int, message: str) -> str:
    moment = datetime.combine(day, time(1, 10)) + timedelta(
        minutes=minute, seconds=rng.randrange(60), milliseconds=rng.randrange(1000)
    )
    return f"{moment.isoformat(timespec='milliseconds')}Z {message}"
