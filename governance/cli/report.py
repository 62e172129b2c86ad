"""``governance report`` turns a period of the trail into a PDF review."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.door import enter, open_here, parse_instant
from governance.cli.options import AsOfOption, WorkspaceOption
from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.engine.ledger import Ledger

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
    from governance.reporting.kinds import load_kind

    # NOTE: a word that is none is told before what draws pages is loaded.
    load_kind(kind)

    from governance.engine.report import ReportOrder
    from governance.engine.report import report as make_report
    from governance.reporting.render import Layout

    visit = enter()
    opened = open_here(workspace)
    ledger = visit.ledger(opened)
    moment, now = parse_instant(as_of) or visit.clock(), visit.clock()
    if moment > now and not _lives_later(ledger, now):
        raise UsageError("--as-of", f"{moment:%Y-%m-%d %H:%M} is still to come", "name a time past")
    period = period or f"{moment:%Y}"
    if as_of is None:
        moment = _signed_instant(ledger, kind, period) or moment
    order = ReportOrder(
        workspace=opened,
        kind=kind,
        period=period,
        as_of=moment,
        target=output,
        layout=Layout(paper, language, cut),
        about=about,
    )
    issued = make_report(order, ledger)
    typer.echo(f"{issued.path}: {issued.state}, {issued.statement}. sha256 {issued.sha256}")
    raise typer.Exit(0 if issued.concludes else NOT_EVALUATED)


def _lives_later(ledger: Ledger, now: datetime) -> bool:
    """Return whether the trail has a later time than this machine, as that of a demo may."""
    from governance.trail.reading import read_entries
    from governance.trail.storage import exists

    return exists(ledger.path) and any(read_entries(ledger.path, since=now))


def _signed_instant(ledger: Ledger, kind: str, period: str) -> datetime | None:
    """Return the instant as of which a signed report is issued, so that it has one digest."""
    from governance.engine.reviewing import read_reviews, report_instant
    from governance.model.signoff import newest_review

    case = newest_review(read_reviews(ledger), kind, period)
    return report_instant(case) if case else None
