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
    output: Annotated[Path, typer.Option("--output", "-o", help="The PDF (or .html) to write.")],
    period: Annotated[
        str | None,
        typer.Option("--period", help="2026, 2026-Q3 or 2026-01..2026-06; this year unless said."),
    ] = None,
    about: Annotated[
        str | None,
        typer.Option("--about", help="The dataset, model or owner that the report is about."),
    ] = None,
    cut: Annotated[
        str | None, typer.Option("--cut", help="For whom: auditor, officer or board.")
    ] = None,
    paper: Annotated[str, typer.Option("--paper", help="a4 or letter.")] = "a4",
    language: Annotated[str, typer.Option("--language", help="en or de.")] = "en",
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Verify the trail, read the period, and write the review."""
    from governance.engine.report import ReportOrder
    from governance.engine.report import report as make_report
    from governance.reporting.render import Layout

    visit = enter()
    opened = open_here(workspace)
    moment = parse_instant(as_of) or visit.clock()
    order = ReportOrder(
        workspace=opened,
        kind=kind,
        period=period or f"{moment:%Y}",
        as_of=moment,
        target=output,
        layout=Layout(paper, language, cut),
        about=about,
    )
    issued = make_report(order, visit.ledger(opened))
    typer.echo(f"{issued.path}: {issued.statement}. sha256 {issued.sha256}")
    raise typer.Exit(0 if issued.concludes else NOT_EVALUATED)
