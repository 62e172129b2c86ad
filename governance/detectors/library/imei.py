"""The number of a mobile device."""

from __future__ import annotations

from governance.detectors.base import WholeValue


class Imei(WholeValue):
    """The number of a mobile device.

    Why: it follows one phone, and its owner, through every network.
    Source: 3GPP TS 23.003 (15 digits, Luhn); python-stdnum.
    """

    id = "imei"
    entity = "IMEI"
    shape = r"\d{15}|\d{2}-\d{6}-\d{6}-\d"

    def fits(self, text: str) -> bool | None:
        """Return whether the number's own rules hold."""
        from stdnum import imei

        return bool(imei.is_valid(text))
