"""What writing the trail promises: all or nothing, in order, private, and never a fork."""

from __future__ import annotations

import json
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from governance.errors import TrailError
from governance.model.trail import Assurance, Event
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.reading import read_entries
from governance.trail.sqlite import is_remote, journal_mode, writing_engine
from governance.trail.storage import failing_closed
from governance.trail.verify import verify

from .conftest import ORIGIN, START
from .writers import append_at_once, append_beside_a_stopped_writer

Open = Callable[..., Trail]


def test_a_new_trail_starts_signed_with_who_and_which_key(
    opened: Open, path: Path, key: SigningKey
) -> None:
    opened().close()
    (first,) = read_entries(path)
    assert (first.seq, first.type, first.actor) == (0, "log.created", "user:ada")
    assert first.payload["key"] == key.public.named(ORIGIN).text
    assert verify(path, pinned=key.public, pin_source="").checkpoint_size == 1


def test_a_body_carries_what_binds_it_to_its_place(trail: Path) -> None:
    with closing(sqlite3.connect(trail)) as connection:
        rows = connection.execute("SELECT body, leaf FROM trail_entry ORDER BY seq").fetchall()
    body = json.loads(rows[3][0])
    assert body["prev"] == rows[2][1].hex()
    assert (body["v"], body["alg"], body["log"]) == (1, "rfc6962-sha256", ORIGIN)
    assert (body["seq"], body["run"]) == (3, "r1")
    assert body["actor"] == {"identity": "asserted", "ref": "user:ada"}
    assert body["ts"].endswith("Z") and len(body["ts"]) == 27


def test_many_events_are_one_transaction(opened: Open, path: Path) -> None:
    with opened() as trail:
        good, bad = Event("scan.started", {}), Event("scan.started", {"share": 0.5})
        with pytest.raises(TrailError, match=r"\$\.payload\.share is a float"):
            trail.append([good, bad])
        assert len(list(read_entries(path))) == 1
        trail.append([good, good])
        assert trail.size == 3
    assert [entry.seq for entry in read_entries(path)] == [0, 1, 2]


def test_a_payload_that_is_too_big_is_refused(opened: Open, path: Path) -> None:
    with opened() as trail, pytest.raises(TrailError, match="65535"):
        trail.append([Event("scan.started", {"text": "x" * 65_536})])
    assert len(list(read_entries(path))) == 1


def test_a_strange_file_name_does_not_keep_an_event_out(opened: Open, path: Path) -> None:
    with opened() as trail:
        trail.append([Event("dataset.examined", {"uri": "caf\u0065\u0301-\udcff.csv"})])
    assert [entry.payload.get("uri") for entry in read_entries(path)][1] == "café-\\udcff.csv"


def test_times_never_go_back(opened: Open, path: Path) -> None:
    opened().close()
    with opened(start=START - timedelta(days=1)) as trail:
        trail.append([Event("scan.started", {})])
    first, second = read_entries(path)
    assert second.ts == first.ts == START


def test_the_lock_is_taken_before_the_head_is_read(opened: Open, path: Path) -> None:
    said: list[str] = []
    with opened() as trail:
        pooled = trail._store.engine.raw_connection()
        pooled.driver_connection.set_trace_callback(said.append)
        pooled.close()
        trail.append([Event("scan.started", {})])
    assert said[0] == "BEGIN IMMEDIATE"
    assert said[-1] == "COMMIT"
    assert sum(each.startswith("BEGIN") for each in said) == 1


def test_the_connection_is_durable_and_careful(path: Path) -> None:
    engine = writing_engine(path)
    with engine.connect() as connection:

        def pragma(name: str) -> object:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

        journal, synchronous = journal_mode(sqlite3.sqlite_version_info)
        assert pragma("journal_mode") == journal.lower()
        assert pragma("synchronous") == {"FULL": 2, "EXTRA": 3}[synchronous]
        assert (pragma("busy_timeout"), pragma("trusted_schema")) == (30_000, 0)
        assert pragma("mmap_size") in (0, None)
    engine.dispose()


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), ("DELETE", "EXTRA")),
        ((3, 51, 2), ("DELETE", "EXTRA")),
        ((3, 51, 3), ("WAL", "FULL")),
        ((4, 0, 0), ("WAL", "FULL")),
    ],
)
def test_write_ahead_logging_waits_for_the_mended_version(
    version: tuple[int, ...], mode: tuple[str, str]
) -> None:
    assert journal_mode(version) == mode


MOUNTS = """\
21 1 8:1 / / rw - ext4 /dev/sda1 rw
22 21 0:40 / /net/team rw - nfs4 server:/team rw
23 22 8:2 / /net/team/local\\040disk rw - xfs /dev/sdb rw
24 21 0:41 / /host rw - fuse.sshfs host:/ rw
"""


@pytest.mark.parametrize(
    ("path", "remote"),
    [
        ("/srv/trail.db", False),
        ("/net/team/trail.db", True),
        ("/net/teams/trail.db", False),
        ("/net/team/local disk/trail.db", False),
        ("/host/trail.db", True),
    ],
)
def test_write_ahead_logging_stays_off_a_network(path: str, remote: bool) -> None:
    assert is_remote(Path(path), MOUNTS) is remote
    assert journal_mode((3, 51, 3), remote=True) == ("DELETE", "EXTRA")
    assert not is_remote(Path(path), "")


def test_files_are_private(trail: Path, tmp_path: Path) -> None:
    for file in (trail, *(tmp_path / "keys").glob("*.pem")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for folder in (trail.parent, tmp_path / "keys"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("table", ["trail_entry", "trail_index", "trail_checkpoint"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET rowid = rowid + 100"])
def test_an_honest_mistake_is_stopped_by_the_table(trail: Path, table: str, change: str) -> None:
    refused = pytest.raises(sqlite3.IntegrityError, match="the trail only grows")
    with closing(sqlite3.connect(trail)) as connection, refused:
        connection.execute(change.format(table))


def test_another_key_cannot_continue_a_trail(trail: Path, opened: Open, tmp_path: Path) -> None:
    other = load_or_create_key(tmp_path / "elsewhere")
    with pytest.raises(TrailError, match="another signing key"):
        opened(key=other)


def test_another_project_cannot_continue_a_trail(trail: Path, opened: Open) -> None:
    with pytest.raises(TrailError, match="another project"):
        opened(origin="governance/other")


def test_a_trail_cut_below_its_checkpoint_takes_no_more(trail: Path, opened: Open, tamper) -> None:
    tamper("DELETE FROM trail_entry WHERE seq >= 10")
    with pytest.raises(TrailError, match="10 entries, but 12 were signed"):
        opened()


def test_a_trail_that_changed_under_an_open_writer_takes_no_more(
    trail: Path, opened: Open, tamper
) -> None:
    with opened() as writing:
        tamper("UPDATE trail_entry SET leaf = zeroblob(32) WHERE seq = 11")
        with pytest.raises(TrailError, match="not the one that was there before"):
            writing.append([Event("scan.started", {})])


def test_an_insert_that_a_trigger_alters_is_not_acknowledged(path: Path, opened: Open) -> None:
    with opened() as trail:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DROP TRIGGER trail_entry_no_update")
            connection.execute(
                "CREATE TRIGGER evil AFTER INSERT ON trail_entry "
                "BEGIN UPDATE trail_entry SET body = x'7b7d' WHERE seq = NEW.seq; END"
            )
            connection.commit()
        with pytest.raises(TrailError, match="reads back differently"):
            trail.append([Event("scan.started", {})])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM trail_entry").fetchone() == (1,)


def test_a_locked_trail_is_a_clear_error(trail: Path) -> None:
    with closing(sqlite3.connect(trail, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        engine = writing_engine(trail, busy_seconds=0.05)
        refused = pytest.raises(TrailError, match="another process holds the trail")
        with refused, failing_closed(trail), engine.begin():
            pass
        engine.dispose()


def test_a_file_that_is_no_trail_is_left_alone(path: Path, opened: Open) -> None:
    path.parent.mkdir()
    path.write_text("a text that somebody still needs")
    with pytest.raises(TrailError, match="not a trail"):
        opened()
    assert path.read_text() == "a text that somebody still needs"


def test_another_database_is_left_alone(path: Path, opened: Open) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE shop (id INTEGER)")
    with pytest.raises(TrailError, match="not a trail of this tool"):
        opened()


_UNTIL_FULL = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from governance.errors import TrailError
from governance.model.trail import Event
from governance.trail.keys import load_or_create_key
from governance.trail.log import Trail

path, keys, room = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
key = load_or_create_key(keys)
acknowledged = 0
with Trail.open(path, key=key, origin="governance/acme", actor="user:ada", run="r",
                clock=lambda: datetime(2026, 11, 23, tzinfo=UTC)) as trail:
    limit = path.stat().st_size + room
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        for number in range(1000):
            trail.append([Event("scan.started", {"text": "x" * 900})])
            acknowledged = trail.size
    except TrailError as error:
        print(acknowledged, error)
        sys.exit(error.exit_code)
"""


@pytest.mark.parametrize("room", [0, 512, 4096, 9000, 20_000])
def test_a_full_disk_fails_closed_and_the_trail_still_verifies(
    trail: Path, tmp_path: Path, key: SigningKey, room: int
) -> None:
    ended = subprocess.run(
        [sys.executable, "-B", "-c", _UNTIL_FULL, str(trail), str(tmp_path / "keys"), str(room)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 4, ended.stdout + ended.stderr
    acknowledged, _, message = ended.stdout.partition(" ")
    assert "space" in message
    found = verify(trail, pinned=key.public, pin_source="")
    assert found.level is Assurance.SIGNED, found
    assert found.entries == max(int(acknowledged), 12)


_KILLED_WHILE_WRITING = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 2")
connection.execute("BEGIN IMMEDIATE")
for seq in range(12, 500):
    connection.execute("INSERT INTO trail_entry VALUES (?, zeroblob(900), zeroblob(32))", (seq,))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_write_that_was_killed_is_undone_by_whoever_looks_next(
    trail: Path, key: SigningKey
) -> None:
    killed = [sys.executable, "-B", "-c", _KILLED_WHILE_WRITING, str(trail)]
    assert subprocess.run(killed, check=False).returncode == -signal.SIGKILL
    left = "-journal" if journal_mode(sqlite3.sqlite_version_info)[0] == "DELETE" else "-wal"
    assert trail.with_name(f"trail.db{left}").stat().st_size > 0
    found = verify(trail, pinned=key.public, pin_source="")
    assert (found.level, found.entries) == (Assurance.SIGNED, 12)


def test_processes_that_append_at_once_neither_fork_nor_gap(
    path: Path, key: SigningKey, tmp_path: Path
) -> None:
    append_at_once(path, tmp_path / "keys", processes=3, appends=30)
    found = verify(path, pinned=key.public, pin_source="")
    assert (found.problem, found.entries) == (None, 1 + 3 * 30)


@pytest.mark.slow
def test_eight_processes_append_two_thousand_each(key: SigningKey, tmp_path: Path) -> None:
    memory = Path("/dev/shm")  # what is tested is the order, not the disk
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        path = Path(folder) / "trail.db"
        append_at_once(path, tmp_path / "keys", processes=8, appends=2_000)
        found = verify(path, pinned=key.public, pin_source="")
    assert (found.problem, found.entries) == (None, 16_001)


@pytest.mark.slow
@pytest.mark.parametrize("killed", [False, True])
def test_who_stops_with_the_head_in_hand_keeps_others_waiting(
    opened: Open, path: Path, key: SigningKey, tmp_path: Path, killed: bool
) -> None:
    opened(run="r").close()
    append_beside_a_stopped_writer(path, tmp_path / "keys", killed=killed)
    assert verify(path, pinned=key.public, pin_source="t").problem is None
