"""Whether everything that exists is declared, and how it came to be collected."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import date
from typing import ClassVar

from governance.controls.outcomes import (
    Breach,
    Conclusion,
    counted,
    first_lines,
    highest,
    not_applicable,
    settle,
)
from governance.controls.subjects import (
    dataset_of,
    declared_personal,
    position_of,
    requirements,
    rules_on,
    shown_name,
    unread,
)
from governance.model.asset import AssetKind
from governance.model.documents import Dataset
from governance.model.facts import AccessUse, LineageUse
from governance.model.ladders import Severity
from governance.model.outcome import FindingKind, Grade, Outcome
from governance.model.placeholders import is_blank
from governance.model.world import Subject

_UNPRINTABLE = "a name that is not shown"


class NoShadowData:
    """Every dataset that a folder, a database or a log reveals is declared.

    Why:
        An inventory is only as good as what it misses. Data that no file declares has no
        owner, no retention, no access rule, and nobody who would notice it leaking.

    Fails when:
        A watched folder or database holds a file or table that no dataset declares, or an
        access or lineage log names a dataset that none declares.

    Fix:
        Declare the dataset in a policy file of its own, or delete it.

    Source:
        GDPR, records of processing; NIST AI RMF, GOVERN 1.6; ISO/IEC 42001, data resources.
    """

    id: ClassVar[str] = "no-shadow-data"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET, AssetKind.LOG})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        if not subject.world.has_workspace:
            reason = "there is no workspace that could declare it"
            yield not_applicable(self, subject.asset, reason)
        elif not subject.asset.declared:
            shadow = Conclusion(breaches=[_shadow()], reason="", grade=Grade.MEASURED)
            yield from settle(self, subject, shadow)
        elif subject.asset.kind is AssetKind.LOG:
            yield from self._named_by_log(subject)
        else:
            declared = Conclusion(reason="a policy file declares it", grade=Grade.MEASURED)
            yield from settle(self, subject, declared)

    def _named_by_log(self, subject: Subject) -> Iterator[Outcome]:
        world, log = subject.world, subject.asset.id
        if log not in world.access_logs and log not in world.lineage_logs:
            yield not_applicable(self, subject.asset, "the log names no datasets")
            return
        found: dict[str, tuple[int, set[int]]] = {}
        uses: tuple[AccessUse | LineageUse, ...] = (*world.accesses, *world.lineage)
        for use in uses:
            if use.log != log or use.declared:
                continue
            name = shown_name(use.dataset) or _UNPRINTABLE
            count, lines = found.get(name, (0, set()))
            found[name] = (count + use.count, lines | set(use.lines))
        for name, count, lines in _only_in_columns(subject, found):
            found[name] = (count, lines)
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[_named(name, *seen) for name, seen in found.items()],
                unknown=unread(subject.facts),
                reason="every dataset that the log names is declared",
                grade=Grade.MACHINE,
                measured="0 undeclared",
                threshold="0 undeclared",
            ),
        )


class CollectionRecorded:
    """It is on record where the data came from, why, and since when.

    Why:
        Data without a history cannot be used lawfully for anything new, and people who ask
        where their data came from must get an answer.

    Fails when:
        The source, the start or the purposes of the collection are missing; for a dataset
        with personal data also the legal basis or the people concerned; or a notice is named by
        a placeholder. A placeholder such as "TODO" or "[More Information Needed]" counts as
        missing, and so does a start that lies in the future.

    Fix:
        Fill ``collected``, ``purposes``, ``legal_basis`` and ``subjects`` in the dataset's file.

    Source:
        GDPR, lawfulness, purpose limitation, duty to inform, records of processing; ISO/IEC
        42001, acquisition and provenance of data.
    """

    id: ClassVar[str] = "collection-recorded"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        dataset = dataset_of(subject)
        if dataset is None:
            yield not_applicable(self, subject.asset, "no dataset file declares it")
            return
        personal = declared_personal(dataset, subject.world.policy.taxonomy)
        words = ("collected", "legal_basis", "purposes", "subjects")
        rules = requirements(subject, *words)
        demanded = {word for rule in rules for word in rule.rule.require or ()}
        demanded |= {"collected", "purposes"} | ({"legal_basis", "subjects"} if personal else set())
        lacking = [
            (word, text)
            for word, text in _missing(dataset, subject.world.today)
            if word in demanded
        ]
        missing = [text for _, text in lacking]
        broken = rules_on(rules, [word for word, _ in lacking])
        lawless = personal and "the legal basis" in missing
        breaches = []
        if missing:
            lowest = Severity.HIGH if lawless else self.severity
            breaches.append(
                Breach(
                    title="The collection record is incomplete",
                    message=f"missing: {', '.join(missing)}",
                    remedy="Fill the missing parts of the collection record.",
                    position=position_of(subject, "collected"),
                    rule=broken[0] if broken else None,
                    severity=highest(lowest, *(rule.severity for rule in broken)),
                    measured=f"{len(missing)} missing",
                    threshold="0 missing",
                )
            )
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=breaches,
                reason="the collection record is complete",
                grade=Grade.CLAIM,
            ),
        )


def _shadow() -> Breach:
    return Breach(
        title="Nothing declares this data",
        message="it exists, but no dataset and no log of the workspace declares it",
        remedy="Declare it as a Dataset with an owner, or delete it.",
        kind=FindingKind.GAP,
    )


def _only_in_columns(
    subject: Subject, found: Container[str]
) -> Iterator[tuple[str, int, set[int]]]:
    """Yield the datasets that the log's column lineage alone names."""
    named: dict[str, tuple[int, set[int]]] = {}
    for flow in subject.world.flows:
        for end in {flow.source, flow.target} if flow.log == subject.asset.id else ():
            name = shown_name(end.dataset) or _UNPRINTABLE
            if not end.declared and name not in found:
                count, lines = named.get(name, (0, set()))
                # NOTE: one event tells of many columns; the column told most often counts.
                named[name] = (max(count, flow.count), lines | set(flow.lines))
    yield from ((name, *seen) for name, seen in sorted(named.items()))


def _named(name: str, count: int, lines: set[int]) -> Breach:
    parts = (counted(count, "event"), first_lines(sorted(lines)))
    return Breach(
        title=f"The log names {name}, which nothing declares",
        message=", ".join(part for part in parts if part),
        remedy="Declare it as a Dataset with an owner, or stop the job that uses it.",
        subject=name,
        kind=FindingKind.GAP,
        measured=counted(count, "event"),
        threshold="0 events",
    )


def _missing(dataset: Dataset, today: date) -> Iterator[tuple[str, str]]:
    collected = dataset.collected
    if collected is None or is_blank(collected.source):
        yield "collected", "the source"
    if collected is None or collected.since is None:
        yield "collected", "the start of the collection"
    elif collected.since > today:
        yield "collected", "a start of the collection that is not in the future"
    if collected and collected.since and collected.until and collected.until < collected.since:
        yield "collected", "an end of the collection that is not before its start"
    if collected and collected.notice is not None and is_blank(collected.notice):
        yield "collected", "the notice (a placeholder stands for it)"
    if not dataset.purposes:
        yield "purposes", "the purposes"
    if is_blank(dataset.legal_basis):
        yield "legal_basis", "the legal basis"
    if not dataset.subjects:
        yield "subjects", "the people concerned"
