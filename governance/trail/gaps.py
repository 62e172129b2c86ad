"""Entries whose bodies were pruned: which may be missing, and what answers for them.

Whole tiles of 256 entries lose their bodies; their leaf hashes stay in the tiles, so that the tree
and every proof over it keep working. What makes a gap legitimate is a later entry,
``segment.pruned``, under a signed checkpoint: it names the end, the root there, and the entries
that were kept. A gap without one is a deletion.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from governance.model.trail import Event
from governance.trail.body import Body, decode_body
from governance.trail.merkle import HASH_BYTES
from governance.trail.rows import DamagedError, read_marked, read_tile
from governance.trail.statements import Through
from governance.trail.tiles import TILE_HASHES

PRUNED = "segment.pruned"
MAX_KEPT = 4_000
"""How many numbers of kept entries one entry can name."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What one ``segment.pruned`` says.

    Args:
        seq: Its own number. end: The first entry after the pruned part, a multiple of 256.
        root: Of the first ``end`` entries.
        kept: The entries before ``end`` that are still whole, sorted.
    """

    seq: int
    end: int
    root: bytes
    kept: tuple[int, ...]

    @property
    def dropped(self) -> int:
        """How many entries of the log are without a body."""
        return self.end - len(self.kept)


def pruned_event(end: int, root: bytes, kept: Collection[int], told: dict[str, Any]) -> Event:
    """Return the event; ``told`` is what a reader should know besides (before, by, reason)."""
    return Event(PRUNED, {"end": end, "root": root.hex(), "kept": sorted(kept), **told})


def parse_pruned(body: Body) -> Pruned:
    """Return what an entry of this type says.

    Raises:
        DamagedError: If it is not written as this tool writes it.
    """
    said = body.payload
    end, root, kept = said.get("end"), said.get("root"), said.get("kept")
    try:
        sound = (
            type(end) is int
            and 0 < end <= body.seq
            and end % TILE_HASHES == 0
            and isinstance(root, str)
            and len(bytes.fromhex(root)) == HASH_BYTES
            and isinstance(kept, list)
            and all(type(seq) is int and 0 <= seq < end for seq in kept)
            and sorted(set(kept)) == kept
        )
    except ValueError:
        sound = False
    if not sound:
        raise DamagedError(f"entry {body.seq} does not say what was pruned")
    return Pruned(body.seq, int(str(end)), bytes.fromhex(str(root)), tuple(kept or ()))


def newest_pruned(connection: Through) -> Pruned | None:
    """Return what the newest ``segment.pruned`` claims, or None; it proves nothing by itself.

    Whoever verifies reads on to that entry, and holds it against what was seen: see ``Gaps``.
    """
    for seq, stored, _ in reversed(read_marked(connection, {PRUNED})):
        try:
            return parse_pruned(decode_body(stored))
        except ValueError as cause:
            raise DamagedError(f"entry {seq} is not readable: {cause}") from None
    return None


class Gaps:
    """What one reading of the log, from its beginning, needs to pass over pruned entries.

    Use: ``leaves(connection, seq, until)`` where an entry is missing; ``root_at`` when the size
    reaches ``end``; ``meet`` for every body; ``check`` at the end of the log.
    """

    def __init__(self, claim: Pruned | None) -> None:
        self.claim = claim
        self.dropped = 0
        self._root: bytes | None = None
        self._confirmed: Pruned | None = None

    @property
    def end(self) -> int:
        """The size up to which entries may be missing; 0 where nothing was pruned."""
        return self.claim.end if self.claim else 0

    def leaves(self, connection: Through, first: int, until: int) -> list[bytes]:
        """Return the leaf hashes of the missing entries ``first`` to ``until`` (excluded).

        At most to the end of one tile, so that memory stays constant; call again for the rest.

        Raises:
            DamagedError: If these entries were not pruned, or their tile is gone.
        """
        claim, stop = self.claim, min(until, (first // TILE_HASHES + 1) * TILE_HASHES)
        if claim is None or stop > claim.end:
            raise DamagedError(f"entry {first} is missing, or entry {until} was put in")
        if any(first <= seq < stop for seq in claim.kept):
            raise DamagedError(f"an entry from {first} on is missing that was kept when pruning")
        tile = read_tile(connection, 0, first // TILE_HASHES) or b""
        if len(tile) != TILE_HASHES * HASH_BYTES:
            raise DamagedError(f"tile {first // TILE_HASHES} of the pruned entries is missing")
        at = (first % TILE_HASHES) * HASH_BYTES
        piece = tile[at : at + (stop - first) * HASH_BYTES]
        self.dropped += stop - first
        return [piece[n : n + HASH_BYTES] for n in range(0, len(piece), HASH_BYTES)]

    def root_at(self, size: int, root: bytes) -> None:
        """Remember the root at the end of the pruned part."""
        if size == self.end:
            self._root = root

    def meet(self, body: Body) -> None:
        """Take note of an entry that says what was pruned."""
        if body.type == PRUNED:
            self._confirmed = parse_pruned(body)

    def check(self, signed_size: int | None) -> None:
        """Raise DamagedError unless a signed entry answers for what is missing.

        Args:
            signed_size: What the newest trusted checkpoint covers; None where no key is known,
                and nothing can be asked for.
        """
        if not self.dropped and self.claim is None:
            return
        claim = self.claim
        if claim is not None and self._confirmed is None:
            problem = f"entries are missing, and entry {claim.seq}, which is to say why, is later"
            raise DamagedError(f"{problem} than the moment that was asked for")
        if claim is None or self._confirmed != claim or self._root != claim.root:
            raise DamagedError("entries are missing, and what was pruned is not what was logged")
        if self.dropped != claim.dropped:
            raise DamagedError("an entry is there that the log says was pruned")
        if signed_size is not None and signed_size <= claim.seq:
            raise DamagedError("entries are missing, and no signature covers that they were pruned")
