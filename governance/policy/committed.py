"""The policies of a workspace as a commit holds them, and who wrote what lies beyond it."""

from __future__ import annotations

import itertools
import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from governance.errors import InvalidPolicyError, UsageError
from governance.model.policy import EffectivePolicy
from governance.policy.commits import BLOB_MODES, OPTION, Fork, ask_git, run_git
from governance.policy.corpus import Memory
from governance.policy.files import PROJECT_FILE
from governance.policy.reading import MAX_BYTES
from governance.policy.workspace import load_workspace

_ENDINGS = (".yaml", ".yml")
_FILES_AT_MOST = 20_000
_LINK_MODE = "120000"


def load_at(
    root: Path,
    fork: Fork,
    *,
    known_controls: frozenset[str] | None = None,
    memory: Memory | None = None,
) -> EffectivePolicy | None:
    """Return the effective policy of a workspace at a commit; None where it did not exist.

    Args:
        known_controls, memory: As ``load_workspace`` takes them.

    Raises:
        UsageError: If the commit cannot be read, or its policy files do not load.
    """
    with TemporaryDirectory(prefix="governance-base-") as folder:
        write_policies(root, fork, Path(folder))
        if not (Path(folder) / PROJECT_FILE).is_file():
            return None
        try:
            return load_workspace(Path(folder), known_controls=known_controls, memory=memory)
        except InvalidPolicyError as cause:
            problem = (
                f"the policy files of the base {fork} do not load ({len(cause.errors)} errors)"
            )
            raise UsageError(OPTION, problem, "mend them on that branch first") from cause


def write_policies(root: Path, fork: Fork, into: Path) -> None:
    """Write the YAML files that the workspace at ``root`` held at a commit into another folder.

    A link is made anew with what it points at, so that a file behind one can be compared too; a
    link that leaves the workspace is left out.

    Raises:
        UsageError: If the commit cannot be read.
    """
    prefix = ask_git(root, "rev-parse", "--show-prefix") or ""
    # NOTE: without --full-tree git looks for the current folder once more inside of this one.
    options = ("--full-tree", "-r", "-z", "--long")
    listed = run_git(root, "ls-tree", *options, f"{fork.commit}:{prefix.rstrip('/')}")
    entries = dict(_entries(listed))
    links = _links(root, entries)
    wanted = _wanted(entries, links)
    if len(wanted) > _FILES_AT_MOST:
        problem = f"the commit holds more than {_FILES_AT_MOST:,} YAML files"
        raise UsageError(OPTION, problem, "keep the workspace in a folder of its own")
    for path, data in zip(wanted, _contents(root, list(wanted.values())), strict=True):
        _beneath(into, path).write_bytes(data)
    for link, target in links.items():
        _beneath(into, link).symlink_to(target)


@dataclass(frozen=True, slots=True)
class Work:
    """What lies between a fork and the checkout.

    Args:
        head: The commit that is checked out. parents: Those it was made from.
        addresses: Mail addresses of everybody who wrote a part of it.
        is_dirty: Whether policy files of the checkout are in no commit.
    """

    head: str
    parents: tuple[str, ...]
    addresses: frozenset[str]
    is_dirty: bool


def work_since(root: Path, fork: Fork) -> Work:
    """Return who wrote what a checkout adds to a fork.

    Raises:
        UsageError: If git cannot tell.
    """
    head, *parents = run_git(root, "rev-list", "--parents", "-n1", "HEAD").decode("ascii").split()
    written = "%ae%n%ce%n%(trailers:key=Co-authored" + "-by,valueonly)"
    said = run_git(root, "log", f"--format={written}", f"{fork.commit}..HEAD")
    lines = said.decode("utf-8", "replace").splitlines()
    addresses = (line.rpartition("<")[2].rstrip("> ").lower() for line in lines)
    status = run_git(root, "status", "--porcelain", "-z", "--untracked-files=all", "--", ".")
    changed = (os.fsdecode(entry) for entry in status.split(b"\0"))
    is_dirty = any(path.endswith(_ENDINGS) for path in changed)
    return Work(head, tuple(parents), frozenset(filter(None, addresses)), is_dirty)


def is_committed(root: Path, path: Path) -> bool:
    """Return whether a file is part of the commit that is checked out."""
    resolved, top = path.resolve(), ask_git(root, "rev-parse", "--show-toplevel")
    if top is None or not resolved.is_relative_to(Path(top).resolve()):
        return False
    name = resolved.relative_to(Path(top).resolve()).as_posix()
    return ask_git(root, "cat-file", "-e", f"HEAD:{name}") is not None


def _beneath(into: Path, path: str) -> Path:
    target = into / path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _entries(listed: bytes) -> Iterator[tuple[str, tuple[str, str, int]]]:
    """Yield path, mode, blob and size of each file of a commit."""
    for entry in filter(None, listed.split(b"\0")):
        head, _, raw = entry.partition(b"\t")
        mode, _, blob, size = head.decode("ascii").split()
        path = os.fsdecode(raw)
        if ".." not in PurePosixPath(path).parts:
            yield path, (mode, blob, int(size) if size.isdigit() else 0)


def _wanted(
    entries: Mapping[str, tuple[str, str, int]], links: Mapping[str, str]
) -> dict[str, str]:
    """Return the blob of each policy file by path, and of what a link to one leads to.

    A file too large to be one stays out: no checkout that has it loads.
    """
    led_to = {posixpath.join(posixpath.dirname(link), target) for link, target in links.items()}
    led_to = {posixpath.normpath(path) for path in led_to}
    return {
        path: blob
        for path, (mode, blob, size) in entries.items()
        if mode in BLOB_MODES and size <= MAX_BYTES and (path.endswith(_ENDINGS) or path in led_to)
    }


def _links(root: Path, entries: Mapping[str, tuple[str, str, int]]) -> dict[str, str]:
    """Return where each link leads that stays within the workspace, as it is written."""
    paths = [path for path, (mode, _, _) in entries.items() if mode == _LINK_MODE]
    texts = _contents(root, [entries[path][1] for path in paths])
    links = {path: os.fsdecode(text) for path, text in zip(paths, texts, strict=True)}
    return {path: target for path, target in links.items() if _stays_inside(path, target)}


def _stays_inside(link: str, target: str) -> bool:
    # NOTE: a step up after a step down may leave by way of another link.
    steps = target.split("/")
    climbs = len(steps) - len([*itertools.dropwhile(lambda step: step == "..", steps)])
    is_plain = ".." not in steps[climbs:]
    return not target.startswith("/") and is_plain and climbs <= link.count("/")


def _contents(root: Path, blobs: list[str]) -> Iterator[bytes]:
    """Yield what each blob holds."""
    said = "".join(f"{blob}\n" for blob in blobs)
    return _blobs(run_git(root, "cat-file", "--batch", said=said.encode()) if blobs else b"")


def _blobs(content: bytes) -> Iterator[bytes]:
    """Yield what ``cat-file --batch`` wrote: a line with the size, the bytes, a line end."""
    at = 0
    while at < len(content):
        end = content.index(b"\n", at)
        size = int(content[at:end].split()[2])
        yield content[end + 1 : end + 1 + size]
        at = end + size + 2
