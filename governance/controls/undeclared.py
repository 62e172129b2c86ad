"""Evidence that nobody declared. A control stays open; a person may answer for that, for a time.

What is declared and was not read stays open, whoever says what: only where no policy file names a
log is there a gap that a waiver can cover.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from governance.controls.outcomes import counted, listed, not_evaluated
from governance.controls.subjects import position_of
from governance.model.asset import PlaceType
from governance.model.ladders import Severity
from governance.model.outcome import Finding, FindingKind, Outcome, finding_id
from governance.model.world import Control, Subject, World

_SUBJECT = "no log"


def declared_logs(world: World, kinds: Collection[PlaceType]) -> list[str]:
    """Return the logs of some types that pipelines declare, read or not, sorted."""
    return sorted(
        f"{pipeline.id}/{name}"
        for pipeline in world.policy.pipelines.values()
        for name, log in pipeline.logs.items()
        if log.type in kinds
    )


def without_logs(
    control: Control,
    subject: Subject,
    kinds: Collection[PlaceType],
    reason: str,
    severity: Severity | None = None,
) -> Outcome:
    """Return that a control is not evaluated for want of logs.

    Where none is declared, it has the gap that a waiver of the control would cover.

    Args:
        kinds: The types of logs, each of which would do.
        severity: How grave the gap is; None for the control's own severity.
    """
    declared, asset = declared_logs(subject.world, kinds), subject.asset
    if declared:
        named = counted(len(declared), "declared log")
        return not_evaluated(control, subject, f"{named} not read: {listed(declared)}")
    gap = Finding(
        id=finding_id(control.id, asset.id, place=None, field=None, subject=_SUBJECT),
        kind=FindingKind.GAP,
        severity=severity or control.severity,
        confidence=1.0,
        title="No log tells it",
        message=f"{reason}; nothing was checked",
        remedy="Declare the log in a Pipeline, scan it, and take the waiver away.",
        owner=asset.owner,
        location=position_of(subject) or asset.position,
        references=subject.world.policy.references.get(control.id, ()),
    )
    return replace(not_evaluated(control, subject, reason), subject=_SUBJECT, gap=gap)
