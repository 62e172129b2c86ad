"""``governance audit checkpoint``: what to keep where nobody can change both."""

from __future__ import annotations

from typing import Annotated

import typer

from governance.cli.audit_common import TrailOption, WorkspaceOption, find_root, find_trail
from governance.cli.door import SIGNING_KEY
from governance.cli.pins import local_key
from governance.errors import TrailError


def checkpoint(
    key: Annotated[
        bool, typer.Option("--key", help="Print the public key to pin in governance.yaml.")
    ] = False,
    trail: TrailOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print the newest signed checkpoint: keep a copy where nobody can change both."""
    from governance.formats.cleaning import clean
    from governance.trail.reading import read_newest_note, read_origin
    from governance.trail.storage import told

    root = find_root(workspace)
    path = find_trail(root, trail)
    note = read_newest_note(path)
    if not key:
        if note is None:
            raise TrailError(told(path), "no checkpoint is stored", "run 'governance audit verify'")
        typer.echo("\n".join(clean(line) for line in note.split("\n")), nl=False)
        return
    local = local_key(root, None)
    origin = read_origin(path)
    if local.key is None or origin is None:
        raise TrailError(
            where=str(root),
            problem="there is no signing key here",
            remedy="run this where scans run, or set " + SIGNING_KEY,
        )
    typer.echo(local.key.named(origin).text)
