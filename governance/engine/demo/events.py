"""Who accessed what, and which job read which dataset: access log and lineage events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from governance.engine.demo import identifiers as ids
from governance.engine.demo.people import dice

DAYS = 91
_BERLIN = ZoneInfo("Europe/Berlin")
_OFFICE, _PEOPLE_OFFICE, _ELSEWHERE = "10.20", "10.30", "203.0.113.54"
_PRODUCER = "https://airflow.example.org"
_COLUMN_SCHEMA = "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json"
_SCHEMA = "https://openlineage.io/spec/1-0-5/OpenLineage.json"


@dataclass(frozen=True, slots=True)
class Habit:
    """What somebody does again and again.

    Args:
        days: How many days before today the habit begins and ends, both included.
        weight: How often, compared with the others.
    """

    who: str
    action: str
    dataset: str
    purpose: str
    weight: int = 1
    days: tuple[int, int] = (DAYS, 1)


@dataclass(frozen=True, slots=True)
class Slip:
    """A planted access: on which days back, at what local hour, from where."""

    who: str
    action: str
    dataset: str
    purpose: str
    days: tuple[int, ...]
    hour: int = 11
    address: str | None = None


_PEOPLE = (
    Habit("ana.keller", "read", "shop.customers", "order_fulfilment", 6),
    Habit("ana.keller", "read", "shop.orders", "order_fulfilment", 9),
    Habit("bo.lindgren", "write", "shop.products", "order_fulfilment", 4),
    Habit("bo.lindgren", "read", "shop.orders", "order_fulfilment", 9),
    Habit("ines.moreau", "read", "shop.customers", "order_fulfilment", 8),
    Habit("ines.moreau", "write", "crm.contacts", "customer_care", 5),
    Habit("jonas.pfeil", "read", "shop.orders", "order_fulfilment", 6, (DAYS, 84)),
    Habit("carla.voss", "read", "support.tickets", "customer_care", 9),
    Habit("deniz.aydin", "write", "support.tickets", "customer_care", 14),
    Habit("deniz.aydin", "read", "shop.customers", "customer_care", 7),
    Habit("emil.hartwig", "write", "support.tickets", "customer_care", 14),
    Habit("hanna.roth", "read", "finance.payments", "billing", 7),
    Habit("igor.santos", "write", "finance.payments", "billing", 8),
    Habit("igor.santos", "read", "shop.orders", "billing", 4),
    Habit("vera.stolz", "read", "finance.payments", "billing", 2, (80, 3)),
    Habit("femke.dahl", "read", "marketing.newsletter", "marketing.newsletter", 3),
    Habit("gus.ferrand", "export", "marketing.newsletter", "marketing.newsletter", 1),
    Habit("gus.ferrand", "read", "marketing.survey", "analytics.product", 2),
    Habit("wim.debakker", "read", "marketing.newsletter", "marketing.newsletter", 2, (DAYS, 60)),
    Habit("petra.simic", "read", "analytics.orders_export", "analytics.product", 6),
    Habit("quinn.baker", "read", "analytics.orders_export", "analytics.product", 8),
    Habit("rosa.jimenez", "read", "web.clickstream", "analytics.web", 6),
    Habit("julia.brandt", "read", "hr.employees", "employment.administration", 2),
    Habit("karim.nasser", "write", "hr.employees", "employment.administration", 2),
)
_MACHINES = (
    Habit("etl-orders", "read", "shop.orders", "billing", 10),
    Habit("etl-orders", "read", "shop.customers", "billing", 10),
    Habit("etl-orders", "write", "finance.payments", "billing", 10),
    Habit("etl-crm", "read", "crm.contacts", "customer_care", 6),
    Habit("etl-crm", "read", "support.tickets", "customer_care", 6),
    Habit("etl-export", "read", "shop.orders", "analytics.product", 8),
    Habit("etl-export", "write", "analytics.orders_export", "analytics.product", 8),
    Habit("etl-newsletter", "read", "marketing.newsletter", "marketing.newsletter", 3),
    Habit("etl-newsletter", "write", "marketing.audience", "marketing.newsletter", 3),
)
_SLIPS = (
    Slip("jonas.pfeil", "read", "shop.customers", "order_fulfilment", (62, 61, 60, 59, 55, 54)),
    Slip("temp-admin", "read", "shop.customers", "order_fulfilment", (33, 32, 31)),
    Slip("ines.moreau", "read", "shop.customers", "order_fulfilment", (40, 39, 38), hour=2),
    Slip("igor.santos", "read", "finance.payments", "billing", (15, 8)),
    Slip("emil.hartwig", "read", "support.tickets", "customer_care", (26, 25), 14, _ELSEWHERE),
    Slip("gus.ferrand", "export", "shop.customers", "marketing.advertising", (47,)),
    Slip("wim.debakker", "read", "marketing.newsletter", "marketing.newsletter", (46, 45, 41)),
    Slip("quinn.baker", "read", "support.tickets", "analytics.product", (19, 18, 17, 12)),
)
_PER_WORKDAY, _PER_NIGHT = 110, 50

Flows = tuple[tuple[str, ...], tuple[str, ...]]
"""What a job reads, and what it writes."""

_JOBS: Mapping[str, Flows] = {
    "etl.orders": (("shop.orders", "shop.customers"), ("finance.payments",)),
    "etl.crm": (("crm.contacts", "support.tickets"), ()),
    "etl.export": (("shop.orders", "shop.products"), ("analytics.orders_export",)),
    "etl.newsletter": (("marketing.newsletter",), ("marketing.audience",)),
}
Column = tuple[str, str, bool]
"""The dataset and the column that a column is filled from, and whether the job says it masks it."""

_COLUMNS: Mapping[tuple[str, str], Mapping[str, Column]] = {
    ("etl.export", "analytics.orders_export"): {
        "email_token": ("shop.customers", "email", True),
        "phone_masked": ("shop.customers", "phone", True),
    },
}
# How many days back; job; what it reads; what it writes.
_STRAY_RUNS = (
    (47, "airflow/ads.lookalike", ("shop.customers",), ()),
    (30, "notebook/price_experiment", ("shop.orders",), ()),
    (23, "airflow/etl.export", ("shop.orders",), ("churn_features",)),
)


def write_access_log(logs: Path, *, today: date) -> None:
    """Write some 12,000 accesses of three months, one file a month.

    Planted: the slips above, from a former colleague's to one from a foreign network.
    """
    rng = dice("accesses")
    events = [event for ago in range(DAYS, 0, -1) for event in _day(rng, today, ago)]
    _write(logs, "access", sorted(events, key=lambda event: str(event["ts"])), "ts")


def write_lineage(logs: Path, *, today: date) -> None:
    """Write OpenLineage events of three months, one file a month.

    Planted: a job that no pipeline declares, a pipeline that works for a purpose none of its
    data has, and a dataset that is seen here and nowhere else; and a job that says it masks two
    columns, which hold some values in clear.
    """
    rng = dice("lineage")
    events: list[dict[str, object]] = []
    for ago in range(DAYS - 1, 0, -4):
        for job, flows in _JOBS.items():
            events += _run(rng, today - timedelta(days=ago), f"airflow/{job}", flows)
    for ago, job, inputs, outputs in _STRAY_RUNS:
        events += _run(rng, today - timedelta(days=ago), job, (inputs, outputs))
    _write(logs, "openlineage", sorted(events, key=lambda e: str(e["eventTime"])), "eventTime")


def _day(rng: Random, today: date, ago: int) -> Iterator[dict[str, object]]:
    day = today - timedelta(days=ago)
    for habit in rng.choices(_MACHINES, [each.weight for each in _MACHINES], k=_PER_NIGHT):
        yield _access(rng, habit, day, rng.randrange(24), f"{_OFFICE}.0.{rng.randint(10, 40)}")
    if day.weekday() < 5:
        present = [each for each in _PEOPLE if each.days[0] >= ago >= each.days[1]]
        for habit in rng.choices(present, [each.weight for each in present], k=_PER_WORKDAY):
            office = _PEOPLE_OFFICE if habit.dataset.startswith("hr.") else _OFFICE
            address = f"{office}.{rng.randint(1, 9)}.{rng.randint(2, 250)}"
            yield _access(rng, habit, day, rng.randint(8, 18), address)
    for slip in _SLIPS:
        if ago in slip.days:
            address = slip.address or f"{_OFFICE}.{rng.randint(1, 9)}.{rng.randint(2, 250)}"
            yield _access(rng, slip, day, slip.hour, address)


def _access(
    rng: Random, deed: Habit | Slip, day: date, hour: int, address: str
) -> dict[str, object]:
    local = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), _BERLIN)
    return {
        "ts": local.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "user": deed.who,
        "op": deed.action,
        "dataset": deed.dataset,
        "purpose": deed.purpose,
        "ip": address,
        "rows": rng.randrange(1, 400),
    }


def _run(rng: Random, day: date, job: str, flows: Flows) -> Iterator[dict[str, object]]:
    (inputs, outputs), (namespace, _, name) = flows, job.partition("/")
    run = ids.hex_id(rng, 32)
    run_id = "-".join((run[:8], run[8:12], f"4{run[13:16]}", f"a{run[17:20]}", run[20:]))
    began = datetime.combine(day, time(1, rng.randrange(10)), UTC)
    ends = began + timedelta(minutes=rng.randint(4, 40))
    for kind, moment in (("START", began), ("COMPLETE", ends)):
        yield {
            "eventType": kind,
            "eventTime": moment.isoformat().replace("+00:00", "Z"),
            "run": {"runId": run_id},
            "job": {"namespace": namespace, "name": name},
            "inputs": [{"namespace": "harbour-finch", "name": each} for each in inputs],
            "outputs": [_output(name, each, kind) for each in outputs],
            "producer": _PRODUCER,
            "schemaURL": _SCHEMA,
        }


def _output(job: str, dataset: str, kind: str) -> dict[str, object]:
    """Return a dataset that a job writes; once it is written, with where its columns come from."""
    told: dict[str, object] = {"namespace": "harbour-finch", "name": dataset}
    columns = _COLUMNS.get((job, dataset)) if kind == "COMPLETE" else None
    if columns:
        fields = {name: {"inputFields": [_origin(column)]} for name, column in columns.items()}
        facet = {"_producer": _PRODUCER, "_schemaURL": _COLUMN_SCHEMA, "fields": fields}
        told["facets"] = {"columnLineage": facet}
    return told


def _origin(column: Column) -> dict[str, object]:
    dataset, field, masking = column
    how = {"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": masking}
    named = {"namespace": "harbour-finch", "name": dataset, "field": field}
    return {**named, "transformations": [how]}


def _write(logs: Path, stem: str, events: list[dict[str, object]], moment: str) -> None:
    logs.mkdir(parents=True, exist_ok=True)
    months: dict[str, list[str]] = {}
    for event in events:
        line = json.dumps(event, ensure_ascii=False) + "\n"
        months.setdefault(str(event[moment])[:7], []).append(line)
    for month, lines in months.items():
        (logs / f"{stem}-{month}.jsonl").write_text("".join(lines), encoding="utf-8")
