"""What a column's name asks for: whole tokens of the languages in ``vocabulary.py``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from unicodedata import normalize

from governance.detectors.vocabulary import GENERIC, PHRASES

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")
_FOLD = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "é": "e",
        "è": "e",
        "ê": "e",
        "á": "a",
        "à": "a",
        "í": "i",
        "ó": "o",
        "ú": "u",
        "ñ": "n",
        "ç": "c",
        **dict(
            zip(
                "åãâîôûìòùïëõøæęąłśźżćńýčšžřěů",
                [
                    "a",
                    "a",
                    "a",
                    "i",
                    "o",
                    "u",
                    "i",
                    "o",
                    "u",
                    "i",
                    "e",
                    "o",
                    "oe",
                    "ae",
                    "e",
                    "a",
                    "l",
                    "s",
                    "z",
                    "z",
                    "c",
                    "n",
                    "y",
                    "c",
                    "s",
                    "z",
                    "r",
                    "e",
                    "u",
                ],
                strict=True,
            )
        ),
    }
)


@lru_cache(maxsize=4096)
def tokens_of(header: str) -> tuple[str, ...]:
    """Return the lower-case words of a header: ``customerEMail_1`` gives customer, e, mail, 1."""
    words = (
        word.lower().translate(_FOLD) for word in _BOUNDARY.split(normalize("NFC", header[:200]))
    )
    return tuple(word for word in words if word)


def matches_phrase(tokens: tuple[str, ...], phrase: str) -> tuple[int, int] | None:
    """Return where a phrase stands in the tokens (start, end), or None; glued words count."""
    words = tuple(phrase.split())
    for start in range(len(tokens) - len(words) + 1):
        if tokens[start : start + len(words)] == words:
            return start, start + len(words)
    glued = "".join(words)
    if len(words) > 1 and glued in tokens:
        at = tokens.index(glued)
        return at, at + 1
    return None


class HeaderWords:
    """The phrases by which headers ask for entities, found by their first word.

    Args:
        extra: More phrases by entity, as pattern detectors bring them.
    """

    def __init__(self, extra: Mapping[str, Iterable[str]] | None = None) -> None:
        self._phrases: dict[str, set[tuple[str, str]]] = {}
        for entity, phrases in _all_phrases(extra):
            for phrase in phrases:
                if phrase not in GENERIC:
                    for first in {phrase.partition(" ")[0], phrase.replace(" ", "")}:
                        self._phrases.setdefault(first, set()).add((entity, phrase))

    def asked(self, header: str) -> frozenset[str]:
        """Return the entities that a header asks for; the longest phrase at a token wins."""
        tokens = tokens_of(header)
        wanted = {each for token in tokens for each in self._phrases.get(token, ())}
        found = [
            (*place, entity)
            for entity, phrase in wanted
            if (place := matches_phrase(tokens, phrase)) is not None
        ]
        return frozenset(
            entity
            for start, end, entity in found
            if not any((s <= start and end <= e) and (e - s > end - start) for s, e, _ in found)
        )


def asked_entities(header: str, extra: Mapping[str, Iterable[str]] | None = None) -> frozenset[str]:
    """Return the entities that one header asks for, see ``HeaderWords``."""
    return HeaderWords(extra).asked(header)


def _all_phrases(
    extra: Mapping[str, Iterable[str]] | None,
) -> Iterable[tuple[str, tuple[str, ...]]]:
    yield from PHRASES.items()
    for entity, phrases in (extra or {}).items():
        yield entity, tuple(" ".join(tokens_of(phrase)) for phrase in phrases if phrase.strip())
