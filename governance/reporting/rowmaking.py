"""One outcome of a run document as a row: what it counts as, where it sorts, what it shows."""

from __future__ import annotations

import hashlib
from typing import Any

from governance.reporting.outcomes import Found, Location, Outcome
from governance.reporting.parts import FindingRow

SEVERITIES = ("critical", "high", "medium", "low", "gap")
"""In the order of every table and chart; a gap is something that nobody declared."""

SERIOUS = ("critical", "high")
"""Severities of which one open finding or gap means "not conform": the same line as the default
``--fail-on high`` of a scan, so that a red pipeline never becomes a green review."""

Key = tuple[Any, ...]


def severity_of(finding: Found) -> str:
    """Return what a finding counts as: its severity, or ``gap``."""
    return "gap" if finding.kind == "gap" else str(finding.severity)


_RANKS = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def rank_of(severity: str) -> int:
    """Return the place of a severity, the worst first; a word of another version is before all."""
    return _RANKS.get(severity, -1)


def order_of(severity: str, outcome: Outcome, finding: Found) -> Key:
    """Severity, then control, then asset; the rest only fixes the order for good."""
    return (
        rank_of(severity),
        outcome.control,
        outcome.asset,
        outcome.place or "",
        outcome.field or "",
        finding.id,
    )


def number_of(id: str) -> int:
    """Return a finding's id as a number of 64 bits; what is no hex number is hashed."""
    try:
        return int(id, 16) if len(id) == 16 else _hashed(id)
    except ValueError:
        return _hashed(id)


def subject_of(outcome: Outcome) -> str:
    """Return what an outcome is about: the asset, with its field or subject."""
    parts = (outcome.asset, outcome.field or outcome.subject)
    return ".".join(part for part in parts if part)


def finding_row(outcome: Outcome, finding: Found) -> FindingRow:
    """Return a finding as a row."""
    return FindingRow(
        id=finding.id,
        severity=severity_of(finding),
        weight=str(finding.severity),
        control=outcome.control,
        asset=outcome.asset,
        place=outcome.place,
        field=outcome.field,
        subject=outcome.subject,
        status=outcome.status,
        state=str(finding.state),
        title=str(finding.title),
        message=str(finding.message),
        remedy=str(finding.remedy),
        owner=finding.owner,
        confidence=finding.confidence or 0.0,
        location=_location(finding.location),
        references=finding.references or (),
        waiver=finding.waiver,
    )


def _hashed(id: str) -> int:
    return int.from_bytes(hashlib.sha256(id.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def _location(location: Location | None) -> str | None:
    if location is None:
        return None
    parts = (location.file, location.line)
    return ":".join(str(part) for part in parts if part is not None)
