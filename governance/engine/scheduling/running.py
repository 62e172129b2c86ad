"""One run of a schedule: its intent in the trail, a process of its own, its end in the trail."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event as Signal

from governance.engine.ledger import Ledger
from governance.engine.scheduling import history
from governance.engine.scheduling.jobs import Job
from governance.engine.workspace import Workspace
from governance.errors import UsageError
from governance.model.trail import Event

_LOOKS_EVERY_SECONDS = 0.2
_ENDS_WITHIN_SECONDS = 20.0
LONGEST_OUTPUT = 32_000
UNDERLING = "governance.cli.underling"


@dataclass(frozen=True)
class Desk:
    """What a run needs from outside.

    Args:
        ledger: Opens the trail under a new id. clock: The instant, aware.
        stop: Set when the process is asked to end. grace_seconds: How long a run may go on then.
    """

    workspace: Workspace
    ledger: Callable[[], Ledger]
    clock: Callable[[], datetime]
    stop: Signal
    grace_seconds: float = 30.0


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Args:
        exit_code: None where it was aborted, or not begun because the one before still ran.
        output: What a digest printed, to be sent on; else empty.
    """

    job: Job
    due: datetime
    exit_code: int | None
    output: str = ""
    reason: str | None = None


def run_job(job: Job, due: datetime, desk: Desk) -> Ended:
    """Run a schedule once; a second run of it at the same time is skipped, and that is recorded.

    Raises:
        TrailError: If the intent or the end cannot be recorded; without an intent nothing runs.
    """
    with _alone(desk.workspace, f"schedule-{job.name}") as lock:
        if lock is None:
            said = {"schedule": job.name, "due": due.isoformat(), "reason": "overlap"}
            _record(desk, [Event(history.SKIPPED, said)])
            return Ended(job, due, None, reason="the run before is not over yet")
        return _run(job, due, desk, lock)


@contextmanager
def alone(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace's only scheduler.

    Raises:
        UsageError: If another one runs.
    """
    with _alone(workspace, "scheduler") as lock:
        if lock is None:
            problem = "another scheduler runs in this workspace"
            raise UsageError(str(workspace.root), problem, "end that one first")
        yield


def is_running(workspace: Workspace, name: str) -> bool:
    """Return whether a run of a schedule goes on, in whichever process."""
    with _alone(workspace, f"schedule-{name}") as lock:
        return lock is None


def _run(job: Job, due: datetime, desk: Desk, lock: int) -> Ended:
    command = job.command(due, desk.workspace)
    said = {"schedule": job.name, "due": due.isoformat()}
    told = list(command[:-2])
    with desk.ledger() as ledger:
        run = ledger.run
        ledger.append([Event(history.STARTED, {**said, "command": told})])
        ledger.seal()
    code, output, reason = _in_a_process(command, desk, lock)
    if code is None:
        event = Event(history.ABORTED, {**said, "run": run, "reason": reason, "scans": []})
    else:
        event = Event(history.FINISHED, {**said, "run": run, "exit_code": code})
    _record(desk, [event])
    return Ended(job, due, code, output, reason)


def _in_a_process(
    command: tuple[str, ...], desk: Desk, lock: int
) -> tuple[int | None, str, str | None]:
    """Return the exit code, what a digest printed, and why there is no code.

    NOTE: the process inherits the lock, so that it holds it as long as it lives, even when we do
    not; and it is interrupted when we die, so that it records its own abort.
    """
    is_digest = command[:2] == ("finding", "digest")
    started = subprocess.Popen(  # noqa: S603 (our own command; no shell reads it)
        [sys.executable, "-m", UNDERLING, str(os.getpid()), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if is_digest else None,
        pass_fds=(lock,),
        start_new_session=True,
        text=True,
    )
    output, reason = "", None
    waited = 0.0
    while True:
        try:
            told, _ = started.communicate(timeout=_LOOKS_EVERY_SECONDS)
            output = (told or "")[:LONGEST_OUTPUT]
            break
        except subprocess.TimeoutExpired:
            waited += _LOOKS_EVERY_SECONDS if desk.stop.is_set() else 0.0
            if desk.stop.is_set() and waited >= desk.grace_seconds and reason is None:
                reason = "the scheduler was asked to end"
                started.send_signal(signal.SIGINT)
            if reason is not None and waited >= desk.grace_seconds + _ENDS_WITHIN_SECONDS:
                started.kill()
    if reason is None and started.returncode >= 0:
        return started.returncode, output, None
    return None, output, reason or f"it was ended by signal {-started.returncode}"


def _record(desk: Desk, events: list[Event]) -> None:
    with desk.ledger() as ledger:
        ledger.append(events)
        ledger.seal()


@contextmanager
def _alone(workspace: Workspace, name: str) -> Iterator[int | None]:
    """Yield a lock that one process holds at a time, or None where another one has it."""
    workspace.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = Path(workspace.state / f"{name}.lock")
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield file
    finally:
        os.close(file)
