"""Names of persons and places in text, by the compact model that ships with the tool.

The model is trained by the project itself (``training/``, with its figures in the model card). It
is a basic one: what it does not find may still be there. Names are decided for a column, never for
a cell, see ``conclude.py``; a short cell is read behind its header, which tells a surname from a
town.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from governance.detectors.headers import tokens_of
from governance.detectors.introductions import enumerated, introduced

if TYPE_CHECKING:
    from spacy.language import Language

MODEL = Path(__file__).parent / "name_model"
ENTITIES = {
    "LOCATION": "LOCATION",
    "PERSON": "PERSON",
    "PER": "PERSON",
    "LOC": "LOCATION",
    "GPE": "LOCATION",
}
# A cell of this length or less is read behind its header.
CELL_CHARS, CELL_WORDS = 60, 6
# A text is read in pieces, so that memory stays bounded; a name on a seam is in both.
PIECE_CHARS, PIECE_OVERLAP = 4000, 100
_BATCH = 128
_NAME = re.compile(r"[^\W\d_][^\W\d_.'’\-]*(?:[ .'’,\-]{1,2}[^\W\d_][^\W\d_.'’\-]*){0,5}\.?")
# A place may have a number behind it: of a house, or of a district.
_PLACE = re.compile(rf"{_NAME.pattern}(?: \d{{1,4}}[A-Za-z]?)?")
_CHARACTER = r"""[^\s{}\[\]()<>"',;]"""
# Addresses, paths, calls, keys and the stamps and levels in front of a log's message. Plain small
# numbers stay: they tell a street from a surname.
# What a name is made of at least: a piece without it is not read.
_WORD = re.compile(r"[^\W\d_]{2}")
_MASKED = re.compile(
    rf"{_CHARACTER}{{0,64}}[@/\\_=|#*]{_CHARACTER}*|\b\w+(?=\()|<[^<>\n]{{1,80}}>|\b\w{{1,64}}(?:\.\w+)+{_CHARACTER}*|"
    r"\b(?=\w*\d)(?=\w*[^\W\d])\w{5,}\b|\d{4}-\d\d-\d\d\S*|\b\d{1,2}:\d\d(?::\d\d)?\S*|\b\d{6,}\b|"
    r"\b[A-Z]{2,}:|\b(?:DEBUG|INFO|WARN|WARNING|ERROR|FATAL|TRACE|CRITICAL)\b"
)


Labelled = tuple[str, int, int]


class NamedFound(NamedTuple):
    """A name in a text: PERSON or LOCATION, and where it stands."""

    entity: str
    start: int
    end: int


class NameFinder(Protocol):
    """Finds names in the values of one column."""

    def find(self, texts: Sequence[str], header: str) -> list[tuple[NamedFound, ...]]: ...


class ModelNames(ABC):
    """Names by a model, and those that a text itself introduces."""

    @abstractmethod
    def labelled(self, texts: Iterable[str]) -> Iterator[Sequence[Labelled]]:
        """Yield, for each text, label, start and end of every span that the model finds."""

    def find(self, texts: Sequence[str], header: str) -> list[tuple[NamedFound, ...]]:
        """Return the names in each text, in the order of their places.

        Args:
            header: The column's name; empty where there is none.
        """
        head = " ".join(tokens_of(header)[:6])
        pieces = [piece for number, text in enumerate(texts) for piece in _cut(number, text, head)]
        found: list[set[NamedFound]] = [set() for _ in texts]
        spans = self.labelled(piece.read for piece in pieces)
        for piece, labelled in zip(pieces, spans, strict=True):
            for label, first, last in labelled:
                entity = ENTITIES.get(label)
                start, end = first - piece.head, last - piece.head
                name = piece.text[max(0, start) : max(0, end)]
                fits = _PLACE if entity == "LOCATION" else _NAME
                if entity and start >= 0 and fits.fullmatch(name):
                    found[piece.owner].add(
                        NamedFound(entity, start + piece.offset, end + piece.offset)
                    )
        for text, names in zip(texts, found, strict=True):
            _add_said(text, names)
        return [tuple(sorted(each, key=lambda name: (name.start, name.end))) for each in found]


class CompactModel(ModelNames):
    """The model that ships with the tool, or any other pipeline of spaCy.

    Args:
        nlp: A pipeline that sets ``doc.ents``.
    """

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp

    def labelled(self, texts: Iterable[str]) -> Iterator[Sequence[Labelled]]:
        for doc in self._nlp.pipe(texts, batch_size=_BATCH):
            yield [(span.label_, span.start_char, span.end_char) for span in doc.ents]


def _add_said(text: str, names: set[NamedFound]) -> None:
    """Add the names that the text itself introduces or enumerates."""
    said = list(introduced(text))
    for name in [each for each in names if each.entity == "PERSON"]:
        said += enumerated(text, name.start, name.end)
    for start, end in said:
        touching = {each for each in names if each.start < end and start < each.end}
        if all(each.entity != "PERSON" for each in touching):
            names -= touching
            names.add(NamedFound("PERSON", start, end))


@lru_cache(maxsize=1)
def bundled() -> NameFinder:
    """Return the bundled model; nothing is downloaded, and it takes about a second to load."""
    import spacy

    return CompactModel(spacy.load(MODEL))


class _Piece(NamedTuple):
    owner: int
    offset: int
    text: str
    read: str
    head: int


def _cut(owner: int, text: str, head: str) -> Iterator[_Piece]:
    if len(text) <= CELL_CHARS and text.count(" ") < CELL_WORDS:
        front = f"{head}: " if head else ""
        yield _Piece(owner, 0, text, front + text, len(front))
        return
    for offset in range(0, max(1, len(text) - PIECE_OVERLAP), PIECE_CHARS - PIECE_OVERLAP):
        piece = text[offset : offset + PIECE_CHARS]
        if not _WORD.search(piece):
            continue
        # NOTE: masked with as many characters, so that every name keeps its place.
        yield _Piece(owner, offset, piece, _MASKED.sub(lambda hit: "-" * len(hit[0]), piece), 0)
