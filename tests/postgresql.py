"""A real PostgreSQL server for a test: on a socket of its own, without a port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@contextmanager
def postgresql(superuser: str, *databases: str) -> Iterator[Path]:
    """Start a server and yield the folder of its socket; skip where PostgreSQL is missing."""
    if not PROGRAMS:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # A folder that the server's own user reaches: those above pytest's are closed to it.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
    tools, data = PROGRAMS[-1].parent, str(folder / "data")
    as_postgres(tools / "initdb", "-D", data, "-U", superuser, "-A", "trust", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    control = tools / "pg_ctl"
    as_postgres(control, "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
    try:
        for name in databases:
            as_postgres(tools / "createdb", "-h", str(folder), "-U", superuser, name)
        yield folder
    finally:
        as_postgres(control, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def as_postgres(program: Path, *arguments: str) -> None:
    """Run a program as a user that PostgreSQL lets run it: never root."""
    user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
    ids = {"user": user.pw_uid, "group": user.pw_gid} if user else {}
    quiet = subprocess.DEVNULL
    subprocess.run([str(program), *arguments], check=True, cwd="/",
                   stdin=quiet, stdout=quiet, stderr=quiet, **ids)  # fmt: skip
