"""Whole tokens of headers, never pieces of words."""

from __future__ import annotations

import pytest

from governance.detectors.headers import asked_entities, tokens_of


def test_tokens_split_camel_case_separators_and_capitals() -> None:
    assert tokens_of("customerEMail_1") == ("customer", "e", "mail", "1")
    assert tokens_of("HTTPServerIP") == ("http", "server", "ip")
    assert tokens_of("contact.postalCode") == ("contact", "postal", "code")


@pytest.mark.parametrize(
    ("header", "entity"),
    [
        ("user_email", "EMAIL_ADDRESS"),
        ("E-Mail-Adresse", "EMAIL_ADDRESS"),
        ("correo", "EMAIL_ADDRESS"),
        ("Telefonnummer", "PHONE_NUMBER"),
        ("téléphone", "PHONE_NUMBER"),
        ("ssn", "US_SSN"),
        ("Social Security Number", "US_SSN"),
        ("nino", "UK_NINO"),
        ("iban", "IBAN_CODE"),
        ("Steuer-ID", "DE_TAX_ID"),
        ("Geburtsdatum", "DATE_OF_BIRTH"),
        ("birthDate", "DATE_OF_BIRTH"),
        ("firstname", "PERSON"),
        ("Nachname", "PERSON"),
        ("PLZ", "POSTAL_CODE"),
        ("BillingAddress", "STREET_ADDRESS"),
    ],
)
def test_header_asks_for_its_entity(header: str, entity: str) -> None:
    assert entity in asked_entities(header)


@pytest.mark.parametrize(
    "header",
    ["number", "id", "code", "name", "passenger_count", "classname", "average", "stage", "shipped",
     "missing", "telescope", "cellular", "product_name", "birth_rate"],
)  # fmt: skip
def test_pieces_of_words_and_generic_words_ask_for_nothing(header: str) -> None:
    assert asked_entities(header) == frozenset()


def test_longest_phrase_wins_over_the_word_inside_it() -> None:
    assert asked_entities("ip_address") == {"IP_ADDRESS"}
    assert asked_entities("email_address") == {"EMAIL_ADDRESS"}


def test_phrases_of_pattern_detectors_count_too() -> None:
    assert asked_entities("staffNo", {"EMPLOYEE_NUMBER": ["staff no"]}) == {"EMPLOYEE_NUMBER"}
