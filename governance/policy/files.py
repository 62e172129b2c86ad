"""Which files make up a workspace, and their bytes. Nothing outside the workspace is read."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from governance.assets import asset_folder
from governance.model.position import Position
from governance.policy.faults import Fault, quoted, suggest
from governance.policy.reading import MAX_BYTES

PROJECT_FILE = "governance.yaml"
DEFAULTS_FILE = "_defaults.yaml"
BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's bytes, and its path as shown to people."""

    shown: str
    data: bytes
    pack: str | None = None


def read_source(path: Path, shown: str, *, pack: str | None = None) -> SourceFile | Fault:
    """Return a file's bytes, at most one more than may be read, or why it cannot be read."""
    try:
        with path.open("rb") as stream:
            return SourceFile(shown, stream.read(MAX_BYTES + 1), pack)
    except OSError as cause:
        problem = f"cannot read the file: {(cause.strerror or 'unknown reason').lower()}"
        return Fault(Position(shown, 1, 1), problem, "check that it exists and its permissions")


def included(
    root: Path, patterns: Iterable[tuple[str, Position]], *, written: bool
) -> Iterator[SourceFile | Fault]:
    """Yield the files that include patterns name, each once, sorted, with their defaults.

    Args:
        root: The workspace.
        patterns: Each pattern with the place that writes it.
        written: Whether a person wrote the patterns; then each must match something.
    """
    found: dict[str, Path] = {}
    readable = []
    inside = root.resolve()
    for pattern, position in patterns:
        matched = _match(root, pattern)
        if isinstance(matched, str):
            yield Fault(position, f"{quoted(pattern)} {matched}", "name files of this workspace")
            continue
        readable.append(pattern)
        if written and not matched:
            problem = f"{quoted(pattern)} matches no file"
            yield Fault(position, problem, "mend the pattern or remove it")
        for shown in matched:
            if _lies_within(inside, root, shown):
                found[shown] = root / shown
            else:
                problem = f"{quoted(shown)} is a link that leaves the workspace"
                yield Fault(position, problem, "copy the file into the workspace")
    passed = (
        fault
        for pattern in readable
        for fault in _passed_over(root, pattern, written=written)
        if fault.position.file not in found
    )
    yield from dict.fromkeys(passed)
    for shown, path in sorted((found | _defaults_above(root, found)).items()):
        yield read_source(path, shown)


def pack_names() -> tuple[str, ...]:
    """Return the built-in packs: folders of policies that are no workspace of their own."""
    folders = (path for path in asset_folder("policies").iterdir() if path.is_dir())
    return tuple(
        sorted(
            path.name
            for path in folders
            if not (path / PROJECT_FILE).exists() and any(path.glob("*.yaml"))
        )
    )


def packed(names: Iterable[tuple[str, Position]]) -> Iterator[SourceFile | Fault]:
    """Yield the files of packs; the baseline always comes first, whoever asks for it."""
    available = pack_names()
    wanted = [BASELINE]
    for name, position in names:
        if name not in available:
            yield Fault(position, f"unknown pack {quoted(name)}", suggest(name, available))
        elif name not in wanted:
            wanted.append(name)
    for name in wanted:
        for path in sorted((asset_folder("policies") / name).glob("*.yaml")):
            yield read_source(path, f"pack:{name}/{path.name}", pack=name)


def folders_above(shown: str) -> tuple[str, ...]:
    """Return the defaults file of every folder from the workspace down to a file's own."""
    return _defaults_files(shown.rpartition("/")[0])


@functools.cache
def _defaults_files(folder: str) -> tuple[str, ...]:
    parts = folder.split("/") if folder else []
    return tuple("/".join((*parts[:depth], DEFAULTS_FILE)) for depth in range(len(parts) + 1))


def _lies_within(inside: Path, root: Path, shown: str) -> bool:
    """Return whether a file is one of the workspace's own, whatever links lead to it."""
    real = os.path.realpath(root / shown)
    return real.startswith(f"{inside}{os.sep}".replace(os.sep * 2, os.sep))


def _match(root: Path, pattern: str) -> list[str] | str:
    parts = PurePosixPath(pattern.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or ":" in parts[0]:
        return "leaves the workspace"
    try:
        shown = [path.relative_to(root).as_posix() for path in root.glob(pattern) if path.is_file()]
    except (ValueError, NotImplementedError):
        return "is not a pattern"
    except PermissionError:
        return "meets a folder that cannot be read"
    # NOTE: a glob passes over a folder it may not list; rules would vanish without a word.
    if any(not os.access(folder, os.R_OK | os.X_OK) for folder in _folders(root)):
        return "meets a folder that cannot be read"
    return [path for path in shown if not _is_apart(path)]


def _passed_over(root: Path, pattern: str, *, written: bool) -> Iterator[Fault]:
    """Yield a fault for whatever a person would take for a policy file and no pattern reads.

    Under patterns that a person wrote, a file of another ending must say that it is one: beside a
    policy there may lie the settings of another tool.
    """
    stem = pattern.removesuffix(".yaml") if pattern.endswith(".yaml") else None
    for path in sorted(root.glob(f"{stem}.[yY]*" if stem is not None else pattern)):
        shown = path.relative_to(root).as_posix()
        if _is_apart(shown) or path.suffix.lower() not in (".yaml", ".yml"):
            continue
        if not path.is_file():
            where, problem = Position(shown, 1, 1), f"{_kind_of(path)}, and no file of policies"
            yield Fault(where, problem, "remove it, or move it elsewhere")
        elif stem is not None and path.suffix != ".yaml" and (not written or _claims(path)):
            problem = f"no pattern reads this file: {quoted(pattern)} asks for the ending .yaml"
            yield Fault(Position(shown, 1, 1), problem, "rename it so that it ends in .yaml")
    above = pattern.partition("**")[0]
    if "**" in pattern and above:
        for folder, below, _ in os.walk(root / above):
            for name in sorted(below):
                if (path := Path(folder, name)).is_symlink() and not name.startswith("."):
                    where = Position(path.relative_to(root).as_posix(), 1, 1)
                    problem = "a link to a folder, which no pattern follows"
                    yield Fault(where, problem, "move the folder here in place of the link")


def _kind_of(path: Path) -> str:
    if path.is_dir():
        return "a folder"
    return "a link to nothing" if path.is_symlink() else "a pipe, a socket or a device"


def _claims(path: Path) -> bool:
    """Return whether a file says of itself that it is one of ours; one that is locked may be."""
    try:
        with path.open("rb") as stream:
            return b"governance/v1" in stream.read(MAX_BYTES)
    except OSError:
        return True


def _folders(root: Path) -> Iterator[str]:
    """Yield every folder that is not hidden, also one that cannot be looked into."""
    yield str(root)
    for folder, below, _ in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".")]
        yield from (f"{folder}/{name}" for name in below)


def _is_apart(shown: str) -> bool:
    """Whether a path is hidden (as the state of a workspace is) or the project file."""
    return shown.startswith(".") or "/." in shown or shown == PROJECT_FILE


def _defaults_above(root: Path, found: Iterable[str]) -> dict[str, Path]:
    names = {name for shown in found for name in folders_above(shown)}
    candidates = {name: root / name for name in names}
    inside = root.resolve()
    return {
        name: path
        for name, path in candidates.items()
        if path.is_file() and path.resolve().is_relative_to(inside)
    }
