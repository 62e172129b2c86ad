"""The tree in tiles of 256 hashes, so that the right edge can be read back without the log.

Layout of C2SP tlog-tiles: a tile at level 0 holds leaf hashes, one at level L + 1 holds the
roots of the full tiles below it. The store keeps level 0 when it is full (until then the
leaves stand beside their entries) and the levels above as they grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from governance.trail.merkle import HASH_BYTES, Frontier, fold, perfect_root
from governance.trail.proofs import Node

TILE_HEIGHT = 8
TILE_HASHES = 1 << TILE_HEIGHT


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: its hashes joined, from 32 to 8192 bytes; ``grown`` if a row exists already."""

    level: int
    idx: int
    hashes: bytes
    grown: bool = False

    @property
    def is_full(self) -> bool:
        return len(self.hashes) == TILE_HASHES * HASH_BYTES


class ReadTile(Protocol):
    """Reads stored hashes: those of tile ``idx`` at ``level``, ``count`` of them."""

    def __call__(self, level: int, idx: int, count: int) -> list[bytes]: ...


class TileStack:
    """The last, unfinished tile of every level: enough to append and to compute the root."""

    __slots__ = ("levels", "size")

    def __init__(self, size: int = 0, levels: list[list[bytes]] | None = None) -> None:
        self.size = size
        self.levels = levels if levels is not None else [[]]

    @classmethod
    def load(cls, size: int, read: ReadTile) -> TileStack:
        """Return the stack of a tree of ``size`` leaves, read from where its tiles are stored."""
        levels: list[list[bytes]] = []
        width = size
        while width or not levels:
            count = width % TILE_HASHES
            levels.append(read(len(levels), width // TILE_HASHES, count) if count else [])
            width //= TILE_HASHES
        return cls(size, levels)

    def copy(self) -> TileStack:
        """Return a stack that can grow while this one stays as it is."""
        return TileStack(self.size, [list(level) for level in self.levels])

    def push(self, leaf: bytes) -> list[Tile]:
        """Append one leaf hash and return the tiles to store: none but for every 256th leaf."""
        return self.extend((leaf,))

    def extend(self, leaves: Sequence[bytes]) -> list[Tile]:
        """Append leaf hashes and return the tiles to store, in the order in which they grew."""
        changed: list[Tile] = []
        at = 0
        while at < len(leaves):
            piece = leaves[at : at + TILE_HASHES - len(self.levels[0])]
            self.levels[0] += piece
            self.size += len(piece)
            at += len(piece)
            if len(self.levels[0]) == TILE_HASHES:
                changed.append(Tile(0, self._index(0) - 1, b"".join(self.levels[0])))
                changed += self._carry()
        return changed

    def _carry(self) -> list[Tile]:
        """Replace every full tile by its root in the tile above, and return the tiles above."""
        changed: list[Tile] = []
        level = 0
        while len(self.levels[level]) == TILE_HASHES:
            full, self.levels[level] = self.levels[level], []
            level += 1
            if level == len(self.levels):
                self.levels.append([])
            above = self.levels[level]
            above.append(perfect_root(full))
            idx = self._index(level) - (len(above) == TILE_HASHES)
            changed.append(Tile(level, idx, b"".join(above), grown=len(above) > 1))
        return changed

    def root(self) -> bytes:
        """Return the root of the whole tree."""
        hashes: list[bytes] = []
        for level in reversed(self.levels):
            hashes += Frontier(level).hashes
        return fold(hashes)

    def _index(self, level: int) -> int:
        return int(self.size >> (8 * (level + 1)))


def read_node(read: ReadTile) -> Node:
    """Return the function that finds the hash of any perfect subtree in stored tiles."""

    def node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        idx, offset = divmod(first, TILE_HASHES)
        hashes = read(tile_level, idx, offset + (1 << height))
        return perfect_root(hashes[offset:])

    return node


def tile_path(level: int | None, idx: int, width: int) -> str:
    """Return where C2SP tlog-tiles keeps a tile (``level`` None: a bundle of entries).

    Args:
        width: How many hashes or entries it holds, 1 to 256; below 256 it is partial.
    """
    folder = "entries" if level is None else str(level)
    parts = [f"{idx % 1000:03}"]
    while idx := idx // 1000:
        parts.insert(0, f"x{idx % 1000:03}")
    partial = f".p/{width}" if width < TILE_HASHES else ""
    return f"tile/{folder}/{'/'.join(parts)}{partial}"
