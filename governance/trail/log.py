"""Writing the trail: every append is one durable transaction, or an error and nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine

from governance import __version__
from governance.errors import TrailError
from governance.model.trail import Event, Receipt
from governance.trail.anchors import store_receipt
from governance.trail.body import Actor, BodyWriter, format_time
from governance.trail.growth import Head, Identity, Writing, load_head, write_entries
from governance.trail.keyring import REVOKED, KeyRing, Successor, revocation, rotation, succession
from governance.trail.keys import SigningKey
from governance.trail.note import Checkpoint, is_origin, sign_checkpoint
from governance.trail.pruning import Cut, drop
from governance.trail.rows import DamagedError, newest_checkpoint
from governance.trail.schema import TrailTable
from governance.trail.storage import (
    Where,
    awaits_first_entry,
    compact,
    create_schema,
    failing_closed,
    is_blank,
    schema_problem,
    stored_format,
    told,
    writing_engine,
)


@dataclass(frozen=True)
class _Store:
    path: Where
    engine: Engine
    key: SigningKey


class Trail:
    """An open trail. Use it as a context manager; safe for several threads and processes."""

    def __init__(self, store: _Store, identity: Identity, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._identity = identity
        self._clock = clock
        self._lock = Lock()
        self._head = Head.empty()
        self._succeeds: Successor | None = None

    @classmethod
    def open(
        cls,
        path: Where,
        *,
        key: SigningKey | Successor,
        origin: str,
        actor: str | Actor,
        run: str,
        clock: Callable[[], datetime],
    ) -> Trail:
        """Open a trail for writing; make it, with ``log.created`` and a checkpoint, if new.

        Args:
            key: The log's key; or a successor, which then begins with an entry that says so.
            origin: The log's name: printable ASCII without space or plus.
            actor: Who writes; a plain string is taken as asserted, not authenticated.
            run: The id that every entry of this opening carries.

        Raises:
            TrailError: If the file cannot be used, is another log's, was signed with another
                key, or is shorter than or different from what its newest checkpoint says.
        """
        if not is_origin(origin):
            raise TrailError(
                where="trail",
                problem="the log's name is not printable ASCII without space and plus",
                remedy="give the project a plain id",
            )
        who = Actor(actor) if isinstance(actor, str) else actor
        with failing_closed(path):
            holder = key.key if isinstance(key, Successor) else key
            store = _Store(path, writing_engine(path), holder)
        trail = cls(store, Identity(origin, BodyWriter(origin, who, run)), clock)
        trail._succeeds = key if isinstance(key, Successor) else None
        try:
            trail._begin()
        # NOTE: BaseException, for an interrupt is no Exception, and would leave the file open and
        # locked for every other process; it goes on up unchanged.
        except BaseException:
            trail.close()
            raise
        return trail

    def append(self, events: Sequence[Event]) -> None:
        """Write events, in order, in one transaction.

        When this returns, they are on disk. When it raises, none of them is.

        Raises:
            TrailError: If an event does not fit the format (over 65,535 bytes, a float …) or
                the trail cannot be written.
        """
        if not events:
            return
        with self._transaction() as (connection, head):
            self._write(connection, head, events)

    def checkpoint(self) -> None:
        """Sign the head, durably. Does nothing when it is signed already.

        Raises:
            TrailError: If it cannot be written.
        """
        with self._transaction() as (connection, head):
            self._seal(connection, head)

    def rotate(self, new: SigningKey) -> None:
        """Hand over to another key: an entry and a checkpoint that both keys sign.

        Raises:
            TrailError: If the log had this key before, or it cannot be written.
        """
        old, origin = self._store.key, self._identity.origin
        with self._transaction() as (connection, head):
            ring = KeyRing.load(connection)
            if any(tenure.key.raw == new.public.raw for tenure in ring.tenures):
                raise _refused(self._store.path, "the log was signed with that key before")
            self._write(connection, head, [rotation(origin, head.size, old, new)])
            self._seal(connection, head, new, old)
        self._store = replace(self._store, key=new)

    def revoke(self, key_id: str, *, after: int, told: Mapping[str, Any]) -> None:
        """Record, and why (``told``), that a key's signatures beyond ``after`` entries are void.

        Raises:
            TrailError: If no earlier key of this log has that id, or it cannot be written.
        """
        key, origin = self._store.key, self._identity.origin
        with self._transaction() as (connection, head):
            earlier = [each.key for each in KeyRing.load(connection).tenures[:-1]]
            revoked = next((each for each in earlier if each.key_id.hex() == key_id), None)
            if revoked is None:
                problem = "no earlier key of this log has that id"
                raise _refused(self._store.path, problem)
            payload = {**told, **revocation(origin, head.size, key, revoked, after)}
            self._write(connection, head, [Event(REVOKED, payload)])
            self._seal(connection, head)

    def prune(self, cut: Cut, before: str) -> None:
        """Drop the bodies that a cut names, say so in a signed entry, and give back the room.

        Raises:
            TrailError: If the cut does not fit the log, or this user may not delete; nothing is
                dropped then.
        """
        with self._transaction() as (connection, head):
            self._write(connection, head, [cut.event(before)])
            self._seal(connection, head)
            drop(connection, cut)
        with failing_closed(self._store.path):
            self._store.engine.dispose()
            compact(self._store.path)

    def anchor(self, receipt: Receipt) -> None:
        """Keep what somebody outside answered about a checkpoint, and log that it did.

        Raises:
            TrailError: If it cannot be written.
        """
        with self._transaction() as (connection, head):
            event = store_receipt(connection, receipt, format_time(self._clock()))
            self._write(connection, head, [event])
            self._seal(connection, head)

    @property
    def size(self) -> int:
        """Entries known to be written when this trail last looked."""
        return self._head.size

    def close(self) -> None:
        """Let go of the file."""
        self._store.engine.dispose()

    def __enter__(self) -> Trail:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        cause: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _begin(self) -> None:
        with self._transaction() as (connection, head):
            if head.size:
                if self._succeeds is not None:
                    self._succeed(connection, head, self._succeeds)
                return
            public = self._store.key.public.named(self._identity.origin)
            tool = {"name": "governance", "version": __version__}
            payload = {"origin": self._identity.origin, "key": public.text, "tool": tool}
            # NOTE: a log is signed from its first entry, so that none without a signature is valid.
            self._write(connection, head, [Event("log.created", payload)])
            self._seal(connection, head)

    def _succeed(self, connection: Connection, head: Head, successor: Successor) -> None:
        last = KeyRing.load(connection).current
        if last is None:
            raise DamagedError("the log does not say which key it began with")
        event = succession(self._identity.origin, head.size, successor, last.key)
        self._write(connection, head, [event])
        self._seal(connection, head)
        self._succeeds = None

    @contextmanager
    def _transaction(self) -> Iterator[tuple[Connection, Head]]:
        """Lock the file, bring a copy of the head up to date, and keep it after the commit."""
        store = self._store
        with self._lock, failing_closed(store.path):
            try:
                with store.engine.begin() as connection:
                    head = self._current(connection)
                    yield connection, head
            except DamagedError as damage:
                raise _broken(store.path, str(damage)) from None
            self._head = head

    def _current(self, connection: Connection) -> Head:
        if self._head.size:
            return self._head.follow(connection)
        if is_blank(connection):
            create_schema(connection)
            return Head.empty()
        problem = schema_problem(connection)
        if problem:
            raise DamagedError(problem)
        if awaits_first_entry(connection):
            return Head.empty(stored_format(connection))
        signer = self._store.key.public
        if self._succeeds is not None:
            ring = KeyRing.load(connection)
            signer = ring.current.key if ring.current else signer
            if any(tenure.key.raw == self._store.key.public.raw for tenure in ring.tenures):
                raise _refused(self._store.path, "the log was signed with that key before")
        return load_head(connection, stored_format(connection), signer, self._identity.origin)

    def _write(self, connection: Connection, head: Head, events: Sequence[Event]) -> None:
        now = max(format_time(self._clock()), head.ts)
        try:
            write_entries(connection, head, Writing(self._identity, now, events))
        except ValueError as cause:
            raise TrailError(
                where=told(self._store.path),
                problem=f"an event does not fit the trail's format: {cause}",
                remedy="report this as a fault of the tool; nothing was written",
            ) from None

    def _seal(self, connection: Connection, head: Head, *keys: SigningKey) -> None:
        newest = newest_checkpoint(connection)
        if newest is not None and newest.size == head.size:
            return
        origin, signers = self._identity.origin, keys or (self._store.key,)
        checkpoint, key = Checkpoint(origin, head.size, head.tiles.root()), signers[0]
        note = sign_checkpoint(checkpoint, key)
        for other in signers[1:]:
            note += sign_checkpoint(checkpoint, other).rpartition("\n\n")[2]
        row = {
            "size": head.size,
            "key_id": key.public.named(origin).key_id.hex(),
            "root": head.tiles.root(),
            "note": note,
            "created": format_time(self._clock()),
        }
        connection.execute(TrailTable.metadata.tables["trail_checkpoint"].insert(), row)
        stored = newest_checkpoint(connection)
        if stored is None or (stored.size, stored.note) != (head.size, note):
            raise DamagedError("the checkpoint that was written is not the one that is read back")


def _refused(path: Where, problem: str) -> TrailError:
    return TrailError(told(path), problem, "see 'governance audit key list'")


def _broken(path: Where, problem: str) -> TrailError:
    return TrailError(
        where=told(path),
        problem=problem,
        remedy="run 'governance audit verify', and restore the trail or its key from a copy",
    )
