"""``governance audit export``: the trail as plain files, with the program that verifies them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.audit_common import TrailOption, WorkspaceOption, find_root, find_trail
from governance.cli.door import enter
from governance.cli.pins import load_project, local_key
from governance.cli.printable import printable
from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.trail.exporting import Exported


def export(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One body a line; the default.")] = False,
    tiles: Annotated[bool, typer.Option("--tiles", help="The tiles of C2SP tlog-tiles.")] = False,
    trail: TrailOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write every entry exactly as it was hashed, and verify_trail.py, which needs nothing of ours.

    Where the signing key is, the trail records that it was exported.
    """
    from governance.trail.exporting import export_lines, export_tiles

    if jsonl and tiles:
        raise UsageError("export", "two forms are chosen", "give --jsonl or --tiles")
    root = find_root(workspace)
    write = export_tiles if tiles else export_lines
    done = write(find_trail(root, trail), folder)
    pruned = f", {done.pruned} of them pruned" if done.pruned else ""
    typer.echo(f"{printable(str(folder))}: {done.entries} entries{pruned}; see README.txt")
    if trail is None:
        _record(root, "tiles" if tiles else "jsonl", done)


def _record(root: Path, form: str, done: Exported) -> None:
    from governance.engine.workspace import open_workspace
    from governance.model.trail import Event

    if load_project(root) is None or local_key(root, None).key is None:
        return
    payload = {"form": form, "entries": done.entries, "root": done.root.hex()}
    with enter().ledger(open_workspace(root)) as ledger:
        ledger.append([Event("export.created", payload)])
        ledger.seal()
