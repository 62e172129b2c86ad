"""Which dataset and which principal a log means, and in what spans of time uses are counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from governance.engine.naming import Names
from governance.engine.uses import COARSER_FROM, Times, UseCollector
from governance.model.policy import EffectivePolicy
from governance.policy.workspace import load_workspace
from governance.sources.events import AccessEvent

PROJECT = """\
apiVersion: governance/v1
kind: Project
id: shop
timezone: Europe/Berlin
"""
DOCUMENTS = """\
apiVersion: governance/v1
kind: Team
id: sales
lead: user:ana@example.org
members:
  user:ana@example.org: {since: 2024-01-01, accounts: [ana, "arn:aws:iam::1:user/ana"]}
  user:bo@example.org: {since: 2024-01-01, accounts: ["arn:aws:sts::1:assumed-role/Bo/*"]}
accounts:
  role:analyst: ["arn:aws:sts::1:assumed-role/Analyst/*", "arn:aws:sts::1:assumed-role/B*/*"]
  service:etl: [etl_writer]
---
apiVersion: governance/v1
kind: Team
id: desk
lead: user:cy@example.org
members: {user:cy@example.org: {since: 2024-01-01, roles: [analyst]}}
---
apiVersion: governance/v1
kind: Policy
id: hours
owner: team:sales
severity: low
rules:
  day: {allow: [read], to: team:sales, for: essential, when: {hours: "07:30-20:00"}}
---
apiVersion: governance/v1
kind: Dataset
id: sales.orders
aliases: ["s3://acme-lake/orders/*", ORDERS_V, "glob-*-both"]
locations:
  warehouse: {url: "postgresql://db.example.org/shop#orders"}
  lake: {path: "s3://acme-lake/export/orders"}
  file: {path: data/orders.csv}
---
apiVersion: governance/v1
kind: Dataset
id: crm.orders
aliases: ["glob-*"]
locations:
  warehouse: {url: "postgresql://db.example.org/crm#orders"}
  lake: {path: "s3://acme-lake/export/orders/private"}
  file: {path: old/orders.csv}
---
apiVersion: governance/v1
kind: Dataset
id: staff
locations:
  warehouse: {url: "bigquery://acme/hr#staff"}
  files: {path: "gs://acme-hr/staff/*.parquet"}
"""


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> EffectivePolicy:
    folder: Path = tmp_path_factory.mktemp("shop")
    (folder / "policies").mkdir()
    (folder / "governance.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "policies" / "all.yaml").write_text(DOCUMENTS, encoding="utf-8")
    return load_workspace(folder)


@pytest.fixture(scope="module")
def names(policy: EffectivePolicy) -> Names:
    return Names(policy, b"k" * 32)


@pytest.mark.parametrize(
    ("written", "dataset", "place"),
    [
        ("sales.orders", "sales.orders", None),
        ("dataset:sales.orders", "sales.orders", None),
        ("ORDERS_V", "sales.orders", None),
        ("s3://acme-lake/orders/2026/a.parquet", "sales.orders", None),
        # A table by its database, by less than that, in other letters and in quotes.
        ("shop.public.orders", "sales.orders", "warehouse"),
        ('"Shop"."PUBLIC"."Orders"', "sales.orders", "warehouse"),
        ("crm.public.orders", "crm.orders", "warehouse"),
        ("acme.hr.staff", "staff", "warehouse"),
        ("`acme`.`hr`.`staff`", "staff", "warehouse"),
        ("hr.staff", "staff", "warehouse"),
        # Alike in two datasets: neither. In a schema that nobody declares: nothing.
        ("public.orders", None, None),
        ("orders", None, None),
        ("orders.csv", None, None),
        ("shop.secret.orders", None, None),
        ("other.sales.orders", "sales.orders", None),
        # Objects of a store: the narrowest place, and never a name that only begins so.
        ("s3://acme-lake/export/orders/part-1", "sales.orders", "lake"),
        ("s3a://acme-lake/export/orders/private/p", "crm.orders", "lake"),
        ("s3://acme-lake/export/orders-old/p", None, None),
        ("s3://another-lake/export/orders/p", None, None),
        ("gs://acme-hr/staff/1.parquet", "staff", "files"),
        ("gs://acme-hr/staff/1.csv", None, None),
        # Two patterns of two datasets.
        ("glob-one", "crm.orders", None),
        ("glob-one-both", None, None),
        ("data/orders.csv", "sales.orders", "file"),
        ("", None, None),
    ],
)  # fmt: skip
def test_a_name_in_a_log_means_one_dataset_or_none(
    names: Names, written: str, dataset: str | None, place: str | None
) -> None:
    found, is_declared, where = names.dataset(written)
    assert (found if is_declared else None, where) == (dataset, place)


@pytest.mark.parametrize(
    ("written", "also", "who"),
    [
        ("ana", (), "user:ana@example.org"),
        ("ana@example.org", (), "user:ana@example.org"),
        ("user:ana@example.org", (), "user:ana@example.org"),
        ("arn:aws:iam::1:user/ana", (), "user:ana@example.org"),
        ("etl_writer", (), "service:etl"),
        ("arn:aws:sts::1:assumed-role/Analyst/s1", (), "role:analyst"),
        ("session-1", ("arn:aws:sts::1:assumed-role/Analyst/s1",), "role:analyst"),
        # A pattern of a person and one of a role fit both: nobody is said to have done it.
        ("arn:aws:sts::1:assumed-role/Bo/s1", (), None),
        ("ANA", (), None),
        ("arn:aws:iam::2:user/ana", (), None),
        ("ana ", (), None),
    ],
)  # fmt: skip
def test_an_account_belongs_to_one_principal_or_to_nobody(
    names: Names, written: str, also: tuple[str, ...], who: str | None
) -> None:
    found = names.actor(written, also)
    if who is None:
        assert found.startswith("unknown:v1:")
        assert written.strip() not in found
    else:
        assert found == who


def _event(minute: int, line: int) -> AccessEvent:
    at = datetime(2026, 3, 20, 22, 0, tzinfo=UTC) + timedelta(minutes=minute)
    return AccessEvent(at=at, who="ana", action="read", asset="sales.orders", purpose="essential",
                       network=None, region=None, fields=(), line=line)  # fmt: skip


def test_hours_end_where_a_rule_begins_to_answer_otherwise(policy: EffectivePolicy) -> None:
    """Also on the day that lacks an hour: at midnight, at full hours, at the window's edges."""
    times, zone = Times(policy), ZoneInfo("Europe/Berlin")
    start = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    minutes = [int((start - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) // 60 + n
               for n in range(2 * 24 * 60)]  # fmt: skip
    # 48 hours, two of them cut at half past seven; and the spans between the edges alone.
    for step, count in ((1, 48 + 2), (2, 7)):
        slots: dict[int, list[datetime]] = {}
        for minute in minutes:
            at = datetime.fromtimestamp(minute * 60, zone)
            slots.setdefault(times.slot(minute, step), []).append(at)
        for inside in slots.values():
            assert len({each.date() for each in inside}) == 1
            assert len({_is_day(each) for each in inside}) == 1
        assert len(slots) == count


def _is_day(at: datetime) -> bool:
    return 7 * 60 + 30 <= at.hour * 60 + at.minute < 20 * 60


def test_very_many_uses_are_counted_by_hours_and_none_is_lost(policy: EffectivePolicy) -> None:
    collector, total = UseCollector("etl/access", Names(policy, b"k" * 32)), COARSER_FROM + 1_000
    collector.add_accesses(_event(minute, minute + 1) for minute in range(total))
    uses = collector.accesses()
    assert sum(use.count for use in uses) == total
    assert len(uses) < total // 40
    assert collector.dropped == 0
    assert uses[0].lines[0] == 1
