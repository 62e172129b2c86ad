"""The policy files as a commit holds them, read from the repository without touching any file."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from governance.errors import UsageError
from governance.policy.reading import MAX_BYTES

_OPTION = "--base"
_ENDINGS = (".yaml", ".yml")
_FILES_AT_MOST = 20_000
_SECONDS = 60
_BLOB_MODES = frozenset({"100644", "100755"})


@dataclass(frozen=True, slots=True)
class Fork:
    """Where a branch left another one.

    Args:
        ref: The other branch, as it was named. commit: The newest commit that both share.
    """

    ref: str
    commit: str

    def __str__(self) -> str:
        return f"{self.commit[:10]} ({self.ref})"


def find_fork(root: Path, ref: str) -> Fork:
    """Return the newest commit that the checkout at ``root`` shares with ``ref``.

    Raises:
        UsageError: If there is no repository, no such ref, or no common commit here.
    """
    if ask_git(root, "rev-parse", "--show-toplevel") is None:
        raise UsageError(_OPTION, "this is no git repository", "run it in a clone, or without it")
    if not ref.strip():
        # NOTE: an unset variable of a job; without a base the branch's own waivers would count.
        raise UsageError(_OPTION, "no ref is named", "name one that you git fetch, as origin/main")
    tip = ask_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    shared = ask_git(root, "merge-base", "HEAD", tip) if tip else None
    if tip and shared:
        return Fork(ref, shared)
    remote, _, branch = ref.partition("/")
    wanted = f"{remote} {branch}" if branch else f"origin {ref}"
    if ask_git(root, "rev-parse", "--is-shallow-repository") == "true":
        remedy = f"this clone is shallow; run: git fetch --unshallow {wanted}"
    elif tip:
        remedy = "name a branch that this one was made from"
    else:
        remedy = f"run: git fetch {wanted}"
    problem = f"no commit is shared with '{ref}'" if tip else f"there is no commit '{ref}'"
    raise UsageError(_OPTION, problem, remedy)


@dataclass(frozen=True, slots=True)
class Changed:
    """A file that a branch adds or changes; ``path`` is relative to the top of the repository.

    Args:
        blob: Its content; None for what is no file (a link, another repository).
    """

    path: str
    blob: str | None
    size: int


def changed_files(root: Path, fork: Fork) -> tuple[Path, tuple[Changed, ...]]:
    """Return the top of the repository, and what HEAD adds or changes since the fork, by path.

    Raises:
        UsageError: If git cannot tell.
    """
    top = Path(ask_git(root, "rev-parse", "--show-toplevel") or root)
    listed = run_git(
        top, "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-textconv",
        "--diff-filter=AMT", fork.commit, "HEAD",
    ).split(b"\0")  # fmt: skip
    found = []
    for head, raw in zip(listed[::2], listed[1::2], strict=False):
        _, mode, _, blob, _ = head.decode("ascii").split(" ")
        found.append((os.fsdecode(raw), blob if mode in _BLOB_MODES else None))
    asked = "".join(f"{blob}\n" for _, blob in found if blob).encode()
    told = iter(run_git(top, "cat-file", "--batch-check", said=asked).splitlines())
    sizes = {blob: int(next(told).split()[2]) for _, blob in found if blob}
    return top, tuple(Changed(path, blob, sizes.get(blob or "", 0)) for path, blob in found)


def write_blob(root: Path, blob: str, target: Path) -> None:
    """Write the content of a file of the repository to a path outside of it.

    Raises:
        UsageError: If git cannot read it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        run_git(root, "cat-file", "blob", blob, into=stream.fileno())


def file_at(root: Path, commit: str, path: Path) -> bytes | None:
    """Return a file as a commit holds it; None where it holds none, or it is in no repository."""
    top = ask_git(root, "rev-parse", "--show-toplevel")
    absolute = Path(os.path.normpath(Path.cwd() / path))
    if top is None:
        return None
    for inside in (absolute, absolute.resolve()):
        if inside.is_relative_to(top):
            named = f"{commit}:{inside.relative_to(top).as_posix()}"
            if ask_git(root, "cat-file", "-t", named) == "blob":
                return run_git(root, "cat-file", "blob", named)
    return None


def write_policies(root: Path, fork: Fork, into: Path) -> None:
    """Write the YAML files that the workspace at ``root`` held at a commit into another folder.

    Links are left out: what they point at may not be part of the commit.

    Raises:
        UsageError: If the commit cannot be read.
    """
    prefix = ask_git(root, "rev-parse", "--show-prefix") or ""
    # NOTE: without --full-tree git looks for the current folder once more inside of this one.
    options = ("--full-tree", "-r", "-z", "--long")
    listed = run_git(root, "ls-tree", *options, f"{fork.commit}:{prefix.rstrip('/')}")
    wanted = list(_wanted(listed))
    blobs = "".join(f"{blob}\n" for blob, _ in wanted)
    content = run_git(root, "cat-file", "--batch", said=blobs.encode())
    for (_, path), data in zip(wanted, _blobs(content), strict=True):
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def read_file(root: Path, fork: Fork, path: str, *, at_most: int) -> bytes | None:
    """Return a file of the workspace at ``root`` as a commit holds it; None where it holds none.

    Raises:
        UsageError: If the path leaves the workspace, or what lies there is no file of that size.
    """
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise UsageError(path, "the path leaves the workspace", "name a file of the workspace")
    prefix = ask_git(root, "rev-parse", "--show-prefix") or ""
    options = ("--full-tree", "-z", "--long")
    listed = run_git(root, "ls-tree", *options, fork.commit, "--", f"{prefix}{path}")
    if not listed:
        return None
    mode, _, blob, size = listed.partition(b"\t")[0].decode("ascii").split()
    if mode not in _BLOB_MODES or int(size) > at_most:
        problem = f"at {fork} this is no file of at most {at_most:,} bytes"
        raise UsageError(path, problem, "name a file of the workspace")
    return run_git(root, "cat-file", "blob", blob)


def _wanted(listed: bytes) -> Iterator[tuple[str, str]]:
    """Yield blob and path of each policy file; a file too large to be one stays out."""
    count = 0
    for entry in filter(None, listed.split(b"\0")):
        head, _, raw = entry.partition(b"\t")
        mode, _, blob, size = head.decode("ascii").split()
        path = os.fsdecode(raw)
        is_policy = path.endswith(_ENDINGS) and ".." not in PurePosixPath(path).parts
        if mode in _BLOB_MODES and is_policy and int(size) <= MAX_BYTES:
            count += 1
            if count > _FILES_AT_MOST:
                problem = f"the commit holds more than {_FILES_AT_MOST:,} YAML files"
                raise UsageError(_OPTION, problem, "keep the workspace in a folder of its own")
            yield blob, path


def _blobs(content: bytes) -> Iterator[bytes]:
    """Yield what ``cat-file --batch`` wrote: a line with the size, the bytes, a line end."""
    at = 0
    while at < len(content):
        end = content.index(b"\n", at)
        size = int(content[at:end].split()[2])
        yield content[end + 1 : end + 1 + size]
        at = end + size + 2


def ask_git(root: Path, *command: str) -> str | None:
    """Return what git answers in one line, None where it refuses."""
    try:
        return run_git(root, *command).decode("utf-8", "surrogateescape").strip()
    except UsageError:
        return None


def run_git(root: Path, *command: str, said: bytes = b"", into: int = subprocess.PIPE) -> bytes:
    """Return what git writes; ``into`` takes it instead where that is an open file.

    Raises:
        UsageError: If git is not there, or refuses.
    """
    # NOTE: nothing of the repository's own settings may start a program.
    settings = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never")
    options = [part for setting in settings for part in ("-c", setting)]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1",
                   "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 (no shell; a ref cannot be read as an option)
            ["git", *options, *command],  # noqa: S607 (the git of whoever runs it)
            cwd=root, input=said, stdout=into, stderr=subprocess.PIPE,
            check=True, timeout=_SECONDS, env=environment,
        )  # fmt: skip
    except FileNotFoundError:
        raise UsageError(_OPTION, "git is not installed", "install git") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        problem = f"git {command[0]} failed"
        raise UsageError(_OPTION, problem, f"see what 'git {command[0]}' says here") from None
    return done.stdout or b""
