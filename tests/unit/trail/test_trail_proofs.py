"""Inclusion and consistency, for every pair of sizes against the definition word for word."""

from __future__ import annotations

import random
from functools import cache

import pytest

from governance.trail.merkle import EMPTY_ROOT, leaf_hash, node_hash
from governance.trail.proofs import (
    included_root,
    is_consistent,
    prove_consistency,
    prove_inclusion,
)

LEAVES = [leaf_hash(number.to_bytes(3)) for number in range(257)]


def split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


@cache
def root(begin: int, end: int) -> bytes:
    """RFC 6962, section 2.1."""
    if end - begin == 1:
        return LEAVES[begin]
    middle = begin + split(end - begin)
    return node_hash(root(begin, middle), root(middle, end))


def path(index: int, begin: int, end: int) -> list[bytes]:
    """RFC 6962, section 2.1.1: PATH(m, D[n])."""
    if end - begin == 1:
        return []
    middle = begin + split(end - begin)
    if index < middle:
        return [*path(index, begin, middle), root(middle, end)]
    return [*path(index, middle, end), root(begin, middle)]


def subproof(old: int, begin: int, end: int, whole: bool) -> list[bytes]:
    """RFC 6962, section 2.1.2: SUBPROOF(m, D[n], b)."""
    if old == end:
        return [] if whole else [root(begin, end)]
    middle = begin + split(end - begin)
    if old <= middle:
        return [*subproof(old, begin, middle, whole), root(middle, end)]
    return [*subproof(old, middle, end, False), root(begin, middle)]


def node(level: int, index: int) -> bytes:
    return root(index << level, (index + 1) << level)


def sizes(upto: int) -> range:
    return range(1, upto + 1)


def check_inclusion(size: int) -> None:
    for index in range(size):
        proof = prove_inclusion(index, size, node)
        assert proof == path(index, 0, size)
        assert included_root(LEAVES[index], index, size, proof) == root(0, size)


def check_consistency(new: int) -> None:
    for old in sizes(new):
        proof = prove_consistency(old, new, node)
        assert proof == subproof(old, 0, new, True)
        assert is_consistent((old, root(0, old)), (new, root(0, new)), proof)


@pytest.mark.parametrize("size", [*sizes(33), 63, 64, 65, 127, 128, 129, 255, 256])
def test_proofs_are_those_of_the_definition(size: int) -> None:
    check_inclusion(size)
    check_consistency(size)


@pytest.mark.slow
def test_proofs_are_those_of_the_definition_at_every_size_up_to_256() -> None:
    for size in sizes(256):
        check_inclusion(size)
        check_consistency(size)


def altered(proof: list[bytes], draw: random.Random) -> list[list[bytes]]:
    """A hash with one bit flipped, left out, added, doubled, or at another place."""
    extra = draw.randbytes(32)
    wrong = [[*proof, extra], [extra, *proof]]
    for at, item in enumerate(proof):
        bit = draw.randrange(256)
        flipped = (int.from_bytes(item) ^ 1 << bit).to_bytes(32)
        wrong.append([*proof[:at], flipped, *proof[at + 1 :]])
        wrong.append([*proof[:at], *proof[at + 1 :]])
        wrong.append([*proof[:at], item, item, *proof[at + 1 :]])
        wrong.append([*proof[:at], item[:-1], *proof[at + 1 :]])
    if len(proof) > 1 and proof[0] != proof[-1]:
        wrong.append(proof[::-1])
    return wrong


def leads_to(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes | None:
    try:
        return included_root(leaf, index, size, proof)
    except ValueError:
        return None


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 33, 100])
def test_an_altered_proof_proves_nothing(size: int) -> None:
    draw = random.Random(size)
    for index in range(size):
        proof = prove_inclusion(index, size, node)
        for wrong in altered(proof, draw):
            assert leads_to(LEAVES[index], index, size, wrong) != root(0, size)
        assert leads_to(LEAVES[index + 1], index, size, proof) != root(0, size)
        for other in {*range(size)} - {index}:
            assert leads_to(LEAVES[index], other, size, proof) != root(0, size)
    for old in sizes(size):
        first, second = (old, root(0, old)), (size, root(0, size))
        proof = prove_consistency(old, size, node)
        for wrong in altered(proof, draw):
            assert not is_consistent(first, second, wrong)
        assert not is_consistent((old, root(1, old + 1)), second, proof)
        assert not is_consistent(first, (size, root(1, size + 1)), proof)
        assert old == size or not is_consistent(second, first, proof)


def test_proofs_of_what_does_not_exist_are_refused() -> None:
    for index, size in ((0, 0), (1, 1), (-1, 3), (5, 5)):
        with pytest.raises(ValueError):
            prove_inclusion(index, size, node)
        with pytest.raises(ValueError):
            included_root(LEAVES[0], index, size, [])
    with pytest.raises(ValueError):
        prove_consistency(4, 3, node)
    assert prove_consistency(0, 9, node) == []
    assert is_consistent((0, EMPTY_ROOT), (9, root(0, 9)), [])
    assert not is_consistent((0, LEAVES[0]), (9, root(0, 9)), [])


def test_large_trees_prove_alike() -> None:
    """Random positions in trees of up to 2**20 equal leaves, whose subtrees are all alike."""
    alike = [leaf_hash(b"")]
    for _ in range(20):
        alike.append(node_hash(alike[-1], alike[-1]))

    def same(level: int, _index: int) -> bytes:
        return alike[level]

    def tree(size: int) -> bytes:
        from governance.trail.proofs import range_root

        return range_root(0, size, same)

    draw = random.Random(20)
    for _ in range(300):
        new = draw.randrange(2, 2**20)
        old = draw.randrange(1, new)
        proof = prove_consistency(old, new, same)
        assert is_consistent((old, tree(old)), (new, tree(new)), proof)
        assert included_root(alike[0], old, new, prove_inclusion(old, new, same)) == tree(new)
