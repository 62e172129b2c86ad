"""Presidio's pattern recognizers as detectors.

Their patterns and check digits are used directly, not through ``AnalyzerEngine``: that one
examines about 630 short cells a second, and on a runaway pattern it logs and goes on as if the
text were clean. A match whose check digits fail is kept as invalid instead of dropped, because
the verdict about a column needs the rate.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import regex

from governance.detectors.base import (
    Compiled,
    Found,
    is_separated,
    standing_apart,
    time_limit,
)
from governance.detectors.settling import Settled, bare_cards
from governance.detectors.vocabulary import GENERIC
from governance.model.evidence import Grade

if TYPE_CHECKING:
    import pyarrow as pa

# Those left out: e-mail, IBAN and phone have modules of their own in the library; dates, URLs
# and UUIDs are not findings by themselves; name recognition needs a model that is not shipped.
RECOGNIZERS = (
    "AbaRoutingRecognizer", "AuAbnRecognizer", "AuAcnRecognizer", "AuMedicareRecognizer",
    "AuTfnRecognizer", "CaPostalCodeRecognizer", "CaSinRecognizer", "CreditCardRecognizer",
    "CryptoRecognizer", "DeBsnrRecognizer", "DeFuehrerscheinRecognizer",
    "DeHandelsregisterRecognizer", "DeHealthInsuranceRecognizer", "DeIdCardRecognizer",
    "DeKfzRecognizer", "DeLanrRecognizer", "DePassportRecognizer", "DePlzRecognizer",
    "DeSocialSecurityRecognizer", "DeTaxIdRecognizer", "DeTaxNumberRecognizer",
    "DeVatIdRecognizer", "EsNieRecognizer", "EsNifRecognizer", "EsPassportRecognizer",
    "FiPersonalIdentityCodeRecognizer", "InAadhaarRecognizer", "InGstinRecognizer",
    "InPanRecognizer", "InPassportRecognizer", "InVehicleRegistrationRecognizer",
    "InVoterRecognizer", "IpRecognizer", "ItDriverLicenseRecognizer", "ItFiscalCodeRecognizer",
    "ItIdentityCardRecognizer", "ItPassportRecognizer", "ItVatCodeRecognizer",
    "KrBrnRecognizer", "KrDriverLicenseRecognizer", "KrFrnRecognizer", "KrPassportRecognizer",
    "KrRrnRecognizer", "MacAddressRecognizer", "MedicalLicenseRecognizer", "NgNinRecognizer",
    "NgVehicleRegistrationRecognizer", "NhsRecognizer", "PhPassportRecognizer",
    "PhTinRecognizer", "PhUmidRecognizer", "PlPeselRecognizer", "SeOrganisationsnummerRecognizer",
    "SePersonnummerRecognizer", "SgFinRecognizer", "SgUenRecognizer", "ThTninRecognizer",
    "TrLicensePlateRecognizer", "TrNationalIdRecognizer", "UkDrivingLicenceRecognizer",
    "UkNinoRecognizer", "UkPassportRecognizer", "UkPostcodeRecognizer",
    "UkVehicleRegistrationRecognizer", "UsBankRecognizer", "UsClaimNumberRecognizer",
    "UsHealthInsuranceMemberIdRecognizer", "UsItinRecognizer", "UsLicenseRecognizer",
    "UsMbiRecognizer", "UsNpiRecognizer", "UsPassportRecognizer", "UsPrescriptionNumberRecognizer",
    "UsPriorAuthorizationNumberRecognizer", "UsProviderTaxIdRecognizer",
    "UsReferralNumberRecognizer", "UsSsnRecognizer", "ZaCompanyRegistrationRecognizer",
    "ZaDriverLicenseRecognizer", "ZaIdNumberRecognizer", "ZaIncomeTaxNumberRecognizer",
    "ZaLicensePlateRecognizer", "ZaPassportRecognizer", "ZaTrafficRegisterNumberRecognizer",
    "ZaVatNumberRecognizer",
)  # fmt: skip

# A fitting match leaves no doubt unless its check digits fail.
CERTAIN = frozenset(
    {"CRYPTO", "DE_SOCIAL_SECURITY", "FI_PERSONAL_IDENTITY_CODE", "IP_ADDRESS",
     "IT_FISCAL_CODE", "MAC_ADDRESS", "UK_NINO"}
)  # fmt: skip
# Certain once its groups are kept apart; without separators a bare run of digits.
CERTAIN_WHEN_SEPARATED = frozenset({"US_ITIN", "US_MBI", "US_SSN"})
# NOTE: 43 % of random nine-digit numbers pass one of six national checks, so a pattern without
# check digits below this score is looked for only where the header asks.
REQUEST_SCORE = 0.35

# Their patterns have no edges, so that pieces of longer numbers would match.
WITHOUT_EDGES = frozenset({"MEDICAL_LICENSE"})

# Gates of patterns that are slow to search for, mostly for their long look-behinds. A gate lets
# through whatever its recognizer could match; what it holds is then decided by the recognizer.
CHEAP_GATES = {
    "IP_ADDRESS": r"\d\.\d{1,3}\.\d|::|(?:[0-9A-Fa-f]{1,4}:){3}",
    "MAC_ADDRESS": r"(?:[0-9A-Fa-f]{2}[:-]){5}|[0-9A-Fa-f]\.[0-9A-Fa-f]{4}\.",
    "US_CLAIM_NUMBER": r"(?i)claim|clm",
    "US_PRESCRIPTION_NUMBER": r"(?i)\brx|prescription",
    "US_PRIOR_AUTHORIZATION_NUMBER": r"(?i)auth|\bpa-?\d",
    "US_PROVIDER_TAX_ID": r"(?i)provider|\d{2}-\d{7}",
    "US_REFERRAL_NUMBER": r"(?i)referral|\bref-?\d|\binf-?\d",
    "US_SSN": r"\b(?:\d{9}|\d{3}[- .]\d{2}[- .]\d{4}|\d{5}-\d{4}|\d{3}-\d{6})\b",
}

Recognizer = Any  # Presidio ships no types

# Words beside a match that corroborate, besides Presidio's own.
MORE_WORDS = {
    "IP_ADDRESS": ("dns", "ping", "host", "client", "remote", "address"),
    "CREDIT_CARD": ("paid", "payment", "account"),
}

# All other patterns hold at least one digit.
WITHOUT_DIGITS = frozenset({"IP_ADDRESS", "MAC_ADDRESS"})

_COUNTRY = {"uk": "GB"}
# As cards print them; other groups of as many digits pass Luhn's check one time in ten.
_CARD_GROUPS = regex.compile(
    r"\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5}"
)
_ZIP_PLUS_FOUR = regex.compile(r"\d{5}-\d{4}|\d{3}-\d{6}")


class PresidioDetector:
    """One of Presidio's recognizers, read through its patterns and its validation."""

    is_trusted = True

    def __init__(self, recognizer: Recognizer) -> None:
        self.recognizer = recognizer
        self.entity: str = recognizer.supported_entities[0]
        self.id = "presidio-" + self.entity.lower().replace("_", "-")
        code = type(recognizer).COUNTRY_CODE
        self.countries = frozenset({_COUNTRY.get(code, code.upper())} if code else ())
        self.words = tuple(
            word.lower() for word in recognizer.context or () if word.lower() not in GENERIC
        )
        self.words += MORE_WORDS.get(self.entity, ())
        self.needs_digit = self.entity not in WITHOUT_DIGITS
        best = max(pattern.score for pattern in recognizer.patterns)
        self.on_request = best < REQUEST_SCORE and not self._is_checked()
        self._patterns: tuple[Compiled, ...] = tuple(
            regex.compile(self._edged(pattern.regex), recognizer.global_regex_flags)
            for pattern in recognizer.patterns
            if self._is_checked() or not _is_noise(pattern.score, best)
        )
        cheap = CHEAP_GATES.get(self.entity)
        self.gates = (regex.compile(cheap),) if cheap else self._patterns

    def find(self, text: str) -> Iterator[Found]:
        """Yield every match with what its check digits say."""
        for pattern in self._patterns:
            for match in pattern.finditer(text, timeout=time_limit(text)):
                if match.group():
                    found = self._judge(text, match.start(), match.end())
                    if found:
                        yield found

    def settle(self, texts: pa.Array) -> Settled:
        """Decide bare payment cards all at once."""
        return bare_cards(texts) if self.entity == "CREDIT_CARD" else {}

    def _edged(self, pattern: str) -> str:
        return rf"\b(?:{pattern})\b" if self.entity in WITHOUT_EDGES else pattern

    def _judge(self, text: str, start: int, end: int) -> Found | None:
        value = text[start:end]
        if self.recognizer.invalidate_result(value):
            return None
        checksum = self.recognizer.validate_result(value)
        if checksum is False:
            return Found(start, end, Grade.INVALID, False)
        grade = Grade.STRONG if self._is_certain(text, start, end, checksum) else Grade.WEAK
        return Found(start, end, grade, checksum)

    def _is_certain(self, text: str, start: int, end: int, checksum: bool | None) -> bool:
        value = text[start:end]
        if not standing_apart(text, start, end):
            return False
        if self.entity == "IP_ADDRESS":
            return not _is_network(value) and not _looks_like_version(text, start, value)
        if self.entity in CERTAIN:
            return True
        if self.entity in CERTAIN_WHEN_SEPARATED:
            return is_separated(value) and not _ZIP_PLUS_FOUR.fullmatch(value)
        if self.entity == "CREDIT_CARD" and not _CARD_GROUPS.fullmatch(value):
            return False
        return checksum is True and is_separated(value)

    def _is_checked(self) -> bool:
        from presidio_analyzer import PatternRecognizer

        own, base = type(self.recognizer), PatternRecognizer
        return own.validate_result is not base.validate_result or bool(
            own.invalidate_result is not base.invalidate_result
        )


@lru_cache(maxsize=1)
def presidio_detectors() -> tuple[PresidioDetector, ...]:
    """Return a detector for every recognizer above (they hold no state between texts)."""
    silence_presidio()
    from presidio_analyzer import predefined_recognizers

    return tuple(PresidioDetector(getattr(predefined_recognizers, name)()) for name in RECOGNIZERS)


def silence_presidio() -> None:
    """Switch Presidio's log off: its IBAN recognizer writes rejected values into it."""
    logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL + 1)


def _is_noise(score: float, best: float) -> bool:
    """A pattern far below its recognizer's best says nothing that a header could confirm."""
    return score < 0.05 <= best


def _looks_like_version(text: str, start: int, value: str) -> bool:
    """Four single digits, or a version word in front, are a version rather than an address."""
    before = text[max(0, start - 10) : start].lower()
    if regex.search(r"(?:\bv|version|release|ver)[\s.:=]*$", before):
        return True
    parts = value.split(".")
    return (len(parts) == 4 and all(len(part) == 1 for part in parts)) or _is_nobody(value)


def _is_network(value: str) -> bool:
    """A range of addresses, as 10.0.0.0/24, is nobody's; one of a single address is an address."""
    _, slash, size = value.partition("/")
    return bool(slash) and size not in ("32", "128")


def _is_nobody(value: str) -> bool:
    """Loopback, unspecified, multicast and masks belong to no person."""
    return value in {"::", "::1", "255.255.255.255"} or value.startswith(("127.", "0.", "255."))
