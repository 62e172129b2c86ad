"""After evaluation: which findings a waiver covers, which are new, and the exit code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from governance.model.clock import in_force
from governance.model.documents import Waiver
from governance.model.facts import AssetFacts
from governance.model.ladders import Duration, Severity
from governance.model.outcome import FindingKind, FindingState, Outcome, Status
from governance.model.policy import EffectivePolicy
from governance.model.run import WaiverState, WaiverUse


class FailOn(StrEnum):
    """What makes a run end with exit code 1."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"
    NEVER = "never"
    GAP = "gap"
    NEW = "new"


_PHRASES = {FailOn.GAP: "gaps: {}", FailOn.NEW: "new findings: {}"}


def apply_waivers(
    outcomes: Iterable[Outcome], policy: EffectivePolicy, today: date
) -> tuple[tuple[Outcome, ...], tuple[WaiverUse, ...]]:
    """Return the outcomes with covered failures as waived, and how each waiver was used.

    A waiver never makes a finding disappear: it stays, as ``waived`` with the waiver's id. Of what
    was not evaluated it covers what has a gap: a log that nobody declared, a threshold that
    nobody measures.
    """
    living = [waiver for waiver in policy.waivers.values() if _is_alive(waiver, today)]
    limits = policy.project.limits.waiver_max
    matched = dict.fromkeys(policy.waivers, 0)
    triaged = []
    for outcome in outcomes:
        waiver, found = _covering(outcome, living, limits), outcome.finding or outcome.gap
        if waiver and found:
            matched[waiver.id] += 1
            finding = replace(found, state=FindingState.WAIVED, waiver=waiver.id)
            outcome = replace(outcome, status=Status.WAIVED, finding=finding)
        triaged.append(outcome)
    uses = tuple(
        _use(waiver, today, matched[waiver.id]) for _, waiver in sorted(policy.waivers.items())
    )
    return tuple(triaged), uses


def mark_known(outcomes: Iterable[Outcome], known: Mapping[str, datetime]) -> tuple[Outcome, ...]:
    """Return the outcomes with findings of earlier runs marked as existing."""
    return tuple(
        replace(each, finding=replace(each.finding, state=FindingState.EXISTING))
        if _is_new(each) and each.finding and each.finding.id in known
        else each
        for each in outcomes
    )


def waiver_state(waiver: Waiver, today: date, matched: int) -> WaiverState:
    """Return how a waiver stands on a day; its first and its last day belong to it."""
    if waiver.expires < today:
        return WaiverState.EXPIRED
    if today < waiver.opened:
        return WaiverState.FUTURE
    return WaiverState.ACTIVE if matched else WaiverState.UNUSED


def exit_code(
    outcomes: Sequence[Outcome],
    assets: Sequence[AssetFacts],
    fail_on: Iterable[FailOn],
    *,
    trail_broken: bool,
    only_new: bool = False,
) -> int:
    """Return the exit code of a run; the highest that applies wins (docs/adr/0003)."""
    if trail_broken:
        return 4
    concluded = {Status.PASS, Status.FAIL, Status.WAIVED}
    # NOTE: where a waiver stands for evidence, nothing was checked; that alone is never green.
    checked = any(outcome.status in concluded and not outcome.gap for outcome in outcomes)
    open_question = any(outcome.status is Status.NOT_EVALUATED for outcome in outcomes)
    unread = any(not cover.is_complete for asset in assets for cover in asset.coverage)
    if not checked or open_question or unread:
        return 3
    counted = _counted(outcomes, only_new=only_new)
    return int(any(_is_hit(outcome, threshold) for outcome in counted for threshold in fail_on))


def in_words(
    outcomes: Sequence[Outcome], fail_on: Iterable[FailOn], *, only_new: bool = False
) -> str:
    """Return why a run ends with exit code 1, as ``3 findings at or above high``, or nothing."""
    said = []
    for threshold in fail_on:
        counted = _counted(outcomes, only_new=only_new)
        count = sum(_is_hit(outcome, threshold) for outcome in counted)
        if count:
            noun = "finding" if count == 1 else "findings"
            noun = f"new {noun}" if only_new else noun
            said.append(
                _PHRASES.get(threshold, f"{{}} {noun} at or above {threshold}").format(count)
            )
    return ", ".join(said)


def _counted(outcomes: Sequence[Outcome], *, only_new: bool) -> list[Outcome]:
    return [each for each in outcomes if _is_new(each) or not only_new]


def _is_new(outcome: Outcome) -> bool:
    finding = outcome.finding
    return (
        outcome.status is Status.FAIL and finding is not None and finding.state is FindingState.NEW
    )


def _is_hit(outcome: Outcome, threshold: FailOn) -> bool:
    finding = outcome.finding
    if outcome.status is not Status.FAIL or finding is None or threshold is FailOn.NEVER:
        return False
    if finding.state is FindingState.BASELINED:
        return False
    if threshold is FailOn.GAP:
        return finding.kind is FindingKind.GAP
    if threshold is FailOn.NEW:
        return finding.state is FindingState.NEW
    return finding.severity.rank >= Severity(threshold.value).rank


def _is_alive(waiver: Waiver, today: date) -> bool:
    return in_force(since=waiver.opened, until=waiver.expires, day=today)


def _covering(
    outcome: Outcome, waivers: Iterable[Waiver], limits: Mapping[Severity, Duration]
) -> Waiver | None:
    """A waiver longer than the limit for the finding's severity covers nothing."""
    found = outcome.finding if outcome.status is Status.FAIL else outcome.gap
    if found is None or outcome.status is Status.WAIVED:
        return None
    for waiver in waivers:
        names = {outcome.control} if waiver.control else {found.rule}
        limit = limits.get(found.severity)
        fits = limit is None or waiver.expires <= limit.after(waiver.opened)
        if fits and (waiver.control or waiver.rule) in names and _targets(waiver, outcome):
            return waiver
    return None


def _targets(waiver: Waiver, outcome: Outcome) -> bool:
    target = waiver.target
    return (
        target.dataset == outcome.asset
        and (target.field is None or fnmatchcase(outcome.field or "", target.field))
        and target.location in (None, outcome.place)
    )


def _use(waiver: Waiver, today: date, matched: int) -> WaiverUse:
    parts = (waiver.target.dataset, waiver.target.field, waiver.target.location)
    return WaiverUse(
        id=waiver.id,
        target=" ".join(part for part in parts if part),
        control=waiver.control or waiver.rule or "",
        reason=waiver.reason,
        approved_by=waiver.approved_by,
        opened=waiver.opened,
        expires=waiver.expires,
        state=waiver_state(waiver, today, matched),
        matched=matched,
    )
