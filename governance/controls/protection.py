"""Whether the technique that the policy demands was really applied to the values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

from governance.controls.demands import Demand, demands_of
from governance.controls.outcomes import (
    Breach,
    Conclusion,
    counted,
    highest,
    listed,
    not_applicable,
    settle,
)
from governance.controls.subjects import dataset_of, unread
from governance.controls.values import judge
from governance.model.asset import AssetKind
from governance.model.documents import Dataset
from governance.model.facts import FieldFacts, PlaceFacts
from governance.model.ladders import Classification, Severity
from governance.model.outcome import Grade, Outcome
from governance.model.world import Subject


@dataclass(slots=True)
class _Tally:
    breaches: list[Breach] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    tolerated: list[tuple[int, int]] = field(default_factory=list)

    @property
    def worst(self) -> tuple[int, int]:
        """The most clear rows that a demand lets pass in one column, and how many it would.

        Where no column has one, the limit is that of the strictest demand.
        """
        there = [pair for pair in self.tolerated if pair[0]]
        return max(there) if there else min(self.tolerated, default=(0, 0))


class TechniqueApplied:
    """A field that must be protected at a place holds no clear values there.

    Why:
        A policy that says "tokenised in the export" is a promise. The export itself says
        whether it was kept; a job that masks all but one column looks the same from outside.

    Fails when:
        A field whose state a rule or its own file requires still shows clear values, or shows
        a protection that the rule does not accept: masked where tokens are asked for, a
        plain hash of something that can be enumerated (an e-mail address, a phone number, a
        birth date), plain text in base64, hexadecimal or percent signs, a digest of another
        length than HMAC-SHA-256 gives, or values that show none of the accepted shapes.

    Fix:
        Apply one of the accepted techniques in the job that writes the place, or drop the
        column there. Prefer a keyed token to a hash.

    Source:
        GDPR, pseudonymisation, data protection by design; EDPB guidelines on
        pseudonymisation; HIPAA, de-identification.
    """

    id: ClassVar[str] = "technique-applied"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.HIGH
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        dataset = dataset_of(subject)
        tally = _Tally()
        if dataset is not None:
            for place in subject.asset.places:
                demands = demands_of(subject, dataset, place, severity=self.severity)
                if demands:
                    _judge_place(subject, dataset, place.name, demands, tally)
        if not (tally.breaches or tally.unknown or tally.reasons):
            yield not_applicable(self, subject.asset, "no rule and no field requires a state")
            return
        rows, limit = tally.worst
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=tally.breaches,
                unknown=tally.unknown,
                reason=listed(tally.reasons),
                grade=Grade.MEASURED,
                measured=counted(rows, "clear row"),
                threshold=counted(limit, "clear row"),
            ),
        )


def _judge_place(
    subject: Subject,
    dataset: Dataset,
    name: str,
    demands: dict[str, tuple[Demand, ...]],
    tally: _Tally,
) -> None:
    found = [
        place for place in (subject.facts.places if subject.facts else ()) if place.place == name
    ]
    if not found:
        tally.unknown.append(f"place {name} was not read in this run")
        return
    place = found[0]
    tally.unknown.extend(
        reason for reason in unread(subject.facts) if reason.startswith(f"place {name} ")
    )
    by_name = {field.name: field for field in place.fields}
    for column, wanted in demands.items():
        facts = by_name.get(column)
        if facts is None:
            # NOTE: a column that is not there is the strongest protection, and proven.
            tally.reasons.append(f"{column} is not in {name}")
            continue
        broken = len(tally.breaches)
        # NOTE: rules come first; the file's own promise about the same cells would only say
        # the same thing twice.
        for demand in wanted:
            if demand.rule or len(tally.breaches) == broken:
                _record(subject, dataset, (place, facts), demand, tally)
            else:
                own = _Tally()
                _record(subject, dataset, (place, facts), demand, own)
                tally.breaches[broken:] = _as_grave(tally.breaches[broken:], own.breaches)


def _as_grave(breaches: list[Breach], own: list[Breach]) -> list[Breach]:
    """Return breaches of rules no less severe than the broken promise that they speak for."""
    worst = [each.severity for each in own if each.severity]
    return [
        replace(each, severity=highest(*worst, *([each.severity] if each.severity else ())))
        if worst
        else each
        for each in breaches
    ]


def _record(
    subject: Subject,
    dataset: Dataset,
    at: tuple[PlaceFacts, FieldFacts],
    demand: Demand,
    tally: _Tally,
) -> None:
    place, facts = at
    taxonomy = subject.world.policy.taxonomy
    category = dataset.fields[facts.name].category
    judgement = judge(facts, demand, category, taxonomy)
    where = f"{facts.name} in {place.place}"
    if judgement.unknown:
        tally.unknown.append(f"{where}: {judgement.unknown}")
    elif judgement.refuted:
        level = dataset.fields[facts.name].classification or dataset.classification
        grave = level is Classification.RESTRICTED or taxonomy.is_special(category)
        tally.breaches.append(
            Breach(
                title=f"{facts.name} is not {demand.state.value} in {place.place}",
                message=f"{demand.source} requires it: {judgement.refuted}",
                remedy=_remedy(demand),
                place=place.place,
                field=facts.name,
                subject=demand.rule.id if demand.rule else None,
                severity=highest(demand.severity, Severity.HIGH) if grave else demand.severity,
                confidence=judgement.confidence,
                position=demand.position,
                rule=demand.rule,
                measured=judgement.refuted,
                threshold=counted(demand.max_hits, "clear row"),
            )
        )
    else:
        # NOTE: what is let pass stands first, where a long list is not cut.
        first = 0 if judgement.tolerated else len(tally.reasons)
        tally.reasons.insert(first, f"{where} {judgement.consistent}")
        tally.tolerated.append((judgement.tolerated, demand.max_hits))


def _remedy(demand: Demand) -> str:
    if demand.rule and demand.rule.rule.fix:
        return demand.rule.rule.fix
    accepted = ", ".join(sorted(technique.value for technique in demand.accept))
    return f"Apply one of {accepted} in the job that writes this place, or drop the column."
