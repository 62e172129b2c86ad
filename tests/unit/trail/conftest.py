"""A small trail that every test may break."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from governance.model.trail import Event
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.log import Trail

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ORIGIN = "governance/acme"
Break = Callable[..., None]


class Ticking:
    """A clock that moves a second at every look."""

    def __init__(self, start: datetime = START) -> None:
        self._next = start

    def __call__(self) -> datetime:
        now = self._next
        self._next += timedelta(seconds=1)
        return now


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return load_or_create_key(tmp_path / "keys")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "trail.db"


@pytest.fixture
def opened(path: Path, key: SigningKey) -> Callable[..., Trail]:
    """Return a function that opens the trail; its clock goes on where it is told to."""

    def open_trail(start: datetime = START, **changes: object) -> Trail:
        settings = {"key": key, "origin": ORIGIN, "actor": "user:ada", "run": "r1"} | changes
        return Trail.open(path, clock=Ticking(start), **settings)  # type: ignore[arg-type]

    return open_trail


@pytest.fixture
def trail(opened: Callable[..., Trail], path: Path) -> Path:
    """Return a trail of 12 entries with checkpoints at 1, 6 and 12."""
    with opened() as writing:
        for _ in range(2):
            writing.append([Event("scan.started", {"command": "scan"})])
            writing.append([_finding(number) for number in range(3)])
            writing.append([Event("scan.finished", {"exit_code": 1})])
            writing.checkpoint()
        writing.append([Event("report.issued", {"kind": "annual"})])
        writing.checkpoint()
    return path


@pytest.fixture
def tamper(trail: Path) -> Break:
    """Return a function that changes the file as somebody with a database tool would."""

    def run(*statements: str, keep_guards: bool = False) -> None:
        with closing(sqlite3.connect(trail)) as connection:
            triggers = connection.execute(
                "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
            ).fetchall()
            if not keep_guards:
                for name, _ in triggers:
                    connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement)
            if not keep_guards:
                for _, sql in triggers:
                    connection.execute(sql)
            connection.commit()

    return run


def _finding(number: int) -> Event:
    payload = {"id": f"{number:016x}", "asset": "sales.orders", "severity": "high"}
    return Event("finding.recorded", payload)
