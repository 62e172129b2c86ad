"""What the commands of ``governance audit`` share: options, folders and times."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from governance.cli.door import parse_instant, trail_place
from governance.cli.pins import state_folder
from governance.errors import UsageError

WorkspaceOption = Annotated[
    Path | None, typer.Option("--workspace", "-w", help="The folder of governance.yaml.")
]
TrailOption = Annotated[
    str | None,
    typer.Option("--trail", help="Another trail: a file, or postgresql://user@host/database."),
]


def find_root(workspace: Path | None) -> Path:
    """Return the workspace's folder, found upwards from here or from ``workspace``."""
    from governance.policy.workspace import find_workspace

    start = workspace or Path.cwd()
    return find_workspace(start) or start


def find_trail(root: Path, trail: str | None) -> Path | str:
    """Return the trail that was named, or else the workspace's own."""
    return trail_place(trail, state_folder(root) / "trail.db")


def instant(option: str, text: str | None, *, whole_day: bool = False) -> datetime | None:
    """Return what an option says; a day alone ends with its last microsecond if ``whole_day``."""
    try:
        instant = parse_instant(text)
    except UsageError as error:
        raise UsageError(option, error.problem, error.remedy) from None
    if whole_day and instant is not None and text is not None and len(text.strip()) == 10:
        return instant + timedelta(days=1, microseconds=-1)
    return instant
