"""Whether the record of a dataset or a model holds what rules require of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar

from pydantic import BaseModel

from governance.controls.outcomes import Breach, Conclusion, counted, not_applicable, settle
from governance.controls.subjects import position_of, record_of, required_of
from governance.model.asset import AssetKind
from governance.model.documents import Dataset, ModelRecord
from governance.model.ladders import Severity
from governance.model.outcome import Grade, Outcome
from governance.model.parts import Assessment
from governance.model.placeholders import is_blank
from governance.model.policy import RuleRef
from governance.model.world import Subject

_TRAINING = "training."
# Words that another control answers for, with more than whether they are written.
_ELSEWHERE = {
    AssetKind.DATASET: frozenset(
        ("owner", "steward", "classification", "collected", "legal_basis", "purposes", "subjects",
         "residency", "retention", "reviews", "special_ground", "dpia")
    ),
    AssetKind.MODEL: frozenset(("owner", "steward", "reviews")),
}  # fmt: skip


class RecordComplete:
    """The record of a dataset or a model holds every key that a rule requires of it.

    Why:
        A rule that says "a person watches over every model of high risk" is kept only where
        the person is named. Nobody reads a hundred records to see which one is silent.

    Fails when:
        A rule requires a key that the record leaves out, leaves empty, or fills with a
        placeholder such as "TODO" or with an assessment of a day to come; of ``training.KEY``,
        when a dataset that the model learned from does. A day of retirement counts once it has
        come. Keys that another control answers for (the owner, the retention, the legal basis and
        so on) are left to it.

    Fix:
        Write what is missing into the asset's policy file, or into that of the training data.

    Source:
        EU AI Act, technical documentation, data governance and human oversight; NIST AI RMF,
        MAP 1.1; ISO/IEC 42001, documentation of systems and data resources.
    """

    id: ClassVar[str] = "record-complete"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.DATASET, AssetKind.MODEL})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        record, breaches, unknown, asked = record_of(subject), list[Breach](), list[str](), 0
        for rule in required_of(subject):
            for word in rule.rule.require or ():
                if record is None or word in _ELSEWHERE[subject.asset.kind]:
                    continue
                asked += 1
                if not word.startswith(_TRAINING):
                    if not _is_written(record, word, subject.world.today):
                        breaches.append(_missing(subject, rule, word))
                elif isinstance(record, ModelRecord) and record.training:
                    breaches += _untold(subject, rule, word.removeprefix(_TRAINING), record)
                else:
                    unknown.append(f"{word} cannot be told: the model names no training data")
        if not asked:
            yield not_applicable(self, subject.asset, "no rule requires more of its record")
            return
        reason = f"{counted(asked, 'required key')} written"
        yield from settle(
            self,
            subject,
            Conclusion(breaches=breaches, unknown=unknown, reason=reason, grade=Grade.CLAIM),
        )


def _untold(subject: Subject, rule: RuleRef, key: str, model: ModelRecord) -> Iterator[Breach]:
    """Yield a breach for each dataset that the model learned from and that does not tell a key."""
    for name in sorted(model.training):
        dataset = subject.world.policy.datasets.get(name.removeprefix("dataset:"))
        if dataset is None or not _is_written(dataset, key, subject.world.today):
            yield _missing(subject, rule, key, of=name)


def _missing(subject: Subject, rule: RuleRef, word: str, of: str | None = None) -> Breach:
    whose = f"{of}, which it was trained on," if of else "its record"
    return Breach(
        title=f"No {word} of {of}" if of else f"No {word}",
        message=f"{rule.id} requires {word}, {whose} does not say it",
        remedy=rule.rule.fix or f"Write {word} into the policy file.",
        subject=f"{rule.id} {word} {of}" if of else f"{rule.id} {word}",
        severity=rule.severity,
        position=position_of(subject, f"training.{of}" if of else word),
        rule=rule,
        measured="missing",
        threshold="written",
    )


def _is_written(record: Dataset | ModelRecord, word: str, today: date) -> bool:
    value = getattr(record, word, None)
    if word == "retired_on" or isinstance(value, Assessment):
        day = value.on if isinstance(value, Assessment) else value
        if not isinstance(day, date) or day > today:
            return False
    return _says(value)


def _says(value: object) -> bool:
    """Return whether a value says something: no part of it is empty, and no word a placeholder."""
    if isinstance(value, str):
        return not is_blank(value)
    if isinstance(value, BaseModel):
        return all(not is_blank(each) for _, each in value if isinstance(each, str))
    if isinstance(value, Mapping):
        return bool(value) and all(map(_says, value.values()))
    if isinstance(value, tuple):
        return bool(value) and all(map(_says, value))
    return value is not None
