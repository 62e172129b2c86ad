"""Policy files brought into the one layout, all of them or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from governance.errors import InvalidPolicyError, PolicyError, UsageError
from governance.policy.faults import Fault, as_errors
from governance.policy.files import read_source
from governance.policy.formatting import format_policy

_SUFFIXES = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class Formatted:
    """A policy file, and its text in the one layout."""

    path: Path
    text: str
    changed: bool


def policy_paths(named: Iterable[Path]) -> Iterator[Path]:
    """Yield the files named, and the YAML files below each folder named, hidden ones left out.

    Raises:
        UsageError: If there is nothing of a name.
    """
    for path in named:
        if path.is_dir():
            yield from sorted(
                found
                for found in path.rglob("*")
                if found.suffix in _SUFFIXES and found.is_file() and not _is_hidden(found, path)
            )
        elif path.exists():
            yield path
        else:
            raise UsageError(str(path), "no such file or folder", "name a policy file")


def format_files(paths: Iterable[Path]) -> tuple[Formatted, ...]:
    """Return each file in the one layout; nothing is written.

    Raises:
        InvalidPolicyError: With every fault of every file, if one does not load.
    """
    done: list[Formatted] = []
    errors: list[PolicyError] = []
    for path in dict.fromkeys(paths):
        source = read_source(path, str(path))
        if isinstance(source, Fault):
            errors += as_errors([source], {})
            continue
        try:
            text = format_policy(str(path), source.data)
        except InvalidPolicyError as invalid:
            errors += invalid.errors
            continue
        done.append(Formatted(path, text, changed=text.encode() != source.data))
    if errors:
        raise InvalidPolicyError(errors)
    return tuple(done)


def write_text(path: Path, text: str) -> None:
    """Replace a file at once: a reader sees the old text or the new one, never a part.

    A link is followed, the mode is kept, missing folders are made.

    Raises:
        UsageError: If the file cannot be written.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(prefix=".governance-", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
            Path(name).chmod(mode)
            Path(name).replace(target)
        # NOTE: BaseException, for an interrupt is no Exception, and would leave half a file beside
        # the policy files; it goes on up unchanged.
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as cause:
        problem = f"cannot be written: {(cause.strerror or 'unknown reason').lower()}"
        raise UsageError(str(path), problem, "check the folder and its permissions") from cause


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)
