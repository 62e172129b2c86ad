"""A sample says what it may have missed, and takes the same rows however they are cut."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from governance.engine.examine import examine_share
from governance.engine.lens import Lens
from governance.engine.measured import WHOLE, Share
from governance.engine.uses import Names
from governance.engine.workspace import open_ad_hoc
from governance.model.asset import Asset, AssetKind, Place
from governance.sources.cut import missed_share
from governance.sources.extent import Extent
from governance.sources.reading import ReadLimits

KEY = b"a workspace's secret of 32 bytes"
ROWS = 5000


@pytest.fixture
def lens(tmp_path: Path) -> Lens:
    lines = "".join(f"{n},person{n}@example.org\n" for n in range(ROWS))
    (tmp_path / "people.csv").write_text(f"id,email\n{lines}")
    workspace = open_ad_hoc(tmp_path)
    return Lens(workspace, KEY, Names(workspace.policy, KEY), ReadLimits())


def measure(lens: Lens, extent: Extent, share: Share = WHOLE, batch: int = 20_000):
    place = Place("here", "people.csv")
    asset = Asset("people.csv", AssetKind.DATASET, (place,), declared=False)
    looking = replace(lens, extent=extent, limits=ReadLimits(batch_rows=batch))
    return examine_share(asset, place, looking, share)


def test_a_sample_takes_the_same_rows_from_every_thousand(lens: Lens) -> None:
    found = measure(lens, Extent(permille=20))
    assert found.coverage.status.value == "partial"
    assert found.coverage.sampled
    assert found.coverage.rows == ROWS * 20 // 1000
    (hit,) = found.evidence.fields["email"].hits.values()
    assert hit.rows == 100
    assert sum(1 for line in hit.lines if line <= 1000) == 20
    again = measure(lens, Extent(permille=20), batch=77)
    assert again.evidence == found.evidence
    assert again.coverage == found.coverage
    other = measure(lens, Extent(permille=20, seed=1))
    assert other.evidence.fields["email"].hits != found.evidence.fields["email"].hits


def test_a_sample_is_shared_like_the_whole(lens: Lens) -> None:
    whole = measure(lens, Extent(permille=100), batch=500)
    first, *others = (measure(lens, Extent(permille=100), Share(n, 3), batch=500) for n in range(3))
    for each in others:
        first = first.merge(each)
    assert first.evidence == whole.evidence
    assert first.coverage == whole.coverage


def test_the_bound_is_the_share_that_chance_would_miss_once_in_twenty() -> None:
    assert missed_share(1) == pytest.approx(0.95)
    assert missed_share(59) == pytest.approx(0.0495, abs=1e-3)
    assert (1 - missed_share(300)) ** 300 == pytest.approx(0.05)
    assert missed_share(0) == 1.0


def test_the_reason_tells_rows_seed_and_bound(lens: Lens) -> None:
    reason = measure(lens, Extent(permille=20, seed=4)).coverage.reason
    assert reason == (
        "a sample: 100 of 5,000 rows were examined (seed 4); what stands in less than 2.95% of the "
        "rows may have been missed (95 % confidence)"
    )


def test_a_place_is_left_after_the_bytes_asked_for_and_only_then(lens: Lens) -> None:
    left = measure(lens, Extent(max_bytes=10_000), batch=500)
    assert left.coverage.status.value == "partial"
    assert left.coverage.reason == "left after 500 rows, as --max-bytes asks"
    assert left.evidence.rows == 500
    all_of_it = measure(lens, Extent(max_bytes=10**9), batch=500)
    assert all_of_it.coverage.is_complete
    assert all_of_it.evidence.rows == ROWS
