"""What the tool recorded in English, told in the reader's language.

A run document quotes sentences of the controls, as "310 rows kept longer than 2y". They are
recorded in English once, for the bytes of the trail must not depend on who reads them. A
catalogue of their shapes tells them again; what fits no shape, a person's own words above all,
stays as it was written. Matching is linear in the text, which may be hostile.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from governance.assets import asset_folder
from governance.errors import ReportError

MAX_TOLD = 600  # characters; longer text is no sentence of ours
_HOLE = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?\Z")
_SPAN = re.compile(r"(?:\d+[a-z])+\Z")
_NUMBERS = frozenset({"n", "m", "k"})
_AGAIN = frozenset({"why", "what", "rest", "act", "where"})
_WHOLE = frozenset({"why", "rest"})
_JOINT = "; "


@dataclass(frozen=True, slots=True)
class Shape:
    """One form of a sentence: ``literals`` with a hole named ``names[i]`` after each but the last.

    Args:
        told: The same in the other language, with the same names in braces.
    """

    literals: tuple[str, ...]
    names: tuple[str, ...]
    told: str

    def holes(self, text: str) -> dict[str, str] | None:
        """Return what stands in the holes, or None where the text has another form.

        Every literal is taken where it first occurs, so that nothing is tried twice.
        """
        first, *rest = self.literals
        if not text.startswith(first):
            return None
        found, at = {}, len(first)
        for position, (name, literal) in enumerate(zip(self.names, rest, strict=True)):
            is_last = position == len(rest) - 1
            end = len(text) - len(literal) if is_last else text.find(literal, at)
            if end <= at or not text.startswith(literal, end):
                return None
            found[name] = text[at:end]
            at = end + len(literal)
        return found if at == len(text) and all(map(_fits, found, found.values())) else None


@dataclass(frozen=True)
class Recorded:
    """The catalogue of one language.

    Args:
        shapes: By the first literal's first word, so that few are tried; ``""`` begins anywhere.
        controls: Requirement and test of a control by its id, under the digest of the English.
        spans: Unit of a length to ``one|many``. decimal: The decimal sign.
    """

    shapes: Mapping[str, tuple[Shape, ...]]
    controls: Mapping[str, tuple[str, str, str]]
    spans: Mapping[str, str]
    decimal: str

    def tell(self, text: str) -> str:
        """Return a recorded sentence in this language; a foreign one comes back as it is."""
        if not self.shapes or len(text) > MAX_TOLD:
            return text
        told = self._whole(text)
        if told is None and _JOINT in text:
            return _JOINT.join(self.tell(part) for part in text.split(_JOINT))
        return text if told is None else told

    def requirement(self, control: str, english: str) -> str:
        """Return what a control asks for; English where that has changed since it was told."""
        of, told, _ = self.controls.get(control, ("", "", ""))
        return told if of.startswith(_digest(english)) else english

    def fails_when(self, control: str, english: str) -> str:
        """Return when a control has a finding, as ``requirement`` does."""
        of, _, told = self.controls.get(control, ("", "", ""))
        return told if of.endswith(_digest(english)) else english

    def _whole(self, text: str) -> str | None:
        beginning = text.split(" ", 1)[0]
        for shape in (*self.shapes.get(beginning, ()), *self.shapes.get("", ())):
            holes = shape.holes(text)
            if holes is not None:
                return shape.told.format_map(
                    {name: self._filled(name, each) for name, each in holes.items()}
                )
        return None

    def _filled(self, name: str, text: str) -> str:
        if name in _NUMBERS:
            whole, _, part = text.replace(",", "\u202f").partition(".")
            return f"{whole}{self.decimal}{part}" if part else whole
        if name == "span":
            return self._span(text)
        if name == "list":
            return ", ".join(self.tell(part) for part in text.split(", "))
        return self.tell(text) if name in _AGAIN else text

    def _span(self, text: str) -> str:
        told = []
        for count, unit in re.findall(r"(\d+)([a-z])", text):
            one, _, many = self.spans.get(unit, f"{unit}|{unit}").partition("|")
            told.append(f"{count} {one if count == '1' else many}")
        return " ".join(told)


def english_digest(requirement: str, fails_when: str) -> str:
    """Return sixteen hexadecimal digits, half for either text, that change when the text does."""
    return _digest(requirement) + _digest(fails_when)


@lru_cache(maxsize=8)
def load_recorded(code: str, decimal: str) -> Recorded:
    """Return the catalogue of a language; an empty one where it has none, as English has.

    Raises:
        ReportError: If the catalogue is damaged.
    """
    path = asset_folder("reports") / "_locale" / "recorded" / f"{code}.toml"
    if not path.is_file():
        return Recorded({}, {}, {}, decimal)
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        shapes = [shape for pair in content["shapes"].items() for shape in _shapes(*pair)]
        controls = {
            name: (page["of"], page["requirement"], page["fails_when"])
            for name, page in content["controls"].items()
        }
        return Recorded(_indexed(shapes), controls, content["spans"], decimal)
    except (KeyError, TypeError, ValueError) as cause:
        problem = f"not a catalogue of recorded sentences ({cause})"
        raise ReportError(f"reports/_locale/recorded/{code}.toml", problem, "mend it") from cause


def _shapes(english: str, told: str) -> list[Shape]:
    """One shape, or one for each side of ``one|many``."""
    sides = list(zip(english.split("|"), told.split("|"), strict=True))
    return [
        Shape(tuple(_HOLE.split(side)[::2]), tuple(_HOLE.findall(side)), other)
        for side, other in sides
    ]


def _indexed(shapes: list[Shape]) -> dict[str, tuple[Shape, ...]]:
    """By first word, those with the most words of their own first."""
    found: dict[str, list[Shape]] = {}
    for shape in sorted(shapes, key=lambda each: -sum(map(len, each.literals))):
        word, space, _ = shape.literals[0].partition(" ")
        whole = bool(space) or not shape.names
        found.setdefault(word if whole else "", []).append(shape)
    return {word: tuple(each) for word, each in found.items()}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _fits(name: str, text: str) -> bool:
    if name in _NUMBERS:
        return _NUMBER.match(text) is not None
    if name == "span":
        return _SPAN.match(text) is not None
    return name in _WHOLE or _JOINT not in text  # two sentences are told one by one
