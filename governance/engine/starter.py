"""A starter workspace, for ``governance init``."""

from __future__ import annotations

import shutil
from pathlib import Path

from governance.assets import asset_folder
from governance.errors import UsageError


def start_workspace(directory: Path) -> tuple[Path, ...]:
    """Copy the starter policies into a folder and return the files written.

    Raises:
        UsageError: If there is a workspace already, or the folder cannot be written.
    """
    if (directory / "governance.yaml").exists():
        raise UsageError(
            where=str(directory / "governance.yaml"),
            problem="there is a workspace here already",
            remedy="edit its policy files, or name another folder",
        )
    source = asset_folder("policies") / "starter"
    written = []
    try:
        for path in sorted(source.rglob("*")):
            target = directory / path.relative_to(source)
            if path.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
                written.append(target)
    except OSError as cause:
        raise UsageError(
            where=str(directory),
            problem=f"cannot write here: {cause.strerror}",
            remedy="name a folder you may write to",
        ) from cause
    return tuple(written)
