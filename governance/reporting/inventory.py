"""What a run document says of assets, places, models, accesses and waivers, as rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from governance.reporting.counting import SUBJECTS
from governance.reporting.documents import RunDocument
from governance.reporting.findings import cap
from governance.reporting.parts import (
    AccessRow,
    AssetRow,
    Capped,
    CoverageView,
    ModelRow,
    PlaceRow,
    UnexaminedRow,
    WaiverRow,
)

_LISTED = ("title", "classification", "steward", "purposes", "retention")  # own columns


def view_coverage(document: RunDocument | None) -> CoverageView:
    """Return how far every place was read, the incomplete ones first."""
    rows = [_place(asset) for asset in _rows(document, "assets") if asset.get("coverage")]
    rows.sort(key=lambda row: (_READ.get(row.status, -1), row.asset, row.place, row.uri))
    statuses = Counter(row.status for row in rows)
    return CoverageView(
        places=len(rows),
        complete=statuses["complete"],
        partial=statuses["partial"],
        skipped=len(rows) - statuses["complete"] - statuses["partial"],
        rows=sum(row.rows for row in rows),
        table=cap(rows),
    )


def list_assets(document: RunDocument | None) -> Capped[AssetRow]:
    """Return the governed things by kind and name; models have their own section too."""
    findings = document.counting.assets if document else Counter[str]()
    places = Counter(asset["id"] for asset in _rows(document, "assets") if asset.get("place"))
    firsts = {asset["id"]: asset for asset in reversed(tuple(_rows(document, "assets")))}
    rows = [_asset(asset, places[name], findings[str(name)]) for name, asset in firsts.items()]
    return cap(sorted(rows, key=lambda row: (row.kind, not row.declared, row.id)))


def list_models(document: RunDocument | None) -> tuple[ModelRow, ...]:
    """Return every model with its record and how each control on it ended."""
    rows = []
    for asset in _rows(document, "assets"):
        if asset.get("kind") == "model" and document:
            ended = sorted(document.counting.ended.get(str(asset["id"]), ()))
            details = tuple((str(k), str(v)) for k, v in (asset.get("details") or {}).items())
            rows.append(ModelRow(str(asset["id"]), asset.get("owner"), details, tuple(ended)))
    return tuple(sorted(rows, key=lambda row: row.id))


def list_accesses(document: RunDocument | None) -> Capped[AccessRow]:
    """Return logged accesses per dataset, the most refused first."""
    rows = [
        AccessRow(
            dataset=str(access["dataset"]),
            events=int(access["events"]),
            denied=int(access["denied"]),
            actors=int(access["actors"]),
            first=str(access["first"]),
            last=str(access["last"]),
        )
        for access in _rows(document, "accesses")
    ]
    return cap(sorted(rows, key=lambda row: (-row.denied, row.dataset)))


def list_waivers(document: RunDocument | None) -> Capped[WaiverRow]:
    """Return the waivers by when they end."""
    rows = [
        WaiverRow(
            id=str(waiver["id"]),
            target=str(waiver["target"]),
            control=str(waiver["control"]),
            reason=str(waiver["reason"]),
            approved_by=tuple(map(str, waiver["approved_by"])),
            expires=str(waiver["expires"]),
            matched=int(waiver["matched"]),
            standing=_standing(waiver),
            opened=str(waiver.get("opened") or ""),
        )
        for waiver in _rows(document, "waivers")
    ]
    return cap(sorted(rows, key=lambda row: (row.expires, row.id)))


def list_unexamined(document: RunDocument | None) -> Capped[UnexaminedRow]:
    """Return everything that was not, or not wholly, examined, grouped by reason."""
    places: dict[tuple[str, str], list[str]] = {}
    for asset in _rows(document, "assets"):
        coverage = asset.get("coverage")
        if coverage and coverage["status"] != "complete":
            key = (str(coverage["status"]), str(coverage["reason"]))
            places.setdefault(key, []).append(f"{asset['id']} ({asset.get('uri')})")
    rows = [
        UnexaminedRow("place", status, reason, Capped(tuple(sorted(names)[:SUBJECTS]), len(names)))
        for (status, reason), names in sorted(places.items())
    ]
    groups = document.counting.unevaluated if document else {}
    rows += [
        UnexaminedRow("control", control, reason, group.subjects.capped())
        for (control, reason), group in sorted(groups.items())
    ]
    return cap(rows)


_READ = {"skipped": 0, "partial": 1, "complete": 2}


def _rows(document: RunDocument | None, name: str) -> Iterable[Mapping[str, Any]]:
    return document.rows(name) if document else ()


def _place(asset: Mapping[str, Any]) -> PlaceRow:
    coverage = asset["coverage"]
    return PlaceRow(
        asset=str(asset["id"]),
        place=str(asset.get("place") or ""),
        uri=str(asset.get("uri") or ""),
        status=str(coverage["status"]),
        rows=int(coverage.get("rows") or 0),
        bytes=int(coverage.get("bytes") or 0),
        sampled=bool(coverage.get("sampled")),
        reason=coverage.get("reason"),
    )


def _asset(asset: Mapping[str, Any], places: int, findings: int) -> AssetRow:
    details = {str(key): str(text) for key, text in (asset.get("details") or {}).items()}
    return AssetRow(
        id=str(asset["id"]),
        kind=str(asset.get("kind")),
        owner=asset.get("owner"),
        declared=bool(asset.get("declared", True)),
        places=places,
        open_findings=findings,
        details=tuple((key, text) for key, text in details.items() if key not in _LISTED),
        title=details.get("title"),
        classification=details.get("classification"),
        steward=details.get("steward"),
        purposes=details.get("purposes"),
        retention=details.get("retention"),
    )


def _standing(waiver: Mapping[str, Any]) -> str:
    if waiver.get("state") == "future":
        return "not yet"
    if not waiver["in_force"]:
        return "ended"
    return "in force" if int(waiver["matched"]) else "unused"
