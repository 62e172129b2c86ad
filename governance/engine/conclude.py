"""From what was measured to a run: controls, waivers, what was known, the exit code.

Scan and check end here alike, so that neither can be milder than the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from governance import __version__
from governance.controls.evaluate import evaluate
from governance.controls.followup import FindingsClosedInTime
from governance.controls.registry import CONTROLS
from governance.engine.baseline import Baseline, apply_baseline
from governance.engine.details import describe, summarise_accesses
from governance.engine.triage import FailOn, apply_waivers, exit_code, in_words, mark_known
from governance.model.asset import Asset
from governance.model.facts import AssetFacts, TrailFacts
from governance.model.outcome import Outcome, Status
from governance.model.run import Run
from governance.model.world import OpenFinding, World


@dataclass(frozen=True)
class Circumstances:
    """What a run's header tells.

    Args:
        known: Findings of earlier runs, and when each was first seen.
        notes: Sentences a reader must not miss.
        baseline: The list of findings that do not fail the run.
    """

    command: str
    run: str
    clock: Callable[[], datetime]
    fail_on: tuple[FailOn, ...]
    known: Mapping[str, datetime]
    notes: tuple[str, ...]
    baseline: Baseline | None = None


def conclude(world: World, facts: tuple[AssetFacts, ...], under: Circumstances) -> Run:
    """Evaluate every control on every asset and return the run; ``world.now`` is its start."""
    policy = world.policy
    assets = tuple(each.asset for each in facts)
    outcomes, waivers = apply_waivers(_outcomes(assets, world), policy, world.today)
    outcomes, use = apply_baseline(outcomes, under.baseline)
    # NOTE: what the baseline lists and is open all the same became more severe, and is new.
    listed = under.baseline.entries if under.baseline else {}
    known = {each: seen for each, seen in under.known.items() if each not in listed}
    outcomes = mark_known(outcomes, known)
    run = Run(
        id=under.run,
        command=under.command,
        project=policy.project.id,
        started=world.now,
        finished=under.clock(),
        tool_version=__version__,
        policy_digest=policy.digest,
        exit_code=0,
        assets=facts,
        outcomes=outcomes,
        waivers=waivers,
        accesses=summarise_accesses(world.accesses, outcomes),
        details=describe(assets, policy),
        notes=(*under.notes, *_without_evidence(outcomes)),
        baseline=use,
    )
    return judge(run, under.fail_on, trail=world.trail)


def judge(
    run: Run, fail_on: tuple[FailOn, ...], *, trail: TrailFacts, only_new: bool = False
) -> Run:
    """Return the run with its exit code and the reason for it.

    Args:
        only_new: Whether findings that were there before do not count.
    """
    broken = trail.problem is not None
    code = exit_code(run.outcomes, run.assets, fail_on, trail_broken=broken, only_new=only_new)
    words = in_words(run.outcomes, fail_on, only_new=only_new)
    return replace(
        run,
        exit_code=code,
        verdict=words if code == 1 else "",
        otherwise=words if code == 3 else "",
    )


def _without_evidence(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Say where nothing was checked, because a waiver stands for evidence that nobody has."""
    gaps = sum(each.status is Status.WAIVED and each.gap is not None for each in outcomes)
    if not gaps:
        return ()
    outcome = "1 outcome" if gaps == 1 else f"{gaps:,} outcomes"
    return (f"of {outcome} nothing was checked: a waiver stands for evidence that is not there",)


def _outcomes(assets: Sequence[Asset], world: World) -> tuple[Outcome, ...]:
    """Evaluate every control; the one that asks how old findings are comes after the others."""
    if not world.policy.project.review.findings:
        return evaluate(assets, world)
    last = FindingsClosedInTime.id
    others = tuple(control for control in CONTROLS if control.id != last)
    outcomes = evaluate(assets, world, others)
    triaged, _ = apply_waivers(outcomes, world.policy, world.today)
    world = replace(world, open_findings=_open_findings(triaged, world))
    asking = tuple(control for control in CONTROLS if control.id == last)
    return (*outcomes, *evaluate(assets, world, asking))


def _open_findings(
    outcomes: Sequence[Outcome], world: World
) -> Mapping[str, tuple[OpenFinding, ...]]:
    since, found = world.chronicle.open_since, dict[str, list[OpenFinding]]()
    for outcome in outcomes:
        if outcome.status is Status.FAIL and outcome.finding:
            one = outcome.finding
            # NOTE: a clock that was given may lie before the trail's own.
            first = min(since.get(one.id, world.now), world.now)
            found.setdefault(outcome.asset, []).append(OpenFinding(one.id, one.severity, first))
    return {asset: tuple(each) for asset, each in found.items()}
