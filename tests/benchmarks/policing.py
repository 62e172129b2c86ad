"""The policy files and the gate: processor time of whole commands, imports and all.

Processor time and not time on the wall, for that hardly depends on what else the machine does.
The figure beside each is the longest that it may take; for the access rules, what a peer takes.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

from tests.benchmarks import access, gate, policies

GOVERNANCE = str(Path(sys.executable).with_name("governance"))
DEMO = Path(__file__).parents[2] / "policies" / "demo"
FILES = DATASETS = 1_000
ROUNDS = 5
AS_OF = "2026-11-24T09:00:00Z"


def lint(folder: Path) -> str:
    """Milliseconds of ``policy lint``, with nothing remembered and with everything."""
    large = folder / "lint"
    policies.write_workspace(large, FILES)
    command = [GOVERNANCE, "policy", "lint"]
    cold = _milliseconds(command, large, CI="1")
    _milliseconds(command, large)
    warm = _milliseconds(command, large)
    what = f"policy lint, {FILES:,} files"
    return "\n".join([_line(f"{what}, first time, ms", cold, 3_000),
                      _line(f"{what}, again, ms", warm, 1_000)])  # fmt: skip


def hooks(folder: Path) -> str:
    """Milliseconds of what a commit waits for, over the demo's policies."""
    demo = folder / "hooks"
    shutil.copytree(DEMO, demo)
    (demo / "CODEOWNERS").touch()
    _milliseconds([GOVERNANCE, "policy", "export", "codeowners", "-o", "CODEOWNERS"], demo)
    commands = {
        "policy lint": ["policy", "lint"],
        "policy test": ["policy", "test", "--without-rows"],
        "CODEOWNERS --check": ["policy", "export", "codeowners", "-o", "CODEOWNERS", "--check"],
    }
    return "\n".join(_line(f"a hook, {name}, ms", _milliseconds([GOVERNANCE, *each], demo), 500)
                     for name, each in commands.items())  # fmt: skip


def check(folder: Path) -> str:
    """Milliseconds of the gate, on a runner: no data, no trail, facts from a file."""
    demo, runner = folder / "demo", folder / "runner"
    _milliseconds([GOVERNANCE, "demo", str(demo)], folder, rounds=1)
    _milliseconds([GOVERNANCE, "facts", "export", "-o", "facts.jsonl"], demo, rounds=1)
    kept = shutil.ignore_patterns(".governance", "data", "logs", "out")
    shutil.copytree(demo, runner, ignore=kept)
    named = ["--facts", "facts.jsonl", "--as-of", AS_OF]
    small = _milliseconds([GOVERNANCE, "check", *named], runner)
    large = folder / "gate"
    large.mkdir()
    gate.write(large, DATASETS)
    what = f"check of {DATASETS:,} datasets"
    beside = [GOVERNANCE, "check", "--base", "main"]
    return "\n".join([
        _line("check of the demo, ms", small, 1_000),
        _line(f"{what}, ms", _milliseconds([GOVERNANCE, "check"], large), 5_000),
        _line("the same beside a base, ms", _milliseconds(beside, large), 5_000),
    ])  # fmt: skip


def accesses(folder: Path) -> str:
    """Milliseconds of a scan of an access log on one core, against asking rule by rule."""
    logged = folder / "access"
    logged.mkdir()
    events = int(os.environ.get("EVENTS", "100_000"))
    access.write(logged, events)
    ours = _milliseconds([GOVERNANCE, "scan", "-q", "--jobs", "1"], logged, rounds=1)
    peer = access.peer_seconds(logged) * events * 1e3
    what = f"{access.RULES:,} rules x {events:,} events, ms"
    return _line(what, ours, peer, "every rule for every event")


MEASURES = (lint, hooks, check, accesses)


def _milliseconds(command: list[str], folder: Path, *, rounds: int = ROUNDS, **said: str) -> float:
    """Return the median of the processor time that a command takes, its children included."""
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    cache = {"XDG_CACHE_HOME": str(folder.parent / "cache")}
    times = []
    for _ in range(rounds):
        before = _used()
        ended = subprocess.run(
            command, cwd=folder, env=kept | cache | said, capture_output=True, check=False
        )
        if ended.returncode not in (0, 1, 3):
            sys.exit(f"{' '.join(command[1:])}: {ended.stderr.decode()[:300]}")
        times.append(_used() - before)
    return median(times) * 1e3


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _line(what: str, ours: float, peer: float, name: str = "the longest it may take") -> str:
    return f"{what:44}{ours:>16,.0f}{peer:>16,.0f}{ours / peer:>9.2f}  {name}"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as named:
        for measure in MEASURES:
            print(measure(Path(named)), flush=True)
