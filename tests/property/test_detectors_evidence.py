"""Evidence is a commutative monoid, whatever the order of rows and the cut into batches."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.detectors.conclude import conclude
from governance.detectors.examine import EMPTY, Examiner
from governance.model.evidence import (
    SKETCH_SIZE,
    Look,
    TableEvidence,
    estimate_distinct,
    merge_hashes,
)

KEY = b"key"
CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        ["ana@example.org", "bo@example.org", "+1 202 555 0123", "4111 1111 1111 1111", "", "12",
         "call ana@example.org", "2026-01-02", "DE89370400440532013000", "plain words here", "é"]
    ),
    st.text(max_size=12),
)  # fmt: skip
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=25)


def _examine(rows: list[tuple[Any, Any]], cuts: list[int], numbers: list[int]) -> TableEvidence:
    """Examine rows cut at places; each row keeps its own number, whatever batch it is in."""
    examiner = Examiner(countries=("US",), patterns={}, key=KEY, dated=frozenset({"note"}))
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(rows)}), len(rows)]
    parts = []
    for start, end in pairwise(edges):
        columns = zip(*rows[start:end], strict=True) if start < end else ([], [])
        arrays = [pa.array(list(column), pa.string()) for column in columns]
        batch = pa.record_batch(arrays, names=["email", "note"])
        parts.append(examiner.examine(batch, numbers[start] if numbers else 1))
    return reduce(TableEvidence.merge, parts, EMPTY)


@given(ROWS, st.lists(st.integers(1, 24), max_size=4))
@settings(max_examples=25)
def test_any_cut_into_batches_gives_the_same_evidence(rows: list[Any], cuts: list[int]) -> None:
    numbers = list(range(1, len(rows) + 1))
    assert _examine(rows, cuts, numbers) == _examine(rows, [], numbers)


@given(ROWS, st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_any_order_of_rows_gives_the_same_evidence(rows: list[Any], random: Any) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = [rows[place] for place in order]
    one_by_one = list(range(1, len(rows)))
    moved = _examine(shuffled, one_by_one, [place + 1 for place in order])
    plain = _examine(rows, one_by_one, list(range(1, len(rows) + 1)))
    assert moved == plain
    assert conclude(moved) == conclude(plain)


@given(ROWS, ROWS, ROWS)
@settings(max_examples=25)
def test_merging_is_associative_and_commutative_with_a_neutral_element(
    a: list[Any], b: list[Any], c: list[Any]
) -> None:
    x, y, z = (_examine(rows, [], [10 * place + 1 for place in range(len(rows))])
               for rows in (a, b, c))  # fmt: skip
    assert x.merge(y) == y.merge(x)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert x.merge(EMPTY) == EMPTY.merge(x) == x


@given(st.lists(st.integers(0, 2**64 - 1), unique=True, max_size=200))
def test_merged_hashes_are_those_of_the_union(numbers: list[int]) -> None:
    half = len(numbers) // 2
    left, right = tuple(sorted(numbers[: half + 3])), tuple(sorted(numbers[half:]))
    assert merge_hashes(left, right) == tuple(sorted(numbers))
    assert estimate_distinct(tuple(sorted(numbers))) == len(numbers)


def test_sketch_stays_bounded_and_estimates_within_five_percent() -> None:
    examiner = Examiner(countries=(), patterns={}, key=KEY)
    evidence = EMPTY
    for start in range(0, 60_000, 20_000):
        values = [f"value {number}" for number in range(start, start + 20_000)]
        batch = pa.record_batch({"v": values})
        evidence = evidence.merge(examiner.examine(batch, start + 1))
    field = evidence.fields["v"]
    assert len(field.looks) == SKETCH_SIZE
    assert abs(field.distinct - 60_000) < 3_000


def test_evidence_holds_no_value() -> None:
    batch = pa.record_batch({"email": ["ana.canary@example.org"], "note": ["Zebra Canary 4711"]})
    evidence = Examiner(countries=(), patterns={}, key=KEY).examine(batch, 1)
    told = repr(evidence) + repr(conclude(evidence))
    assert "canary" not in told.lower()
    assert "4711" not in told
    assert isinstance(next(iter(evidence.fields["note"].looks.values())), Look)
