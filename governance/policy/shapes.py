"""What the schema expects at each path, and scalars read accordingly.

YAML guesses a scalar's type from its spelling. Here the schema decides: ``1.10``, ``NO`` and
``2024-01-01`` are text where text is expected; only ``true`` and ``false`` are truth values.
"""

from __future__ import annotations

import functools
import re
import types
import typing
from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import BaseModel

from governance.policy.faults import Fault, quoted
from governance.policy.nodes import Mapping, Node, Path, Scalar, Sequence

_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS: dict[Any, re.Pattern[str]] = {
    bool: re.compile("|".join(_TRUTH)),
    int: re.compile(r"[-+]?[0-9]{1,18}"),
    float: re.compile(r"[-+]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})([eE][-+]?[0-9]{1,2})?"),
}
_EXPECTED: dict[Any, tuple[str, str]] = {
    bool: ("true or false", "write one of the two without quotes"),
    int: ("a whole number", "write digits without quotes"),
    float: ("a number", "write a number such as 0.2 without quotes"),
}


class Expected:
    """What the schema expects in one place, worked out once and kept."""

    __slots__ = ("_children", "_options", "is_date", "misnamed", "model", "word")

    def __init__(self, options: tuple[Any, ...]) -> None:
        self._options = options
        self._children: dict[str | int, Expected] = {}
        self.is_date = date in options
        self.word = next((target for target in _WORDS if target in options), None)
        models = (one for one in options if isinstance(one, type) and issubclass(one, BaseModel))
        self.model: type[BaseModel] | None = next(models, None)
        keys = keys_of(self.model) if self.model else {}
        self.misnamed = frozenset(self.model.model_fields if self.model else ()) - keys.keys()

    def below(self, step: str | int) -> Expected:
        """Return what is expected below a key, or for an item of a list."""
        # NOTE: a map without a schema of keys takes any; what is below each of them is the same.
        step = 0 if isinstance(step, int) else step if self.model else ""
        found = self._children.get(step)
        if found is None:
            child = child_of(self._options, step)
            found = NOTHING if child is None else Expected(tuple(options_of(child)))
            self._children[step] = found
        return found


NOTHING = Expected(())
"""Nothing is expected: the key above is unknown."""


@functools.cache
def expected_of(model: type[BaseModel]) -> Expected:
    """Return what the schema expects of a whole document."""
    return Expected((model,))


def expected_by(annotation: Any) -> Expected:  # noqa: ANN401
    """Return what a type expects of one value; None expects nothing, and texts stay texts."""
    return NOTHING if annotation is None else Expected(tuple(options_of(annotation)))


class Resolver:
    """Turns a node into plain Python for pydantic.

    Args:
        spoiled: The paths that it faulted.
        misnamed: Maps that hold one of our own names in place of a key: name, map and model.
            ``Rule.within`` is ``in`` in the file; pydantic would accept both.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.spoiled: set[Path] = set()
        self.misnamed: list[tuple[str, Mapping, type[BaseModel]]] = []
        self._path: list[str | int] = []

    def resolve(self, node: Node, expected: Expected) -> Any:  # noqa: ANN401
        """Return the node's value, with scalars read as the schema expects them."""
        if isinstance(node, Scalar):
            return self._scalar(node, expected)
        if isinstance(node, Sequence):
            return self._items(node, expected.below(0))
        if expected.misnamed and expected.model:
            for name in expected.misnamed.intersection(node.entries):
                self.misnamed.append((name, node, expected.model))
        found = {}
        for key, entry in node.entries.items():
            self._path.append(key)
            found[key] = self.resolve(entry.value, expected.below(key))
            self._path.pop()
        return found

    def _items(self, node: Sequence, expected: Expected) -> list[Any]:
        found = []
        for index, item in enumerate(node.items):
            self._path.append(index)
            found.append(self.resolve(item, expected))
            self._path.pop()
        return found

    def _scalar(self, node: Scalar, expected: Expected) -> Any:  # noqa: ANN401
        if node.is_null:
            remedy = "write one or remove the key; quote the word if it is meant as text"
            return self._spoil(node, "the value is missing", remedy)
        if expected.is_date:
            return self._date(node)
        target = expected.word
        if target is None:
            return node.text
        if node.plain and _WORDS[target].fullmatch(node.text):
            return _TRUTH[node.text] if target is bool else target(node.text)
        said, remedy = _EXPECTED[target]
        return self._spoil(node, f"expected {said}, found {quoted(node.text)}", remedy)

    def _date(self, node: Scalar) -> Any:  # noqa: ANN401
        problem = f"expected a date, found {quoted(node.text)}"
        if not _DATE.fullmatch(node.text):
            return self._spoil(node, problem, "write it as 2026-12-31")
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            return self._spoil(node, problem, "use a day that the calendar has")

    def _spoil(self, node: Scalar, problem: str, remedy: str) -> None:
        self.faults.append(Fault(node.position, problem, remedy))
        self.spoiled.add(tuple(self._path))


def options_of(annotation: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the members of a union, without ``None`` and without annotations."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from options_of(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for member in typing.get_args(annotation):
            yield from options_of(member)
    elif annotation is not type(None):
        yield annotation


def child_of(options: tuple[Any, ...], step: str | int) -> Any:  # noqa: ANN401
    """Return what the schema expects below a key or in a list; None when it expects nothing."""
    for option in options:
        origin, args = typing.get_origin(option), typing.get_args(option)
        if origin is dict and isinstance(step, str):
            return args[1]
        if origin is tuple and isinstance(step, int):
            return args[0]
        if isinstance(step, str) and isinstance(option, type) and issubclass(option, BaseModel):
            return keys_of(option).get(step)
    return None


@functools.cache
def keys_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the keys a person writes for a model, each with what it expects."""
    return {info.alias or name: info.annotation for name, info in model.model_fields.items()}


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """Return the model whose keys stand at a path of a document, or None."""
    annotation: Any = model
    for step in path:
        annotation = child_of(tuple(options_of(annotation)), step)
    for option in options_of(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None
