"""The grounds on which special categories may be processed: GDPR Article 9(2), in our own words."""

from __future__ import annotations

import re

from governance.model.placeholders import is_blank

SPECIAL_GROUNDS = {
    "explicit_consent": "a",
    "employment_law": "b",
    "vital_interests": "c",
    "not_for_profit_body": "d",
    "made_public": "e",
    "legal_claims": "f",
    "substantial_public_interest": "g",
    "health_care": "h",
    "public_health": "i",
    "research_or_archiving": "j",
}
"""Each ground, with its letter in Article 9(2)."""

_OTHER = "other"
_WORD = re.compile(r"\s*([a-z]+(?:[_ -][a-z]+)*)\s*(?:[:,(].*)?", re.IGNORECASE | re.DOTALL)
_ARTICLE = re.compile(
    r"(?:gdpr|dsgvo)?[\s:,]*art(?:icle|ikel|\.)?\s*9\s*(?:\(2\)|[.]2|abs(?:\.|atz)?\s*2)[\s,.]*"
    r"(?:\(?([a-z])\)?|(?:lit\.?|letter|buchst\.?)\s*([a-z])\)?)(?![a-z0-9]).*",
    re.IGNORECASE | re.DOTALL,
)


def is_special_ground(text: str | None) -> bool:
    """Return whether a text names a ground of GDPR Article 9(2), or of another law.

    It begins with a word of ``SPECIAL_GROUNDS`` (``employment_law: SGB IX 164``), or cites the
    letter (``Art. 9(2)(b) GDPR``), or begins with ``other`` and names a provision by its number
    (``other: FADP Art. 31``).
    """
    if text is None or is_blank(text):
        return False
    if cited := _ARTICLE.fullmatch(text.strip()):
        return (cited[1] or cited[2]).lower() in SPECIAL_GROUNDS.values()
    said = _WORD.fullmatch(text)
    word = re.sub(r"[ -]", "_", said[1].lower()) if said else ""
    if word == _OTHER:
        rest = text.partition(":")[2]
        return not is_blank(rest) and any(map(str.isdigit, rest))
    return word in SPECIAL_GROUNDS
