"""``governance check``: the pre-merge gate, which answers without the data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.door import Visit, enter, parse_instant
from governance.cli.options import (
    AsOfOption,
    FailOnOption,
    IncludeWaivedOption,
    NoColorOption,
    OutputOption,
    QuietOption,
    WorkspaceOption,
    parse_fail_on,
)
from governance.cli.output import Setting, parse_outlets, wants_color, write_run

if TYPE_CHECKING:
    from governance.engine.workspace import Workspace
    from governance.model.facts import TrailFacts

BaseOption = Annotated[
    str | None,
    typer.Option(
        "--base",
        help="Compare with where this branch left REF (origin/main): only new findings fail.",
    ),
]


def check(
    workspace: WorkspaceOption = None,
    base: BaseOption = None,
    output: OutputOption = None,
    fail_on: FailOnOption = None,
    as_of: AsOfOption = None,
    include_waived: IncludeWaivedOption = False,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Evaluate the policy files over the facts of the last scan; reads no data."""
    from governance.engine.check import CheckRequest
    from governance.engine.check import check as run_check
    from governance.engine.workspace import open_workspace

    outlets = parse_outlets(output or ())
    thresholds = parse_fail_on(fail_on or ())
    visit = enter(parse_instant(as_of))
    opened = open_workspace(workspace or Path.cwd(), explicit=workspace is not None)
    run = run_check(
        CheckRequest(opened, visit.run, visit.clock, trail_state(opened, visit), thresholds, base)
    )
    setting = Setting(opened.root, quiet, wants_color(no_color), include_waived)
    raise typer.Exit(write_run(run, outlets, setting))


def trail_state(opened: Workspace, visit: Visit) -> TrailFacts:
    """Return what verifying the workspace's trail finds; a check looks, and writes nothing."""
    from governance.engine.ledger import verify_trail
    from governance.model.facts import TrailFacts

    if not opened.trail.exists():
        return TrailFacts(0, "", None, enabled=False)
    found = verify_trail(opened.trail, visit.ledger(opened).pin)
    return TrailFacts(found.entries, found.level.name, found.problem)
