"""A word for gender or sex."""

from __future__ import annotations

from governance.detectors.base import WholeValue

_LETTERS = "m f w d x i u"
_ENGLISH = (
    "male|female|man|woman|men|women|boy|girl|other|unknown|divers|diverse|agender|bigender|"
    "genderqueer|genderfluid|polygender|transgender|trans|intersex|non[- ]?binary|"
    "non[- ]?conforming|prefer not to say|not specified"
)
_OTHERS = (
    "m[aä]nnlich|weiblich|mann|frau|herr|homme|femme|masculin|f[eé]minin|hombre|mujer|"
    "masculino|femenino"
)


class Gender(WholeValue):
    """A word or letter for gender or sex.

    Why: a quasi-identifier, and sensitive where it differs from expectation.
    Source: ISO/IEC 5218 and the self-descriptions that forms offer.
    """

    id = "gender"
    entity = "GENDER"
    shape = f"{_LETTERS.replace(' ', '|')}|{_ENGLISH}|{_OTHERS}"
