"""A street and a house number."""

from __future__ import annotations

from governance.detectors.base import WholeValue


class StreetAddress(WholeValue):
    """A street and a house number.

    Why: an address names a place until a person stands beside it; then it says where they live.
    Source: Universal Postal Union S42 (a thoroughfare and a premises number).
    """

    id = "street-address"
    entity = "STREET_ADDRESS"
    shape = r"(?=[^\n]*\d)(?=[^\n]*[^\W\d_]{2})[^\n\x00]{4,150}"
