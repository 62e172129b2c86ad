"""The straight line of ``scan``: policy, data, evidence, controls, triage, trail, facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from governance import __version__
from governance.detectors import engines
from governance.engine import record
from governance.engine.baseline import Baseline, read_baseline
from governance.engine.chronicle import read_chronicle
from governance.engine.conclude import Circumstances, conclude
from governance.engine.continuity import count_lost
from governance.engine.earlier import read_earlier
from governance.engine.inventory import take_inventory
from governance.engine.ledger import Ledger
from governance.engine.lens import Examined, Lens
from governance.engine.logs import access_logs, lineage_logs
from governance.engine.naming import Names
from governance.engine.notes import notes_of
from governance.engine.reuse import DECISIVE, Reuse, plan_reuse
from governance.engine.snapshot import Snapshot, dump_snapshot
from governance.engine.triage import FailOn
from governance.engine.workspace import Workspace
from governance.facts.runs import RunRecord
from governance.facts.store import FactStore
from governance.formats.document import dump_document, run_document
from governance.model.chronicle import Chronicle
from governance.model.facts import AssetFacts, TrailFacts
from governance.model.run import Run
from governance.model.trail import Event
from governance.model.world import World
from governance.sources.extent import EVERYTHING, Extent
from governance.sources.limits import ReadLimits
from governance.sources.names import told_path

if TYPE_CHECKING:
    from governance.detectors.explain import Explanation
    from governance.engine.pool import Progress


@dataclass(frozen=True)
class ScanRequest:
    """Everything a scan needs from outside; nothing below it reads clock or environment.

    Args:
        targets: Asset ids, paths or globs; none is every declared asset.
        here: What relative targets are relative to.
        run: The run's id. clock: The instant, aware.
        secret: The key of the fingerprints.
        ledger: The trail to write to; None for an ad hoc scan without one.
        fail_on: What makes the exit code 1.
        workers: Processes that read at once.
        clock_given: Whether a person set the clock, which the trail then says.
        full: Whether to read again what an earlier run read of the same bytes.
        extent: How much of each place is examined.
        explain: A field whose evidence is told. tell: Whom, for each place that has it.
    """

    workspace: Workspace
    targets: tuple[str, ...]
    here: Path
    run: str
    clock: Callable[[], datetime]
    secret: bytes
    ledger: Ledger | None
    fail_on: tuple[FailOn, ...] = (FailOn.HIGH,)
    workers: int = 1
    clock_given: bool = False
    full: bool = False
    extent: Extent = EVERYTHING
    explain: str | None = None
    tell: Callable[[str, Explanation], None] | None = None


def scan(request: ScanRequest, progress: Progress) -> Run:
    """Examine the targets, record everything, and return what was concluded.

    Raises:
        NothingToDoError: If there is nothing to examine.
        UsageError: If the baseline cannot be read.
        TrailError: If the trail cannot be written; no verdict exists then.
    """
    started, baseline = request.clock(), read_baseline(request.workspace)
    with request.ledger or nullcontext() as ledger:
        if ledger is None:
            examined, _ = _examine(request, progress)
            return _conclude(examined, request, started, TrailFacts(0, "", None, False), baseline)
        # NOTE: before the inventory, which opens files to see what lies in them.
        ledger.append([record.policy_loaded(request.workspace.policy), _started(request)])
        try:
            examined, reuse = _examine(request, progress)
            run = _conclude(examined, request, started, _verified(request, ledger), baseline)
        # NOTE: BaseException, for an interrupt is no Exception, and a run that it stops must leave
        # its mark in the trail as well; it goes on up unchanged.
        except BaseException as cause:
            ledger.append([Event("scan.aborted", {"reason": type(cause).__name__})])
            ledger.seal()
            raise
        document = dump_document(run_document(run))
        ledger.append(_results(run, document))
        ledger.seal()
    _store(run, document, examined, request, reuse)
    return run


def _examine(request: ScanRequest, progress: Progress) -> tuple[tuple[Examined, ...], Reuse]:
    assets = take_inventory(request.workspace, request.targets, request.here, request.secret)
    workspace = request.workspace
    engines.check_model(workspace.policy.project.nlp, workspace.root)
    names = Names(workspace.policy, request.secret)
    lens = Lens(workspace, request.secret, names, ReadLimits(), request.extent, request.explain)
    reuse = Reuse(assets)
    if workspace.declared:
        full = request.full or request.explain is not None
        reuse = plan_reuse(assets, lens, workspace.facts, run=request.run, full=full)
    found = _read(reuse, lens, request.workers, progress)
    if request.tell is not None:
        for uri, explanation in (told for each in found for told in each.explanations):
            request.tell(uri, explanation)
    return reuse.complete(assets, found), reuse


def _read(reuse: Reuse, lens: Lens, workers: int, progress: Progress) -> tuple[Examined, ...]:
    if not any(asset.places for asset in reuse.fresh):
        return tuple(Examined(AssetFacts(asset)) for asset in reuse.fresh)
    # NOTE: a scan that finds everything as it was loads none of the libraries that read.
    from governance.engine.pool import examine_all

    return examine_all(reuse.fresh, lens, workers=workers, progress=progress, growing=reuse.growing)


def _verified(request: ScanRequest, ledger: Ledger) -> TrailFacts:
    found = ledger.verify()
    if found.problem is not None:
        return found
    return replace(found, lost=count_lost(request.workspace, ledger.path))


def _conclude(
    examined: Sequence[Examined],
    request: ScanRequest,
    started: datetime,
    trail: TrailFacts,
    baseline: Baseline | None,
) -> Run:
    facts = tuple(each.facts for each in examined)
    world = World(
        policy=request.workspace.policy,
        now=started,
        facts={each.asset.id: each for each in facts if each.places},
        trail=trail,
        accesses=tuple(use for each in examined for use in each.accesses),
        access_logs=access_logs(examined),
        lineage=tuple(use for each in examined for use in each.lineage),
        lineage_logs=lineage_logs(examined),
        flows=tuple(flow for each in examined for flow in each.flows),
        has_workspace=request.workspace.declared,
        chronicle=_past(request, trail, started),
    )
    earlier = read_earlier(request.workspace)
    named = [request.here / target for target in request.targets]
    notes = notes_of(request.workspace, examined, named, has_trail=request.ledger is not None)
    under = Circumstances(
        "scan",
        request.run,
        lambda: earlier.behind(request.clock()),
        request.fail_on,
        known=earlier.known,
        notes=notes,
        baseline=baseline,
    )
    return conclude(world, facts, under)


def _past(request: ScanRequest, trail: TrailFacts, started: datetime) -> Chronicle:
    if request.ledger is None:
        return Chronicle()
    ledger, policy = request.ledger, request.workspace.policy
    return read_chronicle(ledger.path, trail, policy, started, ledger.privacy)


def _store(
    run: Run,
    document: bytes,
    examined: Sequence[Examined],
    request: ScanRequest,
    reuse: Reuse,
) -> None:
    if not request.workspace.declared:
        return
    snapshot = Snapshot(
        run=run.id,
        taken=run.started,
        targets=tuple(told_path(target) for target in request.targets),
        assets=run.assets,
        accesses=tuple(use for each in examined for use in each.accesses),
        access_logs=access_logs(examined),
        lineage=tuple(use for each in examined for use in each.lineage),
        lineage_logs=lineage_logs(examined),
        flows=tuple(flow for each in examined for flow in each.flows),
    )
    kept = RunRecord(
        id=run.id,
        command=run.command,
        finished=run.finished,
        policy_digest=run.policy_digest,
        exit_code=run.exit_code,
        document=document,
        snapshot=dump_snapshot(snapshot),
    )
    readings = reuse.readings(examined, run.id, request.workspace.root)
    with FactStore.open(request.workspace.facts) as store:
        store.save(kept, used=reuse.used, readings=readings)


def _started(request: ScanRequest) -> Event:
    policy = request.workspace.policy
    return Event(
        "scan.started",
        {
            "command": "scan",
            "targets": [told_path(target) for target in request.targets[:100]],
            "project": policy.project.id,
            "policy_digest": policy.digest,
            "tool": {"name": "governance", "version": __version__},
            "libraries": {name: version(name) for name in DECISIVE},
            "options": {
                "fail_on": [each.value for each in request.fail_on],
                "clock": "given" if request.clock_given else "host",
            },
        },
    )


def _results(run: Run, document: bytes) -> list[Event]:
    examined = [event for facts in run.assets for event in record.datasets_examined(facts)]
    findings = record.findings_recorded(run.outcomes)
    return [*examined, *findings, record.run_finished(run, document)]
