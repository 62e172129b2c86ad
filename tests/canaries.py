"""Canaries: values of many entities, made up, that no output may hold in any disguise.

Each is grown for the one place in which it is planted, so that a leak tells where it came from.
"""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from urllib.parse import quote, quote_plus

import polars as pl
from stdnum import iban, luhn, verhoeff
from stdnum.de import idnr
from stdnum.es import dni
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE62 = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_SYLLABLES = "bra dol fen gri hul jas kem lor mip nuv pax quo rud sil tov vex wim yar zet".split()
_FIRST = "Ottoline Thaddeus Rosalind Bartholomew Henrietta Leopold Marguerite Augustus".split()
_SHORTEST = 8
_SHORTEST_SQUEEZED = 10
_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Kind:
    """One entity and how a value of it is made.

    Args:
        header: The column that holds it. make: A new value.
        around: The cell that it stands in.
        detail: The kind of a secret.
        in_text: Whether a line of a log shows it without a header.
    """

    entity: str
    header: str
    make: Callable[[Random], str]
    around: str = "{}"
    detail: str | None = None
    in_text: bool = False

    @property
    def label(self) -> str:
        return f"{self.entity} ({self.detail})" if self.detail else self.entity


@dataclass(frozen=True, slots=True)
class Canary:
    """A value, and where it was planted."""

    kind: Kind
    planted: str
    value: str

    @property
    def cell(self) -> str:
        return self.kind.around.format(self.value)


@dataclass
class Garden:
    """Grows canaries, none of them twice, and remembers them all."""

    canaries: list[Canary] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)

    def grow(self, kind: Kind, planted: str) -> Canary:
        draw = Random(f"{kind.label} {len(self.canaries)}")
        for _ in range(200):
            value = kind.make(draw)
            if value not in self._taken or kind.make in _WORDS:
                break
        assert len(value) >= _SHORTEST, kind.label
        self._taken.add(value)
        self.canaries.append(Canary(kind, planted, value))
        return self.canaries[-1]

    def table(self, planted: str, rows: int = 4) -> dict[str, list[str]]:
        """Return a table with a column of every kind."""
        return {
            kind.header: [self.grow(kind, planted).cell for _ in range(rows)] for kind in KINDS
        }


def disguises(value: str) -> Iterator[tuple[str, bytes]]:
    """Yield a value in every form that an output could show it in; letter case left aside."""
    plain = value.encode()
    yield "plain", plain
    yield "reversed", value[::-1].encode()
    yield "without separators", _SEPARATORS.sub("", value).encode()
    yield "upper case", value.upper().encode()
    yield "lower case", value.lower().encode()
    yield "decomposed", unicodedata.normalize("NFD", value).encode()
    yield "Latin-1", value.encode("latin-1", "replace")
    yield "hexadecimal", plain.hex().encode()
    for encoding in ("utf-16-le", "utf-16-be"):
        yield "UTF-16", value.encode(encoding)
        yield "hexadecimal UTF-16", value.encode(encoding).hex().encode()
    yield "in a URL", quote(value, safe="").encode()
    yield "in a URL", quote(value).encode()
    yield "in a URL", quote_plus(value).encode()
    yield "in JSON", json.dumps(value)[1:-1].encode()
    yield "in HTML", html.escape(value).encode()
    yield "as a Python literal", ascii(value)[1:-1].encode()
    for offset in range(3):
        yield "base64", _base64(plain, offset)
        yield "base64", _base64(plain, offset).translate(bytes.maketrans(b"+/", b"-_"))


def _base64(plain: bytes, offset: int) -> bytes:
    """Return the digits that a value has wherever it stands in a longer text."""
    whole = base64.b64encode(b"\0" * offset + plain)
    first = (offset * 8 + 5) // 6
    last = (offset + len(plain)) * 8 // 6
    return whole[first:last]


class Hunter:
    """Looks for all canaries in all disguises at once."""

    def __init__(self, canaries: Sequence[Canary]) -> None:
        self._canaries = canaries

    def hunt(self, blob: bytes) -> set[tuple[Canary, str]]:
        """Return the canaries in a blob, each with its disguise."""
        return self._found(blob.decode("latin-1"), self._forms)

    def hunt_text(self, text: str) -> set[tuple[Canary, str]]:
        """Return the canaries in a text, those too whose separators differ or lie in two lines."""
        squeezed = _SEPARATORS.sub("", text).encode().decode("latin-1")
        return self.hunt(text.encode()) | self._found(squeezed, self._squeezed)

    @cached_property
    def _forms(self) -> Mapping[str, tuple[Canary, str]]:
        return {
            form.decode("latin-1").lower(): (canary, name)
            for canary in reversed(self._canaries)
            for name, form in reversed(list(disguises(canary.value)))
            if len(form) >= _SHORTEST
        }

    @cached_property
    def _squeezed(self) -> Mapping[str, tuple[Canary, str]]:
        found = {}
        for canary in reversed(self._canaries):
            bare = _SEPARATORS.sub("", canary.value)
            if len(bare) >= _SHORTEST_SQUEEZED:
                for name, form in (("apart", bare), ("apart, reversed", bare[::-1])):
                    found[form.encode().decode("latin-1").lower()] = (canary, name)
        return found

    @staticmethod
    def _found(
        text: str, forms: Mapping[str, tuple[Canary, str]]
    ) -> set[tuple[Canary, str]]:
        hits = pl.Series([text]).str.extract_many(
            pl.Series(list(forms)), ascii_case_insensitive=True, overlapping=True
        )
        return {forms[hit] for hit in map(_lowered, hits[0]) if hit in forms}


def _lowered(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _digits(count: int) -> Callable[[Random], str]:
    return lambda draw: "".join(draw.choice("0123456789") for _ in range(count))


def _word(draw: Random, count: int = 3) -> str:
    return "".join(draw.choices(_SYLLABLES, k=count))


def _from(alphabet: str, count: int) -> Callable[[Random], str]:
    return lambda draw: "".join(draw.choices(alphabet, k=count))
