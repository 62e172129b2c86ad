"""Whether the technique that the policy demands was really applied to the values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from governance.controls.demands import (
    COARSENING,
    KEYED,
    TOKENS,
    Demand,
    are_related,
    demands_of,
    detectable,
    is_enumerable,
)
from governance.controls.outcomes import (
    Breach,
    Conclusion,
    counted,
    highest,
    listed,
    not_applicable,
    percent,
    settle,
)
from governance.controls.shown import Shown, shown_entities
from governance.controls.subjects import dataset_of, unread
from governance.model.asset import AssetKind
from governance.model.documents import Dataset
from governance.model.facts import FieldFacts, PlaceFacts
from governance.model.ladders import Classification, Severity, State, Technique
from governance.model.outcome import Grade, Outcome
from governance.model.taxonomy import TaxonomyIndex
from governance.model.world import Subject


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What the values say to one demand: refuted, unknown, or consistent (neither)."""

    refuted: str | None = None
    unknown: str | None = None
    consistent: str = ""
    confidence: float = 1.0


@dataclass(slots=True)
class _Tally:
    breaches: list[Breach] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


class TechniqueApplied:
    """A field that must be protected at a place holds no clear values there.

    Why:
        A policy that says "tokenised in the export" is a promise. The export itself says
        whether it was kept; a job that masks all but one column looks the same from outside.

    Fails when:
        A field whose state a rule or its own file requires still shows clear values, or shows
        a protection that the rule does not accept: masked where tokens are asked for, a
        plain hash of something that can be enumerated (an e-mail address, a phone number, a
        birth date), a digest of another length than HMAC-SHA-256 gives, or values that show
        none of the accepted shapes.

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
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=tally.breaches,
                unknown=tally.unknown,
                reason=listed(tally.reasons),
                grade=Grade.MEASURED,
                measured="0 clear rows",
                threshold="0 clear rows",
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
    judgement = _judge(facts, demand, category, taxonomy)
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
                threshold=f"{demand.max_hits} clear rows",
            )
        )
    else:
        tally.reasons.append(f"{where} {judgement.consistent}")


def _remedy(demand: Demand) -> str:
    if demand.rule and demand.rule.rule.fix:
        return demand.rule.rule.fix
    accepted = ", ".join(sorted(technique.value for technique in demand.accept))
    return f"Apply one of {accepted} in the job that writes this place, or drop the column."


def _judge(
    facts: FieldFacts, demand: Demand, category: str | None, taxonomy: TaxonomyIndex
) -> _Judgement:
    if facts.rows == 0:
        return _Judgement(unknown="no row was read")
    if facts.nulls == facts.rows:
        return _Judgement(consistent="is empty: proven")
    clear = clear_hits(facts, category, taxonomy)
    rows = sum(hit.rows for hit in clear)
    if rows > demand.max_hits:
        kinds = ", ".join(sorted({hit.entity for hit in clear}))
        share = percent(min(1.0, rows / facts.rows))
        return _Judgement(
            refuted=f"{counted(rows, 'row')} ({share}) hold {kinds} in clear",
            confidence=max(hit.confidence for hit in clear),
        )
    if not demand.check_technique:
        return _Judgement(consistent="holds no clear value that a detector knows")
    if facts.protection is None or facts.protection.distinct == 0:
        return _Judgement(unknown="the shape of its values was not measured")
    enumerable = is_enumerable(category, taxonomy.entities)
    return _judge_shapes(facts, demand, enumerable) or _judge_rest(
        facts, demand, known=detectable(category, taxonomy.entities)
    )


def clear_hits(
    facts: FieldFacts, category: str | None, taxonomy: TaxonomyIndex
) -> tuple[Shown, ...]:
    """Return what a column shows in clear: of its own kind, or of any kind without doubt."""
    shown = tuple(
        hit
        for hit in shown_entities(facts, taxonomy)
        if hit.is_certain or are_related(hit.category, category)
    )
    protection = facts.protection
    # NOTE: "j***@example.org" still reads as an address; when every value is masked, placeholder
    # or digest, what a detector matched is the mask. A column with no mask has no such excuse.
    if protection and protection.other == 0 and protection.masked > 0:
        return ()
    return shown


def _judge_shapes(facts: FieldFacts, demand: Demand, enumerable: bool) -> _Judgement | None:
    """Return why a protection that the values show is not an accepted one, or None."""
    seen, accept = facts.protection, demand.accept
    assert seen is not None  # noqa: S101 (the caller asked)
    if seen.masked and Technique.MASK not in accept and not accept & COARSENING:
        return _Judgement(
            refuted=f"{counted(seen.masked, 'distinct value')} are masked, which is not accepted"
        )
    digests = accept & (KEYED | {Technique.HASH})
    if not seen.hashed:
        return None
    if not digests:
        return _Judgement(
            refuted=f"{counted(seen.hashed, 'distinct value')} are digests, which do not make it "
            f"{demand.state.value}"
        )
    if enumerable and digests == {Technique.HASH}:
        return _Judgement(
            refuted=f"{counted(seen.hashed, 'distinct value')} are plain digests of a kind that "
            "can be enumerated"
        )
    if digests == {Technique.HMAC_SHA256} and seen.hash_bits not in (None, 256):
        return _Judgement(
            refuted=f"the digests have {seen.hash_bits} bits, HMAC-SHA-256 gives 256",
            confidence=0.9,
        )
    return None


def _judge_rest(facts: FieldFacts, demand: Demand, *, known: bool) -> _Judgement:
    """Judge the values without a recognised shape, and say what the accepted ones show."""
    seen, accept = facts.protection, demand.accept
    assert seen is not None  # noqa: S101 (the caller asked)
    if demand.state is State.ANONYMISED and (seen.other or seen.hashed or seen.masked):
        return _Judgement(unknown="that it is anonymised cannot be seen in its values alone")
    if seen.other == 0:
        return _Judgement(consistent=_shape_words(seen.hashed, seen.hash_bits, seen.masked))
    total = f"{seen.other:,} of {counted(seen.distinct, 'distinct value')}"
    if accept & TOKENS:
        return _Judgement(
            consistent=f"holds no clear value that a detector knows ({total} may be tokens): "
            "consistent"
        )
    if accept & COARSENING:
        if known:
            return _Judgement(consistent="holds no clear value of its kind: consistent")
        return _Judgement(unknown=f"the shape of {total} does not show whether they are coarse")
    return _Judgement(refuted=f"{total} show none of the accepted shapes", confidence=0.8)


def _shape_words(hashed: int, bits: int | None, masked: int) -> str:
    if hashed:
        length = f"a {bits}-bit" if bits else "a salted"
        return f"is consistent: shape of {length} digest; a key cannot be seen in the data"
    return "is consistent: every value is masked" if masked else "is redacted: proven"
