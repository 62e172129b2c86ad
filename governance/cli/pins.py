"""Which key the trail is verified with, and who says so."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from governance.cli.door import SIGNING_KEY, keys_folder
from governance.errors import GovernanceError, TrailError, UsageError

if TYPE_CHECKING:
    from governance.model.documents import Project
    from governance.trail.keys import PublicKey


@dataclass(frozen=True)
class Pinned:
    """A verifying key, where it comes from, and what a reader must know about that."""

    key: PublicKey | None
    source: str | None
    remark: str | None = None


def state_folder(root: Path) -> Path:
    """Return where a workspace keeps its trail and its keys."""
    return root / ".governance"


def choose_pin(root: Path, given: str | None) -> Pinned:
    """Return the key to verify with: the option's, the policy's, or the local one.

    Raises:
        UsageError: If ``given`` is neither a key nor a readable file of one.
        TrailError: If what the policy or this workspace holds is no key.
    """
    from governance.policy.workspace import find_workspace, load_workspace
    from governance.trail.keys import parse_public_key

    if given is not None:
        file = Path(given)
        is_file = "+" not in given or file.is_file()
        try:
            return Pinned(parse_public_key(_read_pin(file) if is_file else given), "--pin")
        except TrailError as error:
            raise UsageError("--pin", error.problem, error.remedy) from None
    if find_workspace(root) is None:
        return local_key(root, None)
    try:
        project = load_workspace(root).project
    except GovernanceError as error:
        local = local_key(root, None)
        remark = f"the policy files do not load ({error.problem}), so no pin was read from them"
        return Pinned(local.key, local.source, remark)
    if project.trail is not None:
        return Pinned(
            parse_public_key(project.trail.public_key), "trail.public_key in governance.yaml"
        )
    return local_key(root, f"governance/{project.id}")


def load_project(root: Path) -> Project | None:
    """Return the project of the workspace, or None where none is, or its files do not load."""
    from governance.policy.workspace import find_workspace, load_workspace

    try:
        return load_workspace(root).project if find_workspace(root) is not None else None
    except GovernanceError:
        return None


def local_key(root: Path, origin: str | None) -> Pinned:
    """Return the key that signs here, from the environment or its file; it vouches for itself."""
    from governance.trail.keys import load_key, load_or_create_key

    seed = os.environ.get(SIGNING_KEY)
    folder = keys_folder(root)
    key = load_or_create_key(folder, seed) if seed is not None else load_key(folder)
    if key is None:
        return Pinned(None, None, "no key is known: name one with --pin")
    public = key.public.named(origin) if origin else key.public
    where = SIGNING_KEY if seed is not None else "the key file of this workspace"
    return Pinned(public, f"{where}: trusted as found, not pinned in governance.yaml")


def _read_pin(file: Path) -> str:
    try:
        with file.open(encoding="ascii") as lines:
            return lines.read(4096)
    except (OSError, UnicodeError):
        raise UsageError(
            where="--pin",
            problem="neither a public key nor a readable file",
            remedy="give name+keyid+base64, or a file that holds it",
        ) from None
