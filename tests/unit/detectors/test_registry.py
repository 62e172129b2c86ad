"""Out-of-tree detectors join through the entry point group, or say why not."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

import pyarrow as pa
import pytest

from governance.detectors.base import WholeValue
from governance.detectors.conclude import conclude
from governance.detectors.examine import Examiner
from governance.detectors.plugins import GROUP, load_plugins
from governance.errors import DetectionError


class Badge(WholeValue):
    """A visitor's badge."""

    id, entity, shape = "badge", "BADGE", r"B\d{4}"
    words = ("badge",)


class Taken(Badge):
    """A badge under a built-in's id."""

    id = "age"


class NoDetector:
    """Something else."""


def _point(name: str) -> EntryPoint:
    return EntryPoint(name=name, value=f"{__name__}:{name}", group=GROUP)


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entry points load by module name, which importlib mode does not register."""
    module = type(sys)(__name__)
    module.Badge, module.Taken, module.NoDetector = Badge, Taken, NoDetector
    monkeypatch.setitem(sys.modules, __name__, module)


def test_plugin_is_loaded_and_examines_columns_that_ask_for_it() -> None:
    plugins = load_plugins([_point("Badge")])
    examiner = Examiner(countries=(), patterns={}, key=b"k", plugins=plugins)
    (field,) = conclude(examiner.examine(pa.record_batch({"badge": ["B0001", "B0002"]}), 1))
    assert field.verdict is not None
    assert field.verdict.entity == "BADGE"


@pytest.mark.parametrize(
    ("name", "problem"),
    [("Taken", "taken"), ("NoDetector", "not a detector"), ("Missing", "cannot load")],
)
def test_plugin_that_does_not_fit_is_refused(name: str, problem: str) -> None:
    with pytest.raises(DetectionError, match=problem):
        load_plugins([_point(name)])
