"""Files that nobody but their owner can write to, not even by a commit."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def is_private(path: Path) -> bool:
    """Return whether a file or folder is this user's, and no other user can change or replace it.

    Every folder above it must belong to this user or to root, and be closed to others or sticky.
    A link is never private. Where users cannot be told apart, nothing is.

    Raises:
        OSError: If it cannot be looked at.
    """
    if not hasattr(os, "geteuid"):
        return False
    path = path.absolute()
    own = path.lstat()
    if stat.S_ISLNK(own.st_mode) or own.st_uid != os.geteuid() or own.st_mode & _OTHERS_WRITE:
        return False
    return all(_is_safe_above(folder) for folder in path.resolve().parents)


def is_in_repository(path: Path) -> bool:
    """Return whether a file or folder lies in a checkout: whoever commits there can bring it."""
    return any((folder / ".git").exists() for folder in (path, *path.absolute().parents))


def make_private(folder: Path) -> None:
    """Make a folder that is this user's alone, unless there is one.

    Raises:
        OSError: If it cannot be made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def _is_safe_above(folder: Path) -> bool:
    found = folder.stat()
    is_closed = not found.st_mode & _OTHERS_WRITE or bool(found.st_mode & stat.S_ISVTX)
    return is_closed and found.st_uid in (0, os.geteuid())
