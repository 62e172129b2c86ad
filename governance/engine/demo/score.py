"""Hold what a scan found against what was planted.

A finding is not one planted problem: a team without a lead breaks two controls on each thing
it owns. So the key lists problems, and under each the findings it must raise, with
``*`` for a part that cannot be known beforehand, as a fingerprint.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from governance.model.outcome import Outcome, Status

_KEY = Path(__file__).with_name("answer_key.json")
_PARTS = ("place", "field", "subject")


@dataclass(frozen=True, slots=True)
class Expected:
    """A finding that a planted problem must raise.

    Args:
        status: ``fail``, or ``waived`` where a waiver in force covers it.
        place: None when the finding is about the whole asset; a glob. So are the next two.
    """

    control: str
    asset: str
    status: Status = Status.FAIL
    place: str | None = None
    field: str | None = None
    subject: str | None = None

    def matches(self, outcome: Outcome) -> bool:
        """Return whether an outcome is this finding."""
        same = (outcome.control, outcome.asset, outcome.status) == (
            self.control,
            self.asset,
            self.status,
        )
        return same and all(
            fnmatchcase(getattr(outcome, part) or "", getattr(self, part) or "") for part in _PARTS
        )


@dataclass(frozen=True, slots=True)
class Planted:
    """A problem that was put into the organisation; ``what`` is one sentence."""

    id: str
    kind: str
    what: str
    findings: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """Everything that was planted.

    Args:
        not_examined: Assets that cannot be read; their coverage must say so.
    """

    planted: tuple[Planted, ...]
    not_examined: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What was planted, and what of it was found.

    Args:
        missing: Planted problems of which some finding is missing, each in a sentence.
        unexpected: Findings that no planted problem explains, each in a sentence.
    """

    planted: int
    found: int
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]


def load_key() -> AnswerKey:
    """Read the answer key that ships beside this module."""
    written = json.loads(_KEY.read_text(encoding="utf-8"))
    planted = tuple(_planted(each) for each in written["planted"])
    return AnswerKey(planted, tuple(written["not_examined"]))


def score(outcomes: Sequence[Outcome]) -> Score:
    """Compare the outcomes of a scan of the whole organisation with the answer key.

    A problem is found when every finding it must raise is there. A finding, open or waived,
    that no problem lists is unexpected.
    """
    key = load_key()
    findings = [each for each in outcomes if each.status in (Status.FAIL, Status.WAIVED)]
    absent = {problem.id: _absent(problem, findings) for problem in key.planted}
    expected = [each for problem in key.planted for each in problem.findings]
    return Score(
        planted=len(key.planted),
        found=sum(not lacking for lacking in absent.values()),
        missing=tuple(
            f"{problem.id}: {problem.what} Not raised: {'; '.join(absent[problem.id])}"
            for problem in key.planted
            if absent[problem.id]
        ),
        unexpected=tuple(
            _told(outcome)
            for outcome in findings
            if not any(each.matches(outcome) for each in expected)
        ),
    )


def _planted(written: dict[str, Any]) -> Planted:
    findings = tuple(
        Expected(**{**each, "status": Status(each.get("status", "fail"))})
        for each in written["findings"]
    )
    return Planted(written["id"], written["kind"], written["what"], findings)


def _absent(problem: Planted, findings: Sequence[Outcome]) -> list[str]:
    return [
        " ".join(filter(None, (each.control, each.asset, each.place, each.field, each.subject)))
        for each in problem.findings
        if not any(each.matches(outcome) for outcome in findings)
    ]


def _told(outcome: Outcome) -> str:
    named = (outcome.asset, outcome.place, outcome.field, outcome.subject)
    title = outcome.finding.title if outcome.finding else outcome.reason
    return f"{outcome.control}: {' '.join(part for part in named if part)}: {title}"
