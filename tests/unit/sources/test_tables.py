"""Parquet, Feather and SQLite: flat columns, damaged files, hostile databases."""

import datetime
import sqlite3

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from governance.sources.reading import ReadLimits


def nested_table():
    return pa.table(
        {
            "id": pa.array([1, 2, None], pa.int64()),
            "user": [{"mail": "a@example.org", "age": 3}, None, {"mail": "b@example.org"}],
            "tags": [["x", "y"], [], None],
            "items": [[{"n": 1}, {"n": 2}], None, []],
            "map": pa.array([[("k", "v")], None, []], pa.map_(pa.string(), pa.string())),
            "raw": [b"text", b"\xff\xfe\x00", None],
            "kind": pa.array(["p", "q", "p"]).dictionary_encode(),
            "day": [datetime.date(2026, 1, 2)] * 3,
        }
    )


@pytest.mark.parametrize("format", ["parquet", "feather", "stream"])
def test_nested_columns_are_flat_with_dotted_names(read, tmp_path, format):
    table, path = nested_table(), tmp_path / "a.bin"
    if format == "parquet":
        pq.write_table(table, path)
    elif format == "feather":
        pyarrow.feather.write_feather(table, path)
    else:
        with pa.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table)
    result = read("a.bin")
    assert result.rows[0] == {
        "id": 1,
        "user.mail": "a@example.org",
        "user.age": 3,
        "tags[]": "x; y",
        "items[].n": "1; 2",
        "map.k": "v",
        "raw": "text",
        "kind": "p",
        "day": datetime.date(2026, 1, 2),
    }
    assert result.rows[1]["user.mail"] is None
    assert result.types["id"] == "int64"
    assert result.reason == "1 binary cell that holds no text, left out (first at 2)"


@pytest.mark.parametrize("type", ["parquet", "feather"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_truncated_table_is_not_clean(read, tmp_path, write, type, share):
    table = pa.table({"mail": [f"u{n}@example.org" for n in range(5000)]})
    path = tmp_path / "whole"
    (pq.write_table if type == "parquet" else pyarrow.feather.write_feather)(table, path)
    content = path.read_bytes()
    write("cut", content[: int(len(content) * share)])
    result = read("cut", type)
    assert result.status == "skipped"
    assert result.reason.startswith("damaged, or not a ")
    assert "example" not in result.reason


def test_flipped_byte_in_a_checksummed_page_is_not_clean(read, tmp_path, write):
    table = pa.table({"mail": [f"u{n}@example.org" for n in range(5000)]})
    pq.write_table(
        table, tmp_path / "a", compression="none", use_dictionary=False, write_page_checksum=True
    )
    content = bytearray((tmp_path / "a").read_bytes())
    content[content.index(b"u77@example")] ^= 1
    write("b", bytes(content))
    assert read("a").status == "complete"
    assert read("b").status == "skipped"


def test_dictionary_that_blows_up_stays_in_bounds(read, tmp_path):
    table = pa.table({"note": pa.array(["x" * 50_000] * 4000)})
    pq.write_table(table, tmp_path / "a.parquet")
    limits = ReadLimits(batch_bytes=1024 * 1024)
    result = read("a.parquet", limits=limits)
    assert result.coverage.rows == 4000
    assert result.coverage.bytes < 1024 * 1024
    assert max(result.batch_bytes) <= limits.batch_bytes


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE customer (id INTEGER PRIMARY KEY, mail VARCHAR(40), anything, photo BLOB);
        CREATE VIEW mails AS SELECT mail FROM customer;
        CREATE VIEW broken AS SELECT * FROM gone;
        CREATE VIEW endless AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)
            SELECT count(*) AS x FROM n;
        CREATE TABLE "; drop table customer; --" ("a""b" TEXT, "select" TEXT);
        CREATE TABLE empty (id INTEGER);
        INSERT INTO "; drop table customer; --" VALUES ('x', 'y');
        """
    )
    connection.execute("INSERT INTO customer VALUES (1, 'a@example.org', 1.5, ?)", (b"text",))
    connection.execute("INSERT INTO customer VALUES (2, NULL, ?, ?)", ("007", b"\xff\x00\xfe"))
    connection.execute("INSERT INTO customer VALUES (3, CAST(x'5ae8' AS TEXT), NULL, NULL)")
    connection.commit()
    connection.close()
    return path


def test_cells_are_text_and_columns_keep_their_declared_type(read, database):
    result = read("shop.db#customer")
    assert result.rows == [
        {"id": "1", "mail": "a@example.org", "anything": "1.5", "photo": "text"},
        {"id": "2", "mail": None, "anything": "007", "photo": None},
        {"id": "3", "mail": "Zè", "anything": None, "photo": None},
    ]
    assert result.types == {
        "id": "INTEGER",
        "mail": "VARCHAR(40)",
        "anything": "no type",
        "photo": "BLOB",
    }
    assert result.status == "partial"
    assert "binary cell" in result.reason
    assert "encoding" in result.reason


def test_view_is_read_and_a_failing_one_is_skipped(read, database):
    assert read("shop.db#mails").column("mail")[0] == "a@example.org"
    result = read("shop.db#broken")
    assert (result.status, result.reason) == ("skipped", "the view cannot be queried")


def test_view_that_never_gives_a_row_is_given_up(read, database):
    result = read("shop.db#endless", limits=ReadLimits(row_steps=2))
    assert (result.status, result.reason) == ("skipped", "the view takes too long to give a row")


def test_hostile_names_are_only_names(read, database):
    assert read("shop.db#; drop table customer; --").rows == [{'a"b': "x", "select": "y"}]
    assert read("shop.db#customer").coverage.rows == 3


def test_unknown_and_empty_tables_are_skipped(read, database):
    assert read("shop.db#gone").reason == "the database has no such table or view"
    assert read("shop.db#empty").reason == "no rows"


def test_database_without_a_table_name_is_every_table(read, database):
    result = read("shop.db", limits=ReadLimits(row_steps=2))
    assert "customer.mail" in result.names
    assert "mails.mail" in result.names
    assert result.status == "partial"


def test_reading_leaves_no_file_behind_and_sees_the_write_ahead_log(read, tmp_path):
    path = tmp_path / "wal.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE t (a TEXT)")
    writer.execute("INSERT INTO t VALUES ('in the log')")
    assert read("wal.db#t").rows == [{"a": "in the log"}]
    writer.close()
    assert read("wal.db#t").rows == [{"a": "in the log"}]
    assert [each.name for each in tmp_path.iterdir()] == ["wal.db"]


def test_damaged_database_is_not_clean(read, write, database):
    connection = sqlite3.connect(database)
    connection.executemany(
        "INSERT INTO customer (mail) VALUES (?)", [(f"u{n}@example.org" * 20,) for n in range(999)]
    )
    connection.commit()
    connection.close()
    content = database.read_bytes()
    write("cut.db", content[: len(content) // 2])
    result = read("cut.db#customer")
    assert result.status in ("partial", "skipped")
    assert "cut short" in result.reason


def test_cell_larger_than_the_limit_is_told(read, tmp_path):
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("CREATE TABLE t (a TEXT)")
    cells = ("y" * 500, "z", "x" * 3_000_000)
    connection.execute("INSERT INTO t VALUES ('first'), (?), (?), (?)", cells)
    connection.commit()
    connection.close()
    result = read("a.db#t", limits=ReadLimits(field_chars=100, record_bytes=1_000_000))
    # The driver reads one row ahead, so the row before the fault is lost with it.
    assert result.column("a") == ["first", "y" * 100]
    assert "larger than the limit" in result.reason
    assert "1 cell longer than the limit, cut" in result.reason
