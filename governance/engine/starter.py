"""A starter workspace and the gate's file for a build service, for ``governance init``."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from governance.assets import asset_folder
from governance.errors import UsageError
from governance.policy.files import PROJECT_FILE
from governance.policy.schema import policy_schema

SCHEMA_FILE = "governance.schema.json"
"""Where the lines for editors in the starter files point to."""

SERVICES = ("github", "gitlab")
"""The build services that there is a gate for."""

_GATES = "ci"
_WORKSPACE = 'WORKSPACE: "."'
# What means nothing to YAML, to a shell and to the expressions of a build service.
_PLAIN = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_. /-]*")


def start_workspace(directory: Path) -> tuple[Path, ...]:
    """Copy the starter policies and their schema into a folder and return the files written.

    Raises:
        UsageError: If there is a workspace already, or the folder cannot be written.
    """
    if (directory / PROJECT_FILE).exists():
        raise UsageError(
            where=str(directory / PROJECT_FILE),
            problem="there is a workspace here already",
            remedy="edit its policy files, or name another folder",
        )
    source = asset_folder("policies") / "starter"
    try:
        return tuple(_copied(source, directory)) + tuple(_schema_written(directory))
    except OSError as cause:
        raise _unwritable(directory, cause) from cause


def start_gate(directory: Path, service: str) -> tuple[Path, ...]:
    """Write what lets a build service run the gate, at the root of the repository.

    Args:
        directory: The workspace. service: One of ``SERVICES``.

    Raises:
        UsageError: If the file is there already, or cannot be written; what stands there may be
            the work of a person, and is never overwritten.
    """
    top = _repository_of(directory)
    inside = directory.resolve().relative_to(top).as_posix()
    if not _PLAIN.fullmatch(inside):
        problem = "the folder's name holds characters that a build service may take for more"
        raise UsageError(str(directory), problem, "use letters, digits, '.', '_', '-' and '/'")
    source, template = _template(service)
    shown = template.relative_to(source)
    target = (directory if top == directory.resolve() else top) / shown
    if target.exists():
        remedy = "move it away and run it again, or take its steps from docs/ci.md"
        raise UsageError(str(target), "there is a file already", remedy)
    text = template.read_text(encoding="utf-8")
    text = text.replace(_WORKSPACE, f"WORKSPACE: {json.dumps(inside)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as cause:
        raise _unwritable(target, cause) from cause
    return (target,)


def gate_template(service: str) -> str:
    """Return the text of the gate's file for one of ``SERVICES``."""
    return _template(service)[1].read_text(encoding="utf-8")


def _template(service: str) -> tuple[Path, Path]:
    source = asset_folder("policies") / "starter" / _GATES / service
    (template,) = (path for path in source.rglob("*") if path.is_file())
    return source, template


def _copied(source: Path, directory: Path) -> Iterator[Path]:
    for path in sorted(source.rglob("*")):
        shown = path.relative_to(source)
        target = directory / shown
        if shown.parts[0] != _GATES and path.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            yield target


def _schema_written(directory: Path) -> Iterator[Path]:
    target = directory / SCHEMA_FILE
    if not target.exists():
        schema = json.dumps(policy_schema(), indent=2, sort_keys=True)
        target.write_text(f"{schema}\n", encoding="utf-8")
        yield target


def _repository_of(directory: Path) -> Path:
    """Return the root of the git repository that holds a folder, or the folder itself."""
    start = directory.resolve()
    return next((each for each in (start, *start.parents) if (each / ".git").exists()), start)


def _unwritable(where: Path, cause: OSError) -> UsageError:
    problem = f"cannot write here: {cause.strerror}"
    return UsageError(str(where), problem, "name a folder you may write to")
