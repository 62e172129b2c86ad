"""What every test may lean on: shared data, no network, goldens, reproducible properties."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
Golden = Callable[[str, str], None]

# Deadlines measure the machine, not the code; on CI every run draws the same examples.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag behind ``make golden``."""
    parser.addoption(
        "--golden-rewrite",
        action="store_true",
        help="write goldens instead of comparing with them (also GOLDEN=rewrite)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers that this file gives a meaning."""
    config.addinivalue_line("markers", "network: may open sockets (a local database server)")
    config.addinivalue_line("markers", "golden: compares with a golden file (set by itself)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a golden, so that ``make golden`` runs nothing else."""
    for item in items:
        if "golden" in getattr(item, "fixturenames", ()):
            item.add_marker("golden")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real-world files beside the checkout, or skip."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder shared/data is not beside this checkout")
    return folder


@pytest.fixture(autouse=True, scope="session")
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what tests let the tool remember out of the cache of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


class NetworkRefusedError(AssertionError):
    """A test tried to reach a network."""


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection and name look-up, so that nothing is sent or fetched unseen."""
    if request.node.get_closest_marker("network"):
        return

    def refuse(*_: object, **__: object) -> None:
        raise NetworkRefusedError("a test tried to open a network connection")

    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if self.family != getattr(socket, "AF_UNIX", None):
            refuse()
        real(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return a function that holds text against ``tests/golden/<name>``."""
    rewrite = request.config.getoption("--golden-rewrite") or os.environ.get("GOLDEN") == "rewrite"

    def compare(name: str, text: str) -> None:
        path = ROOT / "tests" / "golden" / name
        if rewrite:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        if not path.is_file():
            pytest.fail(f"{path.relative_to(ROOT)} is missing: run 'make golden' and read the diff")
        expected = path.read_text(encoding="utf-8")
        assert text == expected, f"{name} changed: if that is meant, run 'make golden'"

    return compare
