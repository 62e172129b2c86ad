"""Thousands of changes that somebody may want to make, and not one that stays unseen.

And thousands of trails that nobody touched, and not one false alarm.
"""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from governance.model.trail import Assurance
from governance.trail.keys import load_or_create_key
from governance.trail.log import Trail
from governance.trail.outside import Outside, Pinned
from governance.trail.verify import DEEP, Scope, verify
from tests.unit.trail.conftest import ORIGIN
from tests.unit.trail.generated import Leaping, Made, event, make, vacuum
from tests.unit.trail.tampering import CHANGES, Bench

FULL = "TORTURE" in os.environ
"""Before a release: 50,000 changes and 10,000 trails."""


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> list[Bench]:
    folder = tmp_path_factory.mktemp("benches")
    forger = load_or_create_key(folder / "forger")
    made = [make(folder / str(n), n, size=size) for n, size in enumerate((30, 40, 280))]
    return [Bench(each.path, each.pinned, each.note, forger) for each in made]


def mutate(benches: list[Bench], seed: int, count: int) -> None:
    draw, missed = random.Random(seed), []
    for number in range(count):
        bench = benches[2] if number % 25 == 0 else draw.choice(benches[:2])
        change = draw.choice(CHANGES)
        with bench.changed(change, draw):
            if bench.is_found() is None:
                missed.append(f"{number}: {change.__name__}")
    assert not missed, f"seed {seed}: {missed[:20]}"
    assert all(bench.is_found() is None for bench in benches)


def test_no_change_at_random_stays_unseen(benches: list[Bench]) -> None:
    mutate(benches, seed=1, count=400)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 110))
def test_no_change_of_thousands_stays_unseen(benches: list[Bench], seed: int) -> None:
    mutate(benches, seed=seed, count=5_000 if FULL else 500)


def live(folder: Path, seed: int) -> tuple[Made, Outside]:
    """Return a trail that had an ordinary life, and the checkpoints that were kept of it."""
    draw = random.Random(seed)
    made = make(folder, seed, size=draw.choice((3, 12, 40)))
    pins = [Pinned(made.note, "file", "kept")]
    for _ in range(draw.randrange(3)):
        happens = draw.randrange(4)
        if happens == 0:
            vacuum(made.path)
        elif happens == 1:
            back_up_and_restore(made.path)
        elif happens == 2:
            with closing(sqlite3.connect(made.path)) as connection:
                connection.execute("REINDEX")
        else:
            settings = {"origin": ORIGIN, "actor": "user:bob", "run": "r9"}
            with Trail.open(made.path, key=made.signer, clock=Leaping(draw), **settings) as trail:
                trail.append([event(draw) for _ in range(draw.randrange(1, 5))])
                if draw.random() < 0.7:
                    trail.checkpoint()
    return made, Outside(tuple(pins), witnesses=(made.witness,), quorum=1)


def back_up_and_restore(path: Path) -> None:
    """Copy with the online backup, or a copy made by VACUUM, and put the copy in its place."""
    copy = path.with_name("copy.db")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.replace(path)


def raise_no_alarm(folder: Path, seeds: range) -> None:
    for seed in seeds:
        made, outside = live(folder / str(seed), seed)
        found = verify(made.path, pinned=made.pinned, pin_source="p", scope=DEEP, outside=outside)
        assert found.problem is None, f"seed {seed}: {found.problem}"
        assert found.level >= Assurance.ANCHORED, f"seed {seed}"
        quick = Scope(incremental=True)
        found = verify(made.path, pinned=made.pinned, pin_source="p", scope=quick, outside=outside)
        assert found.problem is None, f"seed {seed}, incremental: {found.problem}"


def test_an_untouched_trail_raises_no_alarm(tmp_path: Path) -> None:
    raise_no_alarm(tmp_path, range(1_000, 1_012))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_thousands_of_untouched_trails_raise_no_alarm(tmp_path: Path, seed: int) -> None:
    count = 1_000 if FULL else 30
    raise_no_alarm(tmp_path, range(10_000 + seed * 1_000, 10_000 + seed * 1_000 + count))
