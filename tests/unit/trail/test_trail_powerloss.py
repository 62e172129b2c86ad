"""The power fails at any instant: what was acknowledged is there, and the trail verifies."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from governance.model.trail import Assurance, Event
from governance.trail.reading import read_entries
from governance.trail.verify import DEEP, verify

from .powerloss import Disk, instants, open_trail, record, the_key

CUTS = int(os.environ.get("CUTS", "3000" if "TORTURE" in os.environ else "80"))
"""THREATS asks for 2,000 before a release."""


def problem_after(disk: Disk, draw: random.Random, place: Path, keeps: float) -> str | None:
    """Return what is wrong with a trail after the power failed, or None."""
    shutil.rmtree(place, ignore_errors=True)
    disk.crashed(draw, place, keeps)
    path, told = place / "trail.db", disk.acknowledged
    found = verify(path, pinned=the_key().public, pin_source="t", scope=DEEP)
    if told is not None:
        if found.problem or found.level is not Assurance.SIGNED:
            return f"not verifiable: {found.problem}"
        leaves = [entry.leaf.hex() for entry in read_entries(path)]
        if len(leaves) < told[0] or leaves[told[0] - 1] != told[1]:
            return f"{told[0]} entries were acknowledged, {len(leaves)} are there"
    with open_trail(place, day=2) as trail:
        trail.append([Event("scan.started", {})])
    found = verify(path, pinned=the_key().public, pin_source="t", scope=DEEP)
    return f"does not go on: {found.problem}" if found.problem else None


@pytest.mark.slow
def test_a_power_cut_takes_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: apt-get install strace")
    folder, draw, problems = tmp_path / "state", random.Random(17), []
    calls = record(folder, tmp_path / "strace.log")
    count = sum(1 for _ in instants(folder, calls))
    assert count > 150
    each, tried = max(1, CUTS // count), 0
    often = {at for at in range(count) if count <= CUTS or draw.random() < CUTS / count}
    for at, disk in enumerate(instants(folder, calls)):
        for number in range(each if at in often else 0):
            # Nothing that was not synced is there; then a part of it, drawn anew each time.
            keeps = 0.0 if number == 0 and draw.random() < 0.5 else draw.choice((0.1, 0.5, 0.9))
            tried += 1
            problem = problem_after(disk, draw, tmp_path / "after", keeps)
            problems += [f"after call {at}: {problem}"] if problem else []
    assert not problems, problems[:5]
    assert tried > CUTS / 2
