"""Reading a trail's entries, from the bytes that were hashed and never from the index."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from governance.errors import TrailError
from governance.model.facts import TrailFacts
from governance.model.trail import Entry, Verification
from governance.trail.body import decode_body, decode_entry, format_time, parse_time
from governance.trail.gaps import PRUNED
from governance.trail.keyring import KeyRing
from governance.trail.rows import DamagedError, newest_checkpoint, read_bodies, read_typed
from governance.trail.statements import Through
from governance.trail.storage import (
    Where,
    exists,
    reading,
    schema_problem,
    told,
)

# NOTE: the keys of a body are sorted, so its last ones are at its end; text inside a payload
# cannot end it. Bodies whose end looks otherwise are decoded whole.
_TAIL = re.compile(
    rb',"ts":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)","type":"([a-z_.]+)","v":1\}\Z'
)
_TAIL_LENGTH = 160


def read_entries(
    path: Where,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    types: Collection[str] | None = None,
    but: Collection[str] = (),
    left_out: Callable[[int, str, str], None] | None = None,
) -> Iterator[Entry]:
    """Yield the entries of a period, oldest first; constant memory.

    What the end of a body shows not to be asked for is not decoded: that costs twenty times as
    much as finding the few entries of some types among millions.

    Args:
        since, until: Aware instants; both belong to the period.
        types: Only these types; None for all. but: None of these.
        left_out: Told the number, type and stored time of each entry that ``but`` leaves out,
            up to the end of the period.

    Raises:
        TrailError: If the trail is missing or an entry cannot be read.
    """
    _require(path)
    # NOTE: stamps compare as text: each has the same length and zone.
    first = format_time(since).encode() if since else b""
    last = format_time(until).encode() if until else b"~"
    asked, unasked = _encoded(types or ()), _encoded(but)
    with reading(path) as connection:
        try:
            problem = schema_problem(connection)
            if problem:
                raise DamagedError(problem)
            for seq, stored in _rows(connection, types):
                tail = _TAIL.search(stored, max(0, len(stored) - _TAIL_LENGTH))
                if tail is not None:
                    stamp, kind = tail[1], tail[2]
                    if stamp > last:
                        return
                    if kind in unasked and left_out is not None:
                        left_out(seq, kind.decode(), stamp.decode())
                    if stamp < first or kind in unasked or (asked and kind not in asked):
                        continue
                entry = _decode(seq, stored)
                if until is not None and entry.ts > until:
                    return
                late_enough = since is None or entry.ts >= since
                if late_enough and (types is None or entry.type in types):
                    yield entry
        except DamagedError as damage:
            raise _unreadable(path, str(damage)) from None


def read_origin(path: Where) -> str | None:
    """Return the origin that the first entry tells, or None; it proves nothing."""
    if not exists(path):
        return None
    try:
        with reading(path) as connection:
            for _, stored in read_bodies(connection):
                return decode_body(stored).log
    except (TrailError, DamagedError, ValueError):
        return None
    return None


def read_newest_note(path: Where) -> str | None:
    """Return the newest signed note, verbatim and unverified; None if there is none.

    Raises:
        TrailError: If the trail is missing or cannot be read.
    """
    _require(path)
    with reading(path) as connection:
        try:
            newest = newest_checkpoint(connection)
        except DamagedError as damage:
            raise _unreadable(path, str(damage)) from None
    return newest.note if newest else None


def pruned_upto(path: Where) -> datetime | None:
    """Return the time of the last entry whose contents were pruned; None where none was.

    Raises:
        TrailError: If the trail is missing or an entry cannot be read.
    """
    newest = None
    for entry in read_entries(path, types={PRUNED}):
        newest = entry
    return parse_time(str(newest.payload.get("until"))) if newest else None


def read_keys(path: Where) -> KeyRing:
    """Return the keys that a log tells of, oldest first; each change is signed as it must be.

    Raises:
        TrailError: If the trail is missing, cannot be read, or such a signature is wrong.
    """
    _require(path)
    with reading(path) as connection:
        try:
            return KeyRing.load(connection)
        except DamagedError as damage:
            raise _unreadable(path, str(damage)) from None


def trail_facts(verification: Verification) -> TrailFacts:
    """Return what controls may know of a verification."""
    return TrailFacts(verification.entries, verification.level.name, verification.problem)


def _decode(seq: int, stored: bytes) -> Entry:
    try:
        return decode_entry(stored)
    except ValueError as cause:
        raise DamagedError(f"entry {seq} is not readable: {cause}") from None


def _rows(connection: Through, types: Collection[str] | None) -> Iterator[tuple[int, bytes]]:
    """Yield the bodies, without most of those of other types where some are asked for."""
    return read_typed(connection, types) if types else read_bodies(connection)


def _encoded(types: Collection[str]) -> frozenset[bytes]:
    return frozenset(kind.encode() for kind in types)


def _require(path: Where) -> None:
    if not exists(path):
        raise TrailError(
            where=told(path),
            problem="there is no trail",
            remedy="run 'governance scan' first, or name the file with --trail",
        )


def _unreadable(path: Where, problem: str) -> TrailError:
    return TrailError(told(path), problem, "run 'governance audit verify' to see what is broken")
