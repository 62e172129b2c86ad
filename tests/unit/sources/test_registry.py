"""Every format is listed once, and the list is all there is."""

import importlib
import pkgutil

import governance.sources
from governance.model.asset import PlaceType
from governance.sources.registry import SOURCES, source_of


def test_every_type_of_place_has_exactly_one_source():
    assert [source.reads for source in SOURCES] == sorted(set(PlaceType) - {PlaceType.AUTO})
    assert all(source_of(source.reads) is source for source in SOURCES)


def test_every_source_that_is_defined_is_listed():
    listed = {type(source).__name__ for source in SOURCES}
    for info in pkgutil.iter_modules(governance.sources.__path__, "governance.sources."):
        module = importlib.import_module(info.name)
        for name, thing in vars(module).items():
            defined_here = isinstance(thing, type) and thing.__module__ == info.name
            if defined_here and hasattr(thing, "reads"):
                assert name in listed, f"{info.name} defines {name} but SOURCES does not list it"
