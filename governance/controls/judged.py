"""Accesses with the decisions on them: grouped, counted and told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from governance.controls.outcomes import counted
from governance.controls.permits import Answer, Decision, Permits
from governance.controls.subjects import position_of
from governance.model.documents import Dataset
from governance.model.facts import AccessUse
from governance.model.position import Position
from governance.model.world import Subject

_TIME = "%Y-%m-%d %H:%M"
_LINES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """A use and the decision on it."""

    use: AccessUse
    decision: Decision


def judge(subject: Subject, dataset: Dataset) -> tuple[Judged, ...]:
    """Return every logged access of the subject with its decision.

    NOTE: two controls ask, one after the other; what was last asked is kept in the world.
    """
    world, kept = subject.world, subject.world.judged
    if dataset.id not in kept:
        permits = Permits(world.policy, dataset)
        kept.clear()
        kept[dataset.id] = tuple(
            Judged(use, permits.decide(use)) for use in world.accesses_of(dataset.id)
        )
    found: tuple[Judged, ...] = kept[dataset.id]
    return found


def undecided(judged: Iterable[Judged]) -> list[str]:
    """Return how many accesses are open, for each reason."""
    counts: dict[str, int] = {}
    for one in judged:
        if one.decision.answer is Answer.UNDECIDED:
            reason = one.decision.reason
            counts[reason] = counts.get(reason, 0) + one.use.count
    return [
        f"{counted(count, 'access', 'accesses')} undecided: {reason}"
        for reason, count in sorted(counts.items())
    ]


def by_actor_and_rule(judged: Sequence[Judged]) -> list[list[Judged]]:
    """Return the accesses that are one finding: of one actor, by one rule."""
    groups: dict[tuple[str, str], list[Judged]] = {}
    for one in judged:
        groups.setdefault((one.use.actor, one.decision.by), []).append(one)
    return [groups[key] for key in sorted(groups)]


def actions(group: Sequence[Judged]) -> str:
    """Return what was done, as ``export, read``."""
    return ", ".join(sorted({shown_action(one.use.action) for one in group}))


def shown_action(action: str) -> str:
    """Return an action that a log wrote if it is one word, else that it is unknown."""
    return action if action.isascii() and action.isalpha() and len(action) <= 20 else "unknown"


def shown_actor(actor: str) -> str:
    """Return a principal, or that it is unknown."""
    return "an unknown identity" if actor.startswith("unknown:") else actor


def events(group: Sequence[Judged]) -> int:
    """Return the number of log events."""
    return sum(one.use.count for one in group)


def when(subject: Subject, group: Sequence[Judged]) -> str:
    """Return how many there were, the first and last time, the log and its first lines."""
    zone = ZoneInfo(subject.world.policy.project.timezone)
    first = min(one.use.minute for one in group).astimezone(zone)
    last = max(one.use.until for one in group).astimezone(zone)
    period = f"on {first:{_TIME}}" if first == last else f"from {first:{_TIME}} to {last:{_TIME}}"
    places = []
    for log in sorted({one.use.log for one in group}):
        lines = {line for one in group if one.use.log == log for line in one.use.lines}
        places.append(f"{_shown_log(subject, log)} {_lines(lines)}".strip())
    return f"{counted(events(group), 'event')} {period} {zone}, {'; '.join(places)}"


def _shown_log(subject: Subject, log: str) -> str:
    """Return a log's id and its files."""
    facts = subject.world.facts.get(log)
    files = ", ".join(place.uri for place in facts.places) if facts else ""
    return f"{log} ({files})" if files else log


def _lines(lines: set[int]) -> str:
    few = sorted(lines)[:_LINES_SHOWN]
    if not few:
        return ""
    return f"line{'s' if len(few) > 1 else ''} {', '.join(map(str, few))}"


def rule_position(subject: Subject, decision: Decision) -> Position | None:
    """Return the line of the rule or grant that decided, else of the asset."""
    policy = subject.world.policy
    if decision.rule:
        name = f"rules.{decision.rule.name}"
        return policy.position("Policy", decision.rule.policy.id, name)
    if decision.grant:
        return policy.position("Grant", decision.grant.id, "ends")
    return position_of(subject)
