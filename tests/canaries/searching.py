"""Looking for canaries in bytes, however they may be written there."""

from __future__ import annotations

import base64
import html
import re
import shutil
import sqlite3
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

import zstandard

from tests.canaries.kinds import SHORTEST, Canary

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def writings(value: str) -> Iterator[tuple[str, bytes]]:
    """Yield every way a value may be written, with its name."""
    for name, text in (("plain", value), ("reversed", value[::-1]), ("lower", value.lower()),
                       ("upper", value.upper()), ("in a URL", quote(value, safe="")),
                       ("in a form", quote_plus(value))):  # fmt: skip
        yield name, text.encode()
    raw = value.encode()
    yield "escaped", value.encode("unicode_escape")
    yield "escaped throughout", "".join(f"\\u{ord(each):04x}" for each in value).encode()
    yield "in HTML", html.escape(value).encode()
    yield "utf-16", value.encode("utf-16-le")
    yield "utf-16, big end first", value.encode("utf-16-be")
    yield "hex", raw.hex().encode()
    yield "hex, upper", raw.hex().upper().encode()
    bare = re.sub(r"[ .\-/:+]", "", value)
    if len(bare) >= SHORTEST:
        yield "without separators", bare.encode()
    for offset in range(3):
        # Without the characters that also depend on what stands before and behind.
        coded = base64.b64encode(b"\0" * offset + raw)[(0, 2, 3)[offset] :].rstrip(b"=")[:-1]
        yield f"base64 at {offset}", coded
        yield f"base64 for URLs at {offset}", coded.translate(bytes.maketrans(b"+/", b"-_"))


class Searcher:
    """Finds any writing of any canary in one pass over the bytes."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._needles: dict[bytes, list[tuple[bytes, str]]] = {}
        for canary in canaries:
            for name, needle in writings(canary.value):
                told = f"{canary.label}, planted in {canary.planted}, {name}"
                self._needles.setdefault(needle[:SHORTEST], []).append((needle, told))

    def leaks(self, content: bytes) -> set[str]:
        """Return what was found, told without its value."""
        heads = self._needles
        found = set()
        for at in range(len(content) - SHORTEST + 1):
            head = content[at : at + SHORTEST]
            if head in heads:
                found |= {told for needle, told in heads[head]
                          if content.startswith(needle, at)}  # fmt: skip
        return found


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield a file's name and bytes, and those that a database or a PDF keeps packed in it."""
    raw = path.read_bytes()
    yield "the name of a file", str(path).encode()
    yield path.name, raw
    if raw.startswith(b"SQLite format 3"):
        yield from _cells(path)
    if raw.startswith(b"%PDF"):
        for number, stream in enumerate(_STREAM.findall(raw)):
            yield f"{path.name}, stream {number}", _unpacked(stream)
        if shutil.which("pdftotext"):
            read = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True)
            # NOTE: what a line break parted is looked for without it too.
            yield f"{path.name}, text", read.stdout + read.stdout.replace(b"\n", b"")


def _cells(path: Path) -> Iterator[tuple[str, bytes]]:
    with closing(sqlite3.connect(path)) as store:
        tables = store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (table,) in tables:
            cells = [_bytes(cell) for row in store.execute(f'SELECT * FROM "{table}"')
                     for cell in row]  # fmt: skip
            yield f"{path.name}, table {table}", b"\n".join(map(_unpacked, cells))


def _bytes(cell: object) -> bytes:
    return cell if isinstance(cell, bytes) else str(cell).encode()


def _unpacked(packed: bytes) -> bytes:
    if packed.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    try:
        return zlib.decompress(packed)
    except zlib.error:
        return packed
