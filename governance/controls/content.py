"""What the data holds against what is declared: columns, free text, and the logs beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from governance.controls.shown import Shown, covers, shown_entities, strongest_first
from governance.controls.subjects import (
    dataset_of,
    place_of,
    position_of,
    requirements,
    unread,
)
from governance.model.asset import AssetKind, PlaceType
from governance.model.facts import FieldFacts, PlaceFacts
from governance.model.ladders import Severity
from governance.model.outcome import FindingKind, Grade, Outcome
from governance.model.world import Subject

_MOST = 0.5
"""From this share of the rows on, what a column contains says what it is."""


class PiiDeclared:
    """Personal data and secrets found in a dataset are declared there.

    Why:
        What is not declared is not protected: no retention, no masking and no access rule
        reaches a column that nobody knows to be personal.

    Fails when:
        A column is, or in at least one cell certainly contains, personal data that its
        declared category does not announce; it holds a secret; or a rule requires a
        classification and the dataset has none. A column that the policy file does not name at
        all is reported as a gap. Free-text columns are left to ``free-text-clean``.

    Fix:
        Declare the field with the category it really has, or remove the values from it.
        Revoke a secret, then remove it.

    Source:
        GDPR, data minimisation and records of processing; HIPAA, de-identification.
    """

    id: ClassVar[str] = "pii-declared"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.HIGH
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        columns = [(place, field) for place, field in _fields(subject) if not field.free_text]
        breaches = [
            breach
            for place, field in columns
            for breach in _undeclared(subject, place, field, certain_only=True)
        ]
        breaches += _unclassified(subject)
        reason = f"{counted(len(columns), 'column')} read, no personal data beyond the declared"
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=breaches,
                unknown=unread(subject.facts),
                reason=reason,
                grade=Grade.MEASURED,
                measured="0 undeclared",
                threshold="0 undeclared",
            ),
        )


class FreeTextClean:
    """Free-text columns hold no personal data or secrets beyond what is declared.

    Why:
        People write names, numbers and passwords into comment boxes. A column called ``note``
        is the place where nobody looks, so it is read cell by cell.

    Fails when:
        A cell of a free-text column contains personal data that the declared category of
        the column does not announce, or a secret.

    Fix:
        Redact the text where it is written, declare the column with the category that it
        really has, or drop it.

    Source:
        GDPR, data minimisation; HIPAA, de-identification of narrative text.
    """

    id: ClassVar[str] = "free-text-clean"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.HIGH
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        texts = [(place, field) for place, field in _fields(subject) if field.free_text]
        missing = unread(subject.facts)
        if not texts and not missing:
            yield not_applicable(self, subject.asset, "it holds no free-text column")
            return
        breaches = [
            breach
            for place, field in texts
            for breach in _undeclared(subject, place, field, certain_only=False)
        ]
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=breaches,
                unknown=missing,
                reason=f"{counted(len(texts), 'free-text column')} read cell by cell, all clean",
                grade=Grade.MEASURED,
                measured="0 cells",
                threshold="0 cells",
            ),
        )


class ByproductsClean:
    """Pipeline logs hold no personal data and no secrets.

    Why:
        Logs are copied, kept and read by more people than any table. A password or an address
        in a log has left every protection that its dataset had.

    Fails when:
        A line of a log contains personal data or a secret. In an access log the fields that
        are declared as who and from which network may identify people: that is their purpose.

    Fix:
        Stop logging the value, or mask it in the logger. Revoke a secret at once, then delete
        or rewrite the log files that hold it.

    Source:
        GDPR, integrity and confidentiality, security of processing; HIPAA, technical
        safeguards.
    """

    id: ClassVar[str] = "byproducts-clean"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.HIGH
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.LOG})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        found: dict[str, list[tuple[str, Shown]]] = {}
        for place, field in _fields(subject):
            allowed = field.name in _identity_fields(subject, place)
            for shown in shown_entities(field, subject.world.policy.taxonomy):
                if shown.is_secret or not allowed:
                    found.setdefault(shown.entity, []).append((place.place, shown))
        lines = sum(place.coverage.rows for place in subject.facts.places) if subject.facts else 0
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=[_in_log(subject, entity, hits) for entity, hits in found.items()],
                unknown=unread(subject.facts),
                reason=f"{counted(lines, 'line')} read, no personal data and no secret",
                grade=Grade.MEASURED,
                measured="0 lines",
                threshold="0 lines",
            ),
        )


def _fields(subject: Subject) -> Iterator[tuple[PlaceFacts, FieldFacts]]:
    for place in subject.facts.places if subject.facts else ():
        for field in place.fields:
            yield place, field


def _undeclared(
    subject: Subject, place: PlaceFacts, field: FieldFacts, *, certain_only: bool
) -> Iterator[Breach]:
    dataset = dataset_of(subject)
    spec = dataset.fields.get(field.name) if dataset else None
    for shown in strongest_first(shown_entities(field, subject.world.policy.taxonomy)):
        if covers(spec.category if spec else None, shown):
            continue
        if shown.is_certain or not certain_only:
            yield _content_breach(subject, place, field, shown)


def _content_breach(subject: Subject, place: PlaceFacts, field: FieldFacts, shown: Shown) -> Breach:
    dataset = dataset_of(subject)
    spec = dataset.fields.get(field.name) if dataset else None
    what = "is" if shown.is_verdict else "contains"
    said = spec.category if spec and spec.category else None
    declared = f"declared as {said}" if said else "without a category" if spec else "undeclared"
    # NOTE: an ad hoc scan has no policy file that could have a gap.
    is_gap = spec is None and subject.world.has_workspace
    hits = f"{counted(shown.rows, 'row')} of {field.rows:,}"
    return Breach(
        title=f"{field.name} {what} {shown.name}, {declared}",
        message=", ".join(part for part in (hits, first_lines(shown.lines, "row")) if part),
        remedy=_remedy(shown, field, said),
        place=place.place,
        field=field.name,
        subject=shown.name,
        severity=shown.severity,
        confidence=shown.confidence,
        kind=FindingKind.GAP if is_gap else FindingKind.FINDING,
        position=position_of(subject, f"fields.{field.name}"),
        measured=counted(shown.rows, "row"),
        threshold="0 rows",
    )


def _remedy(shown: Shown, field: FieldFacts, declared: str | None) -> str:
    if shown.is_secret:
        return "Revoke the secret, then remove it from the data."
    category = shown.category or shown.name
    if not shown.is_verdict and (field.free_text or shown.rows < _MOST * field.rows):
        # NOTE: a few cells do not say what a column is; to declare it as that would be wrong.
        now = f", instead of {declared}" if declared else ""
        return (
            f"Remove the values where {field.name} is written; if it may hold them, declare it "
            f"with a category that covers {category}{now}."
        )
    return f"Declare {field.name} as {category}, or remove the values."


def _unclassified(subject: Subject) -> Iterable[Breach]:
    dataset = dataset_of(subject)
    rules = requirements(subject, "classification")
    if dataset is None or dataset.classification is not None or not rules:
        return
    yield Breach(
        title="Classification is missing",
        message=f"{rules[0].id} requires a classification, the dataset declares none",
        remedy="Declare the dataset's classification.",
        subject=rules[0].id,
        severity=rules[0].severity,
        position=position_of(subject, "classification"),
        rule=rules[0],
    )


def _identity_fields(subject: Subject, place: PlaceFacts) -> frozenset[str]:
    declared = place_of(subject, place.place)
    if declared.type is not PlaceType.ACCESS:
        return frozenset()
    names = dict(declared.log_fields)
    return frozenset(names.get(ours, ours) for ours in ("who", "network"))


def _lines_with(hits: list[tuple[str, Shown]]) -> str:
    """Return in how many lines an entity occurs, whatever number of fields of a line show it.

    Of each field the first lines are known by number. Where those are not all, the same line may
    be counted for two fields, and what is sure is the least that there can be.
    """
    least, is_exact = 0, True
    for place in sorted({place for place, _ in hits}):
        here = [hit for at, hit in hits if at == place]
        known = {line for hit in here for line in hit.lines}
        whole = len(here) == 1 or all(len(hit.lines) == hit.rows for hit in here)
        is_exact &= whole
        most = max(hit.rows for hit in here)
        least += most if len(here) == 1 else len(known) if whole else max(most, len(known))
    return counted(least, "line") if is_exact else f"at least {counted(least, 'line')}"


def _in_log(subject: Subject, entity: str, found: list[tuple[str, Shown]]) -> Breach:
    hits, count = [hit for _, hit in found], _lines_with(found)
    lines = sorted({line for hit in hits for line in hit.lines})
    kinds = sorted({hit.detail for hit in hits if hit.detail})
    name = f"{entity} ({', '.join(kinds)})" if kinds else entity
    secret = hits[0].is_secret
    return Breach(
        title=f"{name} in a log",
        message=", ".join(part for part in (count, first_lines(lines)) if part),
        remedy="Revoke the secret, stop logging it, and delete the files that hold it."
        if secret
        else "Stop logging the value or mask it in the logger.",
        subject=entity,
        severity=highest(*(hit.severity for hit in hits)),
        confidence=max(hit.confidence for hit in hits),
        position=position_of(subject),
        measured=count,
        threshold="0 lines",
    )
