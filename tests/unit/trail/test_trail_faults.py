"""Crashes, failing disks and full ones: nothing acknowledged is lost, and the trail verifies."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("faults.py")
KILLS = int(os.environ.get("KILLS", "300"))


def _held(*words: object) -> int:
    """Run the program of faults; return how many tries there were, all of which held."""
    command = [sys.executable, str(PROGRAM), *map(str, words)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if "strace cannot attach" in ended.stderr:
        pytest.skip("this machine lets no process trace another")
    found = json.loads(ended.stdout or "null")
    assert ended.returncode == 0 and found["problems"] == [], ended.stdout + ended.stderr[-2000:]
    return int(found["tries"])


def _strace() -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: apt-get install strace")


def test_killed_at_random_instants() -> None:
    assert _held("kill", 12, 7) == 12


@pytest.mark.slow
def test_killed_at_random_instants_very_often() -> None:
    """300 times, or as often as KILLS says."""
    assert _held("kill", KILLS, 11) == KILLS


def test_a_disk_that_fills_while_an_entry_is_written() -> None:
    _strace()
    assert _held("inject", "append", "pwrite64/error=ENOSPC") > 5


@pytest.mark.slow
@pytest.mark.parametrize("action", ["append", "batch", "checkpoint"])
def test_every_system_call_of_a_write_fails_once(action: str) -> None:
    _strace()
    assert _held("inject", action, "all") > 50


@pytest.mark.slow
def test_a_disk_that_is_full_at_any_byte() -> None:
    assert _held("full", 200) == 200
