"""What a power cut may leave of a trail, from a record of what the system was asked to do.

    python powerloss.py FOLDER       write a trail there, and tell what is acknowledged

Run under strace, every write and sync of that program is known. A disk keeps what was synced; of
the rest it may keep any part, sector by sector and in any order, and so may a folder of the names
in it. ``crashed`` draws one such state of the disk at one instant.
"""

from __future__ import annotations

import base64
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from governance.model.trail import Event
from governance.trail.keys import SigningKey, load_or_create_key
from governance.trail.log import Trail

ORIGIN = "governance/acme"
START = datetime(2026, 11, 25, tzinfo=UTC)
CALLS = "openat,close,pwrite64,write,ftruncate,fsync,fdatasync,unlink,mkdir"
PROGRAM = Path(__file__)
_SECTOR = 512
_LINE = re.compile(r"\d+ +(\w+)\((.*)\) += (\d+)")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def the_key() -> SigningKey:
    return load_or_create_key(Path(), base64.b64encode(bytes(range(32))).decode())


def open_trail(folder: Path, day: int = 0) -> Trail:
    return Trail.open(
        folder / "trail.db", key=the_key(), origin=ORIGIN, actor="user:ada", run="r",
        clock=lambda: START + timedelta(days=day),
    )  # fmt: skip


def write_trail(folder: Path) -> None:
    finding = Event("finding.recorded", {"asset": "sales.orders", "severity": "high"})

    def told(trail: Trail) -> None:
        os.write(1, f"done {trail.size} {trail._head.leaf.hex()}\n".encode())

    with open_trail(folder) as trail:
        told(trail)
        for count in (1, 30, 1, 300):
            trail.append([finding] * count)
            told(trail)
        trail.checkpoint()
        told(trail)
    with open_trail(folder, day=1) as trail:
        trail.append([finding] * 2)
        told(trail)
        trail.checkpoint()


@dataclass
class File:
    """What is on the disk of a file, and what it was asked to change since the last sync."""

    durable: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.pending:
            self.durable = _changed(self.durable, *change)
        self.pending = []


@dataclass
class Disk:
    """The files of one folder, which is made in another one; each name is durable for itself.

    Args:
        acknowledged: The last entry that the writer told of: size and leaf.
    """

    folder: Path
    names: dict[str, File] = field(default_factory=dict)
    durable: dict[str, File] = field(default_factory=dict)
    renamed: list[tuple[str, File | None]] = field(default_factory=list)
    is_made: bool = False
    is_made_durably: bool = False
    open: dict[str, object] = field(default_factory=dict)
    acknowledged: tuple[int, str] | None = None

    def take(self, call: str, words: str, result: str) -> bool:
        """Follow one call; return whether it changed anything here."""
        text = _STRING.search(words)
        content = bytes.fromhex(text[1].replace("\\x", "")) if text else b""
        name = content.decode("utf-8", "replace")
        target = self.open.get(words.partition(",")[0])
        if call == "openat":
            self.open[result] = self._opened(name, words)
            return False
        if call == "close":
            self.open.pop(words, None)
            return False
        if call == "mkdir" and name == str(self.folder):
            self.is_made = True
        elif call == "unlink" and Path(name).parent == self.folder:
            del self.names[name]
            self.renamed.append((name, None))
        elif call in ("fsync", "fdatasync"):
            self._sync(target)
        elif call == "write" and content.startswith(b"done "):
            _, size, leaf = name.split()
            self.acknowledged = (int(size), leaf)
        elif isinstance(target, File) and call in ("pwrite64", "write", "ftruncate"):
            assert call != "write", "what is written without a place is not followed"
            at = int(words.rpartition(",")[2])
            target.pending.append((at, None if call == "ftruncate" else content))
        else:
            return False
        return True

    def crashed(self, draw: random.Random, into: Path, keeps: float) -> None:
        """Write what may be on the disk if the power fails now.

        Args:
            keeps: The share of what was not synced that happens to be there: 0 to 1.
        """
        names = dict(self.durable)
        for name, file in self.renamed:
            if draw.random() < keeps:
                names.pop(name, None)
                names |= {name: file} if file else {}
        if not self.is_made_durably and not (self.is_made and draw.random() < keeps):
            return
        into.mkdir(mode=0o700)
        for name, file in names.items():
            content = file.durable
            for at, changed in file.pending:
                for place, piece in _sectors(at, changed):
                    if draw.random() < keeps:
                        content = _changed(content, place, piece)
            (into / Path(name).name).write_bytes(content)

    def _opened(self, name: str, words: str) -> object:
        if Path(name).parent == self.folder:
            if "O_CREAT" in words and name not in self.names:
                self.names[name] = File()
                self.renamed.append((name, self.names[name]))
            return self.names.get(name, name)
        return name

    def _sync(self, target: object) -> None:
        if isinstance(target, File):
            target.sync()
        elif target == str(self.folder):
            for name, file in self.renamed:
                self.durable.pop(name, None)
                self.durable |= {name: file} if file else {}
            self.renamed = []
        elif target == str(self.folder.parent):
            self.is_made_durably = self.is_made


def record(folder: Path, log: Path) -> list[tuple[str, str, str]]:
    """Run the writer under strace; return its calls, with what they were given and returned."""
    command = ["strace", "-f", "-xx", "-s", "99999", "-o", str(log), "-e", f"trace={CALLS}",
               sys.executable, "-B", str(PROGRAM), str(folder)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, text=True)
    with log.open(encoding="ascii") as lines:
        found = (_LINE.match(line) for line in lines)
        return [(each[1], each[2], each[3]) for each in found if each]


def instants(folder: Path, calls: list[tuple[str, str, str]]) -> Iterator[Disk]:
    """Yield the disk after every call that changed it; it goes on changing."""
    disk = Disk(folder)
    for call in calls:
        if disk.take(*call):
            yield disk


def _changed(content: bytes, at: int, piece: bytes | None) -> bytes:
    """Return the content with a piece written into it, or (None) cut or grown to a length."""
    if piece is None:
        return content[:at].ljust(at, b"\x00")
    return content[:at].ljust(at, b"\x00") + piece + content[at + len(piece) :]


def _sectors(at: int, piece: bytes | None) -> Iterator[tuple[int, bytes | None]]:
    if piece is None:
        yield at, None
        return
    start = at
    while start < at + len(piece):
        end = min((start // _SECTOR + 1) * _SECTOR, at + len(piece))
        yield start, piece[start - at : end - at]
        start = end


if __name__ == "__main__":
    write_trail(Path(sys.argv[1]))
