"""Keeping the baseline: what to add, what is resolved, and what nobody can tell today.

An entry is taken out only where its control looked at its asset again, to the end, and found
nothing. What was not evaluated is not resolved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from governance.engine.baseline import Baseline, Entry, open_entries
from governance.errors import NothingToDoError
from governance.model.asset import AssetKind
from governance.model.outcome import Status
from governance.model.run import Run

_ATTRIBUTES = ".gitattributes"


class Standing(StrEnum):
    """How an entry stands beside what is found today."""

    OPEN = "open"
    WORSE = "more severe"
    MILDER = "less severe"
    WAIVED = "waived"
    RESOLVED = "resolved"
    UNKNOWN = "not evaluated"


@dataclass(frozen=True)
class Upkeep:
    """What a change of the baseline comes to.

    Args:
        entries: The new content. added: What it lists now and did not before.
        standings: How each entry of the old content stands, by id.
    """

    entries: Mapping[str, Entry]
    added: tuple[Entry, ...]
    standings: Mapping[str, Standing]

    def count(self, standing: Standing) -> int:
        """Return how many of the old entries stand like that."""
        return sum(each is standing for each in self.standings.values())


def create(run: Run) -> Upkeep:
    """Return a baseline of everything that is open.

    Raises:
        NothingToDoError: If nothing was checked.
    """
    _demand_evaluation(run)
    found = open_entries(run.outcomes)
    return Upkeep(found, tuple(found.values()), {})


def update(baseline: Baseline, run: Run) -> Upkeep:
    """Return a baseline of what is open today, and of what nobody can tell.

    Severities become those of today.

    Raises:
        NothingToDoError: If nothing was checked.
    """
    kept = prune(baseline, run)
    found = open_entries(run.outcomes)
    added = tuple(entry for entry in found.values() if entry.id not in baseline.entries)
    return Upkeep({**kept.entries, **found}, added, kept.standings)


def prune(baseline: Baseline, run: Run) -> Upkeep:
    """Return a baseline without what is resolved.

    Raises:
        NothingToDoError: If nothing was checked.
    """
    _demand_evaluation(run)
    standings = standings_of(baseline, run)
    kept = {
        entry.id: entry
        for entry in baseline.entries.values()
        if standings[entry.id] is not Standing.RESOLVED
    }
    return Upkeep(kept, (), standings)


def standings_of(baseline: Baseline, run: Run) -> dict[str, Standing]:
    """Return how each entry stands, by id."""
    found = open_entries(run.outcomes)
    waived = {
        each.finding.id for each in run.outcomes if each.finding and each.status is Status.WAIVED
    }
    looked = _Looked(run)
    standings = {}
    for entry in baseline.entries.values():
        now = found.get(entry.id)
        if now is not None:
            standings[entry.id] = _weighed(now, entry)
        elif entry.id in waived:
            standings[entry.id] = Standing.WAIVED
        else:
            is_gone = looked.through(entry)
            standings[entry.id] = Standing.RESOLVED if is_gone else Standing.UNKNOWN
    return standings


def mark_for_union(file: Path) -> Path | None:
    """Let git merge the baseline line by line: two branches that add to it do not conflict.

    Returns the ``.gitattributes`` that was written, or None where there was nothing to write.
    """
    name = file.name
    is_plain = name.isascii() and name.replace("-", "").replace("_", "").replace(".", "").isalnum()
    in_repository = any((folder / ".git").exists() for folder in file.resolve().parents)
    if not is_plain or not in_repository:
        return None
    attributes, line = file.with_name(_ATTRIBUTES), f"{name} merge=union"
    written = attributes.read_text(encoding="utf-8") if attributes.is_file() else ""
    if any(each.split()[:1] == [name] for each in written.splitlines()):
        return None
    end = "" if written.endswith("\n") or not written else "\n"
    attributes.write_text(f"{written}{end}{line}\n", encoding="utf-8", newline="")
    return attributes


def _weighed(now: Entry, accepted: Entry) -> Standing:
    if now.severity.rank > accepted.severity.rank:
        return Standing.WORSE
    return Standing.MILDER if now.severity.rank < accepted.severity.rank else Standing.OPEN


class _Looked:
    """Which controls looked at which assets, to the end."""

    def __init__(self, run: Run) -> None:
        self._assets = {outcome.asset for outcome in run.outcomes}
        self._evaluated = {(outcome.control, outcome.asset) for outcome in run.outcomes}
        self._open = {
            (outcome.control, outcome.asset)
            for outcome in run.outcomes
            if outcome.status is Status.NOT_EVALUATED
        }
        self._unread = {
            facts.asset.id
            for facts in run.assets
            if any(not part.is_complete for part in facts.coverage)
            or (not facts.places and facts.asset.kind is AssetKind.DATASET)
        }

    def through(self, entry: Entry) -> bool:
        """Return whether absence means that the finding is gone; so it is where its asset is."""
        if entry.asset not in self._assets:
            return True
        pair = (entry.control, entry.asset)
        is_evaluated = pair in self._evaluated and pair not in self._open
        return is_evaluated and entry.asset not in self._unread


def _demand_evaluation(run: Run) -> None:
    concluded = {Status.PASS, Status.FAIL, Status.WAIVED}
    if not any(outcome.status in concluded for outcome in run.outcomes):
        raise NothingToDoError(
            where=run.project,
            problem="nothing was checked, so nothing is known of any finding",
            remedy="run 'governance scan' first",
        )
