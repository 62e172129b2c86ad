"""Facts in a team's PostgreSQL: the same tables, the same answers, and no password told."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from governance.errors import FactsError, UsageError
from governance.facts.runs import RunRecord
from governance.facts.store import FactStore

pytestmark = pytest.mark.network
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def _as_postgres(*command: str) -> None:
    """Run a program as a user that PostgreSQL lets run it: never root."""
    user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
    ids = {"user": user.pw_uid, "group": user.pw_gid} if user else {}
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, cwd="/", **ids)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Start a server of our own, on a socket alone; return its address without a database."""
    if not PROGRAMS:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # A folder that the server's own user reaches: those above pytest's are closed to it.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
    tools, data = PROGRAMS[-1].parent, folder / "data"
    _as_postgres(str(PROGRAMS[-1]), "-D", str(data), "-U", "owner", "-A", "trust", "--no-sync")
    control = str(tools / "pg_ctl")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    _as_postgres(control, "-D", str(data), "-w", "-o", options, "-l", str(folder / "log"), "start")
    for name in ("facts", "blank", "other", "newer"):
        _as_postgres(str(tools / "createdb"), "-h", str(folder), "-U", "owner", name)
    yield f"postgresql://owner:s3cret@/%s?host={folder}"
    _as_postgres(control, "-D", str(data), "-m", "immediate", "stop")
    shutil.rmtree(folder)


def _record(id: str = "r1", project: str = "acme") -> RunRecord:
    document = {"run": {"started": "2026-11-23T12:00:00Z", "project": project},
                "assets": [], "outcomes": []}  # fmt: skip
    return RunRecord(id, "scan", NOON, "sha256:0", 0, json.dumps(document).encode(), b"measured")


def test_what_is_saved_there_is_read_there(server: str) -> None:
    with FactStore.connect(server % "facts", create=True) as store:
        store.save(_record())
        store.save(_record())
    with FactStore.connect(server % "facts") as store:
        assert list(store.snapshots(until=None)) == [b"measured"]
        assert (store.project(), store.runs()) == ("acme", {"r1"})
        assert store.where == "postgresql://localhost/facts"


def test_no_password_is_in_an_error(server: str) -> None:
    closed = ("postgresql://owner:s3cret@127.0.0.1:1/facts", server % "missing", server % "blank")
    for address in closed:
        with pytest.raises(FactsError) as error:
            FactStore.connect(address)
        assert "s3cret" not in str(error.value)
        assert "owner" not in str(error.value)
    with pytest.raises(FactsError, match="cannot connect to the database"):
        FactStore.connect(server % "missing")
    with pytest.raises(FactsError, match="holds no facts"):
        FactStore.connect(server % "blank")


def test_facts_of_another_version_are_refused(server: str) -> None:
    import psycopg

    with FactStore.connect(server % "newer", create=True):
        pass
    with psycopg.connect(server % "newer") as connection:
        connection.execute("UPDATE facts_format SET format = 99")
    with pytest.raises(FactsError, match="another version"):
        FactStore.connect(server % "newer", create=True)


NO_ADDRESSES = (
    "postgresql://",
    "postgresql://u:s3cret@h:port/x",
    "postgresql+pg8000://u:s3cret@h/x",
    "postgresql://h",
)


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_is_a_usage_error(address: str) -> None:
    with pytest.raises(UsageError) as error:
        FactStore.connect(address)
    assert "s3cret" not in str(error.value)
