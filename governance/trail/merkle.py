"""The Merkle tree of RFC 6962: hashes of leaves and nodes, and a root that grows cheaply."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """Return the leaf of an entry: SHA-256(0x00 || body). Source: RFC 6962, section 2.1."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return an inner node: SHA-256(0x01 || left || right). Source: RFC 6962, section 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The compact range [0, n): one hash for each perfect subtree, the largest first.

    It has as many hashes as n has one bits, and is all that appending and the root need.
    """

    __slots__ = ("hashes", "size")

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self.hashes: list[bytes] = []
        for leaf in leaves:
            self.push(leaf)

    def push(self, leaf: bytes) -> None:
        """Append one leaf hash; O(log n) at most, O(1) on average."""
        hashes, size = self.hashes, self.size
        hashes.append(leaf)
        while size & 1:
            right = hashes.pop()
            hashes[-1] = node_hash(hashes[-1], right)
            size >>= 1
        self.size += 1

    def root(self) -> bytes:
        """Return the tree's root; of no leaves, the hash of nothing."""
        return fold(self.hashes)


def fold(hashes: list[bytes]) -> bytes:
    """Return the root over perfect subtrees, the largest first."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of hashes; faster than to push them one by one."""
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [node_hash(left, right) for left, right in pairs]
    return hashes[0]
