"""The audit trail as the engine uses it: open, append, seal, verify."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from governance.engine.workspace import Workspace
from governance.errors import TrailError
from governance.model.facts import TrailFacts
from governance.model.trail import Event, Person, Receipt, Verification
from governance.trail.keyring import Successor
from governance.trail.keys import PublicKey, SigningKey, load_or_create_key, parse_public_key
from governance.trail.outside import NOTHING, Outside
from governance.trail.storage import Where, told
from governance.trail.verify import WHOLE, Scope, verify

if TYPE_CHECKING:
    from governance.trail.log import Trail
    from governance.trail.privacy import Privacy
    from governance.trail.pruning import Cut


@dataclass(frozen=True)
class Pin:
    """The key that the trail must be signed with, and who says so."""

    key: PublicKey
    source: str


def choose_key(keys: Path, seed: str | None) -> SigningKey:
    """Return the signing key: from the environment's seed, else the one in the folder.

    Args:
        seed: Base64 of the 32 bytes of an Ed25519 seed, or None.
    """
    return load_or_create_key(keys, seed)


def choose_pin(workspace: Workspace, key: SigningKey) -> Pin:
    """Return what to verify against: the policy's pinned key, else the local one.

    Raises:
        TrailError: If the pinned key does not parse.
    """
    pinned = workspace.policy.project.trail
    if pinned is None:
        return Pin(key.public, "the workspace's own key file: trusted on first use, not pinned")
    return Pin(parse_public_key(pinned.public_key), "governance.yaml")


@dataclass
class Ledger:
    """One run's hold on the trail. Every method raises ``TrailError`` and nothing is lost.

    Args:
        origin: The log's name, inside every entry.
        actor: Who runs this, as the operating system says; a person's name is kept apart from
            the trail. run: The run's id.
        privacy: Keeps names and details of the events; None where none are written.
        outside: What is known about the trail elsewhere.
    """

    path: Where
    key: SigningKey | Successor
    pin: Pin
    origin: str
    actor: str
    run: str
    clock: Callable[[], datetime]
    privacy: Privacy | None = None
    outside: Outside = NOTHING
    _trail: Trail | None = field(default=None, init=False)

    @property
    def account(self) -> str:
        """Who runs this, as entries name them: a reference in the place of a person's name."""
        hides = isinstance(self.actor, Person) and self.privacy is not None
        return self.privacy.reference(self.actor) if hides and self.privacy else self.actor

    def __enter__(self) -> Ledger:
        # NOTE: who only verifies spares itself the libraries that write.
        from governance.trail.log import Trail

        opened = Trail.open(
            self.path,
            key=self.key,
            origin=self.origin,
            actor=self.account,
            run=self.run,
            clock=self.clock,
        )
        self._trail = opened.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        cause: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._trail is not None:
            self._trail.__exit__(kind, cause, traceback)
            self._trail = None

    def append(self, events: Sequence[Event]) -> None:
        """Write events in one durable transaction; the details of each before its entry."""
        if self.privacy is not None:
            events = self.privacy.hide(events, self.actor)
        self._held().append(events)

    def seal(self) -> None:
        """Sign a checkpoint over everything written so far."""
        self._held().checkpoint()

    def rotate(self, new: SigningKey) -> None:
        """Hand over to another key, by an entry and a checkpoint that both sign."""
        self._held().rotate(new)

    def revoke(self, key_id: str, *, after: int, reason: str) -> None:
        """Record that an earlier key's signatures over more than ``after`` entries are void."""
        self._held().revoke(key_id, after=after, told=self.hide(reason))

    def hide(self, reason: str, by: Person | None = None) -> Mapping[str, Any]:
        """Return what an entry about keys tells besides: no name, and no text of a person's."""
        payload = {"by": by} if by else {}
        if self.privacy is None:
            return {**payload, "reason": reason}
        told = Event("key.told", payload, {"reason": reason}, by)
        return self.privacy.hide([told], self.actor)[0].payload

    def prune(self, cut: Cut, before: str) -> None:
        """Drop the bodies that a cut names, and say so; then their details."""
        self._held().prune(cut, before)
        if self.privacy is not None:
            self.privacy.forget(cut.commitments)

    def anchor(self, receipt: Receipt) -> None:
        """Keep what somebody outside answered about a checkpoint."""
        self._held().anchor(receipt)

    def verify(self) -> TrailFacts:
        """Seal, then verify the whole trail under the pinned key."""
        self.seal()
        found = verify_trail(self.path, self.pin, outside=self.outside)
        return TrailFacts(found.entries, found.level.name, found.problem)

    def _held(self) -> Trail:
        if self._trail is None:
            raise TrailError(
                where=told(self.path),
                problem="the trail is not open",
                remedy="use the ledger as a context manager",
            )
        return self._trail


def verify_trail(
    path: Where,
    pin: Pin,
    *,
    scope: Scope = WHOLE,
    outside: Outside = NOTHING,
) -> Verification:
    """Verify a trail under the pinned key, and against what is known outside of it."""
    return verify(path, pinned=pin.key, pin_source=pin.source, scope=scope, outside=outside)
