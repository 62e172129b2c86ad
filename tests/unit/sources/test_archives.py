"""Compressed files and archives: read as what they hold, within limits, and never trusted."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sqlite3
import tarfile
import zipfile
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet
import pytest
import zstandard

from governance.sources.discovery import discover
from governance.sources.inventory import watched_uris
from governance.sources.reading import ReadLimits

TABLE = "id,email\n1,ann@example.org\n2,bob@example.org\n"
ADDRESSES = ["ann@example.org", "bob@example.org"]


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


PACKERS = {
    "a.csv.gz": gzip.compress,
    "a.csv.bz2": bz2.compress,
    "a.csv.xz": lzma.compress,
    "a.csv.zst": zstandard.compress,
    "a.tar": lambda raw: tarred({"in/a.csv": raw}),
    "a.tgz": lambda raw: tarred({"in/a.csv": raw}, "w:gz"),
    "a.zip": lambda raw: zipped({"in/a.csv": raw}),
    "b.zip": lambda raw: zipped({"in/a.csv.gz": gzip.compress(raw)}),
    "misnamed.txt": gzip.compress,
}


@pytest.mark.parametrize("name", PACKERS)
def test_packed_table_is_read_as_the_table(read, write, name):
    write(name, PACKERS[name](TABLE.encode()))
    result = read(name)
    assert (result.status, result.names) == ("complete", ["id", "email"])
    assert result.column("email") == ADDRESSES


def test_a_frame_after_the_first_is_read_too(read, write):
    head, tail = TABLE.encode()[:20], TABLE.encode()[20:]
    write("a.csv.gz", gzip.compress(head) + gzip.compress(tail))
    write("a.csv.zst", zstandard.compress(head) + zstandard.compress(tail))
    assert read("a.csv.gz").column("email") == ADDRESSES
    assert read("a.csv.zst").column("email") == ADDRESSES


def test_packed_parquet_and_database_are_read(read, write, tmp_path):
    pyarrow.parquet.write_table(pa.table({"email": ADDRESSES}), tmp_path / "t.parquet")
    with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
        shop.execute("create table people (email text)")
        shop.executemany("insert into people values (?)", [(each,) for each in ADDRESSES])
        shop.commit()
    packed = zipped({name: (tmp_path / name).read_bytes() for name in ("t.parquet", "shop.db")})
    write("dump.zip", packed)
    assert read("dump.zip!t.parquet").column("email") == ADDRESSES
    assert read("dump.zip!shop.db#people").column("email") == ADDRESSES


def test_members_are_places_and_are_named(read, write, tmp_path):
    write("in/dump.zip", zipped({"a.csv": TABLE.encode(), "x/b.log": b"a line\n", "d/": b""}))
    assert [place.uri for place in discover("in", tmp_path)] == [
        "in/dump.zip!a.csv",
        "in/dump.zip!x/b.log",
    ]
    assert watched_uris(["in"], tmp_path) == ("in/dump.zip!a.csv", "in/dump.zip!x/b.log")
    assert read("in/dump.zip!x/b.log").column("message") == ["a line"]
    assert read("in/dump.zip!gone").reason == "the archive has no such member"


def test_an_archive_in_an_archive_is_a_place_that_is_read(read, write, tmp_path):
    inner = zipped({"a.csv": TABLE.encode()})
    write("outer.zip", zipped({"inner.zip": inner, "in.tar": tarred({"a.csv": TABLE.encode()})}))
    uris = [place.uri for place in discover("outer.zip", tmp_path)]
    assert uris == ["outer.zip!inner.zip", "outer.zip!in.tar"]
    write("plain.csv", TABLE)
    plain = read("plain.csv")
    for uri in [*uris, "outer.zip!inner.zip!a.csv"]:
        assert (read(uri).status, read(uri).rows) == (plain.status, plain.rows)
    assert read("outer.zip!inner").reason == "the archive has no such member"


def test_one_bad_member_does_not_hide_the_others(read, write):
    broken = gzip.compress(TABLE.encode())[:-9]
    write("a.zip", zipped({"a.csv": TABLE.encode(), "b.csv.gz": broken}))
    result = read("a.zip")
    assert result.status == "partial"
    assert result.reason == "1 of 2 files: a.zip!b.csv.gz: damaged, or cut short"
    assert result.column("email")[:2] == ADDRESSES


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_what_unpacks_to_more_than_the_limit_is_partial(read, write, pack):
    write("bomb.log", pack(b"a line of text\n" * 400_000))
    limits = ReadLimits(unpacked_bytes=2 * 1024 * 1024)
    result = read("bomb.log", limits=limits)
    assert result.status == "partial"
    assert result.reason == "unpacks to more than 2 MiB, the rest was not read"


def test_the_limit_holds_for_all_members_together(read, write):
    write("bomb.zip", zipped({f"{n}.log": b"a line\n" * 200_000 for n in range(4)}))
    result = read("bomb.zip", limits=ReadLimits(unpacked_bytes=2 * 1024 * 1024))
    assert result.status == "partial"
    assert "unpacks to more than 2 MiB" in result.reason


def test_nested_and_countless_archives_stop_at_their_limits(read, write):
    inner = zipped({"a.csv": TABLE.encode()})
    for _ in range(4):
        inner = zipped({"more.zip": inner})
    write("deep.zip", inner)
    assert "packed more often than the limit" in read("deep.zip").reason
    write("many.zip", zipped({f"{n}.csv": TABLE.encode() for n in range(5)}))
    result = read("many.zip", limits=ReadLimits(members=3))
    assert result.status == "partial"
    assert "more than 3 members" in result.reason


def test_members_that_share_bytes_are_refused(read, write):
    packed = bytearray(zipped({"a.csv": TABLE.encode() * 20, "b.csv": TABLE.encode() * 20}))
    second = packed.rindex(b"PK\x01\x02")
    packed[second + 42 : second + 46] = (0).to_bytes(4, "little")
    write("overlap.zip", bytes(packed))
    assert read("overlap.zip").reason == "its members overlap: a zip bomb"


def test_links_and_encrypted_members_are_told(read, write):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        link = tarfile.TarInfo("../../etc/passwd")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    write("a.tar", packed.getvalue())
    assert read("a.tar").reason == "a link or device, not a file"
    secret = bytearray(zipped({"a.csv": TABLE.encode()}))
    for place in (secret.index(b"PK\x03\x04") + 6, secret.index(b"PK\x01\x02") + 8):
        secret[place] |= 1
    write("secret.zip", bytes(secret))
    assert read("secret.zip").reason == "encrypted"


def test_nothing_is_left_on_disk(read, write, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    write(
        "dump.zip", zipped({"../../evil.csv": TABLE.encode(), "a.db": b"SQLite format 3\0 damaged"})
    )
    result = read("dump.zip")
    assert result.column("email")[:2] == ADDRESSES
    assert list(temporary.iterdir()) == []
    assert not (tmp_path.parent / "evil.csv").exists()
