"""Whether data that jobs carry on to a lower tier is masked there, as the jobs claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from governance.controls.demands import detectable
from governance.controls.flows import (
    ColumnGraph,
    Path,
    classification_of,
    lower,
    paths_of,
    shown_end,
)
from governance.controls.outcomes import (
    Breach,
    Conclusion,
    counted,
    not_applicable,
    settle,
)
from governance.controls.subjects import (
    dataset_of,
    position_of,
    shown_name,
    unread,
    unread_logs,
)
from governance.controls.undeclared import without_logs
from governance.controls.values import clear_hits
from governance.model.asset import AssetKind, PlaceType
from governance.model.documents import Dataset
from governance.model.facts import ColumnEnd, ColumnFlow, FieldFacts
from governance.model.ladders import Classification, Severity
from governance.model.outcome import FindingKind, Grade, Outcome
from governance.model.position import Position
from governance.model.world import Subject

_FLOOR = Classification.CONFIDENTIAL


@dataclass(slots=True)
class _Tally:
    breaches: list[Breach] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    sound: int = 0


class MaskedDownstream:
    """Confidential data that a job carries to a lower tier is masked on the way, and arrives so.

    Why:
        Data leaks downhill: the warehouse is guarded, the copy of a copy in a dashboard is not.
        The job says in its lineage that it masks a column; only the column itself tells
        whether it did.

    Fails when:
        A job's column lineage leads from a column of class confidential or above to a column of a
        lower class, straight or through others, and no step claims ``masking: true``; or a job
        claims masking and the target column shows clear values of that kind; or it leads
        to a dataset that nothing declares (a gap). Where the pipelines or the lineage say that a
        job goes downhill and no log tells of columns, the control is not evaluated.

    Fix:
        Mask, tokenize or drop the column in the job that writes it; classify the target as
        high as what flows into it; or declare the target.

    Source:
        GDPR, data protection by design, security of processing; OpenLineage, column lineage.
    """

    id: ClassVar[str] = "masked-downstream"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.HIGH
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        world, dataset = subject.world, dataset_of(subject)
        if dataset is None:
            yield not_applicable(self, subject.asset, "no dataset file declares it")
            return
        graph = ColumnGraph(world.policy, world.flows)
        arriving = [flow for flow in graph.direct if flow.target.dataset == dataset.id]
        leaving = [
            flow
            for flow in graph.direct
            if flow.source.dataset == dataset.id and not flow.target.declared
        ]
        untold = _untold(subject, dataset, arriving)
        if not (arriving or leaving or untold):
            reason = "no pipeline and no lineage log carries data down to it"
            yield not_applicable(self, subject.asset, reason)
            return
        if not world.lineage_logs:
            reason = f"no lineage log is declared; {untold[0]}"
            yield without_logs(self, subject, {PlaceType.OPENLINEAGE}, reason)
            return
        tally = _Tally(unknown=[*untold, *unread_logs(world, world.lineage_logs)])
        for path in paths_of(graph, arriving):
            _judge(subject, dataset, path, tally)
        for path in paths_of(graph, leaving):
            _judge_leaving(subject, path, tally)
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=_distinct(tally.breaches),
                unknown=tally.unknown,
                reason=f"{counted(tally.sound, 'column flow')} in the lineage, none downhill in "
                "clear",
                grade=Grade.MACHINE,
                measured="0 in clear",
                threshold="0 in clear",
            ),
        )


def _distinct(breaches: Sequence[Breach]) -> list[Breach]:
    """Return breaches, one for each place, column and path: a log may spell one end in two ways."""
    ranked = sorted(breaches, key=lambda one: (one.severity or Severity.LOW).rank)
    return list({(one.place, one.field, one.subject): one for one in ranked}.values())


def _untold(subject: Subject, dataset: Dataset, arriving: Sequence[ColumnFlow]) -> list[str]:
    """Return which sources lie uphill while no log tells what of them arrives."""
    world = subject.world
    told = {flow.source.dataset for flow in arriving}
    uphill: dict[str, str] = {}
    for _, pipeline in sorted(world.policy.pipelines.items()):
        if f"dataset:{dataset.id}" in pipeline.writes:
            for word in pipeline.reads:
                uphill.setdefault(word.removeprefix("dataset:"), f"pipeline {pipeline.id}")
    jobs = {use.job for use in world.lineage if use.dataset == dataset.id and use.role == "output"}
    for use in world.lineage:
        if use.role == "input" and use.declared and use.job in jobs:
            job = use.pipeline or shown_name(use.job) or "a job whose name is not shown"
            uphill.setdefault(use.dataset, f"job {job}")
    return [
        f"{who} carries data of {source} to it, and no log tells of columns"
        for source, who in sorted(uphill.items())
        if source not in told and _is_uphill(world.policy.datasets.get(source), dataset)
    ]


def _is_uphill(source: Dataset | None, target: Dataset) -> bool:
    if source is None or source.id == target.id:
        return False
    levels = [source.classification, *(spec.classification for spec in source.fields.values())]
    return any(
        level.rank >= _FLOOR.rank and lower(target.classification, level)
        for level in levels
        if level is not None
    )


def _judge(subject: Subject, dataset: Dataset, path: Path, tally: _Tally) -> None:
    to = classification_of(dataset, path.target.field)
    downhill = path.level is not None and path.level.rank >= _FLOOR.rank and lower(to, path.level)
    if downhill and not path.claim:
        tally.breaches.append(_unmasked(subject, path, to))
    elif path.claim:
        seen = len(tally.breaches), len(tally.unknown)
        _hold_claim(subject, path, tally, is_downhill=downhill)
        tally.sound += seen == (len(tally.breaches), len(tally.unknown))
    else:
        tally.sound += 1


def _judge_leaving(subject: Subject, path: Path, tally: _Tally) -> None:
    """Judge data that goes where nothing declares anything: lower than every tier."""
    if path.level is None or path.level.rank < _FLOOR.rank:
        tally.sound += 1
    elif path.claim:
        tally.unknown.append(
            f"{path.job} claims masking in {shown_end(path.target)}, which was not read"
        )
    else:
        tally.breaches.append(
            Breach(
                title=f"{path.source.field or 'It'} goes in clear to what nothing declares",
                message=f"{path.job} carries {path.level} data to {shown_end(path.target)} "
                f"{path.target.field or ''}".rstrip()
                + f", {path.where}",
                remedy="Declare the target with its owner and class, and mask the column.",
                field=path.source.field,
                subject=f"{path.job} to {shown_end(path.target)} {path.target.field}",
                kind=FindingKind.GAP,
                position=_column(subject, path.source.field),
                measured=counted(path.events, "event"),
                threshold="masked, or not carried",
            )
        )


def _unmasked(subject: Subject, path: Path, to: Classification | None) -> Breach:
    source = subject.world.policy.datasets.get(path.source.dataset)
    spec = source.fields.get(path.source.field or "") if source else None
    personal = spec is not None and subject.world.policy.taxonomy.is_personal(spec.category)
    return Breach(
        title=f"{path.target.field or 'It'} receives {path.level} data without masking",
        message=f"{path.subject} fills it and claims no masking; here it is "
        f"{to or 'not classified'}, {path.where}",
        remedy="Mask, tokenize or drop the column in the job, or classify it as high here.",
        place=path.target.place,
        field=path.target.field,
        subject=path.subject,
        severity=Severity.HIGH if personal else Severity.MEDIUM,
        position=_column(subject, path.target.field),
        measured=f"{path.level} to {to or 'no class'}",
        threshold="masked on the way",
    )


def _hold_claim(subject: Subject, path: Path, tally: _Tally, *, is_downhill: bool) -> None:
    """Hold the claim that a column was masked against what the scan found in it."""
    taxonomy = subject.world.policy.taxonomy
    name = path.target.field or ""
    category = _category(subject.world.policy.datasets, path)
    missing = _unread(subject, path.target)
    if missing:
        tally.unknown.append(f"{name}, which {path.job} claims to mask: {'; '.join(missing)}")
    # NOTE: a column that is not there holds nothing in clear.
    for place, facts in _measured(subject, path.target):
        clear = clear_hits(facts, category, taxonomy)
        if clear:
            rows = sum(hit.rows for hit in clear)
            kinds = ", ".join(sorted({hit.name for hit in clear}))
            tally.breaches.append(
                Breach(
                    title=f"{name} is not masked in {place}, as {path.job} claims",
                    message=f"{counted(rows, 'row')} hold {kinds} in clear; the claim is in "
                    f"{path.where}",
                    remedy="Mend the job: what it claims to mask arrives in clear.",
                    place=place,
                    field=name,
                    subject=path.subject,
                    severity=Severity.HIGH if is_downhill else Severity.MEDIUM,
                    confidence=max(hit.confidence for hit in clear),
                    position=_column(subject, name),
                    measured=counted(rows, "row"),
                    threshold="0 rows in clear",
                )
            )
        elif is_downhill and not _speaks(facts, detectable(category, taxonomy.entities)):
            tally.unknown.append(
                f"{name} in {place}: its values do not tell whether they are masked"
            )


def _measured(subject: Subject, end: ColumnEnd) -> Iterator[tuple[str, FieldFacts]]:
    """Yield what was measured of a column, with its place."""
    for place in subject.facts.places if subject.facts else ():
        if end.place in (None, place.place):
            yield from ((place.place, each) for each in place.fields if each.name == end.field)


def _unread(subject: Subject, end: ColumnEnd) -> tuple[str, ...]:
    """Return what was not read of the places that an end means, each in a sentence."""
    facts = subject.facts
    if facts is None or end.place is None:
        return unread(facts)
    meant = tuple(place for place in facts.places if place.place == end.place)
    return unread(replace(facts, places=meant))


def _speaks(facts: FieldFacts, is_known: bool) -> bool:
    """Return whether the values of a column can show that they are masked."""
    seen = facts.protection
    if facts.rows == 0:
        return False
    return is_known or facts.nulls == facts.rows or (seen is not None and seen.other == 0)


def _category(datasets: Mapping[str, Dataset], path: Path) -> str | None:
    for end in (path.source, path.target):
        dataset = datasets.get(end.dataset)
        spec = dataset.fields.get(end.field or "") if dataset else None
        if spec and spec.category:
            return spec.category
    return None


def _column(subject: Subject, name: str | None) -> Position | None:
    return position_of(subject, f"fields.{name}" if name else "fields")
