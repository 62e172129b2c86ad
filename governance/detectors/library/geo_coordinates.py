"""Latitude, longitude or a pair of them."""

from __future__ import annotations

from governance.detectors.base import WholeValue


class GeoCoordinates(WholeValue):
    """Latitude, longitude or a pair of them.

    Why: beside a person it tells where they live or were.
    Source: ISO 6709 (decimal degrees).
    """

    id = "geo-coordinates"
    entity = "GEO_COORDINATES"
    shape = (
        r"[\[(]?[-+]?(?:180|1[0-7]\d|\d{1,2})\.\d{2,}°?[NSEW]?(?:[,;\s]+[-+]?(?:180|1[0-7]"
        r"\d|\d{1,2})\.\d{2,}°?[NSEW]?)?[\])]?"
    )
