"""Special categories: a word of the vocabulary, and a person beside it."""

from __future__ import annotations

from typing import Any

import pytest

PEOPLE = [f"person{number}@example.org" for number in range(24)]
WORDS = {
    "religion": ("RELIGION", ["Catholic", "Muslim", "none", "Jewish"]),
    "sexual_orientation": ("SEXUAL_ORIENTATION", ["gay", "bisexual", "straight", "other"]),
    "ethnic group": ("ETHNICITY", ["White", "Asian", "Black", "Mixed"]),
    "party_affiliation": ("POLITICAL_OPINION", ["Republican", "Democrat", "Independent", "-"]),
    "gewerkschaft": ("TRADE_UNION", ["ja", "nein", "IG Metall", "ver.di"]),
    "diagnosis": ("HEALTH", ["J45.909", "E11.9", "asthma", "F32.1"]),
}


def column(words: list[str]) -> list[str]:
    return [words[place % len(words)] for place in range(len(PEOPLE))]


@pytest.mark.parametrize("header", WORDS)
def test_a_special_category_is_told_beside_a_person_and_only_there(
    examined: Any, header: str
) -> None:
    entity, words = WORDS[header]
    beside = examined({"email": PEOPLE, header: column(words)})[header]
    alone = examined({"stock": list(range(24)), header: column(words)})[header]
    assert beside.verdict and beside.verdict.entity == entity
    assert alone.verdict is None
    assert alone.contains == ()


def test_words_of_belief_need_no_header_and_colours_are_nobody_s_origin(examined: Any) -> None:
    facts = examined(
        {
            "email": PEOPLE,
            "c1": column(["Catholic", "Muslim", "Jewish", "Hindu"]),
            "c2": column(["White", "Black", "Asian", "Other"]),
        }
    )
    assert facts["c1"].verdict.entity == "RELIGION"
    assert facts["c2"].verdict is None


def test_a_national_number_is_looked_for_in_its_country_or_on_request(examined: Any) -> None:
    lines = ["inscrit sous le 1 77 12 78 006 084 13 hier", "rien"] * 12
    assert examined({"note": lines})["note"].contains == ()
    (found,) = examined({"note": lines}, ("FR",))["note"].contains
    assert (found.entity, found.rows) == ("FR_NIR", 12)
