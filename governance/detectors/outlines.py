"""Which gates can open for a value, told from its outline.

The outline of a text keeps its punctuation and tells letters and digits by their kind alone. A
million telephone numbers have a handful of outlines, so that a gate is tried on those instead. A
gate's outline matches wherever the gate does, and maybe elsewhere: it says where to search, never
what is there. Columns whose outlines are as many as their values are left to other means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Codes = np.ndarray[Any, np.dtype[np.int64]]

# Of so many texts at the beginning, at most every fourth may have an outline of its own.
_PROBED, _PER_OUTLINE = 512, 4
_LONGEST = 256  # characters on average
_REMEMBERED = 20_000

_TOKEN = regex.compile(
    r"(?P<kept>\(\?P?<\w+>|[()|*+?^$.]|\{\d+(?:,\d*)?\}|\\[bBAzZ])"
    r"|(?P<one>\\x[0-9A-Fa-f]{2}|\\[^xpP0-9]|\[\^?\]?(?:\\.|[^\]\\])*\]|[^\\])",
    regex.DOTALL,
)
_FLAGS = regex.compile(r"\(\?([a-zA-Z]*)(?:-[a-zA-Z]+)?([:)])")
_NOTHING = r"[^\x00-\x7f]"  # in a text of ASCII
_ASCII = "".join(map(chr, range(128)))


class Alphabet:
    """What stands for each character in an outline.

    Args:
        digit, upper, lower: The signs of the three kinds; kinds of one sign are one kind.
    """

    def __init__(self, digit: str, upper: str, lower: str) -> None:
        kinds = {**dict.fromkeys("0123456789", digit)}
        kinds |= {chr(n): upper for n in range(ord("A"), ord("Z") + 1)}
        kinds |= {chr(n): lower for n in range(ord("a"), ord("z") + 1)}
        self._signs = {each: kinds.get(each, each) for each in _ASCII}
        self.table = "".join(self._signs[each] for each in _ASCII).encode() + bytes(128)
        self._known: dict[str, dict[str, tuple[int, ...]]] = {}

    def pattern_of(self, gate: str) -> str | None:
        """Return the outline of a gate; None if some part of it cannot be read.

        Args:
            gate: In RE2's syntax, as ``widen_for_re2`` writes it for ASCII.
        """
        written = ["(?ms)"]
        at, ignore_case = 0, bool(regex.search(r"\(\?[a-z]*i", gate))
        while at < len(gate):
            if flags := _FLAGS.match(gate, at):
                kept = flags[1].replace("i", "")
                is_group = flags[2] == ":"
                written.append(f"(?{kept}:" if is_group else f"(?{kept})" if kept else "")
                at = flags.end()
                continue
            token = _TOKEN.match(gate, at)
            if token is None:
                return None
            kept = token["kept"]
            written.append(kept if kept is not None else self._class_of(token["one"], ignore_case))
            at = token.end()
        return "".join(written)

    def _class_of(self, one: str, ignore_case: bool) -> str:
        signs = sorted({self._signs[each] for each in _members(one, ignore_case)})
        inside = "".join(rf"\x{ord(each):02x}" for each in signs)
        return f"[{inside}]" if signs else _NOTHING

    def opened(self, outlines: Sequence[str], gates: tuple[str, ...]) -> list[tuple[int, ...]]:
        """Return for each outline the numbers of the gates that can open for it."""
        known = self._known.setdefault("\0".join(gates), {})
        fresh = [each for each in outlines if each not in known]
        if len(known) + len(fresh) > _REMEMBERED:
            known.clear()
            fresh = list(outlines)
        if fresh:
            texts = pa.array(fresh, pa.large_string())
            numbers: list[list[int]] = [[] for _ in fresh]
            for number, pattern in enumerate(_patterns(self, gates)):
                hit = (
                    np.flatnonzero(pc.match_substring_regex(texts, pattern).to_numpy(False))
                    if pattern is not None
                    else range(len(fresh))
                )
                for place in hit:
                    numbers[place].append(number)
            known |= zip(fresh, map(tuple, numbers), strict=True)
        return [known[each] for each in outlines]


# The finer one first: it says more, but not where letters and digits are mixed at random.
ALPHABETS = (Alphabet("0", "A", "a"), Alphabet("x", "x", "x"))


@dataclass(frozen=True)
class Outlined:
    """The outlines of some texts, and the gates that can open for each.

    Args:
        codes: For each text the number of its outline.
        gates: What was asked for. opened: For each outline those that can open.
    """

    codes: Codes
    gates: frozenset[str]
    opened: tuple[frozenset[str], ...]

    @property
    def possible(self) -> frozenset[str]:
        """The gates that can open for any of the texts."""
        return frozenset().union(*self.opened)

    def places(self, gate: str) -> Mask | None:
        """Return which texts a gate can open for; None if that was not asked for."""
        if gate not in self.gates:
            return None
        return np.array([gate in each for each in self.opened], dtype=bool)[self.codes]


def outlined(texts: pa.Array, gates: tuple[str, ...]) -> Outlined | None:
    """Return the outlines of texts; None where they are too many to say anything.

    Args:
        texts: ASCII of type large_string, without nulls.
        gates: As ``widen_for_re2`` writes them for ASCII.
    """
    for alphabet in ALPHABETS:
        encoded = _encoded(texts, alphabet)
        if encoded is not None:
            opened = alphabet.opened(encoded.dictionary.to_pylist(), gates)
            return Outlined(
                encoded.indices.to_numpy(zero_copy_only=False),
                frozenset(gates),
                tuple(frozenset(gates[number] for number in numbers) for numbers in opened),
            )
    return None


def _encoded(texts: pa.Array, alphabet: Alphabet) -> pa.DictionaryArray | None:
    probed = _outlines(texts.slice(0, _PROBED), alphabet)
    if probed is None or len(probed.unique()) * _PER_OUTLINE > len(probed):
        return None
    lines = _outlines(texts, alphabet)
    encoded = lines.dictionary_encode() if lines is not None else None
    is_telling = encoded is not None and len(encoded.dictionary) * _PER_OUTLINE <= len(texts)
    return encoded if is_telling else None


def _outlines(texts: pa.Array, alphabet: Alphabet) -> pa.Array | None:
    """Return the outlines of texts; None if they are long."""
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    first, size = int(bounds[0]), int(bounds[-1] - bounds[0])
    if not size or size > _LONGEST * len(texts):
        return None
    signs = data.slice(first, size).to_pybytes().translate(alphabet.table)
    return pa.LargeStringArray.from_buffers(
        len(texts), pa.py_buffer(bounds - first), pa.py_buffer(signs)
    )


@lru_cache(maxsize=64)
def _patterns(alphabet: Alphabet, gates: tuple[str, ...]) -> tuple[str | None, ...]:
    return tuple(_usable(alphabet.pattern_of(gate)) for gate in gates)


def _usable(pattern: str | None) -> str | None:
    try:
        pc.match_substring_regex(pa.array([""]), pattern or "")
    except pa.ArrowInvalid:
        return None
    return pattern


@lru_cache(maxsize=4096)
def _members(one: str, ignore_case: bool) -> str:
    """Return the ASCII characters that a class, an escape or a character stands for."""
    flags = regex.ASCII | (regex.IGNORECASE if ignore_case else 0)
    written = one if len(one) > 1 else regex.escape(one)
    return "".join(regex.findall(written, _ASCII, flags))
