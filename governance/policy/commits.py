"""What a repository knows: read with git, without touching any file of the checkout."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from governance.errors import UsageError

OPTION = "--base"
_SECONDS = 60
BLOB_MODES = frozenset({"100644", "100755"})


@dataclass(frozen=True, slots=True)
class Fork:
    """Where a branch left another one.

    Args:
        ref: The other branch, as it was named. commit: The newest commit that both share.
        tip: The commit where that branch is now; empty where nobody asked.
    """

    ref: str
    commit: str
    tip: str = ""

    def __str__(self) -> str:
        return f"{self.commit[:10]} ({self.ref})"


def find_fork(root: Path, ref: str) -> Fork:
    """Return the newest commit that the checkout at ``root`` shares with ``ref``.

    Raises:
        UsageError: If there is no repository, no such ref, or no common commit here.
    """
    if ask_git(root, "rev-parse", "--show-toplevel") is None:
        raise UsageError(OPTION, "this is no git repository", "run it in a clone, or without it")
    if not ref.strip():
        # NOTE: an unset variable of a job; without a base the branch's own waivers would count.
        raise UsageError(OPTION, "no ref is named", "name one that you git fetch, as origin/main")
    tip = ask_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    shared = ask_git(root, "merge-base", "HEAD", tip) if tip else None
    if tip and shared:
        return Fork(ref, shared, tip)
    remote, _, branch = ref.partition("/")
    wanted = f"{remote} {branch}" if branch else f"origin {ref}"
    if ask_git(root, "rev-parse", "--is-shallow-repository") == "true":
        remedy = f"this clone is shallow; run: git fetch --unshallow {wanted}"
    elif tip:
        remedy = "name a branch that this one was made from"
    else:
        remedy = f"run: git fetch {wanted}"
    problem = f"no commit is shared with '{ref}'" if tip else f"there is no commit '{ref}'"
    raise UsageError(OPTION, problem, remedy)


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
        found.append((os.fsdecode(raw), blob if mode in BLOB_MODES else None))
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
    if mode not in BLOB_MODES or int(size) > at_most:
        problem = f"at {fork} this is no file of at most {at_most:,} bytes"
        raise UsageError(path, problem, "name a file of the workspace")
    return run_git(root, "cat-file", "blob", blob)


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
    environment = {**os.environ, "GITOPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1",
                   "GIT_NO_REPLACE_OBJECTS": "1",
                   "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 (no shell; a ref cannot be read as an option)
            ["git", *options, *command],  # noqa: S607 (the git of whoever runs it)
            cwd=root, input=said, stdout=into, stderr=subprocess.PIPE,
            check=True, timeout=_SECONDS, env=environment,
        )  # fmt: skip
    except FileNotFoundError:
        raise UsageError(OPTION, "git is not installed", "install git") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        problem = f"git {command[0]} failed"
        raise UsageError(OPTION, problem, f"see what 'git {command[0]}' says here") from None
    return done.stdout or b""
