"""What the events of a log become: counted uses, under names that the policy knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from governance.engine.naming import Names
from governance.engine.uses import UseCollector
from governance.model.facts import ColumnEnd
from governance.policy.workspace import load_workspace
from governance.sources.events import ColumnOrigin, LineageEvent

POLICY = """\
apiVersion: governance/v1
kind: Project
id: acme
---
apiVersion: governance/v1
kind: Dataset
id: sales.orders
purposes: [billing]
---
apiVersion: governance/v1
kind: Taxonomy
id: words
purposes: {billing: to write invoices}
"""
NOON = datetime(2026, 6, 10, 12, 0, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acme")
    (folder / "governance.yaml").write_text(POLICY, encoding="utf-8")
    return load_workspace(folder)


@pytest.fixture
def collector(policy):
    return UseCollector("etl.orders/lineage", Names(policy, b"k" * 32))


def run(line: int, *, masking: bool | None, field: str = "mail", purpose: str | None = None):
    origin = ColumnOrigin("pg/mart.contacts", field, "pg/sales.orders", "email", True, masking)
    return LineageEvent(
        NOON + timedelta(minutes=line), "airflow/etl.orders", "r1", "COMPLETE",
        ("pg/sales.orders",), ("pg/mart.contacts",), line, purpose, (origin,),
    )  # fmt: skip


def test_claims_that_contradict_each_other_stay_apart(collector):
    collector.add_lineage([run(1, masking=True), run(2, masking=False), run(3, masking=True)])
    assert [(each.masking, each.count, each.lines) for each in collector.flows()] == [
        (False, 1, (2,)),
        (True, 2, (1, 3)),
    ]
    flow = collector.flows()[0]
    assert flow.source == ColumnEnd("sales.orders", True, None, "email")
    assert flow.target == ColumnEnd("pg/mart.contacts", False, None, "mail")


def test_a_name_that_is_a_value_is_no_column(collector):
    collector.add_lineage([run(1, masking=None, field="eve@example.org")])
    assert collector.flows()[0].target.field.startswith("undeclared:v1:")


def test_a_job_that_runs_for_two_purposes_is_counted_for_each(collector):
    purposes = ("billing", None, "Rache")
    collector.add_lineage(run(n, masking=None, purpose=each) for n, each in enumerate(purposes))
    reads = [use for use in collector.lineage() if use.role == "input"]
    assert [use.purpose for use in reads] == [None, "billing", "unknown"]
