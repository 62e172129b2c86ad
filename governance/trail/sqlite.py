"""How the trail's SQLite file is opened, and what its failures mean."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from governance.errors import TrailError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BUSY_SECONDS = 30.0
_WAL_MENDED = (3, 51, 3)
_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "glusterfs", "fuse.", "lustre", "gpfs")
_MOUNTS = Path("/proc/self/mountinfo")
_ROOM_BYTES = 1 << 20
_PAGE_BYTES = 16_384
"""Of new files: half a kilobyte an entry wastes a tenth of SQLite's usual 4096."""

_REMEDIES = {
    "SQLITE_FULL": ("the disk is full", "free some space and run the command again"),
    "SQLITE_READONLY": ("the trail is read-only", "give this user the right to write it"),
    "SQLITE_BUSY": ("another process holds the trail", "wait until it is done and run again"),
    "SQLITE_LOCKED": ("another process holds the trail", "wait until it is done and run again"),
    "SQLITE_CORRUPT": ("the file is damaged", "run 'governance audit verify', then restore it"),
    "SQLITE_NOTADB": ("the file is not a trail", "name the trail, or restore it from a copy"),
    "SQLITE_CANTOPEN": ("the trail cannot be opened", "check that the folder exists and is yours"),
    "SQLITE_CONSTRAINT": (
        "the trail refused the write: it only grows",
        "run 'governance audit verify'",
    ),
    "SQLITE_IOERR": (
        "the disk failed or refused the write",
        "check free space, quota and the disk, and run the command again",
    ),
}


def journal_mode(version: tuple[int, ...], *, remote: bool = False) -> tuple[str, str]:
    """Return the journal mode and ``synchronous`` that are durable in a SQLite version.

    Args:
        remote: The file lies on a network file system, where no write-ahead log is safe.

    SQLite 3.7.0 to 3.51.2 can lose a write-ahead log that is reset while another process
    checkpoints it, so those use the rollback journal, with EXTRA so that the folder is synced
    after the journal is gone.
    """
    return ("WAL", "FULL") if version >= _WAL_MENDED and not remote else ("DELETE", "EXTRA")


def is_remote(path: Path, mounts: str) -> bool:
    """Return whether a file lies on a network file system.

    Args:
        mounts: The text of ``/proc/self/mountinfo``; empty where there is none.
    """
    whole, longest, kind = str(path.absolute()), "", ""
    for line in mounts.splitlines():
        place, _, rest = line.partition(" - ")
        point = place.split(" ")[4].replace("\\040", " ") if place.count(" ") >= 4 else ""
        inside = point and (whole == point or whole.startswith(point.rstrip("/") + "/"))
        if inside and len(point) >= len(longest):
            longest, kind = point, rest.partition(" ")[0]
    return kind.startswith(_NETWORK)


def writing_engine(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Return an engine with one connection whose transactions lock before they read.

    The file is created with mode 0600, its folder (if missing) with 0700. Call it, and use the
    engine, inside ``storage.failing_closed``.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import QueuePool

    _make_folder(path.parent)
    room = os.statvfs(path.parent)
    if room.f_bavail * room.f_frsize < _ROOM_BYTES:
        # NOTE: said before the work is done, not after it.
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(descriptor).st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
    engine = create_engine(
        "sqlite://",
        creator=lambda: _connect(path, "rw", busy_seconds),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        mounts = _MOUNTS.read_text("utf-8", "replace") if _MOUNTS.exists() else ""
        journal, synchronous = journal_mode(
            sqlite3.sqlite_version_info, remote=is_remote(path, mounts)
        )
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute(f"PRAGMA synchronous = {synchronous}")

    @event.listens_for(engine, "begin")
    def _lock_first(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def vacuum(path: Path) -> None:
    """Write a file anew, so that nothing of what was deleted is left in it."""
    connection = _connect(path, "rw", BUSY_SECONDS)
    try:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def reading_engine(path: Path) -> Engine:
    """Return an engine that cannot write; each statement sees one state of the file.

    No transaction spans statements, so that a long verification never keeps a writer waiting.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    _recover(path)
    return create_engine(
        "sqlite://",
        creator=lambda: _connect(path, "ro", BUSY_SECONDS),
        poolclass=NullPool,
        hide_parameters=True,
    )


def reading_connection(path: Path) -> sqlite3.Connection:
    """Return a connection like those of ``reading_engine``, without the library around it."""
    _recover(path)
    return _connect(path, "ro", BUSY_SECONDS)


def explain(path: Path, cause: object) -> TrailError:
    """Return what SQLite or the system reported as an error that a person can act on."""
    name = str(getattr(cause, "sqlite_errorname", ""))
    for prefix, (problem, remedy) in _REMEDIES.items():
        if name.startswith(prefix):
            return TrailError(str(path), problem, remedy)
    if isinstance(cause, OSError):
        problem = f"the trail cannot be used: {(cause.strerror or 'unknown').lower()}"
        return TrailError(str(path), problem, "check the folder, its rights and its free space")
    return TrailError(
        str(path), "the trail cannot be used", "run 'governance audit verify', or restore it"
    )


def _connect(path: Path, mode: str, busy_seconds: float) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=busy_seconds, isolation_level=None, check_same_thread=False
    )
    try:
        # A received file is hostile input: nothing in its schema may run, no page is mapped.
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA busy_timeout = {int(busy_seconds * 1000)}")
        if mode == "ro":
            connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _make_folder(folder: Path, mode: int = 0o700) -> None:
    """Make a folder, with those above it, so that a power cut does not take it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent, 0o777)
    folder.mkdir(mode, exist_ok=True)
    above = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(above)
    finally:
        os.close(above)


def _recover(path: Path) -> None:
    """Let SQLite undo a write that a crash cut short; a read-only connection may not."""
    journal = path.with_name(f"{path.name}-journal")
    if not (path.is_file() and journal.is_file() and os.access(path, os.W_OK)):
        return
    connection = _connect(path, "rw", BUSY_SECONDS)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    finally:
        connection.close()
