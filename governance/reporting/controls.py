"""Each control as a block: requirement, test, population, examined, exceptions, evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from governance.reporting.counting import Counting
from governance.reporting.documents import RunDocument
from governance.reporting.parts import Capped, FindingRow

GRADES = ("A", "B", "C", "D")
_REASONS = 5  # quoted in a block; the appendix lists them all


@dataclass(frozen=True, slots=True)
class ControlText:
    """What a control's manual page says of it; each a sentence or two."""

    requirement: str
    fails_when: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One control: of ``population`` outcomes that applied, how each ended.

    Args:
        text: Its manual page; None where the tool no longer has the control.
        grades: Evidence by grade, A measured to D claimed.
        exceptions: The worst open findings. sample: Passed subjects and why.
        reasons: Why something was not evaluated, with how often.
    """

    id: str
    text: ControlText | None
    population: int
    passed: int
    failed: int
    waived: int
    not_evaluated: int
    not_applicable: int
    result: str
    grades: tuple[tuple[str, int], ...]
    exceptions: Capped[FindingRow]
    sample: Capped[tuple[str, str]]
    reasons: Capped[tuple[str, int]]
    references: tuple[str, ...]

    @property
    def requirement(self) -> str | None:
        return self.text.requirement if self.text else None

    @property
    def examined(self) -> int:
        """Outcomes that were evaluated."""
        return self.population - self.not_evaluated


def list_controls(
    document: RunDocument | None, texts: Mapping[str, ControlText]
) -> tuple[ControlRow, ...]:
    """Return how each control ended over everything it applied to."""
    if document is None:
        return ()
    reasons: dict[str, Counter[str]] = {}
    for (control, reason), group in document.counting.unevaluated.items():
        reasons.setdefault(control, Counter())[reason] += group.count
    return tuple(
        _control(name, document.counting, texts.get(name), reasons.get(name, Counter()))
        for name in sorted(document.counting.controls)
    )


def _control(
    id: str, counting: Counting, text: ControlText | None, reasons: Counter[str]
) -> ControlRow:
    counted, counts = counting.controls[id], counting.by_control[id]
    grades = counting.grades.get(id, Counter[str]())
    not_applicable = counts["not_applicable"]
    told = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return ControlRow(
        id=id,
        text=text,
        population=sum(counts.values()) - not_applicable,
        passed=counts["pass"],
        failed=counts["fail"],
        waived=counts["waived"],
        not_evaluated=counts["not_evaluated"],
        not_applicable=not_applicable,
        result=_result(counts),
        grades=tuple((grade, grades[grade]) for grade in GRADES if grades[grade]),
        exceptions=counted.exceptions.capped(),
        sample=counted.sample.capped(),
        reasons=Capped(tuple(told[:_REASONS]), len(told)),
        references=tuple(sorted(counting.references.get(id, ()))),
    )


def _result(counts: Counter[str]) -> str:
    """The worst word that holds; a control without evidence never reads as kept."""
    if counts["fail"]:
        return "not kept"
    if counts["not_evaluated"]:
        return "partly evaluated" if counts["pass"] or counts["waived"] else "not evaluated"
    if counts["waived"]:
        return "kept with waivers"
    return "kept" if counts["pass"] else "not applicable"
