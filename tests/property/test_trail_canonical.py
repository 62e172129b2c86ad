"""The fast spelling is RFC 8785's, and one value has one spelling."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from governance.model.trail import Event
from governance.trail.body import Actor, Body, BodyWriter, decode_body
from governance.trail.canonical import MAX_BYTES, canonical_bytes, parse_canonical, storable

TIME = "2026-11-23T10:00:00.000000Z"
TEXT = st.text(st.characters(exclude_categories=["Cs"])).map(
    lambda text: unicodedata.normalize("NFC", text)
)
KEYS = st.text(st.characters(max_codepoint=127), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5)
)
ANYTHING = st.recursive(
    SCALARS | st.text() | st.integers(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
)


@given(VALUES)
def test_the_fast_path_writes_what_rfc_8785_asks_for(value: Any) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)


@given(VALUES)
def test_a_value_reads_back_and_has_one_spelling(value: Any) -> None:
    body = canonical_bytes(value)
    assert parse_canonical(body) == value
    spaced = json.dumps(value, ensure_ascii=False).encode()
    if spaced != body:
        with pytest.raises(ValueError):
            parse_canonical(spaced)


@given(ANYTHING)
def test_what_is_made_storable_differs_only_in_spelling(value: Any) -> None:
    try:
        body = canonical_bytes(storable(value))
    except ValueError as refused:
        assert "ASCII" in str(refused) or "2**53" in str(refused)
    else:
        assert parse_canonical(body) == storable(value)


ODD = st.floats() | st.binary(max_size=3) | st.dictionaries(st.integers(), st.none(), min_size=1)
PAYLOADS = st.dictionaries(KEYS, ANYTHING | ODD | st.lists(ODD, max_size=2), max_size=4)


@given(PAYLOADS, st.text(), st.none() | st.text(), st.integers(0, 2**40))
def test_a_body_is_spelt_at_once_as_it_is_field_by_field(
    payload: Any, actor: str, run: str | None, seq: int
) -> None:
    def plainly() -> bytes:
        who, ran = Actor(storable(actor)), storable(run)
        body = Body("o", seq, bytes(32), TIME, "a.b", ran, who, storable(payload))
        return body.encode()

    try:
        expected = plainly()
    except ValueError:
        with pytest.raises(ValueError):
            BodyWriter("o", Actor(actor), run).spell(seq, "0" * 64, TIME, Event("a.b", payload))
        return
    spelt = BodyWriter("o", Actor(actor), run).spell(seq, "0" * 64, TIME, Event("a.b", payload))
    assert spelt == expected and decode_body(spelt).payload == storable(payload)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(body: bytes) -> None:
    try:
        value = parse_canonical(body)
    except ValueError:
        return
    assert canonical_bytes(value) == body


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        "\ud800",
        "e\u0301",
        {"ä": 1},
        {1: 1},
        b"x",
        {"a": {"b": [0.5]}},
        "x" * MAX_BYTES,
    ],
    ids=repr,
)
def test_what_the_profile_leaves_out_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        canonical_bytes(value)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b"1.0",
        b"1e2",
        b"-0",
        b"NaN",
        b'"\\u0041"',
        b'"\\/"',
        b"\xff",
        b"\xef\xbb\xbf1",
        b"",
        b"9" * 5000,
        b"[" * 60_000,
        b"[" * 40 + b"]" * 40,
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_another_spelling_of_a_value_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        parse_canonical(body)
