"""What special categories of data need beside a purpose: a ground, an assessment, the top tier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from governance.controls.outcomes import (
    Breach,
    Conclusion,
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
    unread,
)
from governance.model.asset import AssetKind
from governance.model.documents import Dataset
from governance.model.grounds import SPECIAL_GROUNDS, is_special_ground
from governance.model.ladders import Classification, Severity
from governance.model.outcome import Grade, Outcome
from governance.model.placeholders import is_blank
from governance.model.world import Subject


class SpecialCategorySafeguarded:
    """Special categories of data have a legal ground, an assessment and the highest tier.

    Why:
        Health, faith, origin or union membership can ruin a life when it leaks. The law forbids
        to process them unless a listed ground applies and the risk was assessed first.

    Fails when:
        A field is declared as a special category, or one is found in the data, and the dataset
        lacks ``special_ground``, ``dpia`` or the classification ``restricted``; or a rule
        requires one of the first two and it is missing. A placeholder, a ground that is none of
        GDPR Article 9(2) and an assessment dated in the future count as missing. Under another law
        the ground reads ``other:`` and the number of its provision.

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
        absent = [
            pair for pair in _lacking(dataset, special, subject.world.today) if pair[0] in wanted
        ]
        lacking = [text for _, text in absent]
        broken = rules_on(rules, [word for word, _ in absent])
        source = ", ".join(special) or rules[0].id
        breach = Breach(
            title="Special categories without safeguards"
            if special
            else "A required safeguard is missing",
            message=f"{source}: missing {', '.join(lacking)}",
            remedy=f"Name the ground ({', '.join(SPECIAL_GROUNDS)}, or other: with the provision), "
            "record the assessment, classify it as restricted; or remove the data.",
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


def _lacking(dataset: Dataset, special: tuple[str, ...], today: date) -> Iterator[tuple[str, str]]:
    ground, dpia = dataset.special_ground, dataset.dpia
    if is_blank(ground):
        yield "special_ground", "the legal ground"
    elif not is_special_ground(ground):
        yield "special_ground", "a legal ground that the law knows"
    if dpia is None or is_blank(dpia.id):
        yield "dpia", "the impact assessment"
    elif dpia.on > today:
        yield "dpia", "the impact assessment (it is dated in the future)"
    levels = [
        (dataset.fields[name].classification if name in dataset.fields else None)
        or dataset.classification
        for name in special
    ]
    if any(level is not Classification.RESTRICTED for level in levels):
        yield "restricted", "the classification restricted"
