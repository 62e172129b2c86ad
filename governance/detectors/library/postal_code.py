"""A postal code."""

from __future__ import annotations

from governance.detectors.base import WholeValue


class PostalCode(WholeValue):
    """A postal code.

    Why: beside a person it narrows down where they live (a quasi-identifier).
    Source: Universal Postal Union addressing formats (3 to 10 characters, one digit at least).
    """

    id = "postal-code"
    entity = "POSTAL_CODE"
    shape = r"(?=[^\n]{0,9}\d)[a-z0-9](?:[a-z0-9]|[ -](?=[a-z0-9])){2,9}"
