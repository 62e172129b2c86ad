"""What enters from outside, once: the clock, the run's id, who runs it, and the keys."""

from __future__ import annotations

import getpass
import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.engine.ledger import Ledger, Pin
    from governance.engine.workspace import Workspace
    from governance.policy.corpus import Memory
    from governance.trail.privacy import Privacy

SIGNING_KEY = "GOVERNANCE_SIGNING_KEY"
FINGERPRINT_KEY = "GOVERNANCE_FINGERPRINT_KEY"
TRAIL = "GOVERNANCE_TRAIL"
KEYS = "GOVERNANCE_KEYS"
FINGERPRINT_FILE = "fingerprint.key"

_DATABASES = ("postgresql://", "postgres://")
_PASSWORD = re.compile(r"[a-z]+://[^/@:]*:[^/@]+@")

Clock = Callable[[], datetime]


def open_here(workspace: Path | None, memory: Memory | None = None) -> Workspace:
    """Return the workspace that was named, or the one that the current folder lies in."""
    from governance.engine.workspace import open_workspace

    return open_workspace(
        workspace or Path.cwd(),
        explicit=workspace is not None,
        memory=memory or recall(),
    )


def recall() -> Memory:
    """Return what this user's earlier commands found policy files to say."""
    from governance.policy.compiled import Compiled
    from governance.policy.corpus import Memory

    folder = _cache_folder()
    return Memory(compiled=Compiled(folder) if folder else None)


def _cache_folder() -> Path | None:
    """Return where this user keeps what can be worked out again; None where nothing is kept.

    On a machine that runs the changes of others, whoever ran before may have written there.
    """
    if os.environ.get("CI", "").lower() not in ("", "0", "false"):
        return None
    given = os.environ.get("XDG_CACHE_HOME", "")
    if given and Path(given).is_absolute():
        return Path(given) / "governance"
    try:
        return Path.home() / ".cache" / "governance"
    except RuntimeError:
        return None


@dataclass(frozen=True)
class Visit:
    """One call of the command line.

    Args:
        clock: What the policies are held against. trail_clock: What the trail writes down.
    """

    run: str
    clock: Clock
    actor: str
    trail_clock: Clock

    def ledger(self, workspace: Workspace, named: str | None = None) -> Ledger:
        """Return the trail of a workspace, or the one that was named.

        A machine that gets its key from the environment is a service: its user's name is no
        person's, and stays readable where nothing else of that machine is kept.
        """
        from governance.engine.ledger import Ledger, choose_key, choose_pin
        from governance.engine.outposts import outside_of
        from governance.model.trail import Person
        from governance.trail.outside import NOTHING

        key = choose_key(keys_folder(workspace.root), os.environ.get(SIGNING_KEY))
        is_own = named is None and workspace.declared
        trail = workspace.policy.project.trail
        outside = outside_of(workspace.root, trail) if is_own else NOTHING
        return Ledger(
            trail_place(named, workspace.trail),
            key=key,
            pin=choose_pin(workspace, key),
            origin=f"governance/{workspace.policy.project.id}",
            actor=self.actor if SIGNING_KEY in os.environ else Person(self.actor),
            run=self.run,
            clock=self.trail_clock,
            privacy=self.privacy_at(workspace.root),
            outside=outside,
        )

    def place(self, workspace: Workspace) -> Path | str:
        """Return where the trail of a workspace is."""
        return trail_place(None, workspace.trail)

    def pin(self, workspace: Workspace) -> Pin:
        """Return what the trail of a workspace is verified against."""
        from governance.engine.ledger import choose_key, choose_pin

        key = choose_key(keys_folder(workspace.root), os.environ.get(SIGNING_KEY))
        return choose_pin(workspace, key)

    def privacy_at(self, root: Path) -> Privacy:
        """Return the people of the trail of the workspace in a folder."""
        from governance.trail.privacy import Privacy

        return Privacy(keys_folder(root), root / ".governance")

    def keeps_trail(self, workspace: Workspace, named: str | None = None) -> bool:
        """Return whether there is a trail, or one was named.

        Raises:
            TrailError: If a database cannot be asked.
        """
        place = trail_place(named, workspace.trail)
        if named is not None:
            return True
        if isinstance(place, Path):
            return place.exists()
        from governance.trail.storage import exists

        return exists(place)

    def secret(self, workspace: Workspace) -> bytes:
        """Return the key of the fingerprints; an ad hoc scan has a new one each time."""
        from governance.trail.keys import load_or_create_secret

        given = os.environ.get(FINGERPRINT_KEY)
        if given:
            return given.encode()
        if not workspace.declared:
            return secrets.token_bytes(32)
        return load_or_create_secret(keys_folder(workspace.root), FINGERPRINT_FILE)

    def passing_secret(self, workspace: Workspace) -> bytes:
        """Return the key of the fingerprints where there is one, else one for this run alone."""
        kept = keys_folder(workspace.root) / FINGERPRINT_FILE
        has_one = FINGERPRINT_KEY in os.environ or kept.exists()
        return self.secret(workspace) if has_one else secrets.token_bytes(32)


def keys_folder(root: Path) -> Path:
    """Return the folder of a workspace's keys: what ``GOVERNANCE_KEYS`` says, or the usual one."""
    said = os.environ.get(KEYS)
    return Path(said) if said else root / ".governance" / "keys"


def trail_place(named: str | None, usual: Path) -> Path | str:
    """Return where the trail is: what was named, what ``GOVERNANCE_TRAIL`` says, or the usual file.

    Raises:
        UsageError: If it is an address of a kind that holds no trail.
    """
    said = named or os.environ.get(TRAIL)
    if not said:
        return usual
    if not said.startswith(_DATABASES):
        if "://" in said:
            remedy = "name a file, or an address that begins with postgresql://"
            raise UsageError("--trail", "no trail is kept at such an address", remedy)
        return Path(said)
    if named and _PASSWORD.match(named):
        told = "--trail: everybody on this machine can read a password in a command line"
        typer.echo(f"warning: {told}. use {TRAIL}, PGPASSWORD or ~/.pgpass.", err=True)
    return said


def enter(as_of: datetime | None = None) -> Visit:
    """Return this call's identity; its clock starts at ``as_of`` where that is given.

    The trail writes the host's time all the same: nobody back-dates an entry by an option.
    """
    clock = ticking(as_of) if as_of else _now
    return Visit(_run_id(_now()), clock, _actor(), trail_clock=_now)


def enter_demo(now: datetime) -> Visit:
    """Return the identity of a demo, which lives at an instant of its own, its trail too."""
    clock = ticking(now)
    return Visit(_run_id(now), clock, _actor(), trail_clock=clock)


def ticking(start: datetime) -> Clock:
    """Return a clock that tells ``start`` when it is first asked, and runs on at the usual pace.

    What a command needs before it asks must not carry a given second past midnight.
    """
    began: float | None = None

    def clock() -> datetime:
        nonlocal began
        now = time.monotonic()
        began = now if began is None else began
        return datetime.fromtimestamp(start.timestamp() + now - began, UTC)

    return clock


def parse_instant(text: str | None) -> datetime | None:
    """Read an ISO 8601 instant or day; without an offset it is UTC.

    Raises:
        UsageError: If the text is neither.
    """
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            where="--as-of",
            problem="not a time",
            remedy="write it as 2026-11-23 or 2026-11-23T10:00:00Z",
        ) from None
    if not 1970 <= instant.year < 9000:
        raise UsageError(
            where="--as-of",
            problem="outside the calendar of records",
            remedy="write a year from 1970",
        )
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _run_id(now: datetime) -> str:
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _actor() -> str:
    return f"user:{getpass.getuser()}"


def _now() -> datetime:
    return datetime.now(UTC)
