"""Hostile files, made anew for every run: name, maker, and what may be said of each.

None is stored; a bomb is small on disk and large only when it is unpacked.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import random
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import fastavro
import openpyxl
import pyarrow as pa
import pyarrow.feather
import pyarrow.orc
import pyarrow.parquet as pq
import zstandard

ROWS = "email,n\n" + "".join(f"person{n}@example.org,{n}\n" for n in range(300))
PARTIAL, SKIPPED, COMPLETE = "partial", "skipped", "complete"
NOT_CLEAN = frozenset({PARTIAL, SKIPPED})
ANY = frozenset({PARTIAL, SKIPPED, COMPLETE})


@dataclass(frozen=True)
class Case:
    """One file.

    Args:
        make: Returns its bytes, or writes it and returns None.
        allowed: What its coverage may be.
    """

    name: str
    make: Callable[[Path], bytes | None]
    allowed: frozenset[str] = NOT_CLEAN


def cases() -> Iterator[Case]:
    """Yield every case."""
    yield from _packed()
    yield from _texts()
    yield from _tables()
    yield from _paths()
    yield from _others()


def _zip(members: dict[str, bytes], level: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", level) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _tar(entries: list[tarfile.TarInfo]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for entry in entries:
            archive.addfile(entry, io.BytesIO(b"x" * entry.size))
    return packed.getvalue()


def _packed() -> Iterator[Case]:
    plain = ROWS.encode()
    for ending, pack in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress),
                         ("zst", zstandard.compress)):  # fmt: skip
        whole = pack(plain * 20)
        yield Case(f"whole.csv.{ending}", lambda _, whole=whole: whole, frozenset({COMPLETE}))
        yield Case(f"cut.csv.{ending}", lambda _, whole=whole: whole[: len(whole) // 2])
        broken = bytearray(whole)
        broken[len(broken) // 2] ^= 0xFF
        yield Case(f"broken.csv.{ending}", lambda _, broken=broken: bytes(broken))
    one_line = gzip.compress(b"0" * 60_000_000)
    yield Case("one-line-of-60-mb.log.gz", lambda _: one_line)
    yield Case("twice.gz", lambda _: gzip.compress(one_line))
    deep = _zip({"a.csv": plain})
    for _ in range(5):
        deep = _zip({"inner.zip": deep})
    yield Case("deep.zip", lambda _, deep=deep: deep)
    yield Case("empty.zip", lambda _: _zip({}))
    twins = bytearray(_zip({"a.csv": plain, "b.csv": plain}, zipfile.ZIP_STORED))
    second = twins.rindex(b"PK\x01\x02")
    twins[second + 42 : second + 46] = bytes(4)
    yield Case("overlap.zip", lambda _: bytes(twins))
    liar = bytearray(_zip({"a.csv": plain}))
    entry = liar.rindex(b"PK\x01\x02")
    liar[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    yield Case("lying-size.zip", lambda _: bytes(liar))
    locked = bytearray(_zip({"a.csv": plain}))
    for place in (locked.index(b"PK\x03\x04") + 6, locked.index(b"PK\x01\x02") + 8):
        locked[place] |= 1
    yield Case("locked.zip", lambda _: bytes(locked))
    link = tarfile.TarInfo("../../../etc/passwd")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    device = tarfile.TarInfo("null")
    device.type = tarfile.CHRTYPE
    yield Case("links.tar", lambda _: _tar([link, device]))
    lost = tarfile.TarInfo("a.csv")
    lost.size = 5000
    yield Case("cut.tar", lambda _: _tar([lost])[:2000])


def _texts() -> Iterator[Case]:
    yield Case("one-field.csv", lambda _: b'a,b\n1,"' + b"x" * 900_000 + b'"\n')
    yield Case("no-line-end.csv", lambda _: b"a,b\n" + b"1," * 450_000)
    yield Case("nul.csv", lambda _: b"a,b\n1\x00,2\n" * 50)
    yield Case("nul.log", lambda _: b"line\x00\n" * 50)
    yield Case("open-quote.csv", lambda _: b'a,b\n"1,2\n' + b"3,4\n" * 2000)
    yield Case("quotes.csv", lambda _: b"a,b\n" + b'"' * 99_999 + b"\n", ANY)
    yield Case(
        "columns.csv", lambda _: ",".join(f"c{n}" for n in range(60_000)).encode() + b"\n1\n"
    )
    yield Case("mixed.csv", lambda _: "name\nÄnne\n".encode() + "Ünal\n".encode("latin-1") * 9, ANY)
    yield Case("utf16-no-mark.csv", lambda _: ROWS.encode("utf-16-le"), ANY)
    yield Case("invalid.log", lambda _: b"a line\n" * 40 + b"\xff\xfe\x80\n", ANY)
    yield Case("ragged.csv", lambda _: b"a,b\n1,2\n3\n4,5,6\n")
    yield Case("deep.json", lambda _: b"[" * 100_000 + b"]" * 100_000)
    yield Case("digits.json", lambda _: b'{"n": ' + b"9" * 900_000 + b"}", ANY)
    yield Case("keys.jsonl", lambda _: b'{"a": 1, "a": 2}\n' * 3)
    yield Case("broken.jsonl", lambda _: b'{"a": 1}\n{"a": \n{"a": 3}\n')
    yield Case("half-pair.jsonl", lambda _: b'{"a": "\\ud800"}\n{"\\udc00": 1}\n', ANY)
    yield Case("redos.log", lambda _: b"a-" * 200_000 + b"@\n" + b"1" * 300_000 + b"\n", ANY)
    yield Case("brackets.log", lambda _: b"(((((" * 50_000 + b"\n", ANY)
    yield Case("escape.csv", lambda _: b"\x1b[2Jname,b\n\x1b]52;c;aGk=\x07,1\n", ANY)


def _tables() -> Iterator[Case]:
    makers: dict[str, Callable[[Path], None]] = {
        "t.parquet": lambda path: pq.write_table(_table(), path),
        "t.feather": lambda path: pyarrow.feather.write_feather(_table(), path),
        "t.orc": lambda path: pyarrow.orc.write_table(_table(), path),
        "t.avro": _avro,
        "t.xlsx": _workbook,
        "t.sqlite": _sqlite,
        "t.duckdb": _duckdb,
    }
    for name, make in makers.items():
        yield Case(f"cut-{name}", lambda folder, make=make, name=name: _made(folder, make)[:-200]
                   if name != "t.duckdb" else _made(folder, make)[:5000])  # fmt: skip
        for seed in range(3):
            # A byte that no page, footer or checksum covers may change a value and nothing else.
            yield Case(
                f"mutated-{seed}-{name}",
                lambda folder, make=make, seed=seed: _mutated(_made(folder, make), seed),
                ANY,
            )
    yield Case("encrypted.parquet", lambda _: b"PARE" + bytes(200) + b"PARE")
    yield Case("view.sqlite", _endless_view)
    yield Case("drop.sqlite", _drop, frozenset({COMPLETE}))
    yield Case("evil.xlsx", _evil_workbook)
    yield Case("dictionary.parquet", _dictionary_bomb, frozenset({COMPLETE, PARTIAL}))


def _paths() -> Iterator[Case]:
    yield Case("pipe.csv", lambda folder: os.mkfifo(folder / "pipe.csv"))
    yield Case("zero.csv", lambda folder: (folder / "zero.csv").symlink_to("/dev/zero"))
    yield Case("out.csv", lambda folder: (folder / "out.csv").symlink_to("/etc/hostname"))
    yield Case("loop.csv", lambda folder: (folder / "loop.csv").symlink_to("loop.csv"))
    yield Case("name\r::stop::\u202e\x1b[2J.csv", lambda _: ROWS.encode(), frozenset({COMPLETE}))
    yield Case("empty.csv", lambda _: b"")


def _others() -> Iterator[Case]:
    yield Case("model.pkl", lambda folder: pickle.dumps(Canary(str(folder / "canary"))))
    yield Case("array.npy", lambda _: b"\x93NUMPY\x01\x00" + bytes(300))
    yield Case("data.h5", lambda _: b"\x89HDF\r\n\x1a\n" + bytes(300))
    yield Case("program", lambda _: b"\x7fELF" + bytes(300))
    yield Case("noise.dat", lambda _: random.Random(7).randbytes(50_000))


class Canary:
    """Unpickling it would create a file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, (self._path,)


def _table() -> pa.Table:
    return pa.table({"email": [f"person{n}@example.org" for n in range(3000)], "n": range(3000)})


def _made(folder: Path, make: Callable[[Path], None]) -> bytes:
    path = folder.parent / "made"
    path.unlink(missing_ok=True)
    make(path)
    return path.read_bytes()


def _mutated(content: bytes, seed: int) -> bytes:
    draw, changed = random.Random(seed), bytearray(content)
    for _ in range(40):
        changed[draw.randrange(16, len(changed))] = draw.randrange(256)
    return bytes(changed)


def _avro(path: Path) -> None:
    schema = {"type": "record", "name": "r", "fields": [{"name": "email", "type": "string"}]}
    with path.open("wb") as out:
        records = ({"email": f"person{n}@example.org"} for n in range(3000))
        fastavro.writer(out, schema, records, codec="deflate", sync_interval=2000)


def _workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["email", "n"])
    for n in range(99):
        book.active.append([f"person{n}@example.org", n])
    with path.open("wb") as out:
        book.save(out)


def _evil_workbook(folder: Path) -> bytes:
    plain = _made(folder, _workbook)
    evil = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(io.BytesIO(plain)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = evil + sheet.replace(b"<sheetData>", b"<sheetData>&b;")
    return _zip(parts)


def _sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as shop:
        shop.execute("create table people (email text, n int)")
        shop.executemany("insert into people values (?, ?)",
                         [(f"person{n}@example.org", n) for n in range(3000)])  # fmt: skip
        shop.commit()


def _endless_view(folder: Path) -> bytes:
    def make(path: Path) -> None:
        with closing(sqlite3.connect(path)) as shop:
            shop.execute("create view v as with recursive r(x) as "
                         "(select 1 union all select x from r where 1 = 2 or x < 0) "
                         "select x from r, (select abs(-9223372036854775808))")  # fmt: skip

    return _made(folder, make)


def _drop(folder: Path) -> bytes:
    def make(path: Path) -> None:
        with closing(sqlite3.connect(path)) as shop:
            shop.execute('create table """; drop table x; --" (email text)')
            shop.execute('insert into """; drop table x; --" values (\'ann@example.org\')')
            shop.commit()

    return _made(folder, make)


def _duckdb(path: Path) -> None:
    with closing(duckdb.connect(str(path))) as shop:
        shop.execute("create table people as select 'person' || i || '@example.org' as email "
                     "from range(3000) t(i)")  # fmt: skip


def _dictionary_bomb(folder: Path) -> bytes:
    def make(path: Path) -> None:
        cell = "x" * 200_000
        column = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array([cell]))
        pq.write_table(pa.table({"c": column}), path, compression="zstd")

    return _made(folder, make)
