"""The short way to the row of a plain line leads to the same row as the long one."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from governance.sources.flatten import FlatRow, parse_json, plain_cells
from governance.sources.limits import ReadLimits

LIMITS = ReadLimits(field_chars=8, depth=3)
KEYS = st.sampled_from(["a", "b", " b", "a.b", "", "ana@example.org", "4111111111111111"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(KEYS, SCALARS, max_size=2)


@example([("b", "x"), (" b", "y")])
@given(st.lists(st.tuples(KEYS | st.text(max_size=3), VALUES), max_size=4))
def test_a_plain_line_has_the_row_that_a_nested_one_would_have(
    pairs: list[tuple[str, object]],
) -> None:
    text = ", ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in pairs)
    value = parse_json(f"{{{text}}}")
    row = FlatRow(LIMITS)
    row.add_tree(value)
    plain = plain_cells(value, LIMITS)
    assert plain is None or plain == row.cells()
    is_nested = any(isinstance(value, dict | list) for _, value in pairs)
    assert plain is None or not (is_nested or row.too_deep or row.repeats_key)
