"""Vehicle identification numbers."""

from __future__ import annotations

from governance.detectors.base import WholeValue

_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", "123456781234579234567890123456789", strict=True)
)
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


class Vin(WholeValue):
    """The identification number of a vehicle.

    Why: registers tie it to the keeper.
    Source: ISO 3779; 49 CFR 565.15 (check digit in the ninth place, North America only, so a
    number whose check digit fails is kept as invalid).
    """

    id = "vin"
    entity = "VIN"
    shape = r"[A-HJ-NPR-Z0-9]{17}"

    def fits(self, text: str) -> bool | None:
        """Return whether the check digit holds."""
        total = sum(
            int(_VALUES[char]) * weight for char, weight in zip(text.upper(), _WEIGHTS, strict=True)
        )
        return text[8].upper() == "0123456789X"[total % 11]
