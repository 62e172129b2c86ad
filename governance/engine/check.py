"""The straight line of ``check``: policy and stored facts; of data, only what a change brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from governance.engine.base import Base, compare, load_base, under_base
from governance.engine.baseline import Baseline, committed_baseline, read_baseline
from governance.engine.chronicle import read_chronicle
from governance.engine.conclude import Circumstances, conclude, judge
from governance.engine.gate import Asked, Wishes, asked_of
from governance.engine.held import Held, Terms, hold
from governance.engine.travel import find_facts
from governance.engine.vouched import doubts, facts_of_base, newest_vouched
from governance.engine.workspace import Workspace
from governance.model.chronicle import Chronicle
from governance.model.facts import AssetFacts, TrailFacts
from governance.model.measured import Stored
from governance.model.outcome import Outcome, Status
from governance.model.policy import EffectivePolicy
from governance.model.run import Run
from governance.model.world import World
from governance.policy.corpus import Memory

if TYPE_CHECKING:
    from governance.trail.privacy import Privacy
    from governance.trail.storage import Where


@dataclass(frozen=True)
class CheckRequest:
    """What a check needs from outside.

    Args:
        trail: What verifying the workspace's trail found; not enabled where there is none.
        base: The branch that this one will be merged into; None compares with nothing.
        baselined: Whether what the baseline lists is told apart.
        trail_at: Where the trail is kept; None for the workspace's own file.
        people: Who knows the names of the people of the trail.
        facts: A file or an address that a person named; None for what is found here.
        secret: The key of the fingerprints, for data that the change brings.
        workers: Processes that read such data.
        memory: What the files of the workspace hold, so that a base reads only others.
    """

    workspace: Workspace
    run: str
    clock: Callable[[], datetime]
    trail: TrailFacts
    base: str | None = None
    wishes: Wishes = field(default_factory=Wishes)
    facts: str | None = None
    secret: bytes = b""
    workers: int = 1
    baselined: bool = True
    trail_at: Where | None = None
    people: Privacy | None = None
    memory: Memory | None = None


def check(request: CheckRequest) -> Run:
    """Evaluate today's policy files over what the last scans measured.

    An asset that no scan has measured has no facts, and what needs them is not evaluated. Beside
    a base only what the branch adds makes the exit code 1; what it found there is shown.

    Raises:
        FactsError: If the facts that were named cannot be read, or are not what was exported.
        UsageError: If the base cannot be read.
    """
    workspace, now = request.workspace, request.clock()
    base = (
        load_base(workspace.root, request.base, request.memory)
        if request.base is not None
        else None
    )
    policy = workspace.policy if base is None else under_base(workspace.policy, base)
    gate = policy.project.gate
    asked = asked_of(gate, request.wishes, beside_base=base is not None)
    stored = find_facts(workspace, request.facts, gate, policy)
    if base is None:
        known = read_baseline(workspace) if request.baselined else None
        return _Desk(request, asked, now, known).evaluate(policy, stored)
    known = committed_baseline(workspace.root, base.fork, base.policy) if base.policy else None
    return _beside(base, policy, stored, _Desk(request, asked, now, known))


@dataclass(frozen=True)
class _Desk:
    """One check's evaluations, all at the same instant and under the same demands."""

    request: CheckRequest
    asked: Asked
    now: datetime
    baseline: Baseline | None = None

    def evaluate(
        self, policy: EffectivePolicy, stored: Stored, brought: Sequence[AssetFacts] = ()
    ) -> Run:
        """Evaluate a policy over stored facts, and over the data that the change brings."""
        needs_voucher = not stored.is_trusted and policy.project.trail is not None
        held = hold(policy, stored, Terms(self.now, self.asked.max_facts_age, needs_voucher))
        facts = _with(held.facts, brought)
        world = World(
            policy=policy,
            now=self.now,
            facts={each.asset.id: each for each in facts if each.places},
            trail=self.request.trail,
            accesses=held.accesses,
            access_logs=held.access_logs,
            lineage=held.lineage,
            lineage_logs=held.lineage_logs,
            flows=held.flows,
            chronicle=self.past(policy),
        )
        under = Circumstances(
            "check",
            self.request.run,
            self.request.clock,
            self.asked.fail_on,
            known=stored.findings,
            notes=held.notes,
            baseline=self.baseline,
        )
        run = conclude(world, facts, under)
        return replace(run, outcomes=tuple(_told(each, held) for each in run.outcomes))

    def past(self, policy: EffectivePolicy) -> Chronicle:
        """Return what the workspace's trail tells of the time before."""
        return read_chronicle(
            self.request.trail_at or self.request.workspace.trail,
            self.request.trail,
            policy,
            self.now,
            self.request.people,
        )


def _beside(base: Base, policy: EffectivePolicy, stored: Stored, desk: _Desk) -> Run:
    """Return the run of a branch, with what is new beside its base."""
    from governance.engine.brought import scan_brought

    request = desk.request
    before = facts_of_base(request.workspace.root, base.fork, stored, policy)
    stored = newest_vouched(stored, before, policy)
    brought = scan_brought(request, base.fork, policy, stored)
    head = desk.evaluate(policy, stored, brought.facts)
    extra = [desk.evaluate(policy, stored, brought.parts)] if brought.parts else []
    notes = [*head.notes, *brought.notes]
    if before is not None and (told := doubts(stored, before)):
        notes += told
        extra.append(desk.evaluate(policy, before))
    plain = replace(desk, baseline=None)
    was = plain.evaluate(base.policy, before or stored) if base.policy else None
    head = replace(head, notes=tuple(notes), policy_digest=request.workspace.policy.digest)
    compared = compare(policy, head, was, extra, base)
    return judge(compared, desk.asked.fail_on, trail=request.trail, only_new=True)


def _with(held: Sequence[AssetFacts], brought: Sequence[AssetFacts]) -> tuple[AssetFacts, ...]:
    """Return the facts with the places that were read now in the place of stored ones."""
    found = {facts.asset.id: facts for facts in held}
    for fresh in brought:
        known = found.get(fresh.asset.id)
        places = {read.place: read for read in (*(known.places if known else ()), *fresh.places)}
        asset = known.asset if known else fresh.asset
        found[fresh.asset.id] = AssetFacts(asset, tuple(places.values()))
    return tuple(found.values())


def _told(outcome: Outcome, held: Held) -> Outcome:
    reason = held.reasons.get(outcome.asset)
    if outcome.status is not Status.NOT_EVALUATED or reason is None:
        return outcome
    return replace(outcome, reason=reason)
