"""Which files make up a workspace, and their bytes. Nothing outside the workspace is read."""

from __future__ import annotations

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
    for pattern, position in patterns:
        matched = _match(root, pattern)
        if isinstance(matched, str):
            yield Fault(position, f"{quoted(pattern)} {matched}", "name files of this workspace")
            continue
        if written and not matched:
            problem = f"{quoted(pattern)} matches no file"
            yield Fault(position, problem, "mend the pattern or remove it")
        for path in matched:
            shown = path.relative_to(root).as_posix()
            if path.resolve().is_relative_to(root.resolve()):
                found[shown] = path
            else:
                problem = f"{quoted(shown)} is a link that leaves the workspace"
                yield Fault(position, problem, "copy the file into the workspace")
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
    parents = PurePosixPath(shown).parents
    return tuple((parent / DEFAULTS_FILE).as_posix() for parent in reversed(parents))


def _match(root: Path, pattern: str) -> list[Path] | str:
    parts = PurePosixPath(pattern.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or ":" in parts[0]:
        return "leaves the workspace"
    try:
        paths = [path for path in root.glob(pattern) if path.is_file()]
    except (ValueError, NotImplementedError):
        return "is not a pattern"
    except PermissionError:
        return "meets a folder that cannot be read"
    # NOTE: a glob passes over a folder it may not list; rules would vanish without a word.
    folders = [path for path in root.glob("**/") if not _is_apart(path.relative_to(root))]
    if any(not os.access(folder, os.R_OK | os.X_OK) for folder in folders):
        return "meets a folder that cannot be read"
    return [path for path in paths if not _is_apart(path.relative_to(root))]


def _is_apart(path: Path) -> bool:
    """Whether a path is hidden (as the state of a workspace is) or the project file."""
    return any(part.startswith(".") for part in path.parts) or path.as_posix() == PROJECT_FILE


def _defaults_above(root: Path, found: Iterable[str]) -> dict[str, Path]:
    names = {name for shown in found for name in folders_above(shown)}
    candidates = {name: root / name for name in names}
    inside = root.resolve()
    return {
        name: path
        for name, path in candidates.items()
        if path.is_file() and path.resolve().is_relative_to(inside)
    }
