"""What is kept of the trail outside of it: checkpoints in git, and who else vouches for it.

The repository is the first anchor: its copies are many, and the branch that the gate protects is
out of the reach of whoever runs the scans.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from governance.errors import TrailError
from governance.model.vouching import TrailPin
from governance.policy.commits import ask_git, find_fork, run_git
from governance.trail.cosignature import parse_witness_key
from governance.trail.keys import PublicKey, parse_public_key
from governance.trail.note import Checkpoint, is_signed_by, parse_checkpoint
from governance.trail.proofs import is_consistent
from governance.trail.witness import parse_request

if TYPE_CHECKING:
    from governance.trail.outside import Outside, Pinned

CHECKPOINT = "trail/checkpoint.txt"
"""The newest checkpoint, as it is committed; a path of the workspace."""
CONSISTENCY = "trail/consistency.txt"
"""The proof that it continues the one committed before, spelt as a witness is asked."""
_VERSIONS = 20
_MAX_BYTES = 65_536


def outside_of(root: Path, trail: TrailPin | None, base: str | None = None) -> Outside:
    """Return everything that is known about a workspace's trail outside of it.

    Args:
        base: Another branch whose checkpoint counts as well.

    Raises:
        TrailError: If a pinned key or certificate cannot be read.
    """
    # NOTE: what verifies a trail loads the libraries of its database; a gate in CI has none.
    from governance.trail.outside import Outside

    pins = (*committed(root, base), *_lying(root))
    if trail is None:
        return Outside(pins)
    return Outside(
        pins=pins,
        witnesses=tuple(parse_witness_key(each.public_key) for each in trail.witnesses),
        quorum=trail.quorum,
        authorities=tuple(_certificate(root, each.certificate) for each in trail.time_stamps),
    )


def committed(root: Path, base: str | None = None) -> tuple[Pinned, ...]:
    """Return the newest versions of the committed checkpoint; none outside of a repository."""
    from governance.trail.outside import Pinned

    names = [name for name in ("HEAD", base) if name]
    if ask_git(root, "rev-parse", "--verify", "--quiet", "HEAD") is None:
        return ()
    options = ("-n", str(_VERSIONS), "--format=%H %ct")
    found = ask_git(root, "log", *options, *names, "--", CHECKPOINT)
    lines = [line.split() for line in (found or "").splitlines()]
    notes = _read(root, [commit for commit, _ in lines], CHECKPOINT)
    return tuple(
        Pinned(
            note=note.decode("utf-8", "replace"),
            kind="git",
            source=f"{CHECKPOINT} at commit {commit[:10]}",
            time=datetime.fromtimestamp(int(seconds), UTC),
        )
        for (commit, seconds), note in zip(lines, notes, strict=True)
        if note is not None
    )


def broken_step(root: Path, base: str, trail: TrailPin | None) -> str | None:
    """Return how the checkpoints of a branch fail to continue that of its base, or None.

    Needs no trail: each commit that moves the checkpoint brings its proof. So whoever merges can
    see that the log only grew, on a machine that never saw it. The key is the one that the base
    pins; the branch's own counts from a checkpoint on that both have signed, as a rotation does.

    Raises:
        UsageError: If the base is no commit, or shares none with this branch.
        TrailError: If a pinned key cannot be read.
    """
    fork = find_fork(root, base)
    span = f"{fork.commit}..HEAD"
    found = ask_git(root, "rev-list", "--reverse", "--topo-order", span, "--", CHECKPOINT)
    commits = (found or "").split()
    if not commits:
        return None
    own = parse_public_key(trail.public_key) if trail is not None else None
    trusted = _pinned_by(root, base) or own
    notes = _read(root, [fork.commit, *commits], CHECKPOINT)
    proofs = _read(root, commits, CONSISTENCY)
    before = notes[0]
    for commit, note, proof in zip(commits, notes[1:], proofs, strict=True):
        problem = _step(before, note, proof, trusted)
        if problem:
            return f"{CHECKPOINT} at commit {commit[:10]} {problem}"
        if note is not None and own is not None and _signed(note, own):
            trusted = own
        before = note
    return None


def _pinned_by(root: Path, base: str) -> PublicKey | None:
    from governance.engine.base import load_base

    policy = load_base(root, base).policy
    pin = policy.project.trail if policy is not None else None
    return parse_public_key(pin.public_key) if pin is not None else None


def _step(
    before: bytes | None, note: bytes | None, proof: bytes | None, trusted: PublicKey | None
) -> str | None:
    if note is None:
        return "was taken away" if before is not None else None
    try:
        told = parse_checkpoint(note.decode())
        earlier = parse_checkpoint(before.decode()) if before is not None else told
    except ValueError:
        return "is not a checkpoint"
    if trusted is not None and not _signed(note, trusted):
        return "is not signed with the key that the base pins, or that it was handed over to"
    if earlier == told or _continues(earlier, told, proof or b""):
        return None
    return "is not shown to continue the one before: cut off, rewritten, or without its proof"


def _signed(note: bytes, key: PublicKey) -> bool:
    text = note.decode()
    return is_signed_by(text, key.named(parse_checkpoint(text).origin))


def _continues(earlier: Checkpoint, told: Checkpoint, proof: bytes) -> bool:
    try:
        hashes = parse_request(proof).proof
    except ValueError:
        return False
    old, new = (earlier.size, earlier.root), (told.size, told.root)
    return earlier.origin == told.origin and is_consistent(old, new, hashes)


def _lying(root: Path) -> Iterator[Pinned]:
    """Yield the checkpoint in the working tree, committed or not."""
    path = root / CHECKPOINT
    try:
        with path.open("rb") as file:
            note = file.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return
    from governance.trail.outside import Pinned

    yield Pinned(note, "file", CHECKPOINT)


def _read(root: Path, commits: Sequence[str], path: str) -> list[bytes | None]:
    """Return a file of the workspace at each commit, None where it is not there."""
    if not commits:
        return []
    prefix = ask_git(root, "rev-parse", "--show-prefix") or ""
    asked = "".join(f"{commit}:{prefix}{path}\n" for commit in commits).encode()
    answer = run_git(root, "cat-file", "--batch", said=asked)
    found: list[bytes | None] = []
    for _ in commits:
        head, _, answer = answer.partition(b"\n")
        words = head.split(b" ")
        if words[-1] == b"missing":
            found.append(None)
            continue
        size = int(words[-1])
        is_file = words[-2] == b"blob" and size <= _MAX_BYTES
        found.append(answer[:size] if is_file else b"")
        answer = answer[size + 1 :]
    return found


def _certificate(root: Path, path: str) -> bytes:
    try:
        with (root / path).open("rb") as file:
            return file.read(_MAX_BYTES)
    except OSError as cause:
        raise TrailError(
            where=path,
            problem=f"the certificate of a time stamp authority: {(cause.strerror or '').lower()}",
            remedy="put the file where trail.time_stamps names it",
        ) from cause
