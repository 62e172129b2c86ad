"""Thresholds on groups of persons: demanded by rules, and measured by nobody here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from governance.controls.demands import is_meant
from governance.controls.outcomes import not_applicable, not_evaluated
from governance.controls.subjects import dataset_of
from governance.model.asset import AssetKind
from governance.model.documents import Dataset
from governance.model.ladders import Severity
from governance.model.outcome import Finding, FindingKind, Outcome, finding_id
from governance.model.policy import RuleRef
from governance.model.rules import Anonymity
from governance.model.selectors import Selectable, matches
from governance.model.world import Subject


class AnonymityThresholds:
    """A released table keeps the thresholds of k, l and t that the policy sets.

    Why:
        Without names in it a table still tells who is who, where few persons share their
        postcode, birth date and sex. How few is what the thresholds bound.

    Fails when:
        Never in this version, and it never passes: neither k-anonymity nor l-diversity nor
        t-closeness is measured. Each rule that demands one of them of a dataset is not evaluated
        there, with its name, its line and what it demands, so that nobody relies on it.

    Fix:
        Measure the table with another tool, and keep what it reports with the review; a dated
        waiver of the rule says who answers for that until when. Or replace the rule by one whose
        state is verified here, as require_state with accepted techniques.

    Source:
        GDPR, recital 26, on anonymous information; HIPAA, de-identification by an expert's
        determination; Sweeney, k-anonymity; Machanavajjhala et al., l-diversity; Li et al.,
        t-closeness.
    """

    id: ClassVar[str] = "anonymity-thresholds"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.HIGH
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        dataset = dataset_of(subject)
        asked = tuple(_asked(subject, dataset)) if dataset is not None else ()
        for ref, wanted, places in asked:
            yield _unmeasured(self, subject, (ref, wanted, places))
        if not asked:
            yield not_applicable(self, subject.asset, "no rule sets a threshold of k, l or t")


def _asked(
    subject: Subject, dataset: Dataset
) -> Iterator[tuple[RuleRef, Anonymity, tuple[str, ...]]]:
    """Yield each rule on groups of persons that holds for a dataset, and at which places.

    A dataset without a place is meant by a rule that names none.
    """
    places = subject.asset.places
    for ref in subject.world.policy.rules():
        wanted, selector = ref.rule.require_anonymity, ref.policy.applies_to
        if wanted is None:
            continue
        meant = tuple(
            place.name
            for place in places
            if is_meant(ref, place) and matches(selector, Selectable(dataset, None, place))
        )
        nowhere = not places and not ref.rule.within and matches(selector, Selectable(dataset))
        if meant or nowhere:
            yield ref, wanted, meant


def _unmeasured(
    control: AnonymityThresholds,
    subject: Subject,
    asked: tuple[RuleRef, Anonymity, tuple[str, ...]],
) -> Outcome:
    ref, wanted, places = asked
    path = f"rules.{ref.name}.require_anonymity"
    position = subject.world.policy.position("Policy", ref.policy.id, path)
    at = f" ({position})" if position else ""
    where = ", ".join(places) or "no place"
    reason = (
        f"rule {ref.id}{at} asks for {_thresholds(wanted)} in {where}: "
        "this version does not measure k-anonymity, l-diversity or t-closeness; measure it with "
        "another tool and keep its report with the review"
    )
    asset = subject.asset
    gap = Finding(
        id=finding_id(control.id, asset.id, place=None, field=None, subject=ref.id),
        kind=FindingKind.GAP,
        severity=ref.severity,
        confidence=1.0,
        title="Nobody measured a threshold of k, l or t",
        message=reason,
        remedy=ref.rule.fix or "Measure it with another tool and keep its report with the review.",
        owner=asset.owner,
        location=position or asset.position,
        references=ref.references or subject.world.policy.references.get(control.id, ()),
        rule=ref.id,
    )
    return replace(not_evaluated(control, subject, reason), subject=ref.id, gap=gap)


def _thresholds(asked: Anonymity) -> str:
    limits = [f"k >= {asked.k}"] if asked.k else []
    for field, limit in asked.sensitive.items():
        limits += [f"l >= {limit.diversity:g} of {field}"] if limit.diversity else []
        limits += [f"t <= {limit.closeness:g} of {field}"] if limit.closeness is not None else []
    return f"{', '.join(limits)} over {', '.join(asked.quasi_identifiers)}"
