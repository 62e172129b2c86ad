"""Which files a place is, what must not be opened, and what a person means by a path."""

import os
import pickle
import sqlite3

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from governance.model.asset import Place, PlaceType
from governance.sources.discovery import discover
from governance.sources.inventory import count_hidden, uris_of, watched_uris
from governance.sources.reading import ReadLimits, read_place

TABLE = "id,name\n1,a\n"


@pytest.fixture
def database(tmp_path):
    def create(name):
        with sqlite3.connect(tmp_path / name) as connection:
            connection.execute("CREATE TABLE orders (id INTEGER)")
            connection.execute("CREATE VIEW recent AS SELECT * FROM orders")
        connection.close()

    return create


def test_glob_reads_every_file_as_one_place(read, write):
    write("d/a.csv", TABLE)
    write("d/sub/b.csv", TABLE)
    write("d/.hidden/c.csv", TABLE)
    write("d/note.txt", "x")
    assert read("d/*.csv").coverage.rows == 1
    result = read("d/**/*.csv")
    assert (result.status, result.coverage.rows) == ("complete", 2)
    assert result.coverage.bytes == 2 * len(TABLE)
    assert read("d/[!b]*.csv").coverage.rows == 1
    assert read("d").coverage.rows == 3


def test_reasons_name_the_files_and_their_number(read, write):
    for number in range(9):
        write(f"d/{number}.csv", TABLE)
    for number in range(5):
        write(f"d/x{number}.csv.7z", b"7z\xbc\xaf\x27\x1c" + bytes(20))
    result = read("d")
    assert result.status == "partial"
    assert result.reason == (
        "5 of 14 files: d/x0.csv.7z: 7-Zip is not read yet; d/x1.csv.7z: 7-Zip is not read yet; "
        "d/x2.csv.7z: 7-Zip is not read yet; and 2 more"
    )


def test_empty_file_beside_others_is_no_gap_but_alone_it_is(read, write):
    write("d/a.csv", TABLE)
    write("d/b.csv", "")
    assert read("d").status == "complete"
    write("e/b.csv", "")
    assert (read("e").status, read("e").reason) == ("skipped", "1 of 1 files: e/b.csv: no rows")


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("*.none", "no file matches"),
        ("gone.csv", "no such file"),
        ("gone.db#orders", "no such file"),
        ("../up.csv", "lies outside the workspace"),
        ("/etc/passwd", "lies outside the workspace"),
        ("s3://bucket/a.csv", "addresses are not read yet: s3"),
        ("empty", "no file in the folder"),
        ("a\x00b", "not a path"),
        ("a.csv#orders", "not a database, so it has no tables"),
    ],
)
def test_what_cannot_be_read_says_why(read, write, tmp_path, uri, reason):
    (tmp_path / "empty").mkdir()
    write("a.csv", TABLE)
    result = read(uri)
    assert (result.status, result.reason) == ("skipped", reason)


@pytest.mark.parametrize(
    ("content", "name", "format"),
    [
        (b"7z\xbc\xaf\x27\x1c", "a.7z", "7-Zip"),
        (b"PARE", "a.parquet", "encrypted Parquet"),
        (b"\x80\x04\x95", "a.pkl", "pickle"),
    ],
)
@pytest.mark.parametrize("type", ["auto", "csv", "text"])
def test_format_that_is_not_read_is_named(read, write, content, name, format, type):
    write(name, content + bytes(range(256)))
    assert read(name, type).reason == f"{format} is not read yet"


@pytest.mark.parametrize("protocol", [0, 1])
@pytest.mark.parametrize("rows", [1, 20_000])
@pytest.mark.parametrize("name", ["a.pkl", "a.csv", "notes"])
def test_a_pickle_of_text_is_no_clean_text(read, write, protocol, rows, name):
    """The first protocols are lines of text; what they hold would be read as nothing."""
    values = [{"email": f"person{row}@example.org", "paid": row / 3} for row in range(rows)]
    write(name, pickle.dumps(values, protocol))
    assert read(name).reason == "pickle is not read yet"


@pytest.mark.parametrize(
    "text", ["N.", "a\n.", "I1\nI2\nI3\n", "(lp0\n.\nmore\n", "S'a'\n" * 99, "city\n" * 20_000]
)
def test_a_text_of_letters_that_are_operations_too_is_a_text(read, write, text):
    write("a.txt", text)
    assert read("a.txt").status == "complete"


def test_what_a_dot_hides_is_counted_once_and_read_if_named(write, tmp_path):
    for name in ("d/a.csv", "d/.b.csv", "d/.git/config", "d/e/.c.csv"):
        write(name, TABLE)
    every = [Place("a", "d"), Place("here", "d/**"), Place("here", "d/e")]
    assert count_hidden(every, tmp_path) == 3
    assert count_hidden([*every, Place("here", "d/.b.csv")], tmp_path) == 2
    assert count_hidden([Place("a", "d/a.csv")], tmp_path) == 0


def test_unknown_binary_content_is_skipped(read, write):
    write("a.dat", bytes(range(256)) * 50)
    assert read("a.dat").reason == "unknown binary content"
    assert read("a.dat", "csv").reason == "binary content, not text"


def test_pipe_and_device_are_not_opened(read, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    assert read("pipe.csv").reason == "a pipe, socket or device, not a file"
    assert "operating system" in read("/dev/zero", confined=False).reason
    assert "operating system" in read("/proc/self/environ", confined=False).reason


def test_link_out_of_the_root_is_not_followed(read, write, tmp_path):
    write("outside/secret.csv", TABLE)
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.csv").write_text(TABLE)
    (root / "inside.csv").symlink_to("a.csv")
    (root / "out.csv").symlink_to("../outside/secret.csv")
    (root / "loop").symlink_to(".")
    (root / "self.csv").symlink_to("self.csv")
    out = "a link that leads out of its folder is not followed"
    assert read("out.csv", root=root).reason == out
    assert read("inside.csv", root=root).status == "complete"
    whole = read("**", root=root)
    assert whole.coverage.rows == 2
    assert whole.reason.startswith("3 of 5 files: loop: a link to a folder is not followed; out")


def test_person_may_name_a_file_anywhere(read, write, tmp_path):
    path = write("outside/a.csv", TABLE)
    root = tmp_path / "root"
    root.mkdir()
    for target in (str(path), "../outside/a.csv", "../outside", str(path.parent / "*.csv")):
        places = discover(target, root)
        assert [place.type for place in places] == [PlaceType.CSV], target
        assert read(places[0].uri, root=root, confined=False).status == "complete"


def test_reading_is_iterated_once_and_unfinished_until_then(write, tmp_path):
    write("a.csv", TABLE)
    reading = read_place(Place("here", "a.csv"), tmp_path, ReadLimits())
    assert not reading.coverage.is_complete
    assert len(list(reading)) == 1
    assert reading.coverage.is_complete
    with pytest.raises(RuntimeError):
        iter(reading)


def test_folder_is_discovered_with_a_place_for_every_file_and_table(write, tmp_path, database):
    write("d/a.csv", TABLE)
    write("d/app.log", "2026-01-01 10:00:00,123 INFO x\n" * 5)
    write("d/.git/config", "x")
    write(".governance/trail.db", "x")
    write("d/x.avro", b"Obj\x01")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "d/p")
    database("d/shop.db")
    found = {place.uri: place.type.value for place in discover("d", tmp_path)}
    assert found == {
        "d/a.csv": "csv",
        "d/app.log": "text",
        "d/p": "parquet",
        "d/shop.db#orders": "sqlite",
        "d/shop.db#recent": "sqlite",
        "d/x.avro": "avro",
    }
    assert list(found) == sorted(found)
    assert {place.uri for place in discover(".", tmp_path)} == set(found)
    assert discover("d/none", tmp_path) == ()
    assert [place.uri for place in discover("d/shop.db#orders", tmp_path)] == ["d/shop.db#orders"]


@pytest.mark.parametrize(
    ("content", "type"),
    [
        ("name,age,city\na,1,x\nb,2,y\nc,3,z\n", "csv"),
        ("Dear all, we met, and it was good.\nSo, see you, soon.\nBye, bye, now.\n", "text"),
        ('[2026-01-01] "started"\n[2026-01-02] "stopped"\n', "text"),
        ('{"a": 1}\n{"a": 2}\n', "jsonl"),
        ('broken\n{"a": 1}\n', "text"),
        ('{"a": \n{"a": 1}\n{"a": 2}\n{"a": 3}\n', "jsonl"),
        ('[\n {"a": 1}\n]', "json"),
        ("just one line", "text"),
    ],
)
def test_content_without_a_telling_name_is_found_out(write, tmp_path, content, type):
    write("export", content)
    assert [place.type.value for place in discover("export", tmp_path)] == [type]


def test_declared_places_cover_what_is_watched(write, tmp_path, database):
    write("data/a.csv", TABLE)
    write("data/b.csv", TABLE)
    database("data/shop.db")
    watched = watched_uris(("data/**", "data/*.csv"), tmp_path)
    assert watched == ("data/a.csv", "data/b.csv", "data/shop.db#orders", "data/shop.db#recent")
    assert uris_of(Place("x", "data/*.csv"), tmp_path) == {"data/a.csv", "data/b.csv"}
    assert uris_of(Place("x", "./data/shop.db#ORDERS"), tmp_path) == {"data/shop.db#orders"}
    assert uris_of(Place("x", "data/shop.db"), tmp_path) == set(watched[2:])
    assert uris_of(Place("x", "data/gone.csv"), tmp_path) == {"data/gone.csv"}


def test_every_shared_file_is_read_or_says_why(shared_data):
    places = discover(str(shared_data), shared_data.parent)
    assert len(places) > 150
    for place in places:
        reading = read_place(place, shared_data.parent, ReadLimits())
        rows = sum(chunk.batch.num_rows for chunk in reading)
        assert reading.coverage.rows == rows
        assert reading.coverage.reason is None, place.uri
