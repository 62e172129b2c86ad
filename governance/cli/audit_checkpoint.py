"""``governance audit checkpoint``: what to keep where nobody can change both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.audit_common import TrailOption, WorkspaceOption, find_root, find_trail
from governance.cli.door import SIGNING_KEY, enter
from governance.cli.pins import load_project, local_key
from governance.errors import TrailError, UsageError

if TYPE_CHECKING:
    from governance.model.vouching import PinnedAuthority, PinnedWitness, TrailPin


def checkpoint(
    key: Annotated[
        bool, typer.Option("--key", help="Print the public key to pin in governance.yaml.")
    ] = False,
    git: Annotated[
        bool, typer.Option("--git", help="Commit it, with the proof that it continues the last.")
    ] = False,
    stamp: Annotated[
        bool, typer.Option("--stamp", help="Have the authorities of trail.time_stamps stamp it.")
    ] = False,
    witness: Annotated[
        bool, typer.Option("--witness", help="Have the witnesses of trail.witnesses co-sign it.")
    ] = False,
    trail: TrailOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print the newest signed checkpoint, or take it where nobody can change both."""
    root = find_root(workspace)
    if key:
        typer.echo(_own_key(root, trail))
    elif git or stamp or witness:
        for line in _anchor(root, trail, _Wishes(git, stamp, witness)):
            typer.echo(line)
    else:
        _print(find_trail(root, trail))


@dataclass(frozen=True)
class _Wishes:
    git: bool
    stamp: bool
    witness: bool


def _print(path: Path | str) -> None:
    from governance.formats.cleaning import clean
    from governance.trail.reading import read_newest_note
    from governance.trail.storage import told

    note = read_newest_note(path)
    if note is None:
        raise TrailError(told(path), "no checkpoint is stored", "run 'governance audit verify'")
    typer.echo("\n".join(clean(line) for line in note.split("\n")), nl=False)


def _own_key(root: Path, trail: str | None) -> str:
    from governance.trail.reading import read_origin

    local = local_key(root, None)
    origin = read_origin(find_trail(root, trail))
    if local.key is None or origin is None:
        raise TrailError(
            where=str(root),
            problem="there is no signing key here",
            remedy="run this where scans run, or set " + SIGNING_KEY,
        )
    return local.key.named(origin).text


def _anchor(root: Path, trail: str | None, wishes: _Wishes) -> Iterator[str]:
    """Anchor the newest checkpoint; git last, so that it covers what the others brought."""
    from governance.engine.anchoring import ask_to_stamp, ask_to_witness, commit_checkpoint
    from governance.engine.workspace import open_workspace
    from governance.formats.cleaning import clean

    project = load_project(root)
    pin = project.trail if project else None
    stamps, witnesses = _named(pin, wishes)
    if stamps or witnesses:
        with enter().ledger(open_workspace(root), trail) as ledger:
            ledger.seal()
            for witness in witnesses:
                receipt = ask_to_witness(ledger, witness)
                yield f"witnessed    {receipt.size} entries by {clean(receipt.source)}"
            for authority in stamps:
                receipt = ask_to_stamp(ledger, root, authority)
                yield f"stamped      {receipt.size} entries by {clean(receipt.source)}"
    if wishes.git:
        done = commit_checkpoint(root, find_trail(root, trail))
        told = f"as {done.commit}" if done.commit else "already"
        yield f"committed    {done.size} entries {told}; push it where it is protected"


def _named(
    pin: TrailPin | None, wishes: _Wishes
) -> tuple[tuple[PinnedAuthority, ...], tuple[PinnedWitness, ...]]:
    stamps = pin.time_stamps if pin and wishes.stamp else ()
    witnesses = pin.witnesses if pin and wishes.witness else ()
    for option, is_asked, found, place in (
        ("--stamp", wishes.stamp, stamps, "trail.time_stamps"),
        ("--witness", wishes.witness, witnesses, "trail.witnesses"),
    ):
        if is_asked and not found:
            raise UsageError(option, "nobody is named to be asked", f"name them under {place}")
    return stamps, witnesses
