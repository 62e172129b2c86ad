"""The number of a mobile device in networks of North America and Asia."""

from __future__ import annotations

from governance.detectors.base import WholeValue


class Meid(WholeValue):
    """The number of a mobile device, where the header asks for it.

    Why: it follows one phone, and its owner, through every network.
    Source: 3GPP2 S.R0048 (14 hexadecimal or 18 decimal digits); python-stdnum.
    """

    id = "meid"
    entity = "MEID"
    shape = r"[A-F][0-9A-F]{13}|\d{18}"

    def fits(self, text: str) -> bool | None:
        """Return whether the number's own rules hold."""
        from stdnum import meid

        return bool(meid.is_valid(text))
