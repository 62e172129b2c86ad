"""What each owner must know of a week: what is open, new, closed and late, and what runs out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from governance.engine.listing import NOBODY, Days, Listed, severity_of
from governance.model.documents import Project, Waiver
from governance.model.ladders import Duration, Severity
from governance.model.outcome import FindingState
from governance.model.policy import EffectivePolicy
from governance.model.trail import Entry

_OPEN = frozenset({FindingState.NEW, FindingState.EXISTING, FindingState.BASELINED})
_WORDS = (*(each.value for each in sorted(Severity, key=lambda each: -each.rank)), "gap")


@dataclass(frozen=True, slots=True)
class Closed:
    """A finding that was open when the time began and is not any more."""

    id: str
    control: str
    asset: str
    severity: str


@dataclass(frozen=True, slots=True)
class OwnersDigest:
    """One owner's week.

    Args:
        open_counts: Open findings by severity, worst first, and gaps.
        late: Open for longer than ``review.findings`` allows.
        ending: Waivers for what they own that run out within ``review.notice``, or have.
    """

    owner: str
    open_counts: tuple[tuple[str, int], ...]
    new: tuple[Listed, ...]
    late: tuple[Listed, ...]
    closed: tuple[Closed, ...]
    ending: tuple[Waiver, ...]

    @property
    def open(self) -> int:
        return sum(number for _, number in self.open_counts)


def digests(
    rows: Sequence[Listed],
    closed: Mapping[str, Sequence[Closed]],
    policy: EffectivePolicy,
    days: Days,
    length: Duration,
) -> tuple[OwnersDigest, ...]:
    """Return the week of each owner who has something open, closed or ending, by name.

    Args:
        rows: Every finding of today. closed: By owner. length: What counts as the week.
    """
    first, limits = length.before(days.today), policy.project
    ending = _ending(policy, days.today)
    mine: dict[str, list[Listed]] = {}
    for row in rows:
        if row.finding.state in _OPEN:
            mine.setdefault(row.owner, []).append(row)
    found = []
    for owner in sorted({*mine, *closed, *ending}):
        own = mine.get(owner, [])
        counts = Counter(severity_of(row.finding) for row in own)
        found.append(
            OwnersDigest(
                owner=owner,
                open_counts=tuple((word, counts[word]) for word in _WORDS if counts[word]),
                new=tuple(row for row in own if days.of(row.since) >= first),
                late=tuple(row for row in own if _is_late(row, limits, days)),
                closed=tuple(closed.get(owner, ())),
                ending=tuple(ending.get(owner, ())),
            )
        )
    return tuple(found)


def closed_since(
    entries: Iterable[Entry], since: datetime, still_open: frozenset[str]
) -> dict[str, list[Closed]]:
    """Return what was closed from an instant on, by owner.

    Closed means: not open now, and no scan of everything before that instant had missed it.

    Args:
        entries: Of type ``scan.started``, ``finding.recorded`` and ``scan.finished``, oldest first.
    """
    known: dict[str, tuple[str, Closed, datetime]] = {}
    running: dict[str | None, dict[str, tuple[str, Closed]]] = {}
    whole: list[datetime] = []
    everything: set[str | None] = set()
    for entry in entries:
        said = entry.payload
        if entry.type == "scan.started":
            running[entry.run] = {}
            everything |= set() if said["targets"] else {entry.run}
        elif entry.type == "finding.recorded":
            one = Closed(said["id"], said["control"], said["asset"], _word(said))
            running.setdefault(entry.run, {})[one.id] = (said["owner"] or NOBODY, one)
        elif entry.type == "scan.finished":
            seen = running.pop(entry.run, {})
            known |= {id_: (*told, entry.ts) for id_, told in seen.items()}
            whole += [entry.ts] if entry.run in everything else []
    found: dict[str, list[Closed]] = {}
    for _, (owner, one, last) in sorted(known.items()):
        missing = next((at for at in whole if at > last), None)
        if one.id not in still_open and (missing is None or missing >= since):
            found.setdefault(owner, []).append(one)
    return found


def _word(said: Mapping[str, str]) -> str:
    return "gap" if said["kind"] == "gap" else said["severity"]


def _is_late(row: Listed, project: Project, days: Days) -> bool:
    limit = project.review.findings.get(row.finding.severity)
    return limit is not None and limit.after(days.of(row.since)) < days.today


def _ending(policy: EffectivePolicy, today: date) -> dict[str, list[Waiver]]:
    last, found = policy.project.review.notice.after(today), dict[str, list[Waiver]]()
    for _, waiver in sorted(policy.waivers.items()):
        if waiver.expires <= last:
            target = waiver.target.dataset
            asset = policy.datasets.get(target) or policy.models.get(target)
            found.setdefault((asset.owner if asset else None) or NOBODY, []).append(waiver)
    return found
