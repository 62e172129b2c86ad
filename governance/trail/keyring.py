"""Which key may sign which size: the history of a log's keys, as the log tells and signs it.

A rotation is signed by the old key and the new one, so trust goes on from either. A key that was
lost cannot sign its successor: the new key signs alone, and only whoever pins that one follows.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from governance.errors import TrailError
from governance.model.trail import Event
from governance.trail.body import Body, decode_body
from governance.trail.keys import PublicKey, SigningKey, parse_public_key
from governance.trail.note import is_signed_by
from governance.trail.rows import DamagedError, read_marked
from governance.trail.statements import Through

CREATED, ROTATED, ADDED, REVOKED = "log.created", "key.rotated", "key.added", "key.revoked"
KEY_TYPES = frozenset({CREATED, ROTATED, ADDED, REVOKED})


@dataclass(frozen=True, slots=True)
class Tenure:
    """The time of one key.

    Args:
        key: Named after the log.
        since: The entry that began it: the key signs every size above this.
        inherits: Whether the key before signed this one's beginning.
        trusted_upto: The largest size at which its signature counts; None for no limit.
        revoked_in: The entry that revoked it, or None.
    """

    key: PublicKey
    since: int
    inherits: bool = True
    trusted_upto: int | None = None
    revoked_in: int | None = None


@dataclass(frozen=True, slots=True)
class Successor:
    """A key that goes on where another was lost.

    Args:
        told: Who answers for that and why, as the trail keeps it: a reference and a commitment.
    """

    key: SigningKey
    told: Mapping[str, Any] = field(default_factory=dict)


def rotation(origin: str, seq: int, old: SigningKey, new: SigningKey) -> Event:
    """Return the event by which a key hands over to the next, signed by both."""
    before, after = old.public.named(origin).text, new.public.named(origin).text
    message = _message("rotation", origin, seq, before, after)
    signatures = {"old": _sign(old, message), "new": _sign(new, message)}
    return Event(ROTATED, {"old": before, "new": after, "signatures": signatures})


def succession(origin: str, seq: int, new: Successor, lost: PublicKey) -> Event:
    """Return the event by which a key follows one that was lost, signed by the new one alone."""
    before, after = lost.named(origin).text, new.key.public.named(origin).text
    message = _message("succession", origin, seq, before, after)
    said = {"previous": before, "key": after, "signature": _sign(new.key, message)}
    return Event(ADDED, {**new.told, **said})


def revocation(
    origin: str, seq: int, signer: SigningKey, revoked: PublicKey, after: int
) -> dict[str, Any]:
    """Return the payload that ends the trust in an earlier key from a size on; it tells no why."""
    told = revoked.named(origin).text
    message = _message("revocation", origin, seq, told, str(after))
    return {"key": told, "after": after, "signature": _sign(signer, message)}


@dataclass(slots=True)
class KeyRing:
    """The keys of one log, the oldest first."""

    tenures: list[Tenure] = field(default_factory=list)
    events: dict[int, bytes] = field(default_factory=dict)

    @classmethod
    def load(cls, connection: Through) -> KeyRing:
        """Return the ring of a stored log.

        The entries are found by the search index: whoever verifies also calls ``meet`` for every
        entry of these types, so that one that the index hides is missed.

        Raises:
            DamagedError: If an entry about keys is not signed by those who must have.
        """
        ring = cls()
        for seq, stored, leaf in read_marked(connection, KEY_TYPES):
            try:
                body = decode_body(stored)
            except ValueError as cause:
                raise DamagedError(f"entry {seq} is not readable: {cause}") from None
            ring.take(body, leaf)
        return ring

    def take(self, body: Body, leaf: bytes) -> None:
        """Fold in one entry; DamagedError if its signatures are not what it needs."""
        self.events[body.seq] = leaf
        try:
            if body.type == CREATED and body.seq == 0:
                key = parse_public_key(str(body.payload.get("key"))).named(body.log)
                self.tenures.append(Tenure(key, 0))
            elif body.type in (ROTATED, ADDED):
                self._follow(body, inherits=body.type == ROTATED)
            elif body.type == REVOKED:
                self._revoke(body)
            else:
                raise ValueError
        except (ValueError, KeyError, TypeError, IndexError, TrailError):
            problem = f"entry {body.seq} changes the keys without the signatures that this needs"
            raise DamagedError(problem) from None

    def meet(self, body: Body, leaf: bytes) -> None:
        """Hold an entry of the log against the ring: DamagedError if it was left out of it."""
        if body.type in KEY_TYPES and self.events.get(body.seq) != leaf:
            raise DamagedError(f"entry {body.seq} is hidden from the search index")

    @property
    def current(self) -> Tenure | None:
        """The key that signs now."""
        return self.tenures[-1] if self.tenures else None

    def at(self, size: int) -> Tenure | None:
        """Return the key that signs a log of this size."""
        found = [tenure for tenure in self.tenures if tenure.since < size]
        return found[-1] if found else None

    def problem_with(self, pinned: PublicKey) -> str | None:
        """Return why a pinned key cannot vouch for this log, or None."""
        place = self._place(pinned)
        if place is None:
            return None  # the signatures will say so
        revoked = self.tenures[place].revoked_in
        if revoked is None:
            return None
        return f"the pinned key was revoked in entry {revoked}: pin the one that followed it"

    def vouches(self, pinned: PublicKey, note: str, size: int) -> bool | None:
        """Return whether a checkpoint is signed by a key that the pinned one answers for.

        None: it is signed by the key of its time, whose word no longer counts at that size.
        """
        tenure, place = self.at(size), self._place(pinned)
        if tenure is None or place is None:
            return is_signed_by(note, pinned)
        number = self.tenures.index(tenure)
        if not is_signed_by(note, tenure.key):
            return False
        if any(not later.inherits for later in self.tenures[place + 1 : number + 1]):
            return False
        return None if tenure.trusted_upto is not None and size > tenure.trusted_upto else True

    def _place(self, pinned: PublicKey) -> int | None:
        places = [n for n, each in enumerate(self.tenures) if each.key.raw == pinned.raw]
        return places[0] if places else None

    def _follow(self, body: Body, *, inherits: bool) -> None:
        said, before = body.payload, self.tenures[-1].key
        names = ("old", "new") if inherits else ("previous", "key")
        old, new = (parse_public_key(str(said[name])) for name in names)
        kind = "rotation" if inherits else "succession"
        message = _message(kind, body.log, body.seq, old.text, new.text)
        by_new = said["signatures"]["new"] if inherits else said["signature"]
        sound = old == before.named(body.log) and new.name == body.log
        sound = sound and self._place(new) is None and _is_signed(new, message, by_new)
        if inherits:
            sound = sound and _is_signed(old, message, said["signatures"]["old"])
        if not sound:
            raise ValueError
        self.tenures.append(Tenure(new, body.seq, inherits))

    def _revoke(self, body: Body) -> None:
        said = body.payload
        key, after = parse_public_key(str(said["key"])), said["after"]
        message = _message("revocation", body.log, body.seq, key.text, str(after))
        place = self._place(key)
        if type(after) is not int or place is None or place == len(self.tenures) - 1:
            raise ValueError
        if not _is_signed(self.tenures[-1].key, message, said["signature"]):
            raise ValueError
        earlier = self.tenures[place].trusted_upto
        bound = after if earlier is None else min(after, earlier)
        self.tenures[place] = replace(self.tenures[place], trusted_upto=bound, revoked_in=body.seq)


def _message(kind: str, origin: str, seq: int, *said: str) -> bytes:
    # NOTE: the first line has spaces, so no such text is ever a checkpoint.
    return "\n".join((f"governance trail key {kind} v1", origin, str(seq), *said, "")).encode()


def _sign(key: SigningKey, message: bytes) -> str:
    return base64.b64encode(key.sign(message)).decode()


def _is_signed(key: PublicKey, message: bytes, signature: Any) -> bool:  # noqa: ANN401
    try:
        return key.verifies(message, base64.b64decode(signature, validate=True))
    except (binascii.Error, ValueError, TypeError):
        return False
