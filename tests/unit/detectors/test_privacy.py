"""What may be told of a value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from governance.detectors.privacy import PREVIEW_LENGTH, fingerprint, preview, shape_of


@given(st.text(min_size=1))
def test_preview_holds_no_letter_and_no_digit(value: str) -> None:
    shown = preview(value)
    assert not any(char.isalnum() for char in shown)
    assert shown != value or set(value) <= set(" @.,:;/()+#*_-")
    assert len(shown) <= PREVIEW_LENGTH


@given(st.text(max_size=60))
def test_shape_holds_no_letter_and_no_digit(value: str) -> None:
    assert not any(char.isalnum() for char in shape_of(value))


def test_preview_keeps_the_shape_that_a_reader_needs() -> None:
    assert preview("ana@example.org") == "***@***.***"
    assert preview("4111-1111-1111-1111") == "####-####-####-####"


def test_previews_of_names_of_any_length_are_alike() -> None:
    assert preview("Bo") == preview("Maximiliane")


def test_fingerprint_depends_on_the_key_and_says_its_version() -> None:
    first = fingerprint("ana@example.org", b"one")
    assert first == fingerprint("ana@example.org", b"one")
    assert first != fingerprint("ana@example.org", b"two")
    assert first.startswith("v1:") and len(first) == 3 + 24


def test_fingerprint_takes_text_that_is_no_unicode() -> None:
    assert fingerprint("\ud800", b"key").startswith("v1:")
