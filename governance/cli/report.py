"""``governance report`` turns a period of the trail into a PDF review."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from governance.cli.door import enter, open_here, parse_instant
from governance.cli.options import AsOfOption, WorkspaceOption

NOT_EVALUATED = 3


def report(
    kind: Annotated[str, typer.Argument(help="Which report: a folder of reports/, as annual.")],
    period: Annotated[str, typer.Option("--period", help="2026, 2026-Q3 or 2026-01..2026-06.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The PDF (or .html) to write.")],
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Verify the trail, read the period, and write the review."""
    from governance.engine.report import ReportOrder
    from governance.engine.report import report as make_report

    visit = enter()
    opened = open_here(workspace)
    order = ReportOrder(
        workspace=opened,
        kind=kind,
        period=period,
        as_of=parse_instant(as_of) or visit.clock(),
        target=output,
    )
    issued = make_report(order, visit.ledger(opened))
    typer.echo(f"{issued.path}: {issued.statement}. sha256 {issued.sha256}")
    raise typer.Exit(0 if issued.concludes else NOT_EVALUATED)
