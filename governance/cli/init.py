"""``governance init`` starts a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    directory: Annotated[Path, typer.Argument(help="The folder to start in.")] = Path(),
) -> None:
    """Write a starter workspace: a project, a team, and what to write next."""
    from governance.engine.starter import start_workspace

    written = start_workspace(directory)
    for path in written:
        typer.echo(f"wrote {path}")
    typer.echo("next: put your names into the team, point 'watch' at your data, 'governance scan'")
