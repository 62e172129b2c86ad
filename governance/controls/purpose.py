"""Whether data is used for what it was collected for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, TypeVar

from governance.controls.outcomes import (
    Breach,
    Conclusion,
    counted,
    first_lines,
    not_applicable,
    not_evaluated,
    settle,
)
from governance.controls.subjects import (
    dataset_of,
    position_of,
    shown_name,
    unread_logs,
)
from governance.controls.undeclared import without_logs
from governance.model.asset import ACCESS_LOGS, AssetKind, PlaceType
from governance.model.documents import Dataset
from governance.model.facts import AccessUse, LineageUse
from governance.model.ladders import Severity
from governance.model.outcome import FindingKind, Grade, Outcome
from governance.model.taxonomy import is_within
from governance.model.world import Subject

_U = TypeVar("_U", AccessUse, LineageUse)

_LOGS = frozenset({*ACCESS_LOGS, PlaceType.OPENLINEAGE})


class UseWithinPurpose:
    """Every use of a dataset stays within its declared purposes.

    Why:
        Data collected for one purpose and used for another is the commonest breach of trust,
        and no access rule sees it: the person may read, the job may run.

    Fails when:
        A logged access, or a job's own event, names a purpose outside the dataset's; a pipeline
        whose declared purpose lies outside them reads the dataset; or a job reads it that no
        pipeline declares (reported as a gap).

    Fix:
        Stop the use, or have the purpose added by the owner after checking that it is
        compatible with what people were told. Declare the job in a Pipeline file.

    Source:
        GDPR, purpose limitation; NIST AI RMF, MAP 1.1.
    """

    id: ClassVar[str] = "use-within-purpose"
    version: ClassVar[int] = 2
    severity: ClassVar[Severity] = Severity.HIGH
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        world, dataset = subject.world, dataset_of(subject)
        logs = (*world.access_logs, *world.lineage_logs)
        if dataset is None or not dataset.purposes:
            yield not_applicable(self, subject.asset, "no purposes are declared")
            return
        if not logs:
            reason = "no access log and no lineage log is declared"
            yield without_logs(self, subject, _LOGS, reason)
            return
        if not world.accesses and not world.lineage:
            reasons = ("the logs hold no event", *unread_logs(world, logs))
            yield not_evaluated(self, subject, "; ".join(reasons))
            return
        accesses = world.accesses_of(dataset.id)
        reads = [use for use in world.lineage if use.dataset == dataset.id and use.role == "input"]
        unknown = list(unread_logs(world, logs))
        unnamed = sum(use.count for use in accesses if use.purpose is None)
        if unnamed:
            unknown.append(f"{counted(unnamed, 'access', 'accesses')} without a named purpose")
        total = sum(use.count for use in accesses) + sum(use.count for use in reads)
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[
                    *_by_purpose(subject, dataset, accesses),
                    *_by_job(subject, dataset, reads),
                ],
                unknown=unknown,
                reason=f"{counted(total, 'use')} in the logs, all within the declared purposes",
                grade=Grade.MACHINE,
                measured="0 outside",
                threshold=", ".join(dataset.purposes),
            ),
        )


def _allowed(dataset: Dataset, purpose: str) -> bool:
    return any(is_within(purpose, allowed) for allowed in dataset.purposes or ())


def _by_purpose(
    subject: Subject, dataset: Dataset, accesses: Sequence[AccessUse]
) -> Iterator[Breach]:
    for name, uses in _outside(subject, dataset, accesses):
        events = counted(sum(use.count for use in uses), "access", "accesses")
        actors = counted(len({use.actor for use in uses}), "actor")
        yield Breach(
            title=f"Used for {name}",
            message=f"{events} by {actors} for {name}, {_where(uses)}",
            remedy="Stop the use, or have the owner add the purpose if it is compatible.",
            subject=name,
            position=position_of(subject, "purposes"),
            measured=events,
            threshold=", ".join(dataset.purposes or ()),
        )


def _by_job(subject: Subject, dataset: Dataset, reads: list[LineageUse]) -> Iterator[Breach]:
    groups: dict[tuple[str, str], list[LineageUse]] = {}
    for use in reads:
        name = use.pipeline or shown_name(use.job) or "a job whose name is not shown"
        groups.setdefault(("pipeline" if use.pipeline else "job", name), []).append(use)
    for (kind, name), uses in sorted(groups.items()):
        pipeline = subject.world.policy.pipelines.get(name) if kind == "pipeline" else None
        runs = counted(sum(use.count for use in uses), "event")
        if pipeline is None:
            yield Breach(
                title=f"{name} reads it, which no pipeline declares",
                message=f"{runs}, {_where(uses)}",
                remedy="Declare the job in a Pipeline file with its purpose, or stop it.",
                subject=f"job {name}",
                kind=FindingKind.GAP,
                severity=Severity.MEDIUM,
                position=position_of(subject, "purposes"),
                measured=runs,
                threshold="0 events",
            )
        elif not _allowed(dataset, pipeline.purpose):
            yield Breach(
                title=f"Pipeline {name} reads it for {pipeline.purpose}",
                message=f"{runs}, {_where(uses)}; its purpose lies outside the dataset's",
                remedy="Stop the pipeline, or have the owner add the purpose if it is compatible.",
                subject=f"pipeline {name}",
                position=subject.world.policy.position("Pipeline", name, "purpose"),
                measured=pipeline.purpose,
                threshold=", ".join(dataset.purposes or ()),
            )
        yield from _by_run(subject, dataset, f"{kind} {name}", uses)


def _by_run(
    subject: Subject, dataset: Dataset, who: str, reads: list[LineageUse]
) -> Iterator[Breach]:
    """Yield what a job's own events name as its purpose, whatever its file says."""
    for name, uses in _outside(subject, dataset, reads):
        yield Breach(
            title=f"{who} says that it reads it for {name}",
            message=f"{counted(sum(use.count for use in uses), 'event')}, {_where(uses)}",
            remedy="Stop the job, or have the owner add the purpose if it is compatible.",
            subject=f"{who} for {name}",
            position=position_of(subject, "purposes"),
            measured=name,
            threshold=", ".join(dataset.purposes or ()),
        )


def _outside(
    subject: Subject, dataset: Dataset, uses: Iterable[_U]
) -> Iterator[tuple[str, list[_U]]]:
    """Yield each purpose that uses name and the dataset does not have, with its uses."""
    known = subject.world.policy.taxonomy.purposes
    groups: dict[str, list[_U]] = {}
    for use in uses:
        if use.purpose is not None and not _allowed(dataset, use.purpose):
            # NOTE: what stands in a log may be anything; only a word of the taxonomy is shown.
            name = use.purpose if use.purpose in known else "an unknown purpose"
            groups.setdefault(name, []).append(use)
    yield from sorted(groups.items())


def _where(uses: list[AccessUse] | list[LineageUse]) -> str:
    logs: dict[str, set[int]] = {}
    for use in uses:
        logs.setdefault(use.log, set()).update(use.lines)
    return "; ".join(f"{log} {first_lines(sorted(logs[log]))}".strip() for log in sorted(logs))
