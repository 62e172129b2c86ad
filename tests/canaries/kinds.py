"""Canaries: made-up values of many entities, each grown for the one place it is planted in.

A leak then tells where it came from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from stdnum import iban, imsi, luhn
from stdnum.de import idnr
from stdnum.es import nif
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel

from governance.detectors.library.vin import Vin

ROWS = 4
COUNTRIES = ("DE", "ES", "FR", "GB", "IN", "IT", "NL", "PL", "US")
SHORTEST = 8

_LETTERS = "BCDFGHJKLMNPRSTVWXZ"
_ALPHABETS = {
    "#": "123456789",
    "?": _LETTERS,
    "*": f"{_LETTERS}{_LETTERS.lower()}23456789",
    "^": "ABCDEFGHJKLMNPQRSTUVWXYZ234567",
    "&": "0123456789abcdef",
    "~": [
        "bra",
        "dol",
        "fen",
        "gri",
        "hul",
        "jas",
        "kem",
        "lor",
        "mip",
        "nuv",
        "quo",
        "rud",
        "sil",
        "tov",
        "vex",
        "wim",
        "yar",
        "zet",
    ],
}
_DRAWN = re.compile(r"([#?*^&~])(?:<(\d+)>)?")


@dataclass(frozen=True, slots=True)
class Kind:
    """One entity and how a value of it is made.

    Args:
        header: The column that holds it.
        shape: ``#`` is a digit, ``?`` a capital, ``*`` either or a small letter, ``^`` a letter or
            digit of base 32, ``&`` of base 16, ``~`` a syllable; ``#<4>`` four of them.
        check: Whether the check digits hold. words: The values there are, instead of a shape.
        around: The cell that it stands in. detail: The kind of a secret.
        in_text: Whether a line of text shows it without any header.
    """

    entity: str
    header: str
    shape: str = ""
    check: Callable[[str], bool] = bool
    words: tuple[str, ...] = ()
    around: str = "%s"
    detail: str | None = None
    in_text: bool = False

    @property
    def label(self) -> str:
        """The entity, with the kind of a secret."""
        return f"{self.entity} ({self.detail})" if self.detail else self.entity


@dataclass(frozen=True, slots=True)
class Canary:
    """A value, and where it was planted."""

    label: str
    planted: str
    value: str = field(repr=False)


@dataclass
class Garden:
    """Grows canaries and remembers them; none grows twice but the words of a closed list."""

    canaries: list[Canary] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)

    def grow(self, label: str, planted: str) -> str:
        """Return a cell with a new canary of a kind, planted somewhere."""
        kind = KINDS[label]
        draw = Random(f"{label} {len(self.canaries)}")
        value = next(each for each in _values(kind, draw) if kind.words or each not in self._taken)
        assert len(value) >= SHORTEST, label
        self._taken.add(value)
        self.canaries.append(Canary(label, planted, value))
        return kind.around % value

    def table(self, planted: str, labels: Iterable[str] = ()) -> dict[str, list[str]]:
        """Return a table with a column of each kind, or of some."""
        return {
            KINDS[label].header: [self.grow(label, planted) for _ in range(ROWS)]
            for label in labels or KINDS
        }


def _values(kind: Kind, draw: Random) -> Iterable[str]:
    def drawn(match: re.Match[str]) -> str:
        return "".join(draw.choices(_ALPHABETS[match[1]], k=int(match[2] or 1)))

    while True:
        value = draw.choice(kind.words) if kind.words else _DRAWN.sub(drawn, kind.shape)
        if kind.check(value):
            yield value


def _secret(detail: str, header: str, shape: str, around: str = "%s") -> Kind:
    return Kind("SECRET", header, shape, around=around, detail=detail, in_text=True)


# NOTE: a prefix that scanners of repositories look for is written in two parts.
_SECRETS = (
    _secret("aws-access-key-id", "aws_key", "AK" "IA^<16>"),
    _secret("aws-secret-access-key", "aws_line", "*<40>", "aws_secret_access_key=%s"),
    _secret("gcp-api-key", "maps_key", "AI" "za*<35>"),
    _secret("github-token", "deploy_token", "gh" "p_*<36>"),
    _secret("gitlab-token", "runner_token", "gl" "pat-*<20>"),
    _secret("slack-token", "bot_token", "xo" "xb-#<12>-*<24>"),
    _secret("stripe-key", "billing_key", "sk" "_live_*<24>"),
    _secret("json-web-token", "session", "ey" "J*<33>.ey" "J*<40>.*<43>"),
    _secret("private-key", "pem", "MIIEv*<59>", "-----BEGIN PRIVATE KEY-----\n%s"),
    _secret("password-in-url", "dsn", "~~-~~-##", "postgres://svc:%s@db.example.org/main"),
    _secret("password", "config_line", "~~.~~.##", "password=%s"),
    _secret("generic-secret", "client_line", "*<12>7*<12>", "client_secret: %s"),
)  # fmt: skip

_PERSONAL = (
    Kind("EMAIL_ADDRESS", "email", "~~.~~@~~~.example.org", in_text=True),
    Kind("PHONE_NUMBER", "phone", "+1 202 555 01##", in_text=True),
    Kind("CREDIT_CARD", "card_number", "4539 #<4> #<4> #<4>",
         lambda text: bool(luhn.is_valid(text.replace(" ", ""))), in_text=True),
    Kind("IBAN_CODE", "iban", "DE##37#<4>44#<10>", iban.is_valid, in_text=True),
    Kind("SWIFT_CODE", "bic", "QXZVDEFF#<3>"),
    Kind("US_SSN", "ssn", "53#-##-#<4>", in_text=True),
    Kind("US_PASSPORT", "us_passport_number", "#<9>"),
    Kind("US_ITIN", "itin", "9##-7#-#<4>"),
    Kind("US_DRIVER_LICENSE", "us_driver_license", "?#<12>"),
    Kind("DE_TAX_ID", "steuer_id", "#<11>", idnr.is_valid),
    Kind("UK_NHS", "nhs_number", "#<10>", nhs.is_valid),
    Kind("UK_NINO", "national_insurance_number", "JG#<6>C", in_text=True),
    Kind("PL_PESEL", "pesel", "##0#1##<5>", pesel.is_valid),
    Kind("IN_AADHAAR", "aadhaar_number", "4#<11>", aadhaar.is_valid),
    Kind("IN_PAN", "pan", "???P?#<4>?"),
    Kind("ES_NIF", "nif", "#<8>?", nif.is_valid),
    Kind("FR_NIR", "nir", "2##0#75#<8>", nir.is_valid),
    Kind("IT_FISCAL_CODE", "codice_fiscale", "??????##H1#H501?", codicefiscale.is_valid),
    Kind("NL_BSN", "bsn", "#<9>", bsn.is_valid),
    Kind("PERSON", "full_name", words=tuple(
        f"{first} {last}" for first in ("Ottoline", "Thaddeus", "Rosalind", "Henrietta")
        for last in ("Vandersloot", "Abernathy", "Castellanos", "Lindqvist", "Thornbury")),
    ),
    Kind("STREET_ADDRESS", "street", "Löwenzahn-~~-Straße ##"),
    Kind("DATE_OF_BIRTH", "date_of_birth", "19##-0#-1#"),
    Kind("GEO_COORDINATES", "coordinates", "52.#<6>,13.#<6>"),
    Kind("USERNAME", "username", "~~~_##"),
    Kind("IP_ADDRESS", "client_ip", "203.0.113.1##", in_text=True),
    Kind("MAC_ADDRESS", "mac_address", "3c:5&:#&:#&:#&:#&", in_text=True),
    Kind("IMEI", "imei", "35#<13>", luhn.is_valid),
    Kind("IMSI", "imsi", "26202#<10>", imsi.is_valid),
    Kind("VIN", "vin", "?<8>#K#<7>", lambda text: bool(Vin().fits(text))),
    Kind("COOKIE_ID", "cookie_id", "GA1.2.#<10>.#<10>"),
    Kind("DEVICE_ID", "advertising_id", "&<8>-&<4>-&<4>-&<4>-&<12>"),
    Kind("PERSONAL_URL", "link", "~~~-###", around="https://shop.example.org/?user_id=%s",
         in_text=True),
    Kind("RELIGION", "religion",
         words=("zoroastrian", "presbyterian", "pentecostal", "episcopalian")),
    Kind("SEXUAL_ORIENTATION", "sexual_orientation",
         words=("heterosexual", "homosexual", "demisexual", "pansexual", "questioning")),
    Kind("ETHNICITY", "ethnicity", words=("pacific islander", "bangladeshi", "first nations")),
    Kind("POLITICAL_OPINION", "political_opinion",
         words=("very conservative", "strongly liberal", "sozialdemokratisch")),
)  # fmt: skip

KINDS = {kind.label: kind for kind in (*_PERSONAL, *_SECRETS)}
