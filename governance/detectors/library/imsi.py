"""The number of a subscriber in mobile networks."""

from __future__ import annotations

from governance.detectors.base import WholeValue


class Imsi(WholeValue):
    """The number of a subscriber in mobile networks, where the header asks for it.

    Why: it names one SIM card, and its owner, in every network.
    Source: ITU-T E.212 (country, network and subscriber); python-stdnum.
    """

    id = "imsi"
    entity = "IMSI"
    shape = r"\d{14,15}"

    def fits(self, text: str) -> bool | None:
        """Return whether country and network exist."""
        from stdnum import imsi

        return bool(imsi.is_valid(text))
