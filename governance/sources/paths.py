"""From a place's URI to the files on disk, without leaving the folder they belong to."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from governance.errors import SourceError
from governance.sources.names import clean_name, told_path

# What a place that no policy file declares is called.
UNDECLARED = "here"

_ADDRESS = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+)://")
_MAGIC = re.compile(r"[*?[]")
_SYSTEM_FOLDERS = tuple(Path(name) for name in ("/proc", "/sys", "/dev"))


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file of a place.

    Args:
        name: Its path as the URI spells it, for people.
        path: Its real path.
        problem: Why it must not be opened, or None.
    """

    name: str
    path: Path
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The files that a URI names, sorted by path; ``problem`` when there are none.

    Args:
        table: The table or sheet behind ``#``. member: The file in an archive behind ``!``.
        hidden: Files and folders that were passed over, for their names begin with a dot.
    """

    files: tuple[FoundFile, ...] = ()
    table: str | None = None
    problem: str | None = None
    is_single: bool = True
    member: str | None = None
    hidden: frozenset[Path] = frozenset()


def find_files(uri: str, root: Path, *, confined: bool) -> Found:
    """Return the files of a URI: a file, a table of a database, a folder or a glob.

    Hidden files and folders are left out unless the URI names them. Links to files are
    followed inside the boundary, links to folders never. The boundary is ``root``; for a URI
    that is not confined to it, the folder that the URI names.
    """
    address = _ADDRESS.match(uri)
    if address:
        return Found(problem=f"addresses are not read yet: {address[1].lower()}")
    path_text, table = split_table(uri, root)
    path_text, member = _split_member(path_text, root)
    if "\x00" in path_text or not path_text:
        return Found(problem="not a path")
    start = Path(os.path.normpath(root / path_text))
    exists = os.path.lexists(start)
    is_glob = not exists and _MAGIC.search(path_text) is not None
    boundary = _boundary(_literal_part(start) if is_glob else start, root, confined=confined)
    if boundary is None:
        return Found(problem="lies outside the workspace")
    spelled = _Speller(path_text, start, root)
    found: Iterable[Path]
    hidden: set[Path] = set()
    if is_glob:
        found = [each for each in _walk(_literal_part(start), hidden) if _counts(each, start)]
    elif os.path.isdir(start):  # noqa: PTH112 (the method raises below a closed folder)
        found = _walk(start, hidden)
    elif exists:
        return Found((_checked(start, spelled.name(start), boundary),), table, member=member)
    else:
        return Found(problem="no such file")
    files = tuple(_checked(each, spelled.name(each), boundary) for each in sorted(found))
    problem = None if files else ("no file matches" if is_glob else "no file in the folder")
    return Found(files, table, problem, is_single=False, hidden=frozenset(hidden))


def split_table(uri: str, root: Path) -> tuple[str, str | None]:
    """Return the path and the table of ``shop.db#orders``; a file of that very name wins."""
    if "#" not in uri or os.path.lexists(root / uri):
        return uri, None
    parts = uri.split("#")
    for count in range(1, len(parts)):
        path, table = "#".join(parts[:count]), "#".join(parts[count:])
        if path and os.path.lexists(root / path):
            return path, table
    return parts[0], "#".join(parts[1:])


def _split_member(path: str, root: Path) -> tuple[str, str | None]:
    """Return the archive and the member of ``dump.zip!a/b.csv``; a file of that name wins."""
    if "!" not in path or os.path.lexists(root / path):
        return path, None
    parts = path.split("!")
    for count in range(1, len(parts)):
        archive = "!".join(parts[:count])
        if archive and os.path.isfile(root / archive):  # noqa: PTH113 (as below)
            return archive, "!".join(parts[count:])
    return path, None


def open_regular(file: FoundFile) -> BinaryIO:
    """Open a found file for reading; what is no regular file by now is refused.

    Raises:
        OSError: If it cannot be opened.
        SourceError: If it is a pipe, a device or a folder.
    """
    # NOTE: checked on the open file, because the path may point elsewhere since it was found;
    # not blocking, because opening a pipe would wait for its writer.
    handle = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise SourceError(file.name, "not a regular file", "name a file")
    return os.fdopen(handle, "rb")


def _boundary(start: Path, root: Path, *, confined: bool) -> Path | None:
    """Return the real folder that no link may leave, or None if the URI itself leaves it."""
    if start.is_relative_to(os.path.normpath(root.absolute())) or start.is_relative_to(
        os.path.normpath(root)
    ):
        return root.resolve()
    if confined:
        return None
    return (start if start.is_dir() else start.parent).resolve()


def _literal_part(pattern: Path) -> Path:
    """Return the folder above the first part that has a glob character."""
    parts = pattern.parts
    count = next((index for index, part in enumerate(parts) if _MAGIC.search(part)), len(parts))
    return Path(*parts[:count])


def _walk(folder: Path, hidden: set[Path]) -> Iterator[Path]:
    """Yield the files below a folder, and the links to folders, which are not followed.

    Args:
        hidden: What is passed over for its name is added here.
    """
    failed: list[Path] = []

    def remember(fault: OSError) -> None:
        failed.append(Path(os.fsdecode(fault.filename)))

    for here, folders, files in os.walk(folder, onerror=remember, followlinks=False):
        hidden.update(Path(here) / name for name in (*folders, *files) if name.startswith("."))
        visible = [name for name in folders if not name.startswith(".")]
        folders[:] = [name for name in visible if not (Path(here) / name).is_symlink()]
        links = [name for name in visible if (Path(here) / name).is_symlink()]
        for name in [*files, *links]:
            if not name.startswith("."):
                yield Path(here) / name
    yield from failed


def _counts(path: Path, pattern: Path) -> bool:
    """A folder that cannot be listed could hold a match, so it belongs to what was not read."""
    unlisted = os.path.isdir(path) and not path.is_symlink()  # noqa: PTH112 (as above)
    return unlisted or _matches(path, pattern)


def _matches(path: Path, pattern: Path) -> bool:
    return _glob_expression(pattern.as_posix()).fullmatch(path.as_posix()) is not None


def _glob_expression(pattern: str) -> re.Pattern[str]:
    """Translate a glob: ``*`` and ``?`` stay within one folder, ``**`` crosses folders."""
    pieces: list[str] = []
    position = 0
    while position < len(pattern):
        rest = pattern[position:]
        bracket = re.match(r"\[(!?)(\]?[^\]/]*)\]", rest)
        if rest.startswith("**/"):
            pieces.append(r"(?:[^/]+/)*")
            position += 3
        elif rest.startswith("**"):
            pieces.append(".*")
            position += 2
        elif bracket:
            inside = bracket[2].replace("\\", r"\\").replace("[", r"\[").replace("&&", r"&\&")
            pieces.append(f"[{'^' if bracket[1] else ''}{inside}]")
            position += len(bracket[0])
        else:
            pieces.append({"*": "[^/]*", "?": "[^/]"}.get(rest[0], re.escape(rest[0])))
            position += 1
    try:
        return re.compile("".join(pieces), re.DOTALL)
    except re.error:
        return re.compile(re.escape(pattern))


def _checked(path: Path, name: str, boundary: Path) -> FoundFile:
    """Return a file with the reason why it must not be opened, if there is one."""
    try:
        real = path.resolve(strict=True)
        mode = real.stat().st_mode
    except (OSError, RuntimeError):  # 3.11 raises the latter for a circle of links
        return FoundFile(name, path, "cannot be read: a broken link, or no permission")
    problem = None
    if not real.is_relative_to(boundary):
        problem = "a link that leads out of its folder is not followed"
    elif any(real.is_relative_to(folder) for folder in _SYSTEM_FOLDERS):
        problem = "a file of the operating system, not data"
    elif stat.S_ISDIR(mode):
        linked = path.is_symlink()
        problem = "a link to a folder is not followed" if linked else "the folder cannot be read"
    elif not stat.S_ISREG(mode):
        problem = "a pipe, socket or device, not a file"
    return FoundFile(name, real, problem)


class _Speller:
    """Spells found files the way the URI spells its path: relative, absolute, with ``..``."""

    def __init__(self, path_text: str, start: Path, root: Path) -> None:
        self._given = Path(os.path.normpath(path_text))
        self._start = start
        self._root = Path(os.path.normpath(root))

    def name(self, path: Path) -> str:
        if path == self._start:
            return self._given.as_posix()
        if self._given.is_absolute():
            return path.as_posix()
        return Path(os.path.relpath(path, self._root)).as_posix()


def shown(name: str) -> str:
    """Return a file name fit for a message: no value, no control characters, not endless."""
    name = clean_name(told_path(name))
    return name if len(name) <= 80 else f"…{name[-79:]}"
