"""Evidence of protection is the same for any row order and any split into batches."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from governance.anonymity.protection import EMPTY, conclude, observe

_FIELDS = frozenset({"c"})
_VALUES = st.lists(
    st.one_of(
        st.none(), st.text(max_size=20), st.sampled_from(["n/a", "a***z", "0a" * 16, "0a" * 32])
    ),
    max_size=60,
)


def _observe(values: list[str | None]):
    batch = pa.RecordBatch.from_arrays([pa.array(values, pa.string())], names=["c"])
    return observe(batch, _FIELDS)


@given(values=_VALUES, cut=st.integers(0, 60), seed=st.randoms(use_true_random=False))
def test_order_and_batch_size_change_nothing(values, cut, seed) -> None:
    whole = EMPTY.merge(_observe(values))
    shuffled = list(values)
    seed.shuffle(shuffled)
    left, right = _observe(shuffled[:cut]), _observe(shuffled[cut:])
    assert left.merge(right) == right.merge(left) == whole
    assert conclude(left.merge(right)) == conclude(whole)


@given(values=_VALUES)
def test_counts_always_add_up(values) -> None:
    facts = conclude(_observe(values))["c"]
    assert facts.redacted + facts.masked + facts.hashed + facts.other == facts.distinct
    assert facts.distinct == len({value for value in values if value is not None})
