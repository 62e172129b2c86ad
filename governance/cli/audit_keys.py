"""``governance audit key``: make, change and revoke the key that signs the trail."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.audit_common import TrailOption, WorkspaceOption, find_root, find_trail
from governance.cli.door import SIGNING_KEY, enter, keys_folder
from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.engine.workspace import Workspace
    from governance.trail.keyring import Tenure
    from governance.trail.keys import PublicKey

NEW_SIGNING_KEY = "GOVERNANCE_NEW_SIGNING_KEY"

app = typer.Typer(no_args_is_help=True, help="Make, change and revoke the key that signs.")

ReasonOption = Annotated[str | None, typer.Option("--reason", help="Why, for whoever reads it.")]


@app.command()
def new(
    after_loss: Annotated[
        bool, typer.Option("--after-loss", help="Go on with a trail whose key was lost.")
    ] = False,
    by: Annotated[str | None, typer.Option("--by", help="Who answers for it.")] = None,
    reason: ReasonOption = None,
    trail: TrailOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make the key that signs the trail, and print the line that pins it."""
    from governance.engine.keychange import begin_with_key, follow_lost_key

    opened = _open(workspace)
    if after_loss:
        if not by or not reason:
            raise UsageError("--after-loss", "nobody answers for it", "add --by and --reason")
        key = follow_lost_key(enter().ledger(opened, trail), by, reason)
    else:
        place = find_trail(opened.root, trail)
        key = begin_with_key(keys_folder(opened.root), place, os.environ.get(SIGNING_KEY))
    _tell_pin(opened, key)


@app.command()
def rotate(trail: TrailOption = None, workspace: WorkspaceOption = None) -> None:
    """Hand over to a new key: both sign, and the old private key is removed.

    A key from the environment is followed by the one in GOVERNANCE_NEW_SIGNING_KEY.
    """
    from governance.engine.keychange import rotate_key

    opened = _open(workspace)
    seed = os.environ.get(NEW_SIGNING_KEY)
    if (seed is None) != (os.environ.get(SIGNING_KEY) is None):
        problem = "one of the two keys is in the environment, and the other is not"
        raise UsageError(NEW_SIGNING_KEY, problem, f"set it beside {SIGNING_KEY}, or neither")
    key = rotate_key(enter().ledger(opened, trail), keys_folder(opened.root), seed)
    _tell_pin(opened, key)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY-ID", help="As 'key list' prints it.")],
    after: Annotated[
        int, typer.Option("--after", min=0, help="Its signatures count up to so many entries.")
    ],
    reason: ReasonOption = None,
    trail: TrailOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Record that an earlier key is no longer believed: rotate first, then revoke the old one."""
    if not reason:
        raise UsageError("--reason", "a revocation without a reason", "say what happened")
    opened = _open(workspace)
    with enter().ledger(opened, trail) as ledger:
        ledger.revoke(key.lower(), after=after, reason=reason)
    typer.echo(f"revoked {key}: what it signed beyond {after:,} entries proves nothing")
    _tell_if_pinned(opened, key)


@app.command("list")
def list_keys(trail: TrailOption = None, workspace: WorkspaceOption = None) -> None:
    """Show which key signed when, the newest last."""
    from governance.formats.cleaning import clean
    from governance.trail.reading import read_keys

    tenures = read_keys(find_trail(find_root(workspace), trail)).tenures
    for number, tenure in enumerate(tenures):
        is_last = number == len(tenures) - 1
        typer.echo(f"{tenure.key.key_id.hex()}  {_standing(tenure, is_last):<44}"
                   f"  {clean(tenure.key.text)}")  # fmt: skip


def _standing(tenure: Tenure, is_last: bool) -> str:
    since = f"since entry {tenure.since:,}"
    if not tenure.inherits:
        since = f"{since}, after a loss"
    if tenure.revoked_in is not None:
        return f"{since}, revoked above {tenure.trusted_upto or 0:,}"
    return f"{since}, signs" if is_last else f"{since}, followed"


def _open(workspace: Path | None) -> Workspace:
    from governance.engine.workspace import open_workspace

    return open_workspace(workspace or Path.cwd(), explicit=workspace is not None)


def _tell_pin(opened: Workspace, key: PublicKey) -> None:
    named = key.named(f"governance/{opened.policy.project.id}")
    typer.echo(named.text)
    pinned = opened.policy.project.trail
    if pinned is None or pinned.public_key.strip() != named.text:
        typer.echo("pin it in governance.yaml, in a change that somebody else approves:", err=True)
        typer.echo(f"  trail: {{public_key: {named.text}}}", err=True)


def _tell_if_pinned(opened: Workspace, key_id: str) -> None:
    pinned = opened.policy.project.trail
    if pinned is not None and f"+{key_id.lower()}+" in pinned.public_key:
        typer.echo("governance.yaml still pins it: pin the key that signs now", err=True)
