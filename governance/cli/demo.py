"""``governance demo`` shows the whole product on an example organisation."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.door import Visit, enter_demo
from governance.cli.options import NoColorOption
from governance.cli.output import Setting, parse_outlets, progress_bar, wants_color, write_run

if TYPE_CHECKING:
    from governance.engine.scan import ScanRequest
    from governance.engine.tour import Shown
    from governance.engine.workspace import Workspace


def demo(
    directory: Annotated[
        Path, typer.Argument(help="Where to write the organisation; must not exist yet.")
    ] = Path("demo"),
    no_color: NoColorOption = False,
    year: Annotated[
        bool, typer.Option("--year", help="A small organisation through twelve monthly scans.")
    ] = False,
) -> None:
    """Write the example organisation, scan it, score the scan, and report on it."""
    if year:
        _year(directory)
        return
    from governance.engine.demo import DEMO_EARLIER, DEMO_NOW, LOOKED_AT
    from governance.engine.tour import take_tour, write_organisation

    typer.echo(f"writing the example organisation to {directory}/ …", err=True)
    workspace = write_organisation(directory)
    visit, before = enter_demo(DEMO_NOW), enter_demo(DEMO_EARLIER)
    earlier = replace(_request(workspace, before), targets=(LOOKED_AT,))
    request = replace(_request(workspace, visit), workers=os.cpu_count() or 1)
    typer.echo("scanning …", err=True)
    with progress_bar(quiet=False) as progress:
        ledgers = partial(visit.ledger, workspace)
        shown = take_tour(request, ledgers, progress, visit.clock, earlier)
    setting = Setting(workspace.root, color=wants_color(no_color))
    write_run(shown.run, parse_outlets(()), setting)
    for line in _told(shown, directory, f"{DEMO_NOW:%Y-%m-%dT%H:%M:%SZ}"):
        typer.echo(line)
    kept_its_word = not shown.score.missing and not shown.score.unexpected
    raise typer.Exit(0 if kept_its_word and shown.verification.holds else 1)


def _request(workspace: Workspace, visit: Visit) -> ScanRequest:
    """Return the order of a scan of everything at the instant of a visit."""
    from governance.engine.scan import ScanRequest

    return ScanRequest(
        workspace=workspace,
        targets=(),
        here=workspace.root,
        run=visit.run,
        clock=visit.clock,
        secret=visit.secret(workspace),
        ledger=visit.ledger(workspace),
    )


def _year(directory: Path) -> None:
    """Scan a small organisation as it is in each of twelve months, then report on the year."""
    from governance.engine.demo.year import live_through, report_year, scan_days
    from governance.engine.workspace import open_workspace

    def request(workspace: Workspace, day: datetime) -> ScanRequest:
        return _request(workspace, enter_demo(day))

    with progress_bar(quiet=False) as progress:
        for run in live_through(directory, request, progress):
            counts = run.count_findings()
            told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
            typer.echo(f"{run.finished:%Y-%m-%d}: {told or 'nothing open'}")
    *_, last = scan_days()
    workspace = open_workspace(directory, explicit=True)
    visit = enter_demo(last + timedelta(hours=1))
    for issued in report_year(workspace, lambda: visit.ledger(workspace), visit.clock()):
        typer.echo(f"{issued.path}: {issued.statement}")


def _program() -> str:
    """Return how this program is called here: by its name, or by its path off the PATH."""
    ours = Path(sys.argv[0]).absolute()
    found = shutil.which(ours.name)
    return ours.name if found and Path(found).samefile(ours) else str(ours)


def _told(shown: Shown, directory: Path, now: str) -> list[str]:
    """Say what was found, what was missed, where things are, and what to try next."""
    score, run, program = shown.score, shown.run, _program()
    rows = sum(cover.rows for facts in run.assets for cover in facts.coverage)
    return [
        "",
        f"Score against the answer key: {score.found} of {score.planted} planted problems found, "
        f"{len(score.unexpected)} findings outside the key",
        *(f"  missed: {each}" for each in score.missing),
        *(f"  outside the key: {each}" for each in score.unexpected),
        f"Scan: {rows:,} rows and lines in {shown.seconds:.1f} s",
        f"Trail: {shown.verification.entries} entries, {shown.verification.level.name}"
        + (f", {shown.verification.problem}" if shown.verification.problem else ""),
        f"Review: {shown.issued.path} ({shown.issued.statement})",
        "",
        f"The example organisation's clock stands at {now}. Try next:",
        f"  cd {directory}",
        f"  {program} scan --as-of {now}     # again: findings are known now",
        f"  {program} check --as-of {now}    # the same without the data",
        f"  {program} policy explain shop.customers.email",
        f"  {program} audit log",
        f"  {program} audit verify",
    ]
