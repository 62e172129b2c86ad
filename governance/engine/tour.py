"""The straight line of ``demo``: write the organisation, scan it, score, report, verify."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from governance.assets import asset_folder
from governance.engine.demo import DEMO_NOW
from governance.engine.demo.generate import generate
from governance.engine.demo.score import Score, score
from governance.engine.ledger import Ledger, verify_trail
from governance.engine.pool import Progress
from governance.engine.report import Issued, ReportOrder, report
from governance.engine.scan import ScanRequest, scan
from governance.engine.workspace import Workspace, open_workspace
from governance.errors import UsageError
from governance.model.run import Run
from governance.model.trail import Verification

REPORT_NAME = "review-2026.pdf"


@dataclass(frozen=True)
class Shown:
    """What the tour produced.

    Args:
        seconds: Wall time of the scan alone.
    """

    run: Run
    score: Score
    issued: Issued
    verification: Verification
    seconds: float


def write_organisation(directory: Path) -> Workspace:
    """Copy the example organisation's policies and generate its data.

    Raises:
        UsageError: If the folder exists and is not empty, or cannot be written.
    """
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(
            where=str(directory),
            problem="there is something here already",
            remedy="name a folder that does not exist yet",
        )
    try:
        shutil.copytree(asset_folder("policies") / "demo", directory, dirs_exist_ok=True)
        generate(directory, today=DEMO_NOW.date())
    except OSError as cause:
        raise UsageError(
            where=str(directory),
            problem=f"cannot write the example organisation: {cause.strerror}",
            remedy="name a folder you may write to, with 100 MB free",
        ) from cause
    return open_workspace(directory, explicit=True)


def take_tour(
    request: ScanRequest,
    ledgers: Callable[[], Ledger],
    progress: Progress,
    clock: Callable[[], datetime],
    earlier: ScanRequest,
) -> Shown:
    """Scan, score, report and verify an organisation that was just written.

    Args:
        earlier: A scan of one dataset some time before, so that the trail has a past.
    """
    workspace = request.workspace
    scan(earlier, progress)
    began = time.perf_counter()
    run = scan(request, progress)
    seconds = time.perf_counter() - began
    order = ReportOrder(workspace, "annual", "2026", clock(), workspace.root / REPORT_NAME)
    ledger = ledgers()
    issued = report(order, ledger)
    verification = verify_trail(ledger.path, ledger.pin)
    return Shown(run, score(run.outcomes), issued, verification, seconds)
