"""Records as a scan would leave them, without a scan."""

from __future__ import annotations

from datetime import UTC, date, datetime

from governance.model.asset import Asset, AssetKind, Place, PlaceType
from governance.model.coverage import Coverage, CoverageStatus
from governance.model.facts import (
    AccessUse,
    AssetFacts,
    EntityFacts,
    FieldFacts,
    PlaceFacts,
    Verdict,
)
from governance.model.measured import AssetRecord

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def dataset(id: str, *, taken: datetime = NOON, run: str = "r1", rows: int = 1000) -> AssetRecord:
    """Return the record of a dataset with two columns."""
    found = EntityFacts("EMAIL_ADDRESS", rows, 991, 1.0, None, (1, 2), "a***@***", "v1:00", True)
    verdict = Verdict("EMAIL_ADDRESS", 0.99, ("991 of 991 distinct values match",))
    email = FieldFacts("email", "string", rows, 3, 991, verdict, (found,))
    day = FieldFacts("day", "date", rows, 0, 2, days=((date(2026, 1, 1), rows),), undated=1)
    read = PlaceFacts("shop", f"{id}.csv", Coverage(CoverageStatus.COMPLETE, None, rows, 99),
                      (email, day))  # fmt: skip
    asset = Asset(id, AssetKind.DATASET, (Place("shop", read.uri),))
    return AssetRecord(AssetFacts(asset, (read,)), run, taken, findings=(("ab12", NOON),))


def shadow(uri: str) -> AssetRecord:
    """Return the record of a file that nothing declares, and that was not read to its end."""
    place = Place("here", uri, PlaceType.CSV)
    coverage = Coverage(CoverageStatus.PARTIAL, "line 8 is too long", 7, 9, sampled=True)
    asset = Asset(uri, AssetKind.DATASET, (place,), declared=False)
    return AssetRecord(AssetFacts(asset, (PlaceFacts("here", uri, coverage),)), "r1", NOON)


def access_log(id: str) -> AssetRecord:
    """Return the record of a log with two accesses that differ in their time."""
    place = PlaceFacts("log", f"{id}.jsonl", Coverage(CoverageStatus.COMPLETE, None, 2, 9))
    shared = ("user:ana@example.org", "read", "orders", True, None, "10.0.0.0/8", "DE")
    uses = tuple(
        AccessUse(id, *shared, NOON.replace(minute=minute), 1, (minute,)) for minute in (1, 2)
    )
    facts = AssetFacts(Asset(id, AssetKind.LOG, (Place("log", place.uri),)), (place,))
    return AssetRecord(facts, "r1", NOON, accesses=uses, is_access_log=True)
