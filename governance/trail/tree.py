"""The stored tree: roots and proofs at any size, from a handful of tiles."""

from __future__ import annotations

from governance.trail.merkle import HASH_BYTES
from governance.trail.proofs import prove_consistency, prove_inclusion, range_root
from governance.trail.rows import DamagedError, read_edge, read_tile
from governance.trail.statements import Through
from governance.trail.tiles import TILE_HASHES, read_node

_REMEMBERED = 64


class StoredTree:
    """The tree as the tiles tell it; it proves nothing until its root is held against a signature.

    Raises:
        DamagedError: From every method, where a tile or a leaf is missing.
    """

    def __init__(self, connection: Through) -> None:
        self._connection = connection
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._node = read_node(self.hashes)

    def hashes(self, level: int, idx: int, count: int) -> list[bytes]:
        """Return the first hashes of a tile; full ones are stored, those of pruned entries too."""
        stored = self._tiles.get((level, idx), b"")
        if len(stored) < count * HASH_BYTES:
            stored = read_tile(self._connection, level, idx) or b""
            if len(stored) < count * HASH_BYTES:
                stored = b"".join(self._edge(level, idx, count))
            if len(self._tiles) >= _REMEMBERED:
                self._tiles.clear()
            self._tiles[level, idx] = stored
        return [stored[at : at + HASH_BYTES] for at in range(0, count * HASH_BYTES, HASH_BYTES)]

    def _edge(self, level: int, idx: int, count: int) -> list[bytes]:
        if level == 0 and count < TILE_HASHES:
            try:  # all of them at once: a proof asks for nearly every one
                return read_edge(self._connection, level, idx, TILE_HASHES)
            except DamagedError:
                pass
        return read_edge(self._connection, level, idx, count)

    def root(self, size: int) -> bytes:
        """Return the root of the first ``size`` leaves."""
        return range_root(0, size, self._node)

    def leaf(self, index: int) -> bytes:
        """Return the hash of one entry."""
        return self._node(0, index)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the path from leaf ``index`` to the root of ``size``; ValueError if beyond it."""
        return prove_inclusion(index, size, self._node)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Return the proof that ``new`` leaves begin with ``old``; ValueError likewise."""
        return prove_consistency(old, new, self._node)
