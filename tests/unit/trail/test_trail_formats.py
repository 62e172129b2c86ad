"""A trail stays in the format in which it was made: it is written, pruned and verified in it.

``v1-growing.db`` was written by the last version that made format 1; its key is known, so that
it can be gone on with.
"""

from __future__ import annotations

import base64
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from governance.model.trail import Assurance, Event, Verification
from governance.trail.checking import _MARKED
from governance.trail.gaps import PRUNED
from governance.trail.keyring import KEY_TYPES
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.outside import Outside, Pinned
from governance.trail.proving import open_tree
from governance.trail.pruning import plan_cut
from governance.trail.reading import read_entries, read_newest_note
from governance.trail.shape import RARE_TYPES
from governance.trail.statements import ask
from governance.trail.verify import DEEP, Scope, verify

from .conftest import ORIGIN, Ticking

GOLDEN = Path(__file__).parents[2] / "golden" / "trail"
LATER = datetime(2026, 12, 1, tzinfo=UTC)
SEED = base64.b64encode(bytes(range(32))).decode()
FINDING = Event("finding.recorded", {"asset": "sales.orders", "severity": "low"})
Opens = Callable[..., Trail]


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return load_or_create_key(tmp_path, SEED)


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return Path(shutil.copy(GOLDEN / "v1-growing.db", tmp_path / "trail.db"))


def go_on(path: Path, key: SigningKey, run: str = "r2") -> Trail:
    return Trail.open(path, key=key, origin=ORIGIN, actor="user:bob", run=run, clock=Ticking(LATER))


def deep(path: Path, key: SigningKey, **settings: object) -> Verification:
    return verify(path, pinned=key.public, pin_source="t", scope=DEEP, **settings)  # type: ignore[arg-type]


def rows(path: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_a_trail_of_format_1_goes_on_in_it(first: Path, key: SigningKey) -> None:
    kept = read_newest_note(first)
    with go_on(first, key) as trail:
        trail.append([FINDING] * 300)
        trail.checkpoint()
    found = deep(first, key)
    assert (found.problem, found.level, found.entries) == (None, Assurance.SIGNED, 573)
    assert rows(first, "PRAGMA user_version") == [(1,)]
    assert rows(first, "SELECT run, actor FROM trail_index WHERE seq = 572") == [("r2", "user:bob")]
    assert rows(first, "SELECT idx FROM trail_tile WHERE level = 0 ORDER BY idx") == [(0,), (1,)]
    outside = Outside((Pinned(str(kept), "file", "kept"),))
    quick = verify(first, pinned=key.public, pin_source="t", outside=outside,
                   scope=Scope(incremental=True))  # fmt: skip
    assert (quick.problem, quick.skipped) == (None, 273)


def test_format_1_still_keeps_every_leaf_in_its_tile(first: Path, key: SigningKey) -> None:
    with closing(sqlite3.connect(first)) as connection:
        guard = "SELECT sql FROM sqlite_schema WHERE name = 'trail_tile_no_delete'"
        (made,) = connection.execute(guard).fetchone()
        connection.execute("DROP TRIGGER trail_tile_no_delete")
        connection.execute("DELETE FROM trail_tile WHERE level = 0")
        connection.execute(made)
        connection.commit()
    assert "tile 0 of level 0" in str(deep(first, key).problem)


@pytest.mark.parametrize("form", [1, 2])
def test_pruning_keeps_the_leaves_in_either_format(
    first: Path, tmp_path: Path, key: SigningKey, form: int
) -> None:
    path = first if form == 1 else tmp_path / "new.db"
    for run in ("r2", "r3"):
        with go_on(path, key, run) as trail:
            trail.append([FINDING] * 300)
            trail.checkpoint()
    with open_tree(path) as prover:
        proof = prover.inclusion(100)
        leaf = next(e.leaf for e in read_entries(path) if e.seq == 100)
    cut = plan_cut(path, datetime(2027, 1, 1, tzinfo=UTC), 512)
    assert cut is not None and cut.end == 512
    with go_on(path, key, "r4") as trail:
        trail.prune(cut, "2027-01-01T00:00:00.000000Z")
    found = deep(path, key)
    assert (found.problem, found.level, found.pruned) == (None, Assurance.SIGNED, cut.dropped)
    with open_tree(path) as prover:
        again = prover.inclusion(100)
    assert proof.root(leaf) == again_root(proof.note) and again.extra == b""
    if form == 2:
        # Who wrote nothing that is left is forgotten; the numbers of those may be given again.
        assert rows(path, "SELECT run FROM trail_writer ORDER BY id") == [("r2",), ("r3",), ("r4",)]
        assert rows(path, "SELECT count(*) FROM trail_tile WHERE level = 0") == [(2,)]


def again_root(note: str) -> bytes:
    return base64.b64decode(note.split("\n")[2])


def test_who_writes_while_another_prunes_is_told_apart(tmp_path: Path, key: SigningKey) -> None:
    """A writer whose rows are all pruned gets a row again, and nobody else's."""
    path = tmp_path / "new.db"
    with go_on(path, key, "r1") as trail, go_on(path, key, "early") as early:
        early.append([FINDING] * 100)
        trail.append([FINDING] * 500)
        trail.checkpoint()
        cut = plan_cut(path, datetime(2027, 1, 1, tzinfo=UTC), trail.size)
        assert cut is not None
    with go_on(path, key, "r2") as trail, go_on(path, key, "early") as early:
        early.append([FINDING])
        trail.prune(cut, "2027-01-01T00:00:00.000000Z")
        with go_on(path, key, "r3") as another:
            another.append([FINDING])
        early.append([FINDING])
        early.checkpoint()
    assert deep(path, key).problem is None
    last = [entry.run for entry in read_entries(path)][-3:]
    assert last == ["r2", "r3", "early"]


def test_what_is_rare_is_what_verifying_looks_up(tmp_path: Path, key: SigningKey) -> None:
    assert set(RARE_TYPES) == {*KEY_TYPES, PRUNED} and len(_MARKED) == len(RARE_TYPES)
    with go_on(tmp_path / "new.db", key) as trail:
        trail.append([FINDING] * 10)
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        from governance.trail import rows, stream

        for statement in (rows._MARKED, stream._MARKED):
            plan: list[str] = []
            given = {f"types{n}": kind for n, kind in enumerate(RARE_TYPES)} | {"first": 0}
            names = ", ".join(f":types{n}" for n in range(len(RARE_TYPES)))
            sql = statement.sql.replace(":types", f"({names})")
            asked = connection.execute(f"EXPLAIN QUERY PLAN {sql}", given | dict(statement.fixed))
            plan = [row[3] for row in asked]
            assert any("trail_index_rare" in step for step in plan), plan
        assert ask(connection, rows._MARKED, types=["log.created"])[0][0] == 0
