"""The outline of a text opens every gate that the text opens."""

from __future__ import annotations

import string
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.detectors.examine import usual_detectors
from governance.detectors.outlines import ALPHABETS, outlined
from governance.detectors.passing import parts_of, wide_gates
from governance.detectors.patterns import yaml_detectors
from governance.policy.workspace import load_builtin

_WORDS = """
536-22-1234 ana@example.org 4111-1111-1111-1111 DE89370400440532013000 203.0.113.77 ::1
password=hunter22! T-12 - _ 0123456789 AKIAIOSFODNN7EXAMPLE 00:1B:44:11:3A:B7 1980-02-03
+1-202-555-0123 phone: SSN PASSWORD=hunter22! de89370400440532013000 Ghp_ DOB:
-----BEGIN postgres://u:p@h/d { } [ ] \\ ^ $ ( ) | ? * + . "
"""
_PIECES = st.one_of(
    st.sampled_from([*_WORDS.split(), " ", "\n", "\x00"]),
    st.text(string.printable, min_size=1, max_size=3),
)
_TEXTS = st.lists(_PIECES, min_size=1, max_size=5).map("".join)


@lru_cache
def _gates() -> tuple[str, ...]:
    patterns = load_builtin().detectors
    return wide_gates(usual_detectors(("DE", "GB", "US", "IT"), yaml_detectors(patterns)))


def test_every_gate_has_an_outline_that_says_something() -> None:
    for alphabet in ALPHABETS:
        outlines = [alphabet.pattern_of(gate) for gate in _gates()]
        assert None not in outlines
        nothing = alphabet.opened(["-"], _gates())
        assert not any(nothing)


@settings(max_examples=60, deadline=None)
@given(st.lists(_TEXTS, min_size=1, max_size=8))
def test_a_gate_that_a_text_opens_is_opened_by_its_outline(written: list[str]) -> None:
    # NOTE: repeated, for only texts that share their outlines are told by them.
    texts = pa.array([text for text in written for _ in range(8)], pa.large_string())
    found = outlined(texts, _gates())
    assert found is not None
    for gate in _gates():
        open_here = pc.match_substring_regex(texts, gate).to_numpy(zero_copy_only=False)
        told = found.places(gate)
        assert told is not None
        assert not (open_here & ~told).any(), gate


def test_texts_of_many_outlines_are_not_told_by_them() -> None:
    texts = pa.array(["-" * n + "." * (n % 7) for n in range(1, 200)], pa.large_string())
    assert outlined(texts, _gates()) is None
    (part,) = parts_of(texts, _gates())
    assert part.outlined is None


def test_telephone_numbers_open_the_gates_of_telephone_numbers_alone() -> None:
    texts = pa.array([f"+1 202 555 {n:04d}" for n in range(1000)], pa.large_string())
    found = outlined(texts, _gates())
    assert found is not None
    assert len(found.opened) == 1
    assert len(found.possible) <= 3
