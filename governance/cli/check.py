"""``governance check``: the pre-merge gate, which answers without the data."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.door import Visit, enter, open_here, parse_instant, recall
from governance.cli.options import (
    AsOfOption,
    FactsOption,
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
    from governance.model.ladders import Duration

MANY = 50_000
"""A trail of which more entries are pinned is read again only from there, to answer in a second."""

BaseOption = Annotated[
    str | None,
    typer.Option(
        "--base",
        help="Compare with where this branch left REF (origin/main): only new findings fail.",
    ),
]


AgeOption = Annotated[
    str | None,
    typer.Option("--max-facts-age", help="Facts older than this do not count, as 30d."),
]


def check(
    workspace: WorkspaceOption = None,
    base: BaseOption = None,
    facts: FactsOption = None,
    max_facts_age: AgeOption = None,
    output: OutputOption = None,
    fail_on: FailOnOption = None,
    as_of: AsOfOption = None,
    include_waived: IncludeWaivedOption = False,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Evaluate the policy files over the facts of the last scan; reads no stored data."""
    from governance.engine.check import CheckRequest
    from governance.engine.check import check as run_check
    from governance.engine.gate import Wishes

    outlets = parse_outlets(output or ())
    wishes = Wishes(parse_fail_on(fail_on) if fail_on else None, parse_age(max_facts_age))
    visit = enter(parse_instant(as_of))
    memory = recall()
    opened = open_here(workspace, memory)
    request = CheckRequest(
        workspace=opened,
        run=visit.run,
        clock=visit.clock,
        trail=(trail := trail_state(opened, visit, base)),
        people=visit.privacy_at(opened.root) if trail.enabled else None,
        trail_at=visit.place(opened) if trail.enabled else None,
        base=base,
        wishes=wishes,
        facts=facts,
        secret=visit.passing_secret(opened),
        workers=os.cpu_count() or 1,
        memory=memory,
    )
    run = run_check(request)
    setting = Setting(opened.root, quiet, wants_color(no_color), include_waived)
    raise typer.Exit(write_run(run, outlets, setting))


def parse_age(written: str | None) -> Duration | None:
    """Read ``--max-facts-age``.

    Raises:
        UsageError: If it is no length.
    """
    from governance.errors import UsageError
    from governance.model.ladders import Duration

    if written is None:
        return None
    try:
        return Duration.parse(written.strip())
    except ValueError:
        problem, remedy = "not a length of time", "write days, weeks or months, as 30d"
        raise UsageError("--max-facts-age", problem, remedy) from None


def trail_state(opened: Workspace, visit: Visit, base: str | None = None) -> TrailFacts:
    """Return what verifying the workspace's trail finds; a check looks, and writes nothing.

    Args:
        base: The branch whose committed checkpoint the trail must continue as well.
    """
    from governance.engine.outposts import broken_step, outside_of
    from governance.model.facts import TrailFacts

    if base is not None:
        broken = broken_step(opened.root, base, opened.policy.project.trail)
        if broken is not None:
            return TrailFacts(0, "UNVERIFIABLE", broken)
    from governance.engine.continuity import count_lost

    if not visit.keeps_trail(opened):
        return TrailFacts(0, "", None, enabled=False, lost=count_lost(opened, None))
    from governance.engine.ledger import verify_trail
    from governance.trail.verify import Scope

    outside = outside_of(opened.root, opened.policy.project.trail, base)
    scope = Scope(incremental=outside.covers > MANY)
    found = verify_trail(visit.place(opened), visit.pin(opened), scope=scope, outside=outside)
    lost = 0 if found.problem else count_lost(opened, visit.place(opened))
    return TrailFacts(found.entries, found.level.name, found.problem, lost=lost)
