"""Writers that are killed, or whose system calls fail, again and again: run as a program.

    python faults.py kill TIMES SEED       kill -9 at random instants
    python faults.py inject ACTION WHICH   fail every system call of one action, by strace
    python faults.py full TIMES            no file may grow beyond a limit, another one each time

It forks from one process that has loaded everything, so that a try costs milliseconds. Each try
ends in a full verification; what does not hold is printed and the exit code is 1.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from governance.errors import TrailError
from governance.model.trail import Assurance, Event, Person
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.privacy import Privacy
from governance.trail.pruning import plan_cut
from governance.trail.reading import read_entries
from governance.trail.verify import DEEP, verify

# A module that is compiled while writes fail would be cached cut short, for all later runs.
sys.dont_write_bytecode = True

ORIGIN = "governance/acme"
START = datetime(2026, 11, 23, tzinfo=UTC)
CALLS = ("pwrite64", "write", "fsync", "fdatasync", "unlink", "ftruncate", "openat", "fcntl")
FAULTS = ("error=EIO", "error=ENOSPC", "signal=SIGKILL")


def open_trail(folder: Path, key: SigningKey, day: int = 0) -> Trail:
    return Trail.open(
        folder / "trail.db", key=key, origin=ORIGIN, actor="user:ada", run="r",
        clock=lambda: START + timedelta(days=day),
    )  # fmt: skip


def event(number: int) -> Event:
    return Event("finding.recorded", {"asset": f"a{number}", "severity": "high"})


@contextmanager
def workplace() -> Iterator[Path]:
    """Yield a folder in memory, where there is one: what fails here is not the disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


def check(folder: Path, key: SigningKey, told: dict[int, str]) -> tuple[int, str | None]:
    """Return how many entries there are, and what does not hold."""
    found = verify(folder / "trail.db", pinned=key.public, pin_source="t", scope=DEEP)
    if found.problem or found.level is not Assurance.SIGNED:
        return found.entries, f"not verifiable: {found.problem}"
    leaves = {entry.seq: entry.leaf.hex() for entry in read_entries(folder / "trail.db")}
    lost = [seq for seq, leaf in told.items() if leaves.get(seq, leaf) != leaf]
    lost += [seq for seq in told if seq >= found.entries]
    return found.entries, f"acknowledged and lost: {sorted(lost)[:5]}" if lost else None


# Killing


def work(folder: Path, key: SigningKey, tell: Callable[[str], None], seed: int) -> None:
    """Append, sign, prune and erase until somebody ends it; tell what is on disk."""
    rng = random.Random(seed)
    privacy = Privacy(folder / "keys", folder)
    with open_trail(folder, key, day=rng.randrange(5)) as trail:
        while True:
            size = rng.choice((1, 1, 1, 3, 40, 300))
            tell(f"begin {size}")
            trail.append([event(n) for n in range(size)])
            tell(f"done {trail.size - 1} {trail._head.leaf.hex()}")
            trail.checkpoint()
            if rng.random() < 0.1:
                cut = plan_cut(folder / "trail.db", START + timedelta(days=9), trail.size)
                if cut is not None:
                    tell("begin 1")
                    trail.prune(cut, "2026-12-01T00:00:00.000000Z")
                    tell(f"done {trail.size - 1} {trail._head.leaf.hex()}")
            if rng.random() < 0.1:
                about = Person(f"user:p{rng.randrange(3)}")
                privacy.hide([Event("a.b", {"who": about}, {"note": "n"}, about)], about)
                known = privacy.find(about)
                if known is not None:
                    privacy.erase(known.ref)


def kill_often(times: int, seed: int) -> list[str]:
    rng, problems = random.Random(seed), []
    with workplace() as base:
        for number in range(times):
            if number % 20 == 0:
                folder = base / str(number)
                folder.mkdir()
                key = load_or_create_key(folder / "keys")
                open_trail(folder, key).close()
                told: dict[int, str] = {}
                known = 1
            lines = killed_after(folder, key, rng)
            begun = 0
            for line in lines:
                words = line.split()
                if words[0] == "begin":
                    begun = int(words[1])
                elif words[0] == "done":
                    told[int(words[1])] = words[2]
                    known, begun = int(words[1]) + 1, 0
            count, problem = check(folder, key, told)
            if problem is None and count not in (known, known + begun):
                problem = f"{count} entries, {known} acknowledged, {begun} begun"
            known = count
            Privacy(folder / "keys", folder).reader()  # opens, whatever was interrupted
            if problem:
                problems.append(f"kill {number}: {problem}")
            if number % 20 == 19:
                shutil.rmtree(folder)
    return problems


def killed_after(folder: Path, key: SigningKey, rng: random.Random) -> list[str]:
    """Let a process work, kill it at a random instant, and return what it had told by then."""
    reading, writing = os.pipe()
    seed, wait = rng.random(), rng.random() * 0.08
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            work(folder, key, lambda line: os.write(writing, f"{line}\n".encode()), int(seed * 1e9))
        finally:
            os._exit(9)
    os.close(writing)
    time.sleep(wait)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        return [line for line in pipe.read().split("\n")[:-1] if line]


# Injecting


def act(trail: Trail, action: str) -> None:
    if action == "append":
        trail.append([event(1)])
    elif action == "batch":
        trail.append([event(n) for n in range(300)])
    else:
        trail.checkpoint()


def tried(folder: Path, key: SigningKey, action: str, inject: str | None) -> tuple[int, str]:
    """Do an action with a fault in it; return its exit code (or minus the signal) and the log."""
    log = folder / "strace.log"
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with open_trail(folder, key) as trail:
                if action == "checkpoint":
                    trail.append([event(0)])
                os.write(ready[1], b"r")
                os.read(go[0], 1)
                try:
                    act(trail, action)
                    code = 0
                except TrailError as error:
                    code = error.exit_code
                os.write(go[1], b"")
                os._exit(code)
        finally:
            os._exit(code)
    os.read(ready[0], 1)
    command = ["strace", "-f", "-p", str(child), "-o", str(log), "-e", f"trace={','.join(CALLS)}"]
    command += ["-e", f"inject={inject}"] if inject else []
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    attached = tracer.stderr.readline()
    if "attached" not in attached:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise SystemExit(f"strace cannot attach: {attached.strip()}")
    os.write(go[1], b"g")
    _, status = os.waitpid(child, 0)
    tracer.wait()
    for each in (*ready, *go):
        os.close(each)
    return os.waitstatus_to_exitcode(status), log.read_text()


def inject_everywhere(action: str, which: str) -> tuple[list[str], int]:
    problems, tries = [], 0
    with workplace() as base:
        origin = base / "origin"
        origin.mkdir()
        key = load_or_create_key(base / "keys")
        with open_trail(origin, key) as trail:
            trail.append([event(n) for n in range(200)])
            trail.checkpoint()

        def fresh() -> Path:
            folder = base / "try"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(origin, folder)
            return folder

        code, log = tried(fresh(), key, action, None)
        if code != 0:
            return [f"without a fault: exit code {code}"], 1
        before, after = {"append": (201, 202), "batch": (201, 501), "checkpoint": (202, 202)}[
            action
        ]
        for call, fault in chosen(which):
            for number in range(1, len(re.findall(rf"\b{call}\(", log)) + 1):
                folder = fresh()
                inject = f"{call}:{fault}:when={number}"
                code, said = tried(folder, key, action, inject)
                tries += 1
                if "INJECTED" not in said and "SIGKILL" not in said:
                    problems.append(f"{action} {inject}: nothing was injected")
                count, problem = check(folder, key, {})
                expected = {0: (after,), 4: (before, after), -9: (before, after)}.get(code)
                if problem is None and (expected is None or count not in expected):
                    problem = f"exit code {code}, {count} entries"
                if problem is None:
                    with open_trail(folder, key) as trail:
                        trail.append([event(2)])  # goes on as if nothing had been
                if problem:
                    problems.append(f"{action} {inject}: {problem}")
    return problems, tries


# Filling the disk


def fill(times: int) -> list[str]:
    problems = []
    with workplace() as base:
        origin, folder = base / "origin", base / "try"
        origin.mkdir()
        key = load_or_create_key(base / "keys")
        open_trail(origin, key).close()
        for number in range(times):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(origin, folder)
            code, told = filled(folder, key, room=number * 211)
            count, problem = check(folder, key, told)
            if problem is None and (code != TrailError.exit_code or count != 1 + 3 * len(told)):
                problem = f"exit code {code}, {count} entries, {len(told)} acknowledged"
            if problem:
                problems.append(f"{number * 211} bytes of room: {problem}")
    return problems


def filled(folder: Path, key: SigningKey, room: int) -> tuple[int, dict[int, str]]:
    """Append until no file may grow; return the exit code and what was acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with open_trail(folder, key) as trail:
                limit = min((folder / "trail.db").stat().st_size, room) + room
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
                while True:
                    trail.append([event(n) for n in range(3)])
                    os.write(writing, f"{trail.size - 1} {trail._head.leaf.hex()}\n".encode())
        except TrailError as error:
            code = error.exit_code
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lines = [line.split() for line in pipe.read().split("\n")[:-1]]
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), {int(seq): leaf for seq, leaf in lines}


def chosen(which: str) -> Iterator[tuple[str, str]]:
    if which != "all":
        yield from (pair.split("/") for pair in which.split(","))  # type: ignore[misc]
        return
    for call in CALLS:
        yield from ((call, fault) for fault in FAULTS)


def main() -> None:
    if sys.argv[1] == "kill":
        problems, tries = kill_often(int(sys.argv[2]), int(sys.argv[3])), int(sys.argv[2])
    elif sys.argv[1] == "full":
        problems, tries = fill(int(sys.argv[2])), int(sys.argv[2])
    else:
        problems, tries = inject_everywhere(sys.argv[2], sys.argv[3])
    sys.stdout.write(json.dumps({"tries": tries, "problems": problems}))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
