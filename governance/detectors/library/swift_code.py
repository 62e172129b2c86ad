"""The business identifier code of a bank."""

from __future__ import annotations

from governance.detectors.base import WholeValue


class SwiftCode(WholeValue):
    """The business identifier code of a bank.

    Why: beside an account number it completes the bank details.
    Source: ISO 9362; python-stdnum.
    """

    id = "swift-code"
    entity = "SWIFT_CODE"
    shape = r"[a-z]{6}[a-z0-9]{2}(?:[a-z0-9]{3})?"

    def fits(self, text: str) -> bool | None:
        """Return whether the number's own rules hold."""
        from stdnum import bic

        return bool(bic.is_valid(text))
