"""A person's age in years."""

from __future__ import annotations

from governance.detectors.base import WholeValue


class Age(WholeValue):
    """A person's age in years.

    Why: with place and gender an age singles people out (a quasi-identifier).
    Source: GDPR recital 26; ages above 120 are not plausible.
    """

    id = "age"
    entity = "AGE"
    shape = r"(?:\d{1,2}|1[01]\d|120)(?:\.\d+)?(?:\s?(?:-|to|bis)\s?\d{1,3})?\+?"
