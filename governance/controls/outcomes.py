"""How a control says what it found: pass, fail, not applicable, not evaluated.

A control gathers breaches and unknowns, then ``settle`` draws the one conclusion that every
control draws alike: a breach fails, an unknown is never green, and only the rest passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from governance.model.asset import Asset
from governance.model.ladders import Severity
from governance.model.outcome import Finding, FindingKind, Grade, Outcome, Status, finding_id
from governance.model.policy import RuleRef
from governance.model.position import Position
from governance.model.world import Control, Subject

_LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """What becomes a failed outcome.

    Args:
        title: One short line. message: Counts and positions, never a value.
        remedy: An imperative sentence.
        subject: What else tells two breaches of one place and field apart.
        severity: None for the control's own.
        position: The policy line to open; None for the line that declares the asset.
        rule: The rule of a Policy that was broken.
        measured: What was measured, and ``threshold`` what it was held against, as text.
    """

    title: str
    message: str
    remedy: str
    place: str | None = None
    field: str | None = None
    subject: str | None = None
    severity: Severity | None = None
    confidence: float = 1.0
    kind: FindingKind = FindingKind.FINDING
    position: Position | None = None
    rule: RuleRef | None = None
    measured: str | None = None
    threshold: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """Everything a control has to say about one subject.

    Args:
        breaches: What fails. unknown: What could not be judged, each in a plain sentence.
        reason: Why it passes, when nothing fails and nothing is unknown.
        grade: Where the evidence comes from.
    """

    breaches: Sequence[Breach] = ()
    unknown: Sequence[str] = ()
    reason: str
    grade: Grade
    measured: str | None = None
    threshold: str | None = None


def settle(control: Control, subject: Subject, conclusion: Conclusion) -> Iterator[Outcome]:
    """Yield the outcomes of a conclusion: every breach, and the unknown; without either a pass.

    A breach does not answer for what was not looked at: a low one would else hide that the worst
    could not be judged.
    """
    ordered = sorted(conclusion.breaches, key=_identity)
    yield from (_failed(control, subject, breach, conclusion.grade) for breach in ordered)
    if conclusion.unknown:
        yield not_evaluated(control, subject, listed(conclusion.unknown))
    if conclusion.breaches or conclusion.unknown:
        return
    yield Outcome(
        control=control.id,
        asset=subject.asset.id,
        status=Status.PASS,
        reason=conclusion.reason,
        grade=conclusion.grade,
        measured=conclusion.measured,
        threshold=conclusion.threshold,
    )


def not_evaluated(control: Control, subject: Subject, reason: str) -> Outcome:
    """Return the outcome for missing evidence; ``reason`` names what was not read."""
    return Outcome(control.id, subject.asset.id, Status.NOT_EVALUATED, reason)


def not_applicable(control: Control, asset: Asset, reason: str) -> Outcome:
    """Return the outcome of a control that has nothing to ask of the asset."""
    return Outcome(control.id, asset.id, Status.NOT_APPLICABLE, reason)


def highest(*severities: Severity) -> Severity:
    """Return the worst of some severities."""
    return max(severities, key=lambda severity: severity.rank)


def counted(number: int, word: str, plural: str | None = None) -> str:
    """Return ``1 row`` or ``2,000 rows``."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"


def listed(sentences: Sequence[str]) -> str:
    """Return some sentences as one, each once; of a long list the first five and a count."""
    distinct = tuple(dict.fromkeys(sentences))
    rest = len(distinct) - _LISTED
    tail = (f"and {rest} more",) if rest > 0 else ()
    return "; ".join((*distinct[:_LISTED], *tail))


def percent(share: float) -> str:
    """Return a share as text that is never rounded to a flattering 0 % or 100 %."""
    if 0 < share < 0.001:
        return "under 0.1 %"
    if 0.999 < share < 1:
        return "over 99.9 %"
    return f"{share * 100:.1f}".removesuffix(".0") + " %"


def first_lines(lines: Sequence[int], noun: str = "line") -> str:
    """Return ``first at line 4`` or ``first at lines 4, 9, 12``; empty without lines.

    Args:
        noun: ``line`` of a log, ``row`` of a table (the first row of data is row 1).
    """
    few = sorted(lines)[:5]
    if not few:
        return ""
    return f"first at {noun}{'s' if len(few) > 1 else ''} {', '.join(map(str, few))}"


def _identity(breach: Breach) -> tuple[str, str, str]:
    return (breach.place or "", breach.field or "", breach.subject or "")


def _failed(control: Control, subject: Subject, breach: Breach, grade: Grade) -> Outcome:
    asset = subject.asset
    rule = breach.rule
    known = subject.world.policy.references
    finding = Finding(
        id=finding_id(
            control.id, asset.id, place=breach.place, field=breach.field, subject=breach.subject
        ),
        kind=breach.kind,
        severity=breach.severity or control.severity,
        confidence=breach.confidence,
        title=breach.title,
        message=breach.message,
        remedy=breach.remedy,
        owner=asset.owner,
        location=breach.position or asset.position,
        references=(rule.references if rule else ()) or known.get(control.id, ()),
        rule=rule.id if rule else None,
    )
    return Outcome(
        control=control.id,
        asset=asset.id,
        status=Status.FAIL,
        reason=breach.message,
        grade=grade,
        place=breach.place,
        field=breach.field,
        subject=breach.subject,
        measured=breach.measured,
        threshold=breach.threshold,
        finding=finding,
    )
