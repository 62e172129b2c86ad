"""Our dump of a document is the standard library's, to the last byte."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.formats.dumping import dump_indented

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=40
)


@given(DOCUMENTS)
def test_a_document_is_dumped_as_the_standard_library_would(document: object) -> None:
    expected = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False)
    assert dump_indented(document) == expected


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_number_that_json_has_no_word_for_is_dumped(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump_indented({"a": [number]})
