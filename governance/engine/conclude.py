"""From what was measured to a run: controls, waivers, what was known, the exit code.

Scan and check end here alike, so that neither can be milder than the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from governance import __version__
from governance.controls.evaluate import evaluate
from governance.engine.details import describe, summarise_accesses
from governance.engine.triage import FailOn, apply_waivers, exit_code, in_words, mark_known
from governance.model.facts import AssetFacts
from governance.model.run import Run
from governance.model.world import World


@dataclass(frozen=True)
class Circumstances:
    """What a run's header tells.

    Args:
        known: Findings of earlier runs, and when each was first seen.
        notes: Sentences a reader must not miss.
    """

    command: str
    run: str
    clock: Callable[[], datetime]
    fail_on: tuple[FailOn, ...]
    known: Mapping[str, datetime]
    notes: tuple[str, ...]


def conclude(world: World, facts: tuple[AssetFacts, ...], under: Circumstances) -> Run:
    """Evaluate every control on every asset and return the run; ``world.now`` is its start."""
    policy = world.policy
    assets = tuple(each.asset for each in facts)
    outcomes, waivers = apply_waivers(evaluate(assets, world), policy, world.today)
    outcomes = mark_known(outcomes, under.known)
    trail_broken = world.trail.problem is not None
    code = exit_code(outcomes, facts, under.fail_on, trail_broken=trail_broken)
    return Run(
        id=under.run,
        command=under.command,
        project=policy.project.id,
        started=world.now,
        finished=under.clock(),
        tool_version=__version__,
        policy_digest=policy.digest,
        exit_code=code,
        assets=facts,
        outcomes=outcomes,
        waivers=waivers,
        accesses=summarise_accesses(world.accesses, outcomes),
        details=describe(assets, policy),
        notes=under.notes,
        verdict=in_words(outcomes, under.fail_on) if code == 1 else "",
    )
