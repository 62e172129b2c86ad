"""What a file of another format may look like; every fault at its line and column.

The shapes are tables, one for each format. They are checked before anything is read, so that the
readers find what they expect.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from governance.policy.faults import Fault, quoted, suggest
from governance.policy.nodes import Mapping as MapNode
from governance.policy.nodes import Node, Scalar, Sequence, describe

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_WHOLE = re.compile(r"[-+]?\d+")
_TRUTH = re.compile(r"(?i)true|false")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Word:
    """A single value.

    Args:
        pattern: What it must look like. what: The same in words.
        plain: Whether it must stand without quotes, as numbers and truth values do.
        among: The only words allowed, if any.
    """

    what: str = "text"
    pattern: re.Pattern[str] | None = None
    plain: bool = False
    among: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Many:
    """A list; ``unique`` is the key by which its maps must differ."""

    of: Shape
    unique: str | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """A map.

    Args:
        needed: The keys that must be there. known: The others.
        free: Whether any other key may stand there too.
    """

    needed: Mapping[str, Shape] = field(default_factory=dict)
    known: Mapping[str, Shape] = field(default_factory=dict)
    free: bool = False


@dataclass(frozen=True, slots=True)
class Either:
    """One of several shapes, told apart by what is written: a value, a list or a map."""

    shapes: tuple[Word | Many | Keys, ...]


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever is written."""


@dataclass(slots=True)
class Again:
    """A shape that holds itself; filled in once it has a name."""

    shape: Shape = field(default_factory=Anything)


Shape = Word | Many | Keys | Either | Anything | Again

ANY = Anything()
TEXT = Word()
NUMBER = Word("a number", _NUMBER, plain=True)
WHOLE = Word("a whole number", _WHOLE, plain=True)
TRUTH = Word("true or false", _TRUTH, plain=True)
DAY = Word("a day such as 2026-12-31", _DAY)
TEXTS = Many(TEXT)


def check(node: Node, shape: Shape) -> Iterator[Fault]:
    """Yield everything in which a node is not of a shape. A key without a value says nothing."""
    if isinstance(shape, Again):
        shape = shape.shape
    if isinstance(shape, Anything):
        return
    if isinstance(shape, Either):
        fitting = [one for one in shape.shapes if _fits(node, one)]
        shape = fitting[0] if fitting else shape.shapes[0]
    if not _fits(node, shape):
        expected = shape.what if isinstance(shape, Word) else _NOUN[type(shape)]
        problem = f"expected {expected}, found {describe(node)}"
        yield Fault(node.position, problem, "mend the value")
    elif isinstance(shape, Word) and isinstance(node, Scalar):
        yield from _word(node, shape)
    elif isinstance(shape, Many) and isinstance(node, Sequence):
        yield from _many(node, shape)
    elif isinstance(shape, Keys) and isinstance(node, MapNode):
        yield from _keys(node, shape)


_NOUN: Mapping[type, str] = {Many: "a list", Keys: "a map"}
_NODE: Mapping[type, type] = {Word: Scalar, Many: Sequence, Keys: MapNode}


def says_nothing(node: Node) -> bool:
    """Return whether a value is missing, as after ``key:`` or ``key: null``."""
    return isinstance(node, Scalar) and node.is_null


def _fits(node: Node, shape: Shape) -> bool:
    return isinstance(node, _NODE[type(shape)])


def _word(node: Scalar, shape: Word) -> Iterator[Fault]:
    if shape.among and node.text not in shape.among:
        yield Fault(
            node.position, f"unknown value {quoted(node.text)}", suggest(node.text, shape.among)
        )
    elif shape.pattern and not (
        shape.pattern.fullmatch(node.text) and (node.plain or not shape.plain)
    ):
        remedy = "write it without quotes" if shape.plain else "mend the value"
        yield Fault(node.position, f"expected {shape.what}, found {quoted(node.text)}", remedy)


def _many(node: Sequence, shape: Many) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for item in node.items:
        yield from check(item, shape.of)
        name = item.text(shape.unique) if shape.unique and isinstance(item, MapNode) else None
        if name is None or not isinstance(item, MapNode) or shape.unique is None:
            continue
        if name in first:
            problem = f"a second {quoted(name)}, the first is on line {first[name]}"
            yield Fault(item.entries[shape.unique].value.position, problem, "rename one of the two")
        first.setdefault(name, item.position.line)


def _keys(node: MapNode, shape: Keys) -> Iterator[Fault]:
    for key in shape.needed:
        entry = node.entries.get(key)
        if entry is None or says_nothing(entry.value):
            position = entry.key if entry else node.position
            yield Fault(position, f"{quoted(key)} is missing", "add it")
    known = {**shape.known, **shape.needed}
    for key, entry in node.entries.items():
        if key not in known and not shape.free:
            yield Fault(entry.key, f"unknown key {quoted(key)}", suggest(key, known))
        elif key in known and not says_nothing(entry.value):
            yield from check(entry.value, known[key])
