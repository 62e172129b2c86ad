"""A statement about somebody's health."""

from __future__ import annotations

from governance.detectors.base import WholeValue


class Health(WholeValue):
    """A diagnosis, disability, allergy, medication or blood group, where the header asks for it.

    Why: a special category of personal data (GDPR Art. 9).
    Source: the words of columns in records of care; ICD-10 codes as WHO writes them.
    """

    id = "health"
    entity = "HEALTH"
    shape = r"[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?|(?:0|a|b|ab|o)[+-]|[^\W\d_][^\n]{1,300}"
