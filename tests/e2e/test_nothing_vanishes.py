"""What cannot be read, or holds nothing, is told: it never counts as clean."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from governance.controls.evaluate import evaluate
from governance.engine.examine import examine_asset
from governance.engine.inventory import take_inventory
from governance.engine.lens import Lens
from governance.engine.uses import Names
from governance.engine.workspace import open_ad_hoc
from governance.model.facts import TrailFacts
from governance.model.outcome import Status
from governance.model.world import World
from governance.sources.reading import ReadLimits

KEY = b"a workspace's secret of 32 bytes"


def statuses(folder: Path, target: str) -> dict[str, set[Status]]:
    workspace = open_ad_hoc(folder)
    lens = Lens(workspace, KEY, Names(workspace.policy, KEY), ReadLimits())
    facts = [
        examine_asset(each, lens).facts
        for each in take_inventory(workspace, [target], folder, b"k" * 32)
    ]
    world = World(
        policy=workspace.policy,
        now=datetime(2026, 11, 24, tzinfo=UTC),
        facts={each.asset.id: each for each in facts if each.places},
        trail=TrailFacts(0, "", None, enabled=False),
        has_workspace=False,
    )
    found: dict[str, set[Status]] = {}
    for outcome in evaluate([each.asset for each in facts], world):
        found.setdefault(outcome.control, set()).add(outcome.status)
    return found


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.log", "\n\n\n"), ("x.csv", "a,b\n,\n,\n"), ("x.jsonl", "{}\n{}\n")],
)
def test_rows_without_a_value_are_no_evidence(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    found = statuses(tmp_path, name)
    assert not any(Status.PASS in each for each in found.values())


@pytest.mark.parametrize("key", ["AKIAIOSFODNN7EXAMPLE", "AB123612C"])
def test_a_value_in_the_place_of_a_header_is_read(key: str, tmp_path: Path) -> None:
    (tmp_path / "k.csv").write_text(f"{key},x\nshort,y\n")
    workspace = open_ad_hoc(tmp_path)
    lens = Lens(workspace, KEY, Names(workspace.policy, KEY), ReadLimits())
    (asset, _) = take_inventory(workspace, ["k.csv"], tmp_path, b"k" * 32)
    (place,) = examine_asset(asset, lens).facts.places
    assert place.coverage.rows == 2
    assert key not in {field.name for field in place.fields}


def test_a_stream_that_was_cut_is_not_complete(tmp_path: Path) -> None:
    table = pa.table({"n": ["1", "2", "3"]})
    path = str(tmp_path / "whole.arrow")
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    whole = (tmp_path / "whole.arrow").read_bytes()
    (tmp_path / "cut.arrow").write_bytes(whole[:-8])
    assert Status.PASS in statuses(tmp_path, "whole.arrow")["pii-declared"]
    cut = statuses(tmp_path, "cut.arrow")["pii-declared"]
    assert Status.NOT_EVALUATED in cut
    assert Status.PASS not in cut


def test_text_behind_a_nul_is_read(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        database.execute("CREATE TABLE t (note TEXT)")
        database.execute("INSERT INTO t VALUES ('x' || char(0) || ' ana@example.org')")
        database.commit()
    assert Status.FAIL in statuses(tmp_path, "shop.db")["pii-declared"]


@pytest.mark.parametrize(
    "written",
    ["219-24-9089", "ana@example.org", "AB123612C", "C01X1317T", "00:1B:44:11:3A:B7", "1980-02-03",
     "AKIAIOSFODNN7EXAMPLE", "ns/E00001362", "4111111111111111"],
)  # fmt: skip
def test_a_value_in_a_name_is_not_kept(written: str, tmp_path: Path) -> None:
    kept = Names(open_ad_hoc(tmp_path).policy, KEY).undeclared(written)
    assert written not in kept
    assert kept.startswith("undeclared:v1:")


@pytest.mark.parametrize(
    "written",
    ["postgres://db:5432/lake/public.orders_2024", "harbour-finch/churn_features", "etl_v2"],
)
def test_a_name_stays_a_name(written: str, tmp_path: Path) -> None:
    assert Names(open_ad_hoc(tmp_path).policy, KEY).undeclared(written) == written
