"""What a run may hold of the stored facts: what is young enough, and what is still declared.

Nothing disappears because a policy file stops naming it: data that was measured and that no
dataset declares any more is held as undeclared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from governance.engine.declared import TRAIL_ASSET, declared_assets
from governance.model.asset import Asset, AssetKind, Place
from governance.model.clock import local_day
from governance.model.facts import AccessUse, AssetFacts, ColumnFlow, LineageUse, PlaceFacts
from governance.model.ladders import Duration
from governance.model.measured import AssetRecord, Stored
from governance.model.policy import EffectivePolicy

UNMEASURED = "no scan has left facts of it"
_CLOCKS_DIFFER_BY = timedelta(days=1)
_NAMED = 5


@dataclass(frozen=True)
class Terms:
    """When facts count.

    Args:
        max_age: None lets facts of any age count.
        needs_voucher: Whether only facts count that the pinned key signed.
    """

    now: datetime
    max_age: Duration | None = None
    needs_voucher: bool = False


@dataclass(frozen=True)
class Held:
    """Facts as a run sees them.

    Args:
        facts: Of every asset, without places where nothing counts.
        reasons: By asset id, why it has none. notes: What a reader must not miss.
    """

    facts: tuple[AssetFacts, ...]
    accesses: tuple[AccessUse, ...]
    access_logs: tuple[str, ...]
    lineage: tuple[LineageUse, ...]
    lineage_logs: tuple[str, ...]
    flows: tuple[ColumnFlow, ...]
    reasons: Mapping[str, str]
    notes: tuple[str, ...] = ()


def hold(policy: EffectivePolicy, stored: Stored, terms: Terms) -> Held:
    """Return what counts of the stored facts under a policy."""
    unfit = {
        record.key: reason
        for record in stored.records
        if (reason := _unfit(record, terms, policy.project.timezone))
    }
    declared = (*declared_assets(policy), TRAIL_ASSET)
    measured = {record.key: record for record in stored.records}
    assets = (*declared, *_shadows(declared, stored.records))
    facts, reasons = [], {}
    for asset in assets:
        key = (asset.kind.value, asset.id)
        record = measured.get(key)
        places = () if key in unfit or record is None else _counting(asset, record)
        facts.append(AssetFacts(asset, places))
        if not places and asset.kind is not AssetKind.TRAIL:
            reasons[asset.id] = unfit.get(key) or _lacking(record)
    orphans, lost = _orphans(declared, stored.records, unfit)
    counted = [record for record in stored.records if record.key not in unfit]
    return Held(
        facts=(*facts, *orphans),
        accesses=tuple(use for record in counted for use in record.accesses),
        # NOTE: a log whose facts do not count is named all the same, so that it is missed.
        access_logs=tuple(each.facts.asset.id for each in stored.records if each.is_access_log),
        lineage=tuple(use for record in counted for use in record.lineage),
        lineage_logs=tuple(each.facts.asset.id for each in stored.records if each.is_lineage_log),
        flows=tuple(flow for record in counted for flow in record.flows),
        reasons=reasons | lost,
        notes=_told(stored, unfit, terms),
    )


def age(taken: datetime, now: datetime) -> str:
    """Return how old something is in words: ``3 days old``."""
    hours = max(int((now - taken).total_seconds() // 3600), 0)
    number, word = (hours // 24, "day") if hours >= 48 else (hours, "hour")
    return f"{number:,} {word}{'' if number == 1 else 's'} old"


def _unfit(record: AssetRecord, terms: Terms, zone: str) -> str | None:
    if terms.needs_voucher and not record.vouched:
        return "its facts are not signed by the key that governance.yaml pins"
    if terms.max_age is None:
        return None
    if record.taken > terms.now + _CLOCKS_DIFFER_BY:
        return f"its facts are dated {record.taken:%Y-%m-%d}, which is yet to come"
    today = local_day(terms.now, zone)
    if local_day(record.taken, zone) < terms.max_age.before(today):
        told = age(record.taken, terms.now)
        return f"its facts are of {record.taken:%Y-%m-%d}, {told}; at most {terms.max_age} count"
    return None


def _counting(asset: Asset, record: AssetRecord) -> tuple[PlaceFacts, ...]:
    """Keep only the readings of places that the policy still declares as they were read."""
    uris = {place.name: place.uri for place in asset.places}
    return tuple(
        replace(each, taken=record.taken)
        for each in record.facts.places
        if uris.get(each.place) == each.uri
    )


def _lacking(record: AssetRecord | None) -> str:
    if record is None or not record.facts.places:
        return UNMEASURED
    return "the last scan read other places than it declares now"


def _shadows(declared: Iterable[Asset], records: Iterable[AssetRecord]) -> list[Asset]:
    """Return what a scan found undeclared, unless a file declares it by now."""
    taken = {place.uri for asset in declared for place in asset.places}
    found = (record.facts.asset for record in records if not record.facts.asset.declared)
    return [asset for asset in found if not any(each.uri in taken for each in asset.places)]


def _orphans(
    declared: Sequence[Asset],
    records: Iterable[AssetRecord],
    unfit: Mapping[tuple[str, str], str],
) -> tuple[list[AssetFacts], dict[str, str]]:
    """Return the data that was declared when it was measured and that nothing declares now."""
    now = {place.uri for asset in declared for place in asset.places}
    found: dict[str, AssetFacts] = {}
    reasons: dict[str, str] = {}
    for record in records:
        was = record.facts.asset
        if not was.declared or was.kind is not AssetKind.DATASET:
            continue
        for read in record.facts.places:
            if read.uri in now or any(_meet(read.uri, uri) for uri in now):
                continue
            place = Place("here", read.uri)
            asset = Asset(read.uri, AssetKind.DATASET, (place,), declared=False)
            counts = record.key not in unfit
            moved = replace(read, place=place.name, taken=record.taken)
            found[read.uri] = AssetFacts(asset, (moved,) if counts else ())
            if not counts:
                reasons[read.uri] = unfit[record.key]
    return list(found.values()), reasons


def _meet(one: str, other: str) -> bool:
    """Return whether one place may be the other, or hold it."""
    return fnmatchcase(one, other) or fnmatchcase(other, one)


def _told(stored: Stored, unfit: Mapping[tuple[str, str], str], terms: Terms) -> tuple[str, ...]:
    times = sorted(record.taken for record in stored.records if record.facts.places)
    if not times:
        return (f"no data was read, and there are no facts ({stored.source}): what needs them "
                "was not evaluated",)  # fmt: skip
    oldest, newest = (f"{at:%Y-%m-%d %H:%M} UTC ({age(at, terms.now)})"
                      for at in (times[0], times[-1]))  # fmt: skip
    span = f"of {oldest}" if oldest == newest else f"between {oldest} and {newest}"
    notes = [f"no data was read: the facts are {span}, from {stored.source}"]
    if unfit:
        named = ", ".join(name for _, name in sorted(unfit)[:_NAMED])
        more = f" and {len(unfit) - _NAMED} more" if len(unfit) > _NAMED else ""
        notes.append(f"the facts of {len(unfit)} assets do not count: {named}{more}")
    return tuple(notes)
