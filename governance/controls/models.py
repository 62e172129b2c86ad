"""Whether models are tested as often as their risk asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from governance.controls.outcomes import (
    Breach,
    Conclusion,
    counted,
    not_applicable,
    not_evaluated,
    settle,
)
from governance.controls.subjects import position_of
from governance.model.asset import AssetKind
from governance.model.documents import ModelRecord
from governance.model.ladders import Duration, RiskClass, Severity
from governance.model.outcome import Grade, Outcome
from governance.model.parts import ModelTest
from governance.model.placeholders import is_blank
from governance.model.world import Subject

TEST_KINDS = frozenset(
    {"accuracy", "calibration", "drift", "explainability", "fairness", "memorisation", "privacy",
     "robustness", "safety", "security", "slice", "stability"}
)  # fmt: skip
"""What a test may be about; ``other.NAME`` stands for what only one organisation tests."""

_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_YEAR = Duration.parse("365d")
_HALF_YEAR = Duration.parse("180d")


class TestsFresh:
    """Every test of a model passed, after the last training, within the cadence of its risk.

    Why:
        A model is tested for the world of that day. Data moves, and a test that ran before the
        last training says nothing about the model in use.

    Fails when:
        The record names no test; or a test is older than ``tests.cadence`` asks for the
        model's risk class (a year, half a year from high on, unless the project says
        otherwise), ran before ``trained_on``, is dated in the future, failed or was skipped; its
        kind is no known one (accuracy, calibration, drift, explainability, fairness, memorisation,
        privacy, robustness, safety, security, slice, stability; ``other.NAME`` is an organisation's
        own), or its report is a placeholder; or the version of the training data is a placeholder,
        or a day in the future or after ``trained_on``. That a version exists is not checked.

    Fix:
        Run the tests again on the trained model and record date, result and report.

    Source:
        EU AI Act, testing of high-risk systems; NIST AI RMF, MEASURE 2.3.
    """

    id: ClassVar[str] = "tests-fresh"
    version: ClassVar[int] = 1
    severity: ClassVar[Severity] = Severity.MEDIUM
    applies_to: ClassVar[frozenset[AssetKind]] = frozenset({AssetKind.MODEL})

    def evaluate(self, subject: Subject) -> Iterator[Outcome]:
        model, today = subject.world.policy.models.get(subject.asset.id), subject.world.today
        if model is None:
            yield not_evaluated(self, subject, "no model record declares it")
            return
        if model.retired_on is not None and model.retired_on <= today:
            yield not_applicable(self, subject.asset, f"the model retired on {model.retired_on}")
            return
        cadence, severity = _cadence(subject, model), _severity(model)
        breaches = [] if model.tests else [_untested(subject, severity, cadence)]
        for name, test in sorted(model.tests.items()):
            fault = _fault(model, test, cadence, today)
            if fault:
                breaches.append(
                    Breach(
                        title=f"Test {name} does not vouch for the model",
                        message=fault,
                        remedy="Run the test again on the trained model and record its result.",
                        subject=name,
                        severity=severity,
                        position=position_of(subject, f"tests.{name}"),
                        measured=str(test.on),
                        threshold=str(cadence),
                    )
                )
        breaches += _untraced(subject, model, severity)
        yield from settle(
            self,
            subject,
            Conclusion(
                breaches=breaches,
                reason=f"{counted(len(model.tests), 'test')} passed within {cadence}",
                grade=Grade.CLAIM,
                threshold=str(cadence),
            ),
        )


def _cadence(subject: Subject, model: ModelRecord) -> Duration:
    declared = subject.world.policy.project.tests.cadence
    # NOTE: what is unacceptable is held to what is asked of high risk, never to less.
    asked = RiskClass.HIGH if _is_high(model) else model.risk_class
    default = _HALF_YEAR if _is_high(model) else _YEAR
    return declared.get(model.risk_class) or declared.get(asked) or default


def _is_high(model: ModelRecord) -> bool:
    return model.risk_class.rank >= RiskClass.HIGH.rank


def _severity(model: ModelRecord) -> Severity:
    return Severity.HIGH if _is_high(model) else Severity.MEDIUM


def _untested(subject: Subject, severity: Severity, cadence: Duration) -> Breach:
    return Breach(
        title="The model was never tested",
        message="its record names no test",
        remedy="Test the model and record date, result and report.",
        severity=severity,
        position=position_of(subject, "tests"),
        measured="0 tests",
        threshold=str(cadence),
    )


def _untraced(subject: Subject, model: ModelRecord, severity: Severity) -> Iterator[Breach]:
    """Yield a breach for each version of training data that cannot be one."""
    latest = min(subject.world.today, model.trained_on or subject.world.today)
    for name, version in sorted(model.training.items()):
        begins = _first_day(version)
        if is_blank(version):
            fault = f"the version of {name} is a placeholder"
        elif begins is not None and begins > latest:
            fault = f"the version of {name} begins after {latest}, when the model had been trained"
        else:
            continue
        yield Breach(
            title=f"The version of {name} does not tell the training data",
            message=fault,
            remedy="Write the version of the dataset that the model was trained on.",
            subject=f"training {name}",
            severity=severity,
            position=position_of(subject, f"training.{name}"),
            measured="no version",
            threshold="a version",
        )


def _first_day(version: str) -> date | None:
    """Return the first day of a version that is written as a year, a month or a day."""
    parts = _DAY.fullmatch(version.strip())
    if parts is None:
        return None
    year, month, day = (int(part or 1) for part in parts.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _fault(model: ModelRecord, test: ModelTest, cadence: Duration, today: date) -> str | None:
    return _unsaid(test) or _stale(model, test, cadence, today)


def _unsaid(test: ModelTest) -> str | None:
    if test.kind not in TEST_KINDS and not test.kind.startswith("other."):
        return f"its kind is none of {', '.join(sorted(TEST_KINDS))}, or other.NAME"
    if test.report is not None and is_blank(test.report):
        return "its report is a placeholder"
    return None


def _stale(model: ModelRecord, test: ModelTest, cadence: Duration, today: date) -> str | None:
    if test.result != "passed":
        return f"the test of {test.on} was {test.result}"
    if test.on > today:
        return f"the test is dated {test.on}, in the future"
    if model.trained_on is not None and test.on < model.trained_on:
        return f"the test ran on {test.on}, the model was trained again on {model.trained_on}"
    due = cadence.after(test.on)
    if due < today:
        return f"the test ran {counted((today - test.on).days, 'day')} ago, it was due on {due}"
    return None
