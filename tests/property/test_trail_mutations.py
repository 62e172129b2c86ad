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
from governance.trail import verify_trail
from governance.trail.keys import load_or_create_key
from governance.trail.log import Trail
from governance.trail.outside import Outside, Pinned
from governance.trail.verify import DEEP, Scope, verify
from tests.unit.trail.conftest import ORIGIN
from tests.unit.trail.generated import Leaping, Made, event, make, vacuum
from tests.unit.trail.tampering import (
    CHANGES,
    Bench,
    edit_checkpoint,
    edit_index,
    edit_schema,
    edit_tile,
)

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


SEEN_BY_BOTH = tuple(
    change for change in CHANGES if change not in (edit_index, edit_tile, edit_schema)
)
"""What the other verifier looks at: entries and checkpoints, not what is derived of them."""


def notes_of(bench: Bench) -> list[str]:
    return [row[0] for row in bench.raw.execute("SELECT note FROM trail_checkpoint")]


def is_found_by_the_other(bench: Bench) -> str | None:
    """Return what the program that goes along with exports finds, or None."""
    kept = bench.outside.pins[0].note
    notes = notes_of(bench)
    trail = verify_trail.Trail(verify_trail.Key(bench.pinned.text))
    try:
        sizes = {verify_trail.checkpoint(note)[1] for note in (*notes, kept)}
        trail.read(verify_trail.read_rows(bench.raw), sizes)
        trail.hold(notes, "notes")
        trail.hold([kept], "kept")
        trail.mind_the_gaps(trail.tree.size)
        return None if notes else "no checkpoint is left"
    except (verify_trail.Broken, ValueError, KeyError, TypeError, sqlite3.Error) as found:
        return str(found) or type(found).__name__


def test_the_other_verifier_finds_the_same(benches: list[Bench]) -> None:
    draw, differ = random.Random(2), []
    assert not any(is_found_by_the_other(bench) for bench in benches)
    for number in range(300):
        bench, change = draw.choice(benches[:2]), draw.choice(SEEN_BY_BOTH)
        notes = notes_of(bench)
        with bench.changed(change, draw):
            if change is edit_checkpoint and notes_of(bench) == notes:
                continue  # the columns repeat the note, which counts
            if is_found_by_the_other(bench) is None:
                differ.append(f"{number}: {change.__name__}: ours says {bench.is_found()}")
    assert not differ


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
