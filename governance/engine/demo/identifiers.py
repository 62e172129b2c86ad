"""Identifiers that look and check like real ones, and can belong to nobody."""

from __future__ import annotations

import hashlib
import hmac
from random import Random

_TOKEN_KEY = b"the key of the example organisation's tokenize step"
_MAIL_DOMAINS = ("example.org", "example.com", "example.net")
_AMERICAN_AREAS = ("202", "212", "312", "415", "503", "617")
_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "í": "i", "á": "a"})


def email_address(first: str, last: str, number: int) -> str:
    """Return an address at a domain reserved for examples (RFC 2606)."""
    local = f"{first}.{last}{number}".lower().translate(_PLAIN)
    return f"{local}@{_MAIL_DOMAINS[number % len(_MAIL_DOMAINS)]}"


def phone_number(rng: Random, country: str) -> str:
    """Return a number from a range reserved for fiction.

    Source: Bundesnetzagentur, numbers for media productions (Berlin 23125, Hamburg 66969);
    North American Numbering Plan, 555-0100 to 555-0199.
    """
    if country == "US":
        return f"+1 {rng.choice(_AMERICAN_AREAS)} 555 01{rng.randrange(100):02d}"
    city = rng.choice(("30 23125", "40 66969"))
    return f"+49 {city} {rng.randrange(1000):03d}"


def iban(rng: Random) -> str:
    """Return a German account number with right check digits at a bank code nobody has.

    Source: ISO 13616, check digits by ISO 7064 mod 97-10.
    """
    account = f"00000000{rng.randrange(10**10):010d}"
    check = 98 - int(f"{account}131400") % 97
    digits = f"DE{check:02d}{account}"
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def card_number(rng: Random) -> str:
    """Return a card number of a test range, grouped by four, with a right Luhn digit.

    Source: ISO/IEC 7812-1, annex B.
    """
    body = f"400000{rng.randrange(10**9):09d}"
    doubled = (int(digit) * (2 - index % 2) for index, digit in enumerate(body))
    check = -sum(value - 9 if value > 9 else value for value in doubled) % 10
    digits = f"{body}{check}"
    return " ".join(digits[start : start + 4] for start in range(0, 16, 4))


def german_tax_id(rng: Random) -> str:
    """Return an eleven-digit tax id: one digit twice, the check digit right.

    Source: Steuer-Identifikationsnummer, check digit by ISO 7064 mod 11,10.
    """
    digits = rng.sample(range(1, 10), 9)
    digits.insert(rng.randrange(2, 10), digits[0])
    product = 10
    for digit in digits:
        total = (digit + product) % 10 or 10
        product = total * 2 % 11
    return "".join(str(digit) for digit in digits) + str((11 - product) % 10)


def social_security_number(rng: Random) -> str:
    """Return a number of the shape that the US administration issues."""
    return f"{rng.randrange(700, 900)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}"


def token(value: str) -> str:
    """Return the keyed hash that the export job ought to write instead of a value."""
    return hmac.new(_TOKEN_KEY, value.encode(), hashlib.sha256).hexdigest()


def bare_md5(value: str) -> str:
    """Return what somebody in a hurry wrote instead of a keyed hash."""
    return hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()


def masked_phone(number: str) -> str:
    """Return a telephone number of which only the ends can be read."""
    return f"{number[:4]}***{number[-2:]}"


def hex_id(rng: Random, digits: int) -> str:
    """Return so many hexadecimal digits, as run and session ids have."""
    return f"{rng.getrandbits(4 * digits):0{digits}x}"
