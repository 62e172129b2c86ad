"""What one entry says: the fields inside its hash, and the bytes they are stored as."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from governance.model.trail import Entry, Event
from governance.trail.canonical import (
    MAX_BYTES,
    canonical_bytes,
    canonical_text,
    parse_canonical,
    storable,
)
from governance.trail.merkle import HASH_BYTES, leaf_hash

VERSION = 1
ALGORITHM = "rfc6962-sha256"
GENESIS = bytes(HASH_BYTES)
"""The ``prev`` of the first entry."""

_FIELDS = {"v", "alg", "log", "seq", "prev", "ts", "type", "run", "actor", "payload"}
_TYPE = re.compile(r"[a-z][a-z_]*(?:\.[a-z][a-z_]*)+")
_HEX = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused an entry; ``authenticated`` only if something other than themselves said so."""

    ref: str
    authenticated: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """One entry's content.

    Args:
        log: The origin of the log, so that an entry cannot move to another one.
        prev: The leaf hash of the entry before, 32 bytes; ``GENESIS`` for the first.
        ts: UTC with microseconds, as ``format_time`` writes it.
        type: Dotted lower-case words.
    """

    log: str
    seq: int
    prev: bytes
    ts: str
    type: str
    run: str | None
    actor: Actor
    payload: Mapping[str, Any]

    def encode(self) -> bytes:
        """Return the canonical bytes.

        Raises:
            ValueError: If the content is outside the profile of ``canonical``.
        """
        if not _TYPE.fullmatch(self.type):
            raise ValueError("$.type is not dotted lower-case words")
        actor = {
            "ref": self.actor.ref,
            "identity": "authenticated" if self.actor.authenticated else "asserted",
        }
        return canonical_bytes(
            {
                "v": VERSION,
                "alg": ALGORITHM,
                "log": self.log,
                "seq": self.seq,
                "prev": self.prev.hex(),
                "ts": self.ts,
                "type": self.type,
                "run": self.run,
                "actor": actor,
                "payload": self.payload,
            }
        )

    def entry(self, leaf: bytes) -> Entry:
        """Return the entry as other rooms see it."""
        when = parse_time(self.ts)
        return Entry(self.seq, when, self.type, self.run, self.actor.ref, self.payload, leaf)


class BodyWriter:
    """Spells the bodies of one opening as ``Body.encode`` does; what they share is spelt once.

    Args:
        log: The origin of the log. run: The run that writes, or None.
    """

    def __init__(self, log: str, actor: Actor, run: str | None) -> None:
        self.log, self.run = storable(log), storable(run)
        self.actor = Actor(storable(actor.ref), actor.authenticated)
        blank = Body(self.log, 0, GENESIS, "", "a.a", self.run, self.actor, {}).encode().decode()
        # NOTE: the last occurrences, for no text of the fields behind can hold these marks.
        self._head, _, rest = blank.rpartition('{},"prev":')
        self._run = rest[rest.index(',"run":') : rest.rindex(',"seq":')]
        self._types: set[str] = set()

    def spell(self, seq: int, prev: str, ts: str, event: Event) -> bytes:
        """Return the canonical bytes of one entry.

        Args:
            prev: Hex of the leaf before. ts: As ``format_time`` writes it.

        Raises:
            ValueError: If the event is outside the profile of ``canonical``.
        """
        if event.type not in self._types:
            if not _TYPE.fullmatch(event.type):
                raise ValueError("$.type is not dotted lower-case words")
            self._types.add(event.type)
        if not isinstance(event.payload, Mapping):
            raise ValueError("$.payload is not an object")
        body = (
            f'{self._head}{canonical_text(event.payload)},"prev":"{prev}"{self._run}'
            f',"seq":{seq},"ts":"{ts}","type":"{event.type}","v":{VERSION}}}'
        ).encode()
        if len(body) > MAX_BYTES:
            raise ValueError(f"{len(body)} bytes, more than the {MAX_BYTES} that an entry may have")
        return body


def decode_body(stored: bytes) -> Body:
    """Return the content of stored bytes.

    Raises:
        ValueError: If they are not canonical or not an entry of this format.
    """
    value = parse_canonical(stored)
    if not isinstance(value, dict) or set(value) != _FIELDS:
        raise ValueError("not the fields of an entry")
    if (value["v"], value["alg"]) != (VERSION, ALGORITHM) or value["v"] is True:
        raise ValueError("an unknown format version or hash algorithm")
    _check_types(value)
    actor = Actor(value["actor"]["ref"], value["actor"]["identity"] == "authenticated")
    return Body(
        log=value["log"],
        seq=value["seq"],
        prev=bytes.fromhex(value["prev"]),
        ts=value["ts"],
        type=value["type"],
        run=value["run"],
        actor=actor,
        payload=value["payload"],
    )


def decode_entry(stored: bytes) -> Entry:
    """Return the entry of stored bytes, its leaf computed from them; ValueError as above."""
    return decode_body(stored).entry(leaf_hash(stored))


def index_values(body: Body) -> tuple[str, str, str | None, str | None, str, str | None]:
    """Return what the search index holds: type, time, run, asset, actor, severity."""

    def text(key: str) -> str | None:
        value = body.payload.get(key)
        return value if isinstance(value, str) else None

    return body.type, body.ts, body.run, text("asset"), body.actor.ref, text("severity")


def format_time(instant: datetime) -> str:
    """Return an aware instant as ``2026-11-23T10:00:00.000000Z``.

    Raises:
        ValueError: If it carries no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("a time without a time zone")
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """Return the aware instant; ValueError unless it is spelt as ``format_time`` spells it."""
    if not _TIME.fullmatch(text):
        raise ValueError("a time in another spelling")
    return datetime.fromisoformat(text)


def _check_types(value: dict[str, Any]) -> None:
    actor = value["actor"]
    sound = (
        isinstance(value["log"], str)
        and type(value["seq"]) is int
        and isinstance(value["prev"], str)
        and _HEX.fullmatch(value["prev"])
        and isinstance(value["type"], str)
        and _TYPE.fullmatch(value["type"])
        and isinstance(value["run"], str | None)
        and isinstance(value["payload"], dict)
        and isinstance(actor, dict)
        and set(actor) == {"ref", "identity"}
        and isinstance(actor["ref"], str)
        and actor["identity"] in ("asserted", "authenticated")
        and isinstance(value["ts"], str)
    )
    if not sound:
        raise ValueError("a field of the wrong type")
    parse_time(value["ts"])
