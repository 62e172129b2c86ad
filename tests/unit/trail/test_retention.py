"""Erasing, pruning and holds: what is gone is gone, and every proof given before still holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from governance.cli.audit import app
from governance.cli.door import enter
from governance.engine.workspace import open_workspace
from governance.errors import ReportError, TrailError, UsageError
from governance.model.trail import Assurance, Event, Person, Verification
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.proofs import included_root
from governance.trail.reading import read_entries, read_newest_note
from governance.trail.storage import reading_engine
from governance.trail.tree import StoredTree
from governance.trail.verify import DEEP, verify

from .conftest import ORIGIN, START, Ticking

Run = Callable[..., Result]
PROJECT = "apiVersion: governance/v1\nkind: Project\nid: acme\n"
ADA = "user:ada.lovelace@example.org"
SECRET = "she asked about order 4711"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "governance.yaml").write_text(PROJECT)
    return folder


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(root)
    for name in ("SIGNING_KEY", "KEYS", "TRAIL"):
        monkeypatch.delenv(f"GOVERNANCE_{name}", raising=False)
    return lambda *words: CliRunner().invoke(app, list(words))


def _record(root: Path) -> None:
    """Write an entry about Ada, with details, beside one about nobody."""
    with enter().ledger(open_workspace(root)) as ledger:
        about = Event("waiver.requested", {"id": "w1", "author": Person(ADA)},
                      {"note": SECRET}, Person(ADA))  # fmt: skip
        ledger.append([about, Event("scan.started", {"command": "scan"})])
        ledger.seal()


def _holding(root: Path, text: str) -> list[str]:
    """Return the files that hold a text in any of the usual spellings."""
    spellings = (text.encode(), text[::-1].encode(), text.encode().hex().encode(),
                 text.encode("utf-16-le"))  # fmt: skip
    return [
        file.name
        for file in root.rglob("*")
        if file.is_file() and any(each in file.read_bytes() for each in spellings)
    ]


def _proof(path: Path, seq: int) -> Callable[[], bool]:
    """Return a proof of an entry as it can be handed out today; call it to check it."""
    with reading_engine(path).connect() as connection:
        tree = StoredTree(connection)
        size = max(entry.seq for entry in read_entries(path)) + 1
        leaf, hashes, at = tree.leaf(seq), tree.inclusion(seq, size), tree.root(size)
    return lambda: included_root(leaf, seq, size, hashes) == at


def test_names_and_details_never_enter_the_trail(run: Run, root: Path) -> None:
    _record(root)
    assert _holding(root, ADA) == [] and _holding(root, SECRET) == []
    shown = run("log", "--output", "jsonl").output
    assert ADA in shown and SECRET in shown and "user:" in shown


def test_an_erased_person_is_in_no_file_and_proofs_still_hold(run: Run, root: Path) -> None:
    _record(root)
    trail = root / ".governance" / "trail.db"
    before, proof = list(read_entries(trail)), _proof(trail, 1)
    opened = {file: file.read_bytes() for file in root.rglob("*.db")}
    ended = run("erase", "--subject", ADA, "--reason", "request of 3 May")
    assert ended.exit_code == 0 and "1 details are gone" in ended.output
    assert _holding(root, ADA) == [] and _holding(root, SECRET) == []
    shown = run("log", "--output", "jsonl").output
    assert ADA not in shown and SECRET not in shown and "erased" in shown
    # Neither the rows nor what encrypted them is left; the entries are what they were.
    for file in root.rglob("*.db"):
        for old in _rows(opened[file]):
            assert old not in file.read_bytes(), file
    assert list(read_entries(trail))[:3] == before[:3] and proof()
    assert run("verify", "--deep").exit_code == 0
    (erased,) = read_entries(trail, types={"subject.erased"})
    assert erased.payload["details"] == 1 and "ada" not in str(erased.payload)
    assert before[1].payload["author"] == erased.payload["subject"]


def _rows(content: bytes) -> list[bytes]:
    """Return the encrypted values of a copy of a file about Ada, as they stood."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(content)
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
        if "subject_key" in tables:
            who = "SELECT wrapped, name FROM subject_key WHERE length(name) = ?"
            return [x for row in connection.execute(who, (len(ADA) + 28,)) for x in row]
        if "detail" in tables:
            return [row[0] for row in connection.execute("SELECT sealed FROM detail")]
    return []


def test_erasing_twice_and_erasing_nobody_say_so(run: Run, root: Path) -> None:
    _record(root)
    assert run("erase", "--subject", ADA, "--reason", "r").exit_code == 0
    again = run("erase", "--subject", ADA, "--reason", "r")
    assert (again.exit_code, "nothing is known" in again.output) == (0, True)
    assert len(list(read_entries(root / ".governance/trail.db", types={"subject.erased"}))) == 1


def test_a_name_that_an_older_trail_holds_in_plain_is_told(run: Run, root: Path) -> None:
    _record(root)
    state = root / ".governance"
    key = load_or_create_key(state / "keys")
    with Trail.open(
        state / "trail.db", key=key, origin=ORIGIN, actor=ADA, run="old",
        clock=lambda: datetime.now(UTC),
    ) as trail:  # fmt: skip
        trail.append([Event("scan.started", {})])
    ended = run("erase", "--subject", ADA, "--reason", "r")
    assert ended.exit_code == 1 and "still in" in ended.output and "trail.db" in ended.output


def test_a_hold_forbids_erasing_whom_it_concerns(run: Run, root: Path) -> None:
    _record(root)
    run("hold", "set", "--reason", "lawsuit", "--subject", "user:bob")
    mine = run("hold", "set", "--reason", "lawsuit", "--subject", ADA).output.strip()
    assert ADA in run("hold", "list").output
    refused = run("erase", "--subject", ADA, "--reason", "r").exception
    assert isinstance(refused, UsageError) and mine in str(refused)
    # Hiding the hold from the search index does not lift it.
    with closing(sqlite3.connect(root / ".governance" / "trail.db")) as connection:
        guard = "SELECT sql FROM sqlite_schema WHERE name = 'trail_index_no_update'"
        made = connection.execute(guard).fetchone()[0]
        connection.execute("DROP TRIGGER trail_index_no_update")
        connection.execute("UPDATE trail_index SET type = 'x.y' WHERE type LIKE 'legal_hold%'")
        connection.execute(made)
        connection.commit()
    assert mine in run("hold", "list").output


def test_a_released_hold_forbids_nothing(run: Run, root: Path) -> None:
    _record(root)
    hold = run("hold", "set", "--reason", "lawsuit").output.strip()
    assert isinstance(run("hold", "release", "nothing", "--reason", "r").exception, UsageError)
    assert run("hold", "release", hold, "--reason", "settled").exit_code == 0
    assert run("hold", "list").output == "no hold stands\n"
    assert run("erase", "--subject", ADA, "--reason", "r").exit_code == 0


# Pruning: a trail of 700 entries, a second each, from START on.


@pytest.fixture
def long(root: Path) -> Path:
    """Return a trail of 700 entries with a checkpoint at 600 and one at the end."""
    state = root / ".governance"
    with Trail.open(
        state / "trail.db", key=load_or_create_key(state / "keys"), origin=ORIGIN,
        actor="user:ada", run="r1", clock=Ticking(START),
    ) as trail:  # fmt: skip
        trail.append([Event("finding.recorded", {"asset": f"old-{n}"}) for n in range(599)])
        trail.checkpoint()
        trail.append([Event("finding.recorded", {"asset": f"new-{n}"}) for n in range(100)])
        trail.checkpoint()
    return state / "trail.db"


def _found(path: Path) -> Verification:
    key = load_or_create_key(path.parent / "keys")
    return verify(path, pinned=key.public, pin_source="", scope=DEEP)


def test_pruning_drops_whole_segments_and_keeps_every_proof(
    run: Run, root: Path, long: Path
) -> None:
    kept = root / "kept.txt"
    kept.write_text(read_newest_note(long) or "")
    proofs = [_proof(long, seq) for seq in (0, 3, 300, 650)]
    size = long.stat().st_size
    ended = run("prune", "--recent", "--before", "2026-11-24", "--checkpoint", "kept.txt")
    assert ended.exit_code == 0, ended.output
    assert "pruned 511 entries before entry 512" in ended.output
    assert all(proof() for proof in proofs)
    assert [e.seq for e in read_entries(long)] == [0, *range(512, 701)]
    assert b"old-3" not in long.read_bytes() and long.stat().st_size < size
    found = _found(long)
    assert (found.problem, found.level, found.pruned) == (None, Assurance.SIGNED, 511)
    assert run("verify").exit_code == 0
    again = run("prune", "--recent", "--before", "2026-11-24", "--checkpoint", "kept.txt")
    assert "nothing pruned" in again.output
    # The trail goes on, and proofs of what was pruned can still be made.
    _record(root)
    assert _found(long).entries == 703 and _proof(long, 3)()


def test_a_report_is_not_made_of_half_a_period(run: Run, root: Path, long: Path) -> None:
    from governance.cli.main import app as whole

    (root / "kept.txt").write_text(read_newest_note(long) or "")
    run("prune", "--recent", "--before", "2026-11-24", "--checkpoint", "kept.txt")
    words = ["report", "annual", "--period", "2026", "-o", "r.html"]
    refused = CliRunner().invoke(whole, words).exception
    assert isinstance(refused, ReportError) and "was pruned" in str(refused)


def test_nothing_is_pruned_without_a_checkpoint_kept_elsewhere(
    run: Run, root: Path, long: Path
) -> None:
    refused = run("prune", "--recent", "--before", "2026-11-24").exception
    assert isinstance(refused, UsageError) and "no checkpoint is known outside" in str(refused)
    (root / "bad.txt").write_text("nonsense")
    bad = run("prune", "--recent", "--before", "2026-11-24", "--checkpoint", "bad.txt").exception
    assert isinstance(bad, TrailError)
    assert _found(long).entries == 700


def test_half_a_year_is_kept_unless_somebody_insists(run: Run, root: Path, long: Path) -> None:
    refused = run("prune", "--before", "2026-11-24", "--checkpoint", "kept.txt").exception
    assert isinstance(refused, UsageError) and "six months" in str(refused)


def test_what_the_kept_checkpoint_does_not_cover_stays(run: Run, root: Path, long: Path) -> None:
    note = sqlite3.connect(long).execute("SELECT note FROM trail_checkpoint WHERE size = 1")
    (root / "kept.txt").write_text(note.fetchone()[0])
    ended = run("prune", "--recent", "--before", "2026-11-24", "--checkpoint", "kept.txt")
    assert "nothing pruned" in ended.output


def test_a_hold_forbids_pruning(run: Run, root: Path, long: Path) -> None:
    (root / "kept.txt").write_text(read_newest_note(long) or "")
    run("hold", "set", "--reason", "lawsuit")
    refused = run(
        "prune", "--recent", "--before", "2026-11-24", "--checkpoint", "kept.txt"
    ).exception
    assert isinstance(refused, UsageError) and "legal hold" in str(refused)


def test_what_is_deleted_without_being_pruned_is_found(long: Path) -> None:
    with closing(sqlite3.connect(long)) as connection:
        connection.execute("DROP TRIGGER trail_entry_no_delete")
        connection.execute("DELETE FROM trail_entry WHERE seq BETWEEN 1 AND 255")
        connection.commit()
    assert _found(long).level is Assurance.UNVERIFIABLE


TAMPERINGS = {
    "a kept entry goes": "DELETE FROM trail_entry WHERE seq = 0",
    "one more goes": "DELETE FROM trail_entry WHERE seq = 512",
    "the entry that says so goes": "DELETE FROM trail_entry WHERE seq = 700",
    "a hash in a tile changes": "UPDATE trail_tile SET hashes = zeroblob(8192) "
    "WHERE level = 0 AND idx = 0",
    "a tile goes": "DELETE FROM trail_tile WHERE level = 0 AND idx = 1",
    "a pruned entry comes back": "INSERT INTO trail_entry SELECT 5, body, leaf FROM trail_entry "
    "WHERE seq = 600",
}


@pytest.mark.parametrize("statement", TAMPERINGS.values(), ids=list(TAMPERINGS))
def test_a_pruned_trail_is_as_hard_to_change(
    run: Run, root: Path, long: Path, statement: str
) -> None:
    (root / "kept.txt").write_text(read_newest_note(long) or "")
    run("prune", "--recent", "--before", "2026-11-24", "--checkpoint", "kept.txt")
    assert _found(long).problem is None
    with closing(sqlite3.connect(long)) as connection:
        guards = connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, sql in guards:
            connection.execute(sql)
        connection.commit()
    assert _found(long).level is Assurance.UNVERIFIABLE


def test_an_unsigned_claim_of_pruning_excuses_nothing(
    run: Run, root: Path, long: Path, key: SigningKey
) -> None:
    from governance.trail.pruning import plan_cut

    cut = plan_cut(long, datetime(2026, 11, 24, tzinfo=UTC), 700)
    assert cut is not None
    state = root / ".governance"
    with Trail.open(
        long, key=load_or_create_key(state / "keys"), origin=ORIGIN,
        actor="user:ada", run="r1", clock=lambda: datetime.now(UTC),
    ) as trail:  # fmt: skip
        trail.append([cut.event("2026-11-24")])
    with closing(sqlite3.connect(long)) as connection:
        guards = connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE name LIKE '%_no_delete'"
        ).fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        leaves = [row[0] for row in connection.execute("SELECT leaf FROM trail_entry LIMIT 512")]
        for idx, first in enumerate((0, 256)):
            tile = (0, idx, b"".join(leaves[first : first + 256]))
            connection.execute("INSERT INTO trail_tile VALUES (?, ?, ?)", tile)
        for table in ("entry", "index"):
            connection.execute(f"DELETE FROM trail_{table} WHERE seq BETWEEN 1 AND 511")
        for _, sql in guards:
            connection.execute(sql)
        connection.commit()
    assert "no signature covers" in str(_found(long).problem)
