"""The same trail in a team's PostgreSQL: a real server, on a socket of our own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from governance.errors import TrailError, UsageError
from governance.model.trail import Assurance, Event, Receipt, Verification
from governance.trail import verify_trail
from governance.trail.cosignature import WitnessKey, cosign
from governance.trail.databases import set_up
from governance.trail.exporting import export_lines, export_tiles
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.note import with_signatures
from governance.trail.outside import Outside, Pinned
from governance.trail.proving import open_tree
from governance.trail.pruning import plan_cut
from governance.trail.reading import read_entries
from governance.trail.verify import Scope, verify
from tests.postgresql import postgresql

from .conftest import ORIGIN, START, Ticking
from .writers import append_at_once, append_beside_a_stopped_writer, kill_writers

pytestmark = pytest.mark.network
EVENT = Event("finding.recorded", {"asset": "a", "severity": "high"})
psycopg = pytest.importorskip("psycopg")
_numbers = count()


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """Start a server with the roles ``owner``, ``writer`` and ``reader``; return its socket."""
    with postgresql("root") as socket:
        where = f"host={socket} user=root dbname=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            for role in ("owner", "writer", "reader"):
                connection.execute(f"CREATE ROLE {role} LOGIN")
        yield socket


@pytest.fixture
def database(server: Path) -> Callable[[str], str]:
    """Return how a role addresses a fresh database."""
    name = f"t{next(_numbers)}"
    with psycopg.connect(f"host={server} user=root dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER owner")
    return lambda role: f"postgresql://{role}:s3cret@/{name}?host={server}"


@pytest.fixture
def ready(database: Callable[[str], str]) -> Callable[[str], str]:
    """Return the same with the tables made and the roles granted."""
    set_up(database("owner"), writers=["writer"], readers=["reader"])
    return database


def opened(address: str, key: SigningKey) -> Trail:
    return Trail.open(
        address, key=key, origin=ORIGIN, actor="user:ada", run="r", clock=Ticking(START)
    )


def found(address: str, key: SigningKey) -> Verification:
    return verify(address, pinned=key.public, pin_source="test")


def test_a_trail_is_written_read_and_verified_there(
    ready: Callable[[str], str], key: SigningKey
) -> None:
    with opened(ready("writer"), key) as trail:
        trail.append([EVENT] * 700)
        trail.append([EVENT])
        trail.checkpoint()
    with opened(ready("writer"), key) as trail:
        trail.append([EVENT])
        trail.checkpoint()
    verified = found(ready("reader"), key)
    assert (verified.problem, verified.level, verified.entries) == (None, Assurance.SIGNED, 703)
    every = list(read_entries(ready("reader")))
    assert [entry.seq for entry in every] == list(range(703))
    few = list(read_entries(ready("reader"), types={"log.created", "key.rotated"}))
    assert few == every[:1]
    found_again = read_entries(ready("reader"), types={EVENT.type, "review.signed"})
    assert list(found_again) == [entry for entry in every if entry.type == EVENT.type]


def test_an_owner_alone_makes_the_tables_on_first_use(
    database: Callable[[str], str], key: SigningKey
) -> None:
    opened(database("owner"), key).close()
    assert found(database("owner"), key).entries == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail_entry SET body = ''",
        "DELETE FROM trail_entry",
        "TRUNCATE trail_entry",
        "UPDATE trail_tile SET hashes = ''",
        "DELETE FROM trail_checkpoint",
        "ALTER TABLE trail_entry DISABLE TRIGGER ALL",
        "SELECT trail_grow_tile(1, 0, '')",
    ],
)
def test_who_writes_may_only_add(ready: Callable[[str], str], key: SigningKey, statement) -> None:
    with opened(ready("writer"), key) as trail:
        trail.append([EVENT] * 300)
    for role in ("writer", "owner") if "ALTER" not in statement else ("writer",):
        with psycopg.connect(ready(role)) as connection:
            refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.RaiseException)
            with pytest.raises(refused):
                connection.execute(statement)


def test_who_reads_may_not_add(ready: Callable[[str], str], key: SigningKey) -> None:
    opened(ready("writer"), key).close()
    with pytest.raises(TrailError, match="may not do that"), opened(ready("reader"), key) as trail:
        trail.append([EVENT])


def test_the_lock_is_the_first_statement(ready: Callable[[str], str], key: SigningKey) -> None:
    from sqlalchemy import event

    said: list[str] = []
    with opened(ready("writer"), key) as trail:
        event.listen(trail._store.engine, "before_cursor_execute", lambda *a: said.append(a[2]))
        trail.append([EVENT])
    assert said[0].startswith("SELECT pg_advisory_xact_lock")


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TRIGGER x BEFORE INSERT ON trail_entry FOR EACH ROW "
        "EXECUTE FUNCTION trail_refuse()",
        "ALTER TABLE trail_entry DISABLE TRIGGER trail_entry_no_update",
        "CREATE RULE x AS ON INSERT TO trail_entry DO INSTEAD NOTHING",
        "ALTER TABLE trail_entry ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE trail_entry ADD note text",
        "DROP TRIGGER trail_entry_no_delete ON trail_entry",
        "CREATE OR REPLACE FUNCTION trail_refuse() RETURNS trigger LANGUAGE plpgsql "
        "SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN OLD; END'",
        "ALTER TABLE trail_tile ADD FOREIGN KEY (idx) REFERENCES trail_entry ON DELETE CASCADE",
        "CREATE TABLE child () INHERITS (trail_entry)",
        "DROP TABLE trail_anchor",
    ],
)
def test_a_changed_schema_is_refused(ready: Callable[[str], str], key: SigningKey, change) -> None:
    with opened(ready("writer"), key):
        pass
    with psycopg.connect(ready("owner")) as connection:
        connection.execute(change)
    assert found(ready("owner"), key).level is Assurance.UNVERIFIABLE
    with pytest.raises(TrailError):
        opened(ready("writer"), key)


def test_what_the_owner_rewrites_is_found(ready: Callable[[str], str], key: SigningKey) -> None:
    with opened(ready("writer"), key) as trail:
        trail.append([EVENT] * 3)
        trail.checkpoint()
    with psycopg.connect(ready("owner")) as connection:
        connection.execute("ALTER TABLE trail_entry DISABLE TRIGGER ALL")
        connection.execute("UPDATE trail_entry SET body = body || ' ' WHERE seq = 2")
        connection.execute("ALTER TABLE trail_entry ENABLE TRIGGER ALL")
    assert "entry 2" in str(found(ready("reader"), key).problem)


def test_no_password_is_in_an_error(server: Path, key: SigningKey) -> None:
    for address in (
        "postgresql://owner:s3cret@127.0.0.1:1/trail",
        f"postgresql://owner:s3cret@/missing?host={server}",
        f"postgresql://nobody:s3cret@/postgres?host={server}",
    ):
        with pytest.raises(TrailError) as error:
            opened(address, key)
        assert "s3cret" not in str(error.value) and error.value.exit_code == 4
        assert found(address, key).level is Assurance.UNVERIFIABLE
    with pytest.raises(UsageError):
        opened("postgresql://h", key)


def test_processes_that_append_at_once_neither_fork_nor_gap(
    ready: Callable[[str], str], key: SigningKey, tmp_path: Path
) -> None:
    append_at_once(ready("writer"), tmp_path / "keys", processes=3, appends=40)
    assert found(ready("reader"), key).entries == 1 + 3 * 40


@pytest.mark.slow
def test_eight_processes_append_two_thousand_each(
    ready: Callable[[str], str], key: SigningKey, tmp_path: Path
) -> None:
    append_at_once(ready("writer"), tmp_path / "keys", processes=8, appends=2_000)
    assert (found(ready("reader"), key).problem, found(ready("reader"), key).entries) == (
        None,
        16_001,
    )


def test_the_owner_prunes_and_nobody_else_can(
    ready: Callable[[str], str], key: SigningKey, server: Path
) -> None:
    with opened(ready("writer"), key) as trail:
        trail.append([Event("finding.recorded", {"asset": f"old-{n}"}) for n in range(600)])
        trail.checkpoint()
    cut = plan_cut(ready("owner"), START + timedelta(days=1), 601)
    assert cut is not None and (cut.end, cut.dropped) == (512, 511)
    with opened(ready("writer"), key) as trail, pytest.raises(TrailError, match="may not do that"):
        trail.prune(cut, "2026-11-24T00:00:00.000000Z")
    assert found(ready("reader"), key).pruned == 0
    with opened(ready("owner"), key) as trail:
        trail.prune(cut, "2026-11-24T00:00:00.000000Z")
    verified = found(ready("reader"), key)
    assert (verified.problem, verified.pruned, verified.entries) == (None, 511, 602)
    with opened(ready("writer"), key) as trail:
        trail.append([EVENT])


def test_the_command_makes_the_tables_and_grants(
    database: Callable[[str], str], key: SigningKey
) -> None:
    from typer.testing import CliRunner

    from governance.cli.audit import app

    words = ["setup", "--trail", database("owner"), "--writer", "writer", "--reader", "reader"]
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 0 and "writer adds and reads" in ended.output
    assert "s3cret" not in ended.output and "can read a password" in ended.output
    opened(database("writer"), key).close()
    assert "the tables were there" in CliRunner().invoke(app, words).output


def test_another_key_is_refused_there_too(
    ready: Callable[[str], str], key: SigningKey, tmp_path: Path
) -> None:
    opened(ready("writer"), key).close()
    with pytest.raises(TrailError, match="another signing key"):
        opened(ready("writer"), load_or_create_key(tmp_path / "other"))


def test_it_is_anchored_proved_and_exported_alike(
    ready: Callable[[str], str], key: SigningKey, tmp_path: Path
) -> None:
    witness = load_or_create_key(tmp_path / "witness")
    name, pinned = "witness.example.org/w1", verify_trail.Key(key.public.named(ORIGIN).text)
    with opened(ready("writer"), key) as trail:
        trail.append([EVENT] * 300)
        trail.checkpoint()
        with open_tree(ready("reader")) as prover:
            note = prover.newest_note()
        signed = with_signatures(note, [cosign(note, name, witness, START)])
        trail.anchor(Receipt("witness", 301, signed.encode(), name))
        trail.append([EVENT] * 5)
        trail.checkpoint()
    outside = Outside((Pinned(note, "file", "kept"),), (WitnessKey(name, witness.public.raw),))
    for scope in (Scope(), Scope(deep=True), Scope(incremental=True)):
        told = verify(
            ready("reader"), pinned=key.public, pin_source="t", scope=scope, outside=outside
        )
        assert (told.level, told.problem, told.entries) == (Assurance.WITNESSED, None, 307)
        assert told.checkpoint_size == 307
    with open_tree(ready("reader")) as prover:
        text = prover.inclusion(7).encode()
    (tmp_path / "x.tlog-proof").write_text(text)
    assert verify_trail.prove(tmp_path / "x.tlog-proof", pinned).startswith("entry 7 of 301")
    for number, export in enumerate((export_lines, export_tiles)):
        folder = tmp_path / f"export{number}"
        assert export(ready("reader"), folder).entries == 307
        assert verify_trail.verify(folder, pinned, [note], []).startswith("ANCHORED\n307 entries")


@pytest.mark.slow
@pytest.mark.parametrize("killed", [False, True])
def test_who_stops_with_the_head_in_hand_keeps_others_waiting(
    ready: Callable[[str], str], key: SigningKey, tmp_path: Path, killed: bool
) -> None:
    opened(ready("writer"), key).close()
    append_beside_a_stopped_writer(ready("writer"), tmp_path / "keys", killed=killed)
    assert found(ready("reader"), key).problem is None


@pytest.mark.slow
def test_a_writer_that_is_killed_loses_nothing_acknowledged(
    ready: Callable[[str], str], key: SigningKey, tmp_path: Path
) -> None:
    """Twice, or as often as PG_KILLS says."""
    opened(ready("writer"), key).close()
    times = int(os.environ.get("PG_KILLS", "2"))
    kill_writers(ready("writer"), tmp_path / "keys", times=times, seed=5)
    assert found(ready("reader"), key).problem is None
