"""What a real PostgreSQL with pgaudit logs in its three formats; the server is the test's own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from governance.model.asset import Place, PlaceType
from governance.sources.reading import ReadLimits, read_place

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
shared_preload_libraries = 'pgaudit'
logging_collector = on
log_destination = 'stderr,csvlog,jsonlog'
log_directory = '{folder}'
log_filename = 'pg.log'
log_line_prefix = '%m [%p] %q%u@%d '
log_timezone = 'Europe/Berlin'
pgaudit.log = 'read, write, ddl'
pgaudit.log_relation = on
fsync = off
"""
AS_SUPERUSER = """
create role ana login;
create schema sales;
create table sales.orders (id int, email text);
grant usage on schema sales to ana;
grant select, insert on sales.orders to ana;
"""
AS_ANA = """
insert into sales.orders values (1, 'eve@example.org');
select *
  from sales.orders
 where email = 'eve@example.org';
copy sales.orders to stdout;
select 1;
"""


@pytest.fixture(scope="module")
def logs():
    """Run the statements and return the folder of the server's logs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/lib/pgaudit.so"))
    if not found:
        pytest.skip("pgaudit is not installed (postgresql-NN-pgaudit)")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    home, told = (
        found[-1].parents[1] / "bin",
        {"cwd": folder, "check": True, "env": {"LC_ALL": "C"}},
    )
    if os.getuid() == 0:  # the server refuses to run as root
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        told |= {"user": owner.pw_uid, "group": owner.pw_gid}
    (folder / "settings").write_text(SETTINGS.format(folder=folder), encoding="utf-8")

    def run(*command: str, text: str | None = None) -> None:
        subprocess.run([str(home / command[0]), *command[1:]], input=text, text=True,
                       capture_output=True, timeout=60, **told)  # fmt: skip

    try:
        run("initdb", "-D", "data", "-A", "trust", "-U", "super", "--no-sync")
        with (folder / "data" / "postgresql.conf").open("a") as conf:
            conf.write(f"include '{folder}/settings'\n")
        run("pg_ctl", "-D", "data", "-w", "-s", "-l", "/dev/null", "start")
        try:
            for user, statements in (("super", AS_SUPERUSER), ("ana", AS_ANA)):
                run("psql", "-h", str(folder), "-d", "postgres", "-U", user, text=statements)
        finally:
            run("pg_ctl", "-D", "data", "-w", "-s", "-m", "immediate", "stop")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("name", ["pg.log", "pg.csv", "pg.json"])
@pytest.mark.parametrize("kind", ["pgaudit", "auto"])
def test_every_format_of_a_real_server_tells_the_same_accesses(logs, name, kind):
    place = Place("log", name, PlaceType(kind))
    reading = read_place(place, logs, ReadLimits())
    chunks = list(reading)
    events = [event for chunk in chunks for event in chunk.accesses]
    assert [(event.who, event.action, event.asset) for event in events] == [
        ("ana", "write", "postgres.sales.orders"),
        ("ana", "read", "postgres.sales.orders"),
        ("ana", "export", "postgres.sales.orders"),
    ]
    assert all(event.network is None for event in events)  # it came over a local socket
    assert "1 audited statement that names no object" in (reading.coverage.reason or "")
    text = str([chunk.batch.to_pylist() for chunk in chunks])
    assert "eve@example.org" in text  # statements are scanned
    assert "ana@postgres" not in text  # who is in the log belongs there
