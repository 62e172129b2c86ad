"""Waivers as their owners look at them: how each stands, which run out, what a new one covers."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from governance.controls.registry import CONTROLS
from governance.engine.triage import apply_waivers, waiver_state
from governance.errors import UsageError
from governance.model.documents import Waiver
from governance.model.ladders import Duration, Severity
from governance.model.outcome import Outcome, Status
from governance.model.policy import EffectivePolicy
from governance.model.position import Position
from governance.model.run import Run, WaiverState

_LONGEST_ID = 100


@dataclass(frozen=True)
class Standing:
    """One waiver on a day.

    Args:
        matched: Findings that it covers; None where no scan has left facts.
        days_left: Days after this one in which it counts; 0 on its last day, less when it is over.
        position: The line that declares it.
    """

    waiver: Waiver
    state: WaiverState
    matched: int | None
    days_left: int
    position: Position | None


@dataclass(frozen=True, slots=True)
class Covered:
    """What a waiver is to cover: a control or a rule, an asset, and perhaps a part of it."""

    control: str | None
    rule: str | None
    dataset: str
    field: str | None = None
    location: str | None = None


def standings(policy: EffectivePolicy, run: Run | None, today: date) -> tuple[Standing, ...]:
    """Return how every waiver stands, those that end first at the top.

    Args:
        run: What is found today; None where nothing was measured.
    """
    matched = {use.id: use.matched for use in run.waivers} if run else {}
    rows = [
        Standing(
            waiver=waiver,
            # NOTE: without facts nobody knows whether it is used; it is not called unused then.
            state=waiver_state(waiver, today, matched.get(waiver.id, 1)),
            matched=matched.get(waiver.id) if run else None,
            days_left=(waiver.expires - today).days,
            position=policy.position("Waiver", waiver.id),
        )
        for waiver in policy.waivers.values()
    ]
    return tuple(sorted(rows, key=lambda row: (row.waiver.expires, row.waiver.id)))


def due(rows: Iterable[Standing], within: Duration, today: date) -> tuple[Standing, ...]:
    """Return the waivers that have run out, or whose last day is at most that far away."""
    last = within.after(today)
    return tuple(row for row in rows if row.waiver.expires <= last)


def covered_by_finding(run: Run, written: str, policy: EffectivePolicy) -> Covered:
    """Return what a waiver of one finding covers: its control, asset, field and place, no more.

    Args:
        written: The finding's id, or its beginning.

    Raises:
        UsageError: If no open finding, or more than one, begins like that.
    """
    found = {
        each.finding.id: each
        for each in run.outcomes
        if each.finding and each.finding.id.startswith(written.lower())
    }
    if not written or not found:
        problem = "no finding of the last scan has an id that begins like this"
        raise UsageError(written[:40] or "FINDING", problem, "copy the id from an output of a run")
    if len(found) > 1:
        problem = f"{len(found):,} findings of the last scan have ids that begin like this"
        raise UsageError(written[:40], problem, "write more of the id")
    (outcome,) = found.values()
    if outcome.status is Status.WAIVED and outcome.finding:
        problem = f"the waiver '{outcome.finding.waiver}' covers it already"
        raise UsageError(written[:40], problem, "renew that one")
    dataset = policy.datasets.get(outcome.asset)
    is_declared = dataset is not None and outcome.place in dataset.locations
    return Covered(
        control=outcome.control,
        rule=None,
        dataset=outcome.asset,
        # NOTE: a waiver's field is a pattern; a column may be called '*'.
        field=glob.escape(outcome.field) if outcome.field else None,
        location=outcome.place if is_declared else None,
    )


def severities(covered: Covered, run: Run | None, policy: EffectivePolicy) -> set[Severity]:
    """Return how severe what a waiver is to cover is: as found today, else as it is declared."""
    found = {
        each.finding.severity
        for each in (run.outcomes if run else ())
        if each.finding and _concerns(covered, each)
    }
    if found:
        return found
    rules = {rule.id: rule.severity for rule in policy.rules()}
    declared = rules | {control.id: control.severity for control in CONTROLS}
    named = covered.control or covered.rule or ""
    return {declared[named]} if named in declared else set()


def last_day(
    opened: date, weights: Iterable[Severity], policy: EffectivePolicy
) -> tuple[date, str] | None:
    """Return the last day that a waiver opened on a day may have, and the limit that says so."""
    limits = policy.project.limits.waiver_max
    bounds = [
        (
            limits[severity].after(opened),
            f"limits.waiver_max.{severity.value} of {limits[severity]}",
        )
        for severity in weights
        if severity in limits
    ]
    return min(bounds) if bounds else None


def check_approvers(policy: EffectivePolicy, approvers: Iterable[str], today: date) -> None:
    """Refuse an approver whom no policy file knows as somebody of today.

    Raises:
        UsageError: For the first such.
    """
    for approver in approvers:
        if not policy.is_active(approver, today):
            problem = f"'{approver[:80]}' is no active member of a team, and no team with a lead"
            raise UsageError("--approved-by", problem, "name who may answer for it today")


def count_covered(run: Run, policy: EffectivePolicy, waiver: Waiver, today: date) -> int:
    """Return how many findings that are open today a new waiver covers."""
    alone = replace(policy, waivers={waiver.id: waiver})
    _, uses = apply_waivers(run.outcomes, alone, today)
    return uses[0].matched


def new_id(covered: Covered, taken: Iterable[str]) -> str:
    """Return an id for a waiver, from what it covers, that no other has."""
    parts = (covered.control or covered.rule, covered.dataset, covered.location, covered.field)
    words = "-".join(part for part in parts if part).lower()
    base = re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:_LONGEST_ID] or "waiver"
    known, number, name = set(taken), 1, base
    while name in known:
        number += 1
        name = f"{base}-{number}"
    return name


def _concerns(covered: Covered, outcome: Outcome) -> bool:
    rule = outcome.finding.rule if outcome.finding else None
    is_same = outcome.control == covered.control if covered.control else rule == covered.rule
    field = glob.escape(outcome.field) if outcome.field else None
    return (
        is_same
        and outcome.asset == covered.dataset
        and covered.field in (None, field, outcome.field)
        and covered.location in (None, outcome.place)
    )
