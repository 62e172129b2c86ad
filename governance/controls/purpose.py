"""Whether data is used for what it was collected for, and what special data needs beside that."""

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
from governance.controls.shown import shown_entities
from governance.controls.subjects import (
    dataset_of,
    declared_special,
    position_of,
    requirements,
    rules_on,
    shown_name,
    unread,
    unread_logs,
)
from governance.controls.undeclared import without_logs
from governance.model.asset import ACCESS_LOGS, AssetKind, PlaceType
from governance.model.documents import Dataset
from governance.model.facts import AccessUse, LineageUse
from governance.model.ladders import Classification, Severity
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


class SpecialCategorySafeguarded:
    """Special categories of data have a legal ground, an assessment and the highest tier.

    Why:
        Health, faith, origin or union membership can ruin a life when it leaks. The law forbids
        to process them unless a listed ground applies and the risk was assessed first.

    Fails when:
        A field is declared as a special category, or one is found in the data, and the dataset
        lacks ``special_ground``, ``dpia`` or the classification ``restricted``; or a rule
        requires one of the first two and it is missing.

    Fix:
        Name the legal ground, record the impact assessment, classify the dataset as restricted;
        or remove the data.

    Source:
        GDPR, processing of special categories, data protection impact assessment; EU AI Act,
        data governance.
    """

    id: ClassVar[str] = "special-category-safeguarded"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.CRITICAL
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        dataset = dataset_of(subject)
        if dataset is None:
            yield not_applicable(self, subject.asset, "no dataset file declares it")
            return
        special = special_fields(subject, dataset)
        rules = requirements(subject, "special_ground", "dpia")
        if not special and not rules:
            missing = unread(subject.facts)
            if missing:
                reason = f"no special category is declared, but {'; '.join(missing)}"
                yield not_evaluated(self, subject, reason)
            else:
                reason = "no special category is declared or found"
                yield not_applicable(self, subject.asset, reason)
            return
        wanted = {word for rule in rules for word in rule.rule.require or ()}
        if special:
            wanted |= {"special_ground", "dpia", "restricted"}
        absent = [pair for pair in _lacking(dataset, special) if pair[0] in wanted]
        lacking = [text for _, text in absent]
        broken = rules_on(rules, [word for word, _ in absent])
        source = ", ".join(special) or rules[0].id
        breach = Breach(
            title="Special categories without safeguards"
            if special
            else "A required safeguard is missing",
            message=f"{source}: missing {', '.join(lacking)}",
            remedy="Name the ground, record the assessment, classify it as restricted; or "
            "remove the data.",
            position=position_of(subject, "special_ground"),
            severity=self.severity if special or not broken else broken[0].severity,
            rule=broken[0] if broken else None,
            measured=f"{len(lacking)} missing",
            threshold="0 missing",
        )
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[breach] if lacking else [],
                reason=f"ground, assessment and classification are recorded for {source}",
                grade=Grade.CLAIM,
            ),
        )


def special_fields(subject: Subject, dataset: Dataset) -> tuple[str, ...]:
    """Return the fields declared or found to hold special categories, sorted."""
    taxonomy = subject.world.policy.taxonomy
    found = {
        field.name
        for place in (subject.facts.places if subject.facts else ())
        for field in place.fields
        if any(shown.special and shown.is_certain for shown in shown_entities(field, taxonomy))
    }
    return tuple(sorted(found | set(declared_special(dataset, taxonomy))))


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


def _lacking(dataset: Dataset, special: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not dataset.special_ground:
        yield "special_ground", "the legal ground"
    if dataset.dpia is None:
        yield "dpia", "the impact assessment"
    levels = [
        (dataset.fields[name].classification if name in dataset.fields else None)
        or dataset.classification
        for name in special
    ]
    if any(level is not Classification.RESTRICTED for level in levels):
        yield "restricted", "the classification restricted"
