"""The builder of worlds, shared by the control tests."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from governance.model.asset import Asset
from governance.model.world import World

_SPEC = importlib.util.spec_from_file_location(
    "control_builders", Path(__file__).parent / "builders.py"
)


@pytest.fixture(scope="session")
def build() -> Callable[[dict[str, Any]], tuple[Asset, World]]:
    """Return the function that turns a case into an asset and its world."""
    module = importlib.util.module_from_spec(_SPEC)
    _SPEC.loader.exec_module(module)
    return module.build
