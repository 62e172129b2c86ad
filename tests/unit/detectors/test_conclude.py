"""What a column contains and what it is."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from governance.detectors.library.card_shape import luhn_valid


def _luhn(stem: str) -> str:
    return next(stem + digit for digit in "0123456789" if luhn_valid(stem + digit))


def _cards(count: int, *, valid: bool) -> list[str]:
    draw = random.Random(7)
    stems = [f"4{draw.randrange(10**14):014d}" for _ in range(count)]
    return [_luhn(stem) if valid else f"{stem}{draw.randrange(10)}" for stem in stems]


def _names(facts: Any, field: str) -> list[str]:
    return [item.entity for item in facts[field].contains]


def test_single_certain_hit_is_content_and_no_verdict(examined: Any) -> None:
    notes = [f"order {number} packed" for number in range(500)]
    notes[321] = "send it to ana@example.org please"
    field = examined({"notes": notes})["notes"]
    assert field.verdict is None
    (found,) = field.contains
    assert (found.entity, found.rows, found.distinct) == ("EMAIL_ADDRESS", 1, 1)
    assert found.lines == (322,)
    assert found.preview == "***@***.***"
    assert found.deterministic


def test_bare_digits_need_corroboration(examined: Any) -> None:
    bare = _cards(1, valid=True)[0]
    assert _names(examined({"ref": [bare, "x"]}), "ref") == []
    assert _names(examined({"card_number": [bare, "x"]}), "card_number") == ["CREDIT_CARD"]
    two = [f"paid by card {number} today" for number in _cards(2, valid=True)]
    assert _names(examined({"ref": two}), "ref") == ["CREDIT_CARD"]
    assert _names(examined({"ref": two[:1]}), "ref") == []


def test_checksum_far_above_chance_is_a_verdict_without_a_header(examined: Any) -> None:
    verdict = examined({"c1": _cards(60, valid=True)})["c1"].verdict
    assert verdict.entity == "CREDIT_CARD"
    assert any("check digits hold in 100%" in reason for reason in verdict.because)
    assert examined({"c1": _cards(60, valid=False)})["c1"].verdict is None


def test_made_up_cards_under_a_clear_header_are_told_as_such(examined: Any) -> None:
    verdict = examined({"card_number": _cards(400, valid=False)})["card_number"].verdict
    assert verdict.entity == "CREDIT_CARD"
    assert any("no more than chance" in reason for reason in verdict.because)


def test_national_ids_wait_for_country_or_header(examined: Any) -> None:
    numbers = [f"536-{10 + number:02d}-1234" for number in range(40)]
    assert _names(examined({"ref": numbers}), "ref") == []
    assert _names(examined({"ref": numbers}, countries=["US"]), "ref") == ["US_SSN"]
    assert examined({"ssn": numbers})["ssn"].verdict.entity == "US_SSN"


def test_lost_leading_zeros_are_put_back(examined: Any) -> None:
    draw = random.Random(3)
    areas = [draw.randrange(1, 90) if draw.random() < 0.1 else draw.randrange(100, 600)
             for _ in range(300)]  # fmt: skip
    numbers = [area * 10**6 + draw.randrange(11, 99) * 10**4 + 1234 for area in areas]
    found = examined({"ssn": numbers})["ssn"]
    assert found.verdict.entity == "US_SSN"
    assert found.contains[0].rows > sum(1 for number in numbers if number >= 10**8)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("created_ms", [1_700_000_000_000 + 997 * step for step in range(400)]),
        ("order_no", list(range(4_000_000_000_000_000, 4_000_000_000_000_400))),
        ("amount", [round(step * 1.37, 2) for step in range(400)]),
        ("build", [f"1.{step}.0.{step % 9}" for step in range(9)]),
        ("trace", [f"{step:08x}-4b7a-4c3e-9d2f-{step:012d}" for step in range(400)]),
        ("stamp", [f"2026-07-{1 + step % 28:02d}T08:00:{step % 60:02d}Z" for step in range(400)]),
        ("zone", ["north", "south"] * 200),
    ],
)
def test_plain_numbers_times_and_codes_are_nothing(
    examined: Any, header: str, values: list[Any]
) -> None:
    field = examined({header: values}, countries=["DE", "US", "GB"])[header]
    assert field.verdict is None
    assert [item.entity for item in field.contains if item.entity != "IP_ADDRESS"] == []


def test_address_names_a_place_until_a_person_stands_beside_it(examined: Any) -> None:
    streets = [f"{number} Main Street" for number in range(30)]
    alone = examined({"billing_address": streets, "total": list(range(30))})
    assert alone["billing_address"].verdict is None
    mails = [f"user{number}@example.org" for number in range(30)]
    beside = examined({"billing_address": streets, "email": mails})["billing_address"].verdict
    assert beside.entity == "STREET_ADDRESS"
    assert "stands beside 'email', which speaks of a person" in beside.because
    assert examined({"customer_address": streets})["customer_address"].verdict


def test_bare_name_is_a_person_beside_contact_data_only(examined: Any) -> None:
    names = [f"{first} {last}" for first in ("Ana", "Bo", "Cy") for last in ("Doe", "Roe", "Poe")]
    mails = [f"user{number}@example.org" for number in range(9)]
    phones = [f"+1 202 555 010{number}" for number in range(9)]
    assert examined({"name": names})["name"].verdict is None
    table = {"name": names, "email": mails, "phone": phones}
    assert examined(table)["name"].verdict.entity == "PERSON"


def test_free_text_is_told_and_short_labels_are_not(examined: Any) -> None:
    texts = [f"customer {number} called twice about a late parcel" for number in range(20)]
    facts = examined({"note": texts, "label": ["late parcel"] * 20})
    assert facts["note"].free_text
    assert not facts["label"].free_text


def test_dated_field_counts_rows_by_day_and_what_it_cannot_read(examined: Any) -> None:
    values = ["2026-01-02", "2026-01-02T23:00:00Z", "02.01.2026", "1767312000", "03/04/2026", None]
    field = examined({"at": values}, dated=["at"])["at"]
    assert field.days == ((date(2026, 1, 2), 4),)
    assert (field.undated, field.nulls) == (1, 1)


def test_dates_urls_and_ids_alone_are_no_personal_data(examined: Any) -> None:
    table = {
        "day": [f"2026-01-{number:02d}" for number in range(1, 29)],
        "url": [f"https://example.org/page/{number}" for number in range(28)],
        "id": list(range(28)),
    }
    assert all(f.verdict is None and not f.contains for f in examined(table).values())


def test_members_of_a_struct_and_dictionaries_are_fields_too(examined: Any) -> None:
    contact = pa.array([{"email": f"u{number}@example.org"} for number in range(9)])
    coded = pa.array(["ana@example.org", "bo@example.org", None] * 3).dictionary_encode()
    facts = examined(pa.table({"contact": contact, "coded": coded}))
    assert facts["contact.email"].verdict.entity == "EMAIL_ADDRESS"
    assert (facts["coded"].contains[0].rows, facts["coded"].nulls) == (6, 3)


def test_columns_of_one_name_do_not_hide_each_other(examined: Any) -> None:
    arrays = [pa.array(["ana@example.org"]), pa.array(["nothing"])]
    assert _names(examined(pa.table(arrays, names=["x", "x"])), "x") == ["EMAIL_ADDRESS"]


def test_empty_table_and_empty_values_give_no_verdict(examined: Any) -> None:
    assert examined({"email": pa.array([], pa.string())}) == {}
    field = examined({"email": pa.array([None, "", "  "], pa.string())})["email"]
    assert (field.verdict, field.rows, field.nulls, field.distinct) == (None, 3, 3, 0)


def test_rare_hit_among_many_distinct_values_is_counted_exactly(examined: Any) -> None:
    notes = [f"line {number}" for number in range(30_000)]
    for place in (5, 9_000, 29_999):
        notes[place] = f"from user{place}@example.org"
    field = examined({"notes": notes})["notes"]
    assert abs(field.distinct - 30_000) < 1_500
    assert (field.contains[0].rows, field.contains[0].distinct) == (3, 3)
    assert field.contains[0].lines == (6, 9_001, 30_000)


def test_secret_shows_not_even_its_shape(examined: Any) -> None:
    (found,) = examined({"log": ["password=Tr0ub4dor&3 x"]})["log"].contains
    assert (found.entity, found.detail, found.preview) == ("SECRET", "password", "***")


def test_versions_are_no_network_addresses_and_machines_are(examined: Any) -> None:
    versions = [f"{n % 4 + 1}.{n % 20}.{n % 90}.{n % 10}" for n in range(60)]
    machines = [f"{n * 7 % 220 + 20}.{n}.{n % 9}.{n % 250}" for n in range(60)]
    facts = examined({"c1": versions, "agent version": machines, "c3": machines, "ip": versions})
    assert [field.verdict and field.verdict.entity for field in facts.values()] == [
        None, None, "IP_ADDRESS", "IP_ADDRESS",
    ]  # fmt: skip
    assert not facts["c1"].contains and not facts["agent version"].contains


def test_a_header_that_says_telephone_needs_no_known_plan(examined: Any) -> None:
    numbers = [f"6{n:02} {n * 7 % 900 + 100} {n * 13 % 900 + 100}" for n in range(40)]
    days = [f"2024-01-{n % 28 + 1:02}" for n in range(40)]
    facts = examined({"Móvil": numbers, "cifra": numbers, "Tel.": days, "cp days": days})
    told = [field.verdict and field.verdict.entity for field in facts.values()]
    assert told == ["PHONE_NUMBER", None, None, None]


@pytest.mark.parametrize(
    ("header", "value", "entity"),
    [
        ("Geb.-Dat.", "15.03.1980", "DATE_OF_BIRTH"),
        ("Né(e) le", "15/03/1980", "DATE_OF_BIRTH"),
        ("Data di nascita", "15/03/1980", "DATE_OF_BIRTH"),
        ("CP", "75002", "POSTAL_CODE"),
        ("förnamn", "Karin", "PERSON"),
        ("fo\u0308delsedatum", "1980-03-15", "DATE_OF_BIRTH"),
        ("Imię", "Zofia", "PERSON"),
        ("Endereço", "Rua das Flores, 12", "STREET_ADDRESS"),
        ("geboortedatum", "15-03-1980", "DATE_OF_BIRTH"),
        ("cp-date", "2018-03-01", None),
    ],
)
def test_headers_as_people_abbreviate_them(
    examined: Any, header: str, value: str, entity: str | None
) -> None:
    facts = examined({header: [value] * 3, "email": ["a@example.org", "b@example.org", None]})
    verdict = facts[header].verdict
    assert (verdict and verdict.entity) == entity


def test_numbers_of_things_networks_and_odd_groups_are_nobodys(examined: Any) -> None:
    shaped = [f"{200 + n * 7 % 700}-{n * 13 % 700 + 210}-{n * 37 % 9000 + 1000}" for n in range(60)]
    networks = [f"10.{n}.{n * 3 % 200}.0/24" for n in range(60)]
    odd = [f"{4_000_000_000 + n * 7919}-{10_000 + n * 37}" for n in range(60)]
    assert any(luhn_valid(each.replace("-", "")) for each in odd)
    facts = examined({"part_number": shaped, "c2": networks, "c3": odd, "desk phone": shaped})
    assert [field.verdict and field.verdict.entity for field in facts.values()] == [
        None, None, None, "PHONE_NUMBER",
    ]  # fmt: skip
    assert not any(facts[name].contains for name in ("part_number", "c2", "c3"))


def test_a_number_beside_its_word_counts_whatever_the_header(examined: Any) -> None:
    facts = examined({"order": ["call 415-555-0132 today", "A-17", "A-18", "A-19"]})
    assert [item.entity for item in facts["order"].contains] == ["PHONE_NUMBER"]
