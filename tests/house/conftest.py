"""What the house tests share: the tracked files, and a shell without our environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def tracked(root: Path) -> tuple[Path, ...]:
    """Return the files that belong to the project; skip outside a Git checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a Git checkout")
    names = [name for name in listed.stdout.split("\0") if name]
    return tuple(path for name in names if (path := root / name).is_file())


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Return a function that runs a command with a scrubbed environment."""
    scrubbed = {
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
    }

    def run(*command: str, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=cwd, env=scrubbed, capture_output=True, text=True, check=False
        )

    return run
