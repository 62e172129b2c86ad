"""``governance audit erase``, ``prune`` and ``hold``: what goes, and what must not go yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.audit_common import TrailOption, WorkspaceOption, find_root, find_trail, instant
from governance.cli.door import enter, keys_folder
from governance.cli.printable import printable
from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.engine.workspace import Workspace
    from governance.trail.outside import Outside

REMAINS = 1
SIX_MONTHS = timedelta(days=184)
ReasonOption = Annotated[
    str, typer.Option("--reason", help="Why; name nobody in it.", show_default=False)
]
SubjectOption = Annotated[
    str | None, typer.Option("--subject", help="A person, as the log names them: user:ada.")
]

hold_app = typer.Typer(no_args_is_help=True, help="Forbid pruning and erasing for a time.")


def erase(
    subject: Annotated[
        str, typer.Option("--subject", help="A person, as the log names them: user:ada.")
    ],
    reason: ReasonOption,
    trail: TrailOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Erase a person: their name, their key, and the details about them. Proofs still hold."""
    from governance.engine.retention import erase as erase_subject
    from governance.engine.retention import traces

    opened = _open(workspace)
    visit = enter()
    done = erase_subject(
        visit.ledger(opened, trail), visit.privacy_at(opened.root), subject, reason
    )
    if done is None:
        typer.echo("nothing is known of that person here: never was, or erased before")
    else:
        typer.echo(f"erased: {done.ref} leads nowhere now, {done.details:,} details are gone")
    folders = (opened.state, keys_folder(opened.root))
    left = sorted({path for folder in folders for path in traces(folder, subject)})
    for path in left:
        typer.echo(f"still in {printable(str(path))}: the name stands there as it is", err=True)
    if left:
        told = (
            "policy files, signatures under reviews, and entries of an earlier version name people "
            "as they are: facts.db can be deleted and scanned anew; a trail's old entries can be "
            "pruned"
        )
        typer.echo(told, err=True)
        raise typer.Exit(REMAINS)


def prune(
    before: Annotated[str, typer.Option("--before", help="Entries from this day on stay.")],
    checkpoint: Annotated[
        Path | None,
        typer.Option("--checkpoint", help="A checkpoint that was kept outside, as printed."),
    ] = None,
    recent: Annotated[
        bool, typer.Option("--recent", help="Even what is younger than six months.")
    ] = False,
    trail: TrailOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Drop the contents of old entries in whole segments of 256; their hashes and proofs stay."""
    from governance.engine.retention import prune as prune_trail

    opened = _open(workspace)
    day = instant("--before", before)
    if day is None:
        raise UsageError("--before", "no day", "write it as 2026-01-31")
    if not recent and enter().clock() - day < SIX_MONTHS:
        # Source: Regulation (EU) 2024/1689, articles 19 and 26(6): logs are kept at least so long.
        problem = "less than six months ago, and some logs must be kept that long"
        raise UsageError("--before", problem, "name an earlier day, or add --recent")
    cut = prune_trail(enter().ledger(opened, trail), day, _outside(opened, checkpoint))
    if cut is None:
        typer.echo("nothing pruned: no whole segment of 256 entries under an anchored checkpoint "
                   "is that old")  # fmt: skip
        return
    typer.echo(f"pruned {cut.dropped:,} entries before entry {cut.end:,}, the last of {cut.until}")
    typer.echo(f"kept whole: {len(cut.kept):,} about keys, holds, erasures and pruning")


@hold_app.command("set")
def set_hold(
    reason: ReasonOption,
    subject: SubjectOption = None,
    trail: TrailOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Forbid pruning, and the erasing of one person or, without --subject, of anybody."""
    from governance.engine.retention import set_hold as set_on

    opened = _open(workspace)
    typer.echo(set_on(enter().ledger(opened, trail), reason, subject))


@hold_app.command("release")
def release(
    hold: Annotated[str, typer.Argument(metavar="HOLD", help="As 'hold list' prints it.")],
    reason: ReasonOption,
    trail: TrailOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """End a hold."""
    from governance.engine.retention import release_hold

    release_hold(enter().ledger(_open(workspace), trail), hold, reason)
    typer.echo(f"released {hold}")


@hold_app.command("list")
def list_holds(trail: TrailOption = None, workspace: WorkspaceOption = None) -> None:
    """Show the holds that stand."""
    from governance.engine.retention import holds
    from governance.formats.cleaning import clean

    root = find_root(workspace)
    known = enter().privacy_at(root).reader()
    standing = holds(find_trail(root, trail))
    for hold in standing:
        whom = clean(known.name(hold.subject)) if hold.subject else "everything"
        typer.echo(f"{clean(hold.id):<10} since {hold.since:%Y-%m-%d}  entry {hold.seq}  {whom}")
    if not standing:
        typer.echo("no hold stands")


def _outside(opened: Workspace, checkpoint: Path | None) -> Outside:
    """Return what is known of the trail elsewhere, with the checkpoint that a person names."""
    from governance.engine.outposts import outside_of
    from governance.trail.outside import Pinned

    known = outside_of(opened.root, opened.policy.project.trail)
    if checkpoint is None:
        return known
    try:
        note = checkpoint.read_bytes()[:65_536].decode()
    except (OSError, UnicodeError):
        remedy = "give the five lines that 'governance audit checkpoint' printed"
        raise UsageError(str(checkpoint), "not a checkpoint that can be read", remedy) from None
    return replace(known, pins=(*known.pins, Pinned(note, "file", str(checkpoint))))


def _open(workspace: Path | None) -> Workspace:
    from governance.engine.workspace import open_workspace

    return open_workspace(workspace or Path.cwd(), explicit=workspace is not None)
