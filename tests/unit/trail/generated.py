"""Trails at random: keys that rotate, pruned segments, tails without a signature."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from governance.model.trail import Event, Receipt
from governance.trail.cosignature import WitnessKey, cosign
from governance.trail.keys import PublicKey, SigningKey, load_or_create_key
from governance.trail.log import Trail
from governance.trail.note import with_signatures
from governance.trail.proving import open_tree
from governance.trail.pruning import plan_cut

from .conftest import ORIGIN, START

WITNESS = "witness.example.org/w1"
TYPES = ("scan.started", "finding.recorded", "scan.finished", "report.issued", "waiver.granted")
TEXTS = ("sales.orders", "café", "\u65e5\u672c", 'a "quoted" name', "back\\slash", "\x1b[2J", "")


@dataclass(frozen=True)
class Made:
    """A trail, the keys that vouch for it, and its newest checkpoint."""

    path: Path
    pinned: PublicKey
    signer: SigningKey
    witness: WitnessKey
    note: str


class Leaping:
    """A clock that leaps, also backwards, as clocks of machines do."""

    def __init__(self, draw: random.Random) -> None:
        self._draw, self._now = draw, START

    def __call__(self) -> datetime:
        step = self._draw.choice((0, 1, 60, 3600, -1, -3600, 86_400))
        self._now = max(self._now + timedelta(seconds=step), datetime(2026, 1, 1, tzinfo=UTC))
        return self._now


def event(draw: random.Random) -> Event:
    payload = {
        "id": f"{draw.getrandbits(64):016x}",
        "asset": draw.choice(TEXTS),
        "severity": draw.choice(("low", "high", None)),
        "rows": draw.randrange(10**6),
        "nested": {"list": [draw.random() < 0.5, None, draw.choice(TEXTS)]},
    }
    return Event(draw.choice(TYPES), payload)


def make(folder: Path, seed: int, *, size: int = 40, rotates: bool = True) -> Made:
    """Return a trail of about ``size`` entries; what is in it depends on the seed alone."""
    draw = random.Random(seed)
    folder.mkdir(parents=True)
    path, number = folder / "trail.db", 0
    key = load_or_create_key(folder / "key0")
    first, clock = key.public.named(ORIGIN), Leaping(draw)
    witness = load_or_create_key(folder / "witness")
    with Trail.open(path, key=key, origin=ORIGIN, actor="user:ada", run="r1", clock=clock) as trail:
        while trail.size < size:
            left = size - trail.size
            trail.append([event(draw) for _ in range(min(left, draw.choice((1, 2, 7, 60))))])
            if draw.random() < 0.5:
                trail.checkpoint()
            if rotates and draw.random() < 0.1:
                number += 1
                key = load_or_create_key(folder / f"key{number}")
                trail.rotate(key)
            if draw.random() < 0.1:
                trail.checkpoint()
                note = newest(path)
                signed = with_signatures(note, [cosign(note, WITNESS, witness, clock())])
                covered = int(note.split("\n")[1])
                trail.anchor(Receipt("witness", covered, signed.encode(), WITNESS))
        trail.checkpoint()
    pinned = draw.choice((first, key.public.named(ORIGIN)))
    return Made(path, pinned, key, WitnessKey(WITNESS, witness.public.raw), newest(path))


def prune(made: Made) -> None:
    """Drop whatever whole tiles there are."""
    with open_tree(made.path) as prover:
        limit = int(prover.newest_note().split("\n")[1])
    cut = plan_cut(made.path, datetime(2100, 1, 1, tzinfo=UTC), limit)
    if cut is None:
        return
    settings = {"origin": ORIGIN, "actor": "user:ada", "run": "r2"}
    clock = lambda: datetime(2100, 1, 1, tzinfo=UTC)  # noqa: E731
    with Trail.open(made.path, key=made.signer, clock=clock, **settings) as trail:
        trail.prune(cut, "2100-01-01")


def newest(path: Path) -> str:
    with open_tree(path) as prover:
        return prover.newest_note()


def copy(made: Path, target: Path) -> Path:
    shutil.copy(made, target)
    return target


def vacuum(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM")
