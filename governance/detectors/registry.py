"""The detectors there are, in an explicit order."""

from __future__ import annotations

from collections.abc import Callable

from governance.detectors.base import Detector
from governance.detectors.library.age import Age
from governance.detectors.library.card_shape import CardShape
from governance.detectors.library.cookie_id import CookieId
from governance.detectors.library.date_of_birth import DateOfBirth
from governance.detectors.library.date_time import DateTime
from governance.detectors.library.device_id import DeviceId
from governance.detectors.library.email_address import EmailAddress
from governance.detectors.library.ethnicity import Ethnicity
from governance.detectors.library.gender import Gender
from governance.detectors.library.geo_coordinates import GeoCoordinates
from governance.detectors.library.health import Health
from governance.detectors.library.iban_code import IbanCode
from governance.detectors.library.imei import Imei
from governance.detectors.library.imsi import Imsi
from governance.detectors.library.meid import Meid
from governance.detectors.library.password_value import PasswordValue
from governance.detectors.library.person_name import PersonName
from governance.detectors.library.phone_digits import PhoneDigits
from governance.detectors.library.phone_number import PhoneNumber
from governance.detectors.library.political_opinion import PoliticalOpinion
from governance.detectors.library.postal_code import PostalCode
from governance.detectors.library.religion import Religion
from governance.detectors.library.sexual_orientation import SexualOrientation
from governance.detectors.library.street_address import StreetAddress
from governance.detectors.library.street_in_text import StreetInText
from governance.detectors.library.swift_code import SwiftCode
from governance.detectors.library.trade_union import TradeUnion
from governance.detectors.library.username import Username
from governance.detectors.library.vin import Vin

# Sorted by id. Presidio's recognizers are listed in presidio.py, patterns in the packs.
DETECTORS: tuple[Callable[[], Detector], ...] = (
    Age,
    CardShape,
    CookieId,
    DateOfBirth,
    DateTime,
    DeviceId,
    EmailAddress,
    Ethnicity,
    Gender,
    GeoCoordinates,
    Health,
    IbanCode,
    Imei,
    Imsi,
    Meid,
    PasswordValue,
    PersonName,
    PhoneDigits,
    PhoneNumber,
    PoliticalOpinion,
    PostalCode,
    Religion,
    SexualOrientation,
    StreetAddress,
    StreetInText,
    SwiftCode,
    TradeUnion,
    Username,
    Vin,
)
