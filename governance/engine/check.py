"""The straight line of ``check``: policy and stored facts, no data read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from governance.engine.base import compare, load_base, under_base
from governance.engine.baseline import Baseline, committed_baseline, read_baseline
from governance.engine.conclude import Circumstances, conclude, judge
from governance.engine.inventory import TRAIL_ASSET, declared_assets
from governance.engine.snapshot import Snapshot, load_snapshot
from governance.engine.triage import FailOn
from governance.engine.workspace import Workspace
from governance.errors import FactsError
from governance.facts.store import FactStore
from governance.model.asset import Asset
from governance.model.facts import AccessUse, AssetFacts, ColumnFlow, LineageUse, TrailFacts
from governance.model.policy import EffectivePolicy
from governance.model.run import Run
from governance.model.world import World


@dataclass(frozen=True)
class CheckRequest:
    """What a check needs from outside.

    Args:
        trail: What verifying the workspace's trail found; not enabled where there is none.
        base: The branch that this one will be merged into; None compares with nothing.
    """

    workspace: Workspace
    run: str
    clock: Callable[[], datetime]
    trail: TrailFacts
    fail_on: tuple[FailOn, ...] = (FailOn.HIGH,)
    base: str | None = None


def check(request: CheckRequest) -> Run:
    """Evaluate today's policy files over what the last scans measured.

    An asset that no scan has measured has no facts, and what needs them is not evaluated. Beside
    a base only what the branch adds makes the exit code 1; what it found there is shown.

    Raises:
        FactsError: If no scan has left facts.
        UsageError: If the base cannot be read.
    """
    policy, root, now = request.workspace.policy, request.workspace.root, request.clock()
    base = load_base(root, request.base) if request.base is not None else None
    stored = _stored(request.workspace)
    if base is None:
        return _evaluate(policy, request, stored, now, read_baseline(request.workspace))
    baseline = committed_baseline(root, base.fork, base.policy) if base.policy else None
    head = _evaluate(under_base(policy, base), request, stored, now, baseline)
    compared = compare(head, base, lambda other: _evaluate(other, request, stored, now))
    compared = replace(compared, policy_digest=policy.digest)
    return judge(compared, request.fail_on, trail=request.trail, only_new=True)


def _evaluate(
    policy: EffectivePolicy,
    request: CheckRequest,
    stored: tuple[tuple[Snapshot, ...], dict[str, datetime]],
    now: datetime,
    baseline: Baseline | None = None,
) -> Run:
    snapshots, known = stored
    measured = _newest_per_asset(snapshots)
    shadow = tuple(facts.asset for facts in measured.values() if not facts.asset.declared)
    assets = (*declared_assets(policy), *shadow, TRAIL_ASSET)
    facts = tuple(_facts(asset, measured) for asset in assets)
    world = World(
        policy=policy,
        now=now,
        facts={each.asset.id: each for each in facts if each.places},
        trail=request.trail,
        accesses=_accesses(snapshots),
        access_logs=tuple(_newest_log(snapshots, lambda each: each.access_logs)),
        lineage=_lineage(snapshots),
        lineage_logs=tuple(_newest_log(snapshots, lambda each: each.lineage_logs)),
        flows=_flows(snapshots),
    )
    notes = (f"no data was read: the facts are of {snapshots[0].taken:%Y-%m-%d %H:%M} UTC",)
    under = Circumstances(
        "check",
        request.run,
        request.clock,
        request.fail_on,
        known=known,
        notes=notes,
        baseline=baseline,
    )
    return conclude(world, facts, under)


def _stored(workspace: Workspace) -> tuple[tuple[Snapshot, ...], dict[str, datetime]]:
    if workspace.facts.exists():
        with FactStore.open(workspace.facts) as store:
            snapshots = tuple(load_snapshot(each) for each in store.snapshots(until=None))
            known = dict(store.known_findings())
        if snapshots:
            return snapshots, known
    raise FactsError(
        where=str(workspace.facts),
        problem="no scan has left facts here, so nothing was checked",
        remedy="run 'governance scan' first",
    )


def _newest_per_asset(snapshots: Iterable[Snapshot]) -> dict[str, AssetFacts]:
    """Snapshots come newest first; the first one that read an asset wins.

    What nobody declares is taken from the newest scan of everything: a scan of one asset did
    not look for it, and what only an older scan saw may be gone by now.
    """
    newest: dict[str, AssetFacts] = {}
    whole = next((each.run for each in snapshots if not each.targets), None)
    for snapshot in snapshots:
        for facts in snapshot.assets:
            if facts.places and (facts.asset.declared or snapshot.run == whole):
                newest.setdefault(facts.asset.id, facts)
    return newest


def _facts(asset: Asset, measured: Mapping[str, AssetFacts]) -> AssetFacts:
    """Keep only the readings of places that the policy still declares as they were read."""
    known = measured.get(asset.id)
    uris = {place.name: place.uri for place in asset.places}
    places = known.places if known else ()
    return AssetFacts(asset, tuple(each for each in places if uris.get(each.place) == each.uri))


def _accesses(snapshots: Sequence[Snapshot]) -> tuple[AccessUse, ...]:
    """Return the newest reading of each access log."""
    return tuple(
        use
        for log, snapshot in _newest_log(snapshots, lambda each: each.access_logs).items()
        for use in snapshot.accesses
        if use.log == log
    )


def _lineage(snapshots: Sequence[Snapshot]) -> tuple[LineageUse, ...]:
    """Return the newest reading of each lineage log."""
    return tuple(
        use
        for log, snapshot in _newest_log(snapshots, lambda each: each.lineage_logs).items()
        for use in snapshot.lineage
        if use.log == log
    )


def _flows(snapshots: Sequence[Snapshot]) -> tuple[ColumnFlow, ...]:
    """Return what the newest reading of each lineage log tells of columns."""
    return tuple(
        flow
        for log, snapshot in _newest_log(snapshots, lambda each: each.lineage_logs).items()
        for flow in snapshot.flows
        if flow.log == log
    )


def _newest_log(
    snapshots: Sequence[Snapshot], logs: Callable[[Snapshot], tuple[str, ...]]
) -> dict[str, Snapshot]:
    newest: dict[str, Snapshot] = {}
    for snapshot in snapshots:
        for log in logs(snapshot):
            newest.setdefault(log, snapshot)
    return newest
