"""Avro, ORC, Excel and DuckDB: real files of the real libraries."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from decimal import Decimal

import duckdb
import fastavro
import openpyxl
import pyarrow as pa
import pyarrow.orc
import pytest

from governance.sources.discovery import discover

SCHEMA = {
    "type": "record",
    "name": "person",
    "fields": [
        {"name": "email", "type": ["null", "string"]},
        {"name": "card", "type": "long"},
        {"name": "born", "type": {"type": "int", "logicalType": "date"}},
        {"name": "address", "type": {"type": "record", "name": "a", "fields": [
            {"name": "city", "type": "string"}]}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "blob", "type": "bytes"},
    ],
}  # fmt: skip


def test_avro_records_are_flat_rows(read, tmp_path):
    record = {"email": "ann@example.org", "card": 4111111111111111, "born": date(1990, 2, 3),
              "address": {"city": "Berlin"}, "tags": ["x", "y"], "blob": b"\xff\xfe"}  # fmt: skip
    with (tmp_path / "a.bin").open("wb") as out:
        fastavro.writer(out, SCHEMA, [record, record | {"email": None, "blob": b"text"}])
    result = read("a.bin")
    assert result.rows[0] == {
        "email": "ann@example.org", "card": "4111111111111111", "born": "1990-02-03",
        "address.city": "Berlin", "tags[]": "x; y", "blob": None,
    }  # fmt: skip
    assert result.column("blob")[1] == "text"
    assert result.status == "partial"
    assert result.reason == "1 binary cell that holds no text, left out (first at 1)"


def test_orc_is_read_by_stripes(read, tmp_path):
    table = pa.table({"email": ["ann@example.org"] * 3, "at": [{"city": "Berlin"}] * 3})
    pyarrow.orc.write_table(table, tmp_path / "a")
    result = read("a")
    assert (result.status, len(result.rows)) == ("complete", 3)
    assert result.rows[0] == {"email": "ann@example.org", "at.city": "Berlin"}


@pytest.mark.parametrize("kind", ["avro", "orc", "duckdb", "excel"])
def test_a_damaged_file_is_never_clean(read, tmp_path, kind):
    heads = {
        "avro": b"Obj\x01",
        "orc": b"ORC",
        "duckdb": b"\0" * 8 + b"DUCK",
        "excel": b"PK\x03\x04",
    }
    (tmp_path / "a").write_bytes(heads[kind] + b"\x07" * 5000)
    result = read("a")
    assert result.status == "skipped"
    assert "damaged" in result.reason


def test_every_sheet_of_a_workbook_is_read_hidden_ones_too(read, tmp_path):
    book = openpyxl.Workbook()
    people = book.active
    people.title = "People"
    rows = [("email", "card", "born"), ("ann@example.org", 4111111111111111, date(1990, 2, 3)),
            (None, None, None), ("bob@example.org", 12.5, None)]  # fmt: skip
    for row in rows:
        people.append(row)
    hidden = book.create_sheet("Old")
    hidden.append(("phone",))
    hidden.append(("+49 30 1234",))
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "b.xlsx")
    assert [place.uri for place in discover("b.xlsx", tmp_path)] == ["b.xlsx#People", "b.xlsx#Old"]
    result = read("b.xlsx#People")
    assert result.rows == [
        {"email": "ann@example.org", "card": "4111111111111111", "born": "1990-02-03"},
        {"email": "bob@example.org", "card": "12.5", "born": None},
    ]
    assert read("b.xlsx").names == ["People.email", "People.card", "People.born", "Old.phone"]
    assert read("b.xlsx#Gone").reason == "the workbook has no such sheet"


def test_entities_in_a_workbook_are_not_expanded(read, tmp_path):
    import zipfile

    book = openpyxl.Workbook()
    book.active.append(("email",))
    book.active.append(("ann@example.org",))
    book.save(tmp_path / "plain.xlsx")
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as plain,
        zipfile.ZipFile(tmp_path / "evil.xlsx", "w") as out,
    ):
        for part in plain.namelist():
            raw = plain.read(part)
            if part == "xl/worksheets/sheet1.xml":
                body = raw.split(b"?>", 1)[-1].replace(b"<sheetData>", b"<sheetData>&e;")
                raw = evil + body
            out.writestr(part, raw)
    result = read("evil.xlsx")
    assert result.status == "skipped"
    assert "damaged" in result.reason


def test_tables_of_a_duckdb_file_are_read_and_nothing_beside_it(read, tmp_path):
    (tmp_path / "secret.csv").write_text("a\nann@example.org\n")
    with closing(duckdb.connect(str(tmp_path / "shop.duckdb"))) as shop:
        shop.execute(
            'create table "; drop" (email varchar, price decimal(9,2), place struct(c varchar))'
        )
        shop.execute("insert into \"; drop\" values ('ann@example.org', 1.50, {'c': 'Berlin'})")
        shop.execute(f"create view outside as select * from read_csv('{tmp_path}/secret.csv')")
    assert [place.uri for place in discover("shop.duckdb", tmp_path)] == [
        "shop.duckdb#; drop",
        "shop.duckdb#outside",
    ]
    result = read("shop.duckdb#; drop")
    assert (result.status, result.rows) == (
        "complete", [{"email": "ann@example.org", "price": Decimal("1.50"), "place.c": "Berlin"}],
    )  # fmt: skip
    outside = read("shop.duckdb#outside")
    assert (outside.status, outside.rows) == ("skipped", [])
    assert outside.reason == "a table or view cannot be queried"
    assert not list(tmp_path.glob("shop.duckdb.*"))
