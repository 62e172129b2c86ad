"""Reports that are made again, to see whether the same bytes come out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from governance import __version__
from governance.engine.ledger import Ledger
from governance.engine.report import ISSUED, ReportOrder, render, review_of, signing_of
from governance.engine.workspace import Workspace
from governance.engine.writing import Digested
from governance.errors import ReportError
from governance.model.trail import Event
from governance.reporting.render import Layout
from governance.trail.reading import read_entries
from governance.trail.storage import exists

ISSUING, REPRODUCED = "report.issued", "report.reproduced"


@dataclass(frozen=True, slots=True)
class MadeAgain:
    """An issued report and what came out when it was made again.

    Args:
        same: None where it could not be compared. reason: Why not.
    """

    kind: str
    period: str
    sha256: str
    version: str
    same: bool | None
    reason: str | None = None


def reproduce(
    workspace: Workspace, ledger: Ledger, *, every: bool = False
) -> tuple[MadeAgain, ...]:
    """Make issued reports again, record how each came out, and return that.

    Args:
        every: Whether those are made again too that came out the same before.

    Raises:
        TrailError: If the trail does not verify, or cannot be written.
    """
    found = tuple(_made_again(workspace, ledger, told) for told in _issued(ledger, every=every))
    events = [
        Event(
            REPRODUCED,
            {"sha256": one.sha256, "same": one.same, "tool": __version__},
        )
        for one in found
        if one.same is not None
    ]
    if events:
        with ledger:
            ledger.append(events)
            ledger.seal()
    return found


def _issued(ledger: Ledger, *, every: bool) -> Iterator[dict[str, Any]]:
    """Yield what the trail tells of each issued report, oldest first, each digest once."""
    if not exists(ledger.path):
        return
    issued: dict[str, dict[str, Any]] = {}
    same: set[str] = set()
    for entry in read_entries(ledger.path, types={ISSUING, REPRODUCED}):
        said = dict(entry.payload)
        if entry.type == REPRODUCED:
            same |= {said["sha256"]} if said["same"] else set()
        elif said.get("state") == ISSUED:
            issued[said["sha256"]] = said
    yield from (said for sha256, said in issued.items() if every or sha256 not in same)


def _made_again(workspace: Workspace, ledger: Ledger, said: dict[str, Any]) -> MadeAgain:
    kind, period, sha256, version = (said[name] for name in ("kind", "period", "sha256", "tool"))
    if version != __version__:
        return MadeAgain(kind, period, sha256, version, None, f"version {version} issued it")
    with TemporaryDirectory() as folder:
        order = ReportOrder(
            workspace=workspace,
            kind=kind,
            period=period,
            as_of=datetime.fromisoformat(said["as_of"]),
            target=Path(folder) / f"again{said['format']}",
            layout=Layout(said["paper"], said["language"], said["cut"]),
            about=said["about"],
        )
        try:
            review, _ = review_of(order, ledger, signing_of(ledger, order))
        except ReportError as error:
            return MadeAgain(kind, period, sha256, version, None, error.problem)
        made = Digested()
        render(order, review, made)
    return MadeAgain(kind, period, sha256, version, made.digest == sha256)
