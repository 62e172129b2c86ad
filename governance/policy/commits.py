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
    if _ask(root, "rev-parse", "--show-toplevel") is None:
        raise UsageError(_OPTION, "this is no git repository", "run it in a clone, or without it")
    if not ref.strip():
        # NOTE: an unset variable of a job; without a base the branch's own waivers would count.
        raise UsageError(_OPTION, "no ref is named", "name one that you git fetch, as origin/main")
    tip = _ask(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    shared = _ask(root, "merge-base", "HEAD", tip) if tip else None
    if tip and shared:
        return Fork(ref, shared)
    remote, _, branch = ref.partition("/")
    wanted = f"{remote} {branch}" if branch else f"origin {ref}"
    if _ask(root, "rev-parse", "--is-shallow-repository") == "true":
        remedy = f"this clone is shallow; run: git fetch --unshallow {wanted}"
    elif tip:
        remedy = "name a branch that this one was made from"
    else:
        remedy = f"run: git fetch {wanted}"
    problem = f"no commit is shared with '{ref}'" if tip else f"there is no commit '{ref}'"
    raise UsageError(_OPTION, problem, remedy)


def write_policies(root: Path, fork: Fork, into: Path) -> None:
    """Write the YAML files that the workspace at ``root`` held at a commit into another folder.

    Links are left out: what they point at may not be part of the commit.

    Raises:
        UsageError: If the commit cannot be read.
    """
    prefix = _ask(root, "rev-parse", "--show-prefix") or ""
    # NOTE: without --full-tree git looks for the current folder once more inside of this one.
    options = ("--full-tree", "-r", "-z", "--long")
    listed = _run(root, "ls-tree", *options, f"{fork.commit}:{prefix.rstrip('/')}")
    wanted = list(_wanted(listed))
    blobs = "".join(f"{blob}\n" for blob, _ in wanted)
    content = _run(root, "cat-file", "--batch", said=blobs.encode())
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
    prefix = _ask(root, "rev-parse", "--show-prefix") or ""
    options = ("--full-tree", "-z", "--long")
    listed = _run(root, "ls-tree", *options, fork.commit, "--", f"{prefix}{path}")
    if not listed:
        return None
    mode, _, blob, size = listed.partition(b"\t")[0].decode("ascii").split()
    if mode not in _BLOB_MODES or int(size) > at_most:
        problem = f"at {fork} this is no file of at most {at_most:,} bytes"
        raise UsageError(path, problem, "name a file of the workspace")
    return _run(root, "cat-file", "blob", blob)


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


def _ask(root: Path, *command: str) -> str | None:
    """Return what git answers in one line, None where it refuses."""
    try:
        return _run(root, *command).decode("utf-8", "surrogateescape").strip()
    except UsageError:
        return None


def _run(root: Path, *command: str, said: bytes = b"") -> bytes:
    # NOTE: nothing of the repository's own settings may start a program.
    settings = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never")
    options = [part for setting in settings for part in ("-c", setting)]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1",
                   "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 (no shell; a ref cannot be read as an option)
            ["git", *options, *command],  # noqa: S607 (the git of whoever runs it)
            cwd=root, input=said, capture_output=True,
            check=True, timeout=_SECONDS, env=environment,
        )  # fmt: skip
    except FileNotFoundError:
        raise UsageError(_OPTION, "git is not installed", "install git") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        problem = f"git {command[0]} failed"
        raise UsageError(_OPTION, problem, f"see what 'git {command[0]}' says here") from None
    return done.stdout
