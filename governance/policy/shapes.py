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


class Resolver:
    """Turns a node into plain Python for pydantic; ``spoiled`` are the paths it faulted."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.spoiled: set[Path] = set()

    def resolve(self, node: Node, annotation: Any, path: Path = ()) -> Any:  # noqa: ANN401
        """Return the node's value, with scalars read as ``annotation`` expects them."""
        options = tuple(options_of(annotation))
        if isinstance(node, Mapping):
            return {
                key: self.resolve(entry.value, child_of(options, key), (*path, key))
                for key, entry in node.entries.items()
            }
        if isinstance(node, Sequence):
            inner = child_of(options, 0)
            return [self.resolve(n, inner, (*path, i)) for i, n in enumerate(node.items)]
        if node.is_null:
            remedy = "write one or remove the key; quote the word if it is meant as text"
            return self._spoil(node, path, "the value is missing", remedy)
        return self._scalar(node, options, path)

    def _scalar(self, node: Scalar, options: tuple[Any, ...], path: Path) -> Any:  # noqa: ANN401
        if date in options:
            return self._date(node, path)
        for target, words in _WORDS.items():
            if target in options:
                if node.plain and words.fullmatch(node.text):
                    return _TRUTH[node.text] if target is bool else target(node.text)
                expected, remedy = _EXPECTED[target]
                problem = f"expected {expected}, found {quoted(node.text)}"
                return self._spoil(node, path, problem, remedy)
        return node.text

    def _date(self, node: Scalar, path: Path) -> Any:  # noqa: ANN401
        problem = f"expected a date, found {quoted(node.text)}"
        if not _DATE.fullmatch(node.text):
            return self._spoil(node, path, problem, "write it as 2026-12-31")
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            return self._spoil(node, path, problem, "use a day that the calendar has")

    def _spoil(self, node: Scalar, path: Path, problem: str, remedy: str) -> None:
        self.faults.append(Fault(node.position, problem, remedy))
        self.spoiled.add(path)


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
