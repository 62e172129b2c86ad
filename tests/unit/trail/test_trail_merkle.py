"""The tree against the published vectors and a recursive reference."""

from __future__ import annotations

import hashlib

import pytest

from governance.trail.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash
from governance.trail.tiles import TILE_HASHES, Tile, TileStack

# The inputs and roots that implementations of certificate transparency test with.
INPUTS = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def reference_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(reference_root(leaves[:split]), reference_root(leaves[split:]))


@pytest.mark.parametrize("size", range(1, 9))
def test_published_roots(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(text)) for text in INPUTS[:size]]
    assert Frontier(leaves).root().hex() == ROOTS[size - 1]


def test_no_leaves_have_the_hash_of_nothing() -> None:
    assert Frontier().root() == TileStack().root() == EMPTY_ROOT == reference_root([])


def test_the_compact_range_agrees_with_the_definition_at_every_size() -> None:
    leaves = [leaf_hash(number.to_bytes(2)) for number in range(130)]
    frontier, stack = Frontier(), TileStack()
    for size, leaf in enumerate(leaves, start=1):
        frontier.push(leaf)
        stack.push(leaf)
        expected = reference_root(leaves[:size])
        assert frontier.root() == stack.root() == expected
        assert len(frontier.hashes) == size.bit_count()


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 66_000])
def test_tiles_hold_the_whole_tree_and_give_its_edge_back(size: int) -> None:
    leaves = [leaf_hash(number.to_bytes(3)) for number in range(size)]
    stack, frontier = TileStack(), Frontier(leaves)
    stored: dict[tuple[int, int], bytes] = {}
    for leaf in leaves:
        for tile in stack.push(leaf):
            _store(stored, tile)

    def read(level: int, idx: int, count: int) -> list[bytes]:
        if level == 0:
            return leaves[idx * TILE_HASHES :][:count]
        hashes = stored[level, idx]
        return [hashes[at : at + 32] for at in range(0, count * 32, 32)]

    assert stack.root() == frontier.root() == TileStack.load(size, read).root()
    assert sum(len(hashes) // 32 for (level, _), hashes in stored.items() if level == 0) == (
        size // TILE_HASHES * TILE_HASHES
    )
    assert sum(len(hashes) // 32 for (level, _), hashes in stored.items() if level == 1) == (
        size // TILE_HASHES
    )


def test_a_copy_grows_alone() -> None:
    stack = TileStack()
    stack.push(leaf_hash(b"a"))
    other = stack.copy()
    other.push(leaf_hash(b"b"))
    assert (stack.size, other.size) == (1, 2)
    assert stack.root() == leaf_hash(b"a")


def _store(stored: dict[tuple[int, int], bytes], tile: Tile) -> None:
    key = (tile.level, tile.idx)
    assert tile.grown == (key in stored)
    assert tile.hashes.startswith(stored.get(key, b""))
    stored[key] = tile.hashes
