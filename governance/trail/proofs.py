"""Short proofs about the tree: that an entry is in it, that it continues an older one.

Pure functions. Whoever makes a proof hands over ``node``, which knows the hashes of perfect
subtrees; whoever checks one needs nothing but the proof and the roots.
Source: RFC 6962, sections 2.1.1 and 2.1.2 (making); RFC 9162, 2.1.3.2 and 2.1.4.2 (checking).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from governance.trail.merkle import EMPTY_ROOT, HASH_BYTES, fold, node_hash

MAX_HASHES = 63
"""The longest proof: as many levels as a tree of 2**63 entries has."""


class Node(Protocol):
    """Knows the tree: the hash over leaves ``index << level`` to ``(index + 1) << level``."""

    def __call__(self, level: int, index: int) -> bytes: ...


def range_root(begin: int, end: int, node: Node) -> bytes:
    """Return the root over leaves ``begin`` to ``end`` (excluded).

    ``begin`` is a multiple of the smallest power of two that is not below the range's length,
    as every subtree of RFC 6962 is.
    """
    hashes: list[bytes] = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        hashes.append(node(level, begin >> level))
        begin += 1 << level
    return fold(hashes)


def prove_inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """Return the path from leaf ``index`` to the root of ``size`` leaves, the sibling first.

    Raises:
        ValueError: If the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        split = _split(begin, end)
        if index < split:
            path.append(range_root(split, end, node))
            end = split
        else:
            path.append(range_root(begin, split, node))
            begin = split
    return path[::-1]


def prove_consistency(old: int, new: int, node: Node) -> list[bytes]:
    """Return the proof that the tree of ``new`` leaves begins with that of ``old``.

    It is empty for two equal sizes, and for ``old`` 0, which everything continues.

    Raises:
        ValueError: If the tree would shrink.
    """
    if not 0 <= old <= new:
        raise ValueError("a tree does not shrink")
    if old in (0, new):
        return []
    path: list[bytes] = []
    begin, end, is_whole = 0, new, True
    while old != end:
        split = _split(begin, end)
        if old <= split:
            path.append(range_root(split, end, node))
            end = split
        else:
            path.append(range_root(begin, split, node))
            begin, is_whole = split, False
    if not is_whole:
        path.append(range_root(begin, end, node))
    return path[::-1]


def included_root(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a path leads to; it proves inclusion if that is the signed root.

    Raises:
        ValueError: If the path is longer or shorter than that leaf has, or no such leaf exists.
    """
    _check_hashes(path)
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    root = leaf
    for sibling, stands_left in zip(path, _sides(index, size - 1), strict=True):
        root = node_hash(sibling, root) if stands_left else node_hash(root, sibling)
    return root


def is_consistent(old: tuple[int, bytes], new: tuple[int, bytes], path: Sequence[bytes]) -> bool:
    """Return whether a proof shows that the new (size, root) continues the old one."""
    (old_size, old_root), (new_size, new_root) = old, new
    if old_size in {0, new_size}:
        return not path and old_root == (new_root if old_size else EMPTY_ROOT) and new_size >= 0
    try:
        _check_hashes(path)
        return 0 < old_size < new_size and _roots(old, new_size, path) == (old_root, new_root)
    except ValueError:
        return False


def _roots(old: tuple[int, bytes], new_size: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the old and the new root that a consistency proof leads to."""
    at, last = old[0] - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    hashes = [old[1], *path] if at == 0 else list(path)
    if not hashes:
        raise ValueError("fewer hashes than this proof has")
    before = after = hashes[0]
    for item, stands_left in zip(hashes[1:], _sides(at, last), strict=True):
        if stands_left:
            before, after = node_hash(item, before), node_hash(item, after)
        else:
            after = node_hash(after, item)
    return before, after


def _sides(at: int, last: int) -> Iterator[bool]:
    """Yield for each hash of a path, upwards, whether it stands to the left.

    Where node ``at`` is the last of its level and has no sibling, the levels up to where it has
    one are passed over.
    """
    while last:
        stands_left = bool(at & 1) or at == last
        while stands_left and at and not at & 1:
            at, last = at >> 1, last >> 1
        yield stands_left
        at, last = at >> 1, last >> 1


def _split(begin: int, end: int) -> int:
    """Where a range divides: its largest power of two that is below its length."""
    return begin + (1 << (end - begin - 1).bit_length() - 1)


def _check_hashes(path: Sequence[bytes]) -> None:
    if len(path) > MAX_HASHES or any(len(item) != HASH_BYTES for item in path):
        raise ValueError("not the hashes of a proof")
