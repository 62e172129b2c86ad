"""Where two detectors meet in one text, the surer one explains the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from governance.model.facts import FieldFacts

Examine = Callable[..., Mapping[str, FieldFacts]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("connect postgres://bo:hunter22@db.example.org/shop", {"SECRET"}),
        (
            "postgres://bo:hunter22@db.example.org/x asked by bo@example.org",
            {"SECRET", "EMAIL_ADDRESS"},
        ),
        ("paid with 4000 0046 4783 9863 again", {"CREDIT_CARD"}),
        ("paid with 4000 0046 4783 9863, call +1 202 555 0147", {"CREDIT_CARD", "PHONE_NUMBER"}),
    ],
)
def test_a_part_of_something_surer_is_not_counted_again(
    text: str, found: set[str], examined: Examine
) -> None:
    facts = examined({"message": [text]}, countries=("DE", "US"))["message"]
    assert {each.entity for each in facts.contains} == found
