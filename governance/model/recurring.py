"""What comes round again: reviews, drills, trainings, tests, scans, and who signs for a review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from governance.model.ladders import Duration, RiskClass, Severity
from governance.model.parts import Length, Principal, Slug, Strict, Text, Threshold

Minutes = Annotated[int, Field(ge=0, le=24 * 60)]


class ReviewCadence(Strict):
    """How often assets and the access to them are reviewed, and what else is looked at again.

    Args:
        cadence: An asset. high_risk: A high-risk model, or a dataset of special categories.
        access: Who may use a dataset. access_high: Who may use restricted or special data.
        drills: A drill of a breach. regulations: The register of laws. None asks for none.
        findings: By severity, how long a finding may stay open.
        reports: How soon an issued report is made again, to see that it comes out the same.
        notice: How long before something falls due, or a waiver ends, people are told.
    """

    cadence: Length = Duration.parse("365d")
    high_risk: Length = Duration.parse("180d")
    access: Length = Duration.parse("180d")
    access_high: Length = Duration.parse("90d")
    drills: Length | None = None
    regulations: Length | None = None
    findings: dict[Severity, Length] = {}
    reports: Length | None = None
    notice: Length = Duration.parse("30d")


class TestCadence(Strict):
    """How often a model of each risk class is tested."""

    cadence: dict[RiskClass, Length] = {}


class Signing(Strict):
    """Who signs a review. Where nobody is named, anybody of a team may, but never one for two.

    Args:
        authors, advisers, approvers: Persons, teams or roles. Advisers are heard before approval.
        separate_accounts: Whether author and approver must sign from different accounts.
    """

    authors: tuple[Principal, ...] = ()
    advisers: tuple[Principal, ...] = ()
    approvers: tuple[Principal, ...] = ()
    separate_accounts: bool = False


class Schedule(Strict):
    """A recurring run.

    Args:
        jitter_minutes: The start is put off by up to so much, so that not all start at once.
        grace_minutes: How late a start that was missed is still made up for; None: until the
            next one is due.
    """

    cron: Text
    run: Text
    fail_on: Threshold | None = None
    notify: tuple[str, ...] = ()
    jitter_minutes: Minutes = 0
    grace_minutes: Minutes | None = None


Skills = dict[Principal, dict[Slug, Length]]
"""By person, team or role: the courses that are asked for, and how long each one counts."""
RUNNABLE = (
    "audit checkpoint",
    "audit verify",
    "check",
    "finding digest",
    "report KIND",
    "review reproduce",
    "scan",
)
"""What a schedule may run: these ask nobody anything. A word in capitals stands for any one."""


def is_runnable(words: Sequence[str]) -> bool:
    """Return whether a command line, without ``governance``, begins with one of ``RUNNABLE``."""

    def fits(asked: str, word: str) -> bool:
        return not word.startswith("-") if asked.isupper() else asked == word

    return any(
        len(words) >= len(form) and all(map(fits, form, words))
        for form in (command.split() for command in RUNNABLE)
    )
