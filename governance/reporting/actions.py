"""What follows from the findings: top risks, decisions asked of the board, the action plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from governance.reporting.controls import ControlRow
from governance.reporting.findings import cap
from governance.reporting.history import HistoryView
from governance.reporting.language import Said, said
from governance.reporting.parts import Capped, CoverageView, FindingsView, TrailView, WaiverRow
from governance.reporting.rowmaking import SERIOUS, SEVERITIES

DAYS = {"critical": 7, "high": 30, "medium": 90, "low": 180, "gap": 90}
"""Days within which a finding is proposed to be closed, from when it was first seen."""

RISKS = 5  # what a board can discuss in one sitting


@dataclass(frozen=True, slots=True)
class RiskRow:
    """The open findings of one control as one risk.

    Args:
        severity: The worst of them. since: When the oldest was first seen.
        example: The worst finding's title. owners: Who answers, the most findings first.
    """

    control: str
    requirement: str | None
    severity: str
    count: int
    since: datetime | None
    example: str
    asset: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One thing to do: what, by whom, proposed by when."""

    severity: str
    control: str
    owner: str
    count: int
    remedy: str
    due: date
    overdue: bool


@dataclass(frozen=True, slots=True)
class ActionsView:
    """Risks and decisions for the board, the plan for the officer."""

    risks: Capped[RiskRow]
    decisions: tuple[Said, ...]
    plan: Capped[ActionRow]


def view_actions(
    findings: FindingsView,
    history: HistoryView,
    controls: Sequence[ControlRow],
    as_of: datetime,
) -> ActionsView:
    """Derive risks and the plan from what is open; decisions are added by ``decide``."""
    risks = _risks(findings, history, controls)
    plan = _plan(controls, findings, history, as_of)
    return ActionsView(Capped(risks[:RISKS], len(risks)), (), cap(plan))


def decide(
    findings: FindingsView,
    coverage: CoverageView,
    trail: TrailView,
    waivers: Iterable[WaiverRow],
    controls: Sequence[ControlRow],
) -> tuple[Said, ...]:
    """Return the decisions that are asked for, the weightiest first."""
    unowned = sum(tally.total for tally in findings.by_owner if tally.name == "nobody")
    ended = sum(row.standing == "ended" for row in waivers)
    unread = coverage.places - coverage.complete + sum(row.not_evaluated for row in controls)
    possible = (
        (findings.serious, _SERIOUS),
        (unowned, _UNOWNED),
        (ended, _ENDED),
        (unread, _UNREAD),
        (trail.level in ("intact", "signed"), _ANCHOR),
    )
    return tuple(said(text, n=int(count)) for count, text in possible if count)


_SERIOUS = (
    "Set a date for the {n} open finding of critical or high severity, or accept the risk by a "
    "dated waiver.|Set dates for the {n} open findings of critical or high severity, or accept "
    "the risk by dated waivers."
)
_UNOWNED = (
    "Name who answers for the {n} finding that has no owner.|"
    "Name who answers for the {n} findings that have no owner."
)
_ENDED = (
    "Renew or end the {n} waiver that has run out; it covers nothing any more.|"
    "Renew or end the {n} waivers that have run out; they cover nothing any more."
)
_UNREAD = (
    "Have the {n} place or check that was not examined examined, or accept that it was not.|"
    "Have the {n} places and checks that were not examined examined, or accept that they were not."
)
_ANCHOR = (
    "Have a checkpoint of the audit trail kept outside the reach of those who hold its key.|"
    "Have a checkpoint of the audit trail kept outside the reach of those who hold its key."
)


def _risks(
    findings: FindingsView, history: HistoryView, controls: Sequence[ControlRow]
) -> tuple[RiskRow, ...]:
    known = {row.id: row for row in controls}
    owners = {row.control: row.cells for row in findings.heat}
    rows = []
    for tally in findings.by_control:
        control = known[tally.name]
        worst = next(iter(control.exceptions.rows), None)
        if worst is None:
            continue
        counts = zip(findings.heat_owners, owners.get(tally.name, ()), strict=False)
        named = sorted(((-n, owner) for owner, n in counts if n))
        rows.append(
            RiskRow(
                control=tally.name,
                requirement=control.requirement,
                severity=_heaviest(tally.counts),
                count=tally.total,
                since=history.first_seen(tally.name),
                example=worst.title,
                asset=worst.asset,
                owners=tuple(owner or "nobody" for _, owner in named),
            )
        )
    return tuple(rows)


def _plan(
    controls: Sequence[ControlRow],
    findings: FindingsView,
    history: HistoryView,
    as_of: datetime,
) -> list[ActionRow]:
    """One row per control and owner, with the remedy of its worst finding."""
    remedies = {row.id: row.exceptions.rows for row in controls}
    rows = []
    for heat in findings.heat:
        examples = remedies.get(heat.control, ())
        severities = dict(_severities(controls, heat.control))
        severity = next((each for each in SEVERITIES if severities.get(each)), "gap")
        seen = history.first_seen(heat.control) or as_of
        due = (seen + timedelta(days=DAYS.get(severity, DAYS["critical"]))).date()
        for owner, count in (
            *zip(findings.heat_owners, heat.cells, strict=True),
            (None, heat.rest),
        ):
            if count:
                remedy = next(
                    (row.remedy for row in examples if (row.owner or "") == owner),
                    examples[0].remedy if examples else "",
                )
                rows.append(
                    ActionRow(
                        severity=severity,
                        control=heat.control,
                        owner="others" if owner is None else owner or "nobody",
                        count=count,
                        remedy=remedy,
                        due=due,
                        overdue=due < as_of.date(),
                    )
                )
    ranks = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    return sorted(
        rows, key=lambda row: (row.due, ranks.get(row.severity, -1), row.control, row.owner)
    )


def _severities(controls: Sequence[ControlRow], id: str) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for row in controls:
        if row.id == id:
            for finding in row.exceptions.rows:
                counts[finding.severity] = counts.get(finding.severity, 0) + 1
    return counts


def _heaviest(counts: Iterable[tuple[str, int]]) -> str:
    return next((severity for severity, count in counts if count), SERIOUS[0])
