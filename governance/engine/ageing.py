"""Since when each finding is open, from the trail: facts can be deleted, the trail only grows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from governance.model.coverage import CoverageStatus
from governance.model.trail import Entry

AGEING = frozenset({"scan.started", "dataset.examined", "finding.recorded", "scan.finished"})


@dataclass
class _Scan:
    """What one scan looked at and found, until it ends."""

    started: datetime
    is_whole: bool
    examined: dict[str, bool] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict)

    def looked_at(self, asset: str) -> bool:
        """Whether what it did not find there is not there any more."""
        return self.examined.get(asset, self.is_whole)


def open_since(entries: Iterable[Entry]) -> Mapping[str, datetime]:
    """Return when the unbroken time began in which every scan that looked saw a finding, by id.

    A scan that was stopped tells nothing; neither does a partial reading that found nothing.
    """
    running: dict[str | None, _Scan] = {}
    since: dict[str, tuple[str, datetime]] = {}
    for entry in entries:
        told = entry.payload
        if entry.type == "scan.started":
            running[entry.run] = _Scan(entry.ts, is_whole=not told["targets"])
        elif entry.run not in running:
            continue
        elif entry.type == "dataset.examined":
            whole = told["status"] == CoverageStatus.COMPLETE.value
            examined = running[entry.run].examined
            examined[told["asset"]] = examined.get(told["asset"], True) and whole
        elif entry.type == "finding.recorded":
            running[entry.run].found[told["id"]] = told["asset"]
        elif entry.type == "scan.finished":
            _end(since, running.pop(entry.run))
    return {finding: when for finding, (_, when) in since.items()}


def _end(since: dict[str, tuple[str, datetime]], scan: _Scan) -> None:
    mended = [
        finding
        for finding, (asset, _) in since.items()
        if finding not in scan.found and scan.looked_at(asset)
    ]
    for finding in mended:
        del since[finding]
    for finding, asset in scan.found.items():
        since.setdefault(finding, (asset, scan.started))
