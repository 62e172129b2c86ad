"""Findings as those look at them who must close them: filtered, by age, one by one, by owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from governance.controls.registry import CONTROLS
from governance.errors import UsageError
from governance.model.clock import local_day
from governance.model.ladders import Duration, Severity
from governance.model.outcome import Finding, FindingKind, FindingState, Outcome
from governance.model.policy import EffectivePolicy
from governance.model.run import Run
from governance.policy.faults import suggest

NOBODY = "none"


class Order(StrEnum):
    """What a list is sorted by; what is the same there comes worst first."""

    SEVERITY = "severity"
    AGE = "age"
    OWNER = "owner"
    CONTROL = "control"
    ASSET = "asset"


@dataclass(frozen=True, slots=True)
class Listed:
    """A finding of today.

    Args:
        since: When the unbroken time began in which it is known. age_days: Days since then.
    """

    outcome: Outcome
    finding: Finding
    since: datetime
    age_days: int

    @property
    def owner(self) -> str:
        return self.finding.owner or NOBODY


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings are looked for; what is empty asks for nothing.

    Args:
        owners: As ``team:sales``, or ``none``. severities: These alone; ``gap`` for gaps.
        at_least: This severity and worse. controls, assets: Globs.
        older_than, newer_than: Known for longer, or for no longer, than this.
    """

    owners: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    at_least: Severity | None = None
    controls: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    states: tuple[FindingState, ...] = ()
    older_than: Duration | None = None
    newer_than: Duration | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """The day of today, and the day of any instant, in the project's time zone."""

    now: datetime
    timezone: str

    @property
    def today(self) -> date:
        return self.of(self.now)

    def of(self, instant: datetime) -> date:
        return local_day(instant, self.timezone)


def findings_of(run: Run, since: Mapping[str, datetime], days: Days) -> tuple[Listed, ...]:
    """Return every finding of a run, waived ones too: worst first, then the oldest.

    Args:
        since: When each was first known; one that is missing is of today.
    """
    rows = []
    for outcome in run.outcomes:
        if outcome.finding is not None:
            first = min(since.get(outcome.finding.id, days.now), days.now)
            age = (days.today - days.of(first)).days
            rows.append(Listed(outcome, outcome.finding, first, age))
    return tuple(sorted(rows, key=_worst_first))


def arrange(rows: Iterable[Listed], order: Order) -> tuple[Listed, ...]:
    """Return findings, which come worst first, in another order; the oldest first by age."""
    keys: Mapping[Order, Callable[[Listed], object]] = {
        Order.SEVERITY: lambda _: 0,
        Order.AGE: lambda row: row.since,
        Order.OWNER: lambda row: row.owner,
        Order.CONTROL: lambda row: row.outcome.control,
        Order.ASSET: lambda row: row.outcome.asset,
    }
    return tuple(sorted(rows, key=keys[order]))  # type: ignore[arg-type]


def choose(rows: Iterable[Listed], wanted: Wanted, days: Days) -> tuple[Listed, ...]:
    """Return the findings that fit, in their order."""
    tests = tuple(_tests(wanted, days))
    return tuple(row for row in rows if all(test(row) for test in tests))


def check_wanted(wanted: Wanted, run: Run, policy: EffectivePolicy) -> None:
    """Refuse a filter that can fit nothing: an empty list would read as good news.

    Raises:
        UsageError: For an owner, control or asset that nobody knows.
    """
    owners = {NOBODY, *policy.principals()}
    owners |= {each.owner for each in policy.datasets.values() if each.owner}
    _known("--owner", wanted.owners, owners)
    _known("--control", wanted.controls, {control.id for control in CONTROLS})
    _known("--asset", wanted.assets, {facts.asset.id for facts in run.assets})


def find(rows: Sequence[Listed], written: str) -> Listed:
    """Return the finding whose id begins as written.

    Raises:
        UsageError: If none does, or more than one.
    """
    found = [row for row in rows if row.finding.id.startswith(written.lower())]
    if not written or not found:
        problem = "no finding has an id that begins like this"
        raise UsageError(written[:40] or "FINDING", problem, "copy the id from 'finding list'")
    if len(found) > 1:
        problem = f"{len(found):,} findings have ids that begin like this"
        raise UsageError(written[:40], problem, "write more of the id, as 'finding list' has it")
    return found[0]


def severity_of(finding: Finding) -> str:
    """Return the severity, or ``gap``."""
    return "gap" if finding.kind is FindingKind.GAP else finding.severity.value


def _tests(wanted: Wanted, days: Days) -> Iterable[Callable[[Listed], bool]]:
    if wanted.owners:
        yield lambda row: row.owner in wanted.owners
    if wanted.severities:
        yield lambda row: severity_of(row.finding) in wanted.severities
    if wanted.at_least is not None:
        rank = wanted.at_least.rank
        yield lambda row: row.finding.severity.rank >= rank
    if wanted.controls:
        yield lambda row: _fits(row.outcome.control, wanted.controls)
    if wanted.assets:
        yield lambda row: _fits(row.outcome.asset, wanted.assets)
    if wanted.states:
        yield lambda row: row.finding.state in wanted.states
    if wanted.older_than is not None:
        before = wanted.older_than.before(days.today)
        yield lambda row: days.of(row.since) < before
    if wanted.newer_than is not None:
        after = wanted.newer_than.before(days.today)
        yield lambda row: days.of(row.since) >= after


def _known(option: str, written: Iterable[str], known: Iterable[str]) -> None:
    names = sorted(known)
    for word in written:
        if not any(name == word or fnmatchcase(name, word) for name in names):
            raise UsageError(option, f"nothing is called '{word[:60]}'", suggest(word, names))


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns)


def _worst_first(row: Listed) -> tuple[object, ...]:
    is_gap, outcome = row.finding.kind is FindingKind.GAP, row.outcome
    where = (outcome.asset, outcome.control, outcome.place or "", outcome.field or "")
    return (is_gap, -row.finding.severity.rank, row.since, *where, row.finding.id)
