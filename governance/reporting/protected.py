"""What anonymisation and pseudonymisation showed: columns as measured, and what was required."""

from __future__ import annotations

from dataclasses import dataclass

from governance.reporting.controls import ControlRow
from governance.reporting.documents import RunDocument
from governance.reporting.findings import cap
from governance.reporting.parts import Capped

CONTROLS = ("technique-applied", "masked-downstream", "anonymity-thresholds")
"""Controls that speak of protection; those that a run does not have are left out."""

_PROTECTIONS = ("hashed", "masked", "redacted")


@dataclass(frozen=True, slots=True)
class ProtectedRow:
    """One column whose values show a protection; the counts are of distinct values."""

    asset: str
    place: str
    field: str
    distinct: int
    hashed: int
    masked: int
    redacted: int
    other: int
    hash_bits: int | None


@dataclass(frozen=True, slots=True)
class ProtectionView:
    """The columns, those with unprotected values first, and the controls on them."""

    columns: Capped[ProtectedRow]
    controls: tuple[ControlRow, ...]


def view_protection(
    document: RunDocument | None, controls: tuple[ControlRow, ...]
) -> ProtectionView:
    """Return what the values of columns showed in the run under review."""
    rows = []
    for asset in document.rows("assets") if document else ():
        for field in asset.get("fields") or ():
            shown = field.get("protection")
            if shown and any(shown.get(name) for name in _PROTECTIONS):
                rows.append(
                    ProtectedRow(
                        asset=str(asset["id"]),
                        place=str(asset.get("place") or ""),
                        field=str(field["name"]),
                        distinct=int(shown.get("distinct") or 0),
                        hashed=int(shown.get("hashed") or 0),
                        masked=int(shown.get("masked") or 0),
                        redacted=int(shown.get("redacted") or 0),
                        other=int(shown.get("other") or 0),
                        hash_bits=shown.get("hash_bits"),
                    )
                )
    rows.sort(key=lambda row: (not row.other, row.asset, row.place, row.field))
    return ProtectionView(
        columns=cap(rows),
        controls=tuple(row for row in controls if row.id in CONTROLS and row.population),
    )
