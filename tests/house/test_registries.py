"""Nothing that a newcomer wrote is forgotten: each class that fits is in its room's registry."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from governance.model.asset import PlaceType

# Room, the tuple in its registry.py, and what makes a class one of its kind.
REGISTRIES = [
    ("controls", "CONTROLS", ("id", "version", "severity", "applies_to", "evaluate")),
    ("detectors", "DETECTORS", ("id", "entity", "countries", "words", "gates", "find")),
    ("formats", "FORMATS", ("name", "render")),
    ("sources", "SOURCES", ("reads", "faults", "read")),
]
_IDS = [room for room, _, _ in REGISTRIES]


@pytest.mark.parametrize(("room", "name", "marks"), REGISTRIES, ids=_IDS)
def test_every_class_that_fits_is_registered(room: str, name: str, marks: tuple[str, ...]) -> None:
    registry = _registry(room, name)
    assert registry, f"{name} is empty"
    missing = list(_forgotten(_classes(room), registry, marks))
    assert not missing, "\n".join(f"{found}, but {name} does not list it" for found in missing)


@pytest.mark.parametrize(("room", "name", "marks"), REGISTRIES, ids=_IDS)
def test_registry_is_sorted_without_doubles(room: str, name: str, marks: tuple[str, ...]) -> None:
    keys = [str(getattr(entry, marks[0])) for entry in _registry(room, name)]
    assert keys == sorted(set(keys)), f"sort {name} by {marks[0]}"


def test_every_type_of_place_has_a_source() -> None:
    read = {source.reads for source in _registry("sources", "SOURCES")}
    assert read == set(PlaceType) - {PlaceType.AUTO}


def test_a_forgotten_class_is_named_with_its_file() -> None:
    class Forgotten:
        name = "forgotten"

        def render(self) -> None: ...

    class Unrelated:
        name = "unrelated"

    found = list(_forgotten([Forgotten, Unrelated], (), ("name", "render")))
    assert len(found) == 1
    assert found[0].endswith("test_registries.py` defines Forgotten")


def _registry(room: str, name: str) -> tuple[Any, ...]:
    registry = getattr(importlib.import_module(f"governance.{room}.registry"), name)
    assert isinstance(registry, tuple), f"{name} is a tuple, so that nothing is added unseen"
    return registry


def _classes(room: str) -> Iterator[type]:
    package = importlib.import_module(f"governance.{room}")
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(found.name)
        for _, member in inspect.getmembers(module, inspect.isclass):
            if member.__module__ == module.__name__ and not getattr(member, "_is_protocol", False):
                yield member


def _forgotten(
    classes: Iterable[type], registry: tuple[Any, ...], marks: tuple[str, ...]
) -> Iterator[str]:
    known = {entry if inspect.isclass(entry) else type(entry) for entry in registry}
    for each in classes:
        fits = all(hasattr(each, mark) for mark in marks)
        if fits and each not in known and not each.__name__.startswith("_"):
            path = inspect.getsourcefile(each) or each.__module__
            yield f"`{path.partition('/governance/')[2] or path}` defines {each.__name__}"
