"""A word for a sexual orientation."""

from __future__ import annotations

from governance.detectors.base import WholeValue

_WORDS = (
    "hetero(?:sexual|sexuell|sexuel(?:le)?)?|hétérosexuel(?:le)?|straight|"
    "homo(?:sexual|sexuell|sexuel(?:le)?)|gay|lesbian|lesbisch|lesbienne|lesbiana|schwul|"
    "bi(?:sexual|sexuell|sexuel(?:le)?)|pan(?:sexual|sexuell|sexuel(?:le)?)|"
    "a(?:sexual|sexuell|sexuel(?:le)?)|demisexual|queer|questioning"
)


class SexualOrientation(WholeValue):
    """A word for a sexual orientation.

    Why: a special category of personal data (GDPR Art. 9).
    Source: the self-descriptions that surveys offer, in English, German, French and Spanish.
    """

    id = "sexual-orientation"
    entity = "SEXUAL_ORIENTATION"
    shape = _WORDS
    on_request = False
