"""What earlier scans left, from whichever store: the newest record of each asset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from governance.engine.snapshot import Snapshot, load_snapshot
from governance.errors import FactsError
from governance.model.facts import AccessUse, ColumnFlow, LineageUse
from governance.model.measured import AssetRecord, Stored
from governance.model.policy import EffectivePolicy

if TYPE_CHECKING:
    from governance.facts.store import FactStore

_Use = TypeVar("_Use", AccessUse, LineageUse, ColumnFlow)

# How far back an asset is looked for that the newest scan of everything did not see.
RUNS_AT_MOST = 100


def read_store(store: FactStore, policy: EffectivePolicy, source: str) -> Stored:
    """Return the newest record of each asset in an open store.

    Raises:
        FactsError: If the store cannot be read, or is another project's.
    """
    project = store.project()
    if project not in (None, policy.project.id):
        problem = f"it holds the facts of another project, '{project}'"
        raise FactsError(source, problem, f"name the facts of '{policy.project.id}'")
    declared = {*policy.datasets, *_logs(policy)}
    snapshots = tuple(_needed(store, declared))
    if not snapshots:
        return Stored((), source, is_trusted=True)
    findings = store.findings_by_asset()
    known = {each: first for pairs in findings.values() for each, first in pairs}
    return Stored(newest_records(snapshots, findings), source, is_trusted=True, known=known)


def newest_records(
    snapshots: Iterable[Snapshot],
    findings: Mapping[str, tuple[tuple[str, datetime], ...]],
) -> tuple[AssetRecord, ...]:
    """Return the first record of each asset in snapshots that come newest first.

    What nobody declares is taken from the newest scan of everything: a scan of one asset did
    not look for it, and what only an older scan saw may be gone by now.

    Args:
        findings: Known findings by asset id.
    """
    newest: dict[tuple[str, str], AssetRecord] = {}
    whole_seen = False
    for snapshot in snapshots:
        is_whole = not snapshot.targets and not whole_seen
        whole_seen = whole_seen or is_whole
        accesses, lineage = _by_log(snapshot.accesses), _by_log(snapshot.lineage)
        flows = _by_log(snapshot.flows)
        for facts in snapshot.assets:
            key = (facts.asset.kind.value, facts.asset.id)
            is_told = bool(facts.places or findings.get(facts.asset.id))
            if is_told and (facts.asset.declared or is_whole) and key not in newest:
                log = facts.asset.id
                newest[key] = AssetRecord(
                    facts=facts,
                    run=snapshot.run,
                    taken=snapshot.taken,
                    accesses=accesses(log),
                    lineage=lineage(log),
                    flows=flows(log),
                    is_access_log=log in snapshot.access_logs,
                    is_lineage_log=log in snapshot.lineage_logs,
                    findings=findings.get(log, ()),
                )
    return tuple(record for _, record in sorted(newest.items()))


def _needed(store: FactStore, declared: set[str]) -> Iterable[Snapshot]:
    """Yield snapshots newest first, until everything was scanned and nothing declared lacks."""
    missing, was_whole = set(declared), False
    for number, stored in enumerate(store.snapshots(until=None), start=1):
        snapshot = load_snapshot(stored)
        yield snapshot
        missing -= {facts.asset.id for facts in snapshot.assets if facts.places}
        was_whole = was_whole or not snapshot.targets
        if was_whole and (not missing or number >= RUNS_AT_MOST):
            return


def _by_log(uses: Iterable[_Use]) -> Callable[[str], tuple[_Use, ...]]:
    found: dict[str, list[_Use]] = defaultdict(list)
    for use in uses:
        found[use.log].append(use)
    return lambda log: tuple(found.get(log, ()))


def _logs(policy: EffectivePolicy) -> Iterable[str]:
    return (f"{each.id}/{name}" for each in policy.pipelines.values() for name in each.logs)
