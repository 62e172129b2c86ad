"""What is decided for many values at once is what each detector says of each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneNumberFormat,
    example_number_for_type,
    format_number,
)

from governance.detectors.base import Detector, Found
from governance.detectors.library.phone_number import PhoneNumber
from governance.detectors.presidio import presidio_detectors
from governance.detectors.registry import DETECTORS
from governance.detectors.scanning import scan_array, scan_each
from governance.detectors.settling import Settling

EVERY: tuple[Detector, ...] = (
    PhoneNumber(("DE", "GB")),
    *(make() for make in DETECTORS),
    *presidio_detectors(),
)
SETTLING = [each for each in EVERY if isinstance(each, Settling)]
USUAL = [each for each in EVERY if not each.on_request and not each.countries]

_HOSTS = st.sampled_from(
    [
        "example.org",
        "mail.example.co.uk",
        "a.b",
        "x-y.example.com",
        "local",
        "host.invalid",
        "-a.example.org",
        "example.org.",
        "EXAMPLE.ORG",
    ]
)
_LOCALS = st.text("abAB019._+-/'=", min_size=1, max_size=9) | st.sampled_from(
    ["git", "Svn", "a" * 130]
)
_MAILS = st.builds("{}@{}".format, _LOCALS, _HOSTS)
_CARDS = st.from_regex(r"\A[1-7]\d{11,18}\Z") | st.sampled_from(
    ["4111111111111111", "1234567890123", "5105105105105100", "30569309025904", "378282246310005"]
)
_IBANS = st.sampled_from(
    ["DE89370400440532013000", "GB82WEST12345698765432", "FR1420041010050500013M02606",
     "NO9386011117947", "DE00370400440532013000", "XX89370400440532013000",
     "de89370400440532013000", "DE8937040044053201300", "MT84MALT011000012345MTLCAST001S"]
) | st.from_regex(r"\A(DE|FR|GB|NO)\d{2}[0-9A-Z]{11,25}\Z")  # fmt: skip
_WORDS = st.sampled_from(["Catholic", " m ", "gay", "F", "White", "é", "1980-02-03", "66", "12345"])
_PHONES = st.one_of(
    st.from_regex(
        r"\A\+(1|7|20|33|34|39|44|49|52|54|55|61|81|86|91|353|358|380|420|599|971)"
        r"[ -]?\d{2,5}[ -]?\d{3,4}[ -]?\d{0,5}\Z"
    ),
    st.from_regex(r"\A\+(1|44|49|7)\d{8,12}\Z"),
    st.from_regex(r"\A\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}\Z"),
    st.sampled_from(["+1 202 555 0123", "+49 30 1234567", "+44 7911 123456", "(303) 555-0176"]),
)
_VALUES = st.one_of(_PHONES, _MAILS, _CARDS, _IBANS, _WORDS)
# As many plain ones as it takes before anything is decided at once.
_FILLING = [f"a{number}@example.org" for number in range(110)]


@settings(max_examples=60, deadline=None)
@given(st.lists(_VALUES, min_size=1, max_size=40, unique=True))
@example(["4111111111111111", "DE89370400440532013000", "git@example.org", "a\nb@example.org"])
def test_settling_says_what_finding_says(values: list[str]) -> None:
    for detector in SETTLING:
        many = sorted({*values, *_FILLING, *(value + "1" for value in values)})
        many += [f"{value} " for value in many] + [f"x{place}y" for place in range(3)]
        array = pa.array(many, pa.string())
        found = scan_array(array, [detector]).by_place(array)
        expected = scan_each(many, [detector]).results
        assert [found.get(place, ()) for place in range(len(many))] == expected, detector.id


def test_columns_of_plain_values_are_settled() -> None:
    cards = [f"4000{number:012d}" for number in range(200)]
    mails = [f"person{number}@example.org" for number in range(200)]
    for values in (cards, mails):
        scan = scan_array(pa.array(values), USUAL)
        assert sum(len(places) for each in scan.settled.values() for places in each) == 200
        assert not scan.results


def test_plainly_valid_numbers_of_every_plan_are_those_that_finding_calls_valid() -> None:
    detector = PhoneNumber(("DE",))
    values = sorted({*_example_numbers()})
    array = pa.array(values, pa.large_string())
    ((outcome, mask),) = detector.settle(array).items()
    found = {value: list(detector.find(value)) for value in values}
    certain = {value for value in values if found[value] == [Found(0, len(value), *outcome)]}
    settled = {value for value, is_settled in zip(values, mask, strict=True) if is_settled}
    assert settled <= certain
    assert len(settled) > 0.7 * len(certain)


def _example_numbers() -> Iterator[str]:
    """The example numbers of all regions, written in two ways, and with one digit changed."""
    for regions in COUNTRY_CODE_TO_REGION_CODE.values():
        for region, kind in product(regions, range(10)):
            number = example_number_for_type(region, kind)
            if number:
                written = format_number(number, PhoneNumberFormat.INTERNATIONAL)
                yield from (written, re.sub("[^0-9+]", "", written), f"{written[:-1]}7")
                yield from (f"{written[:4]}0{written[5:]}", f"{written[:6]}{written[7:]}")
