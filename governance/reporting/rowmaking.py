"""One outcome of a run document as a row: what it counts as, where it sorts, what it shows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from governance.reporting.parts import FindingRow

SEVERITIES = ("critical", "high", "medium", "low", "gap")
"""In the order of every table and chart; a gap is something that nobody declared."""

SERIOUS = ("critical", "high")
"""Severities of which one open finding or gap means "not conform": the same line as the default
``--fail-on high`` of a scan, so that a red pipeline never becomes a green review."""

Key = tuple[Any, ...]


def severity_of(finding: Mapping[str, Any]) -> str:
    """Return what a finding counts as: its severity, or ``gap``."""
    return "gap" if finding.get("kind") == "gap" else str(finding.get("severity"))


_RANKS = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def rank_of(severity: str) -> int:
    """Return the place of a severity, the worst first; a word of another version is before all."""
    return _RANKS.get(severity, -1)


def order_of(severity: str, outcome: Mapping[str, Any], finding: Mapping[str, Any]) -> Key:
    """Severity, then control, then asset; the rest only fixes the order for good."""
    return (
        rank_of(severity),
        str(outcome["control"]),
        str(outcome["asset"]),
        str(outcome.get("place") or ""),
        str(outcome.get("field") or ""),
        str(finding["id"]),
    )


def number_of(id: str) -> int:
    """Return a finding's id as a number of 64 bits; what is no hex number is hashed."""
    try:
        return int(id, 16) if len(id) == 16 else _hashed(id)
    except ValueError:
        return _hashed(id)


def subject_of(outcome: Mapping[str, Any]) -> str:
    """Return what an outcome is about: the asset, with its field or subject."""
    parts = (outcome["asset"], outcome.get("field") or outcome.get("subject"))
    return ".".join(str(part) for part in parts if part)


def finding_row(outcome: Mapping[str, Any], finding: Mapping[str, Any]) -> FindingRow:
    """Return a finding as a row."""
    return FindingRow(
        id=str(finding["id"]),
        severity=severity_of(finding),
        weight=str(finding.get("severity")),
        control=str(outcome["control"]),
        asset=str(outcome["asset"]),
        place=outcome.get("place"),
        field=outcome.get("field"),
        subject=outcome.get("subject"),
        status=str(outcome["status"]),
        state=str(finding.get("state")),
        title=str(finding.get("title")),
        message=str(finding.get("message")),
        remedy=str(finding.get("remedy")),
        owner=finding.get("owner"),
        confidence=float(finding.get("confidence") or 0),
        location=_location(finding.get("location")),
        references=tuple(map(str, finding.get("references") or ())),
        waiver=finding.get("waiver"),
    )


def _hashed(id: str) -> int:
    return int.from_bytes(hashlib.sha256(id.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def _location(location: Mapping[str, Any] | None) -> str | None:
    if not location:
        return None
    parts = (location.get("file"), location.get("line"))
    return ":".join(str(part) for part in parts if part is not None)
