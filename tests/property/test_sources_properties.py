"""What holds for any table: batches do not matter, and a written file is read back."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.model.asset import Place, PlaceType
from governance.sources.reading import ReadLimits, read_place

# No carriage returns (line ends inside a cell are read as one kind), no control characters
# (many of them make a file binary).
CELLS = st.text(
    st.characters(exclude_characters="\ufeff", exclude_categories=["Cs", "Cc"])
    | st.sampled_from("\n\t\",;|'\\ "),
    max_size=12,
)
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=15)


def rows_of(folder, uri, type, **limits):
    reading = read_place(Place("p", uri, PlaceType(type)), folder, ReadLimits(**limits))
    names, rows = {}, []
    for chunk in reading:
        assert chunk.first_row == len(rows) + 1
        names.update(dict.fromkeys(chunk.batch.schema.names))
        rows += chunk.batch.to_pylist()
    return [tuple(row.get(name) for name in names) for row in rows], reading.coverage


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("properties")


@settings(max_examples=60)
@given(ROWS, st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_written_table_is_read_back(folder, rows, delimiter, encoding):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([["first", "second", "third"], ["a", "b", "c"], *rows])
    (folder / "a.csv").write_bytes(text.getvalue().encode(encoding))
    read, coverage = rows_of(folder, "a.csv", "csv")
    assert read[1:] == [tuple(cell or None for cell in row) for row in rows]
    assert coverage.is_complete


@settings(max_examples=40)
@given(
    st.lists(st.dictionaries(st.sampled_from("abcd"), CELLS | st.integers(), max_size=4)),
    st.integers(1, 7),
    st.integers(20, 400),
    st.sampled_from(["json", "jsonl"]),
)
def test_batch_size_does_not_change_the_rows(folder, records, batch_rows, batch_bytes, type):
    lines = [json.dumps(record) for record in records]
    text = "\n".join(lines) if type == "jsonl" else f"[{','.join(lines)}]"
    (folder / f"a.{type}").write_text(text)
    small = rows_of(folder, f"a.{type}", type, batch_rows=batch_rows, batch_bytes=batch_bytes)
    assert small == rows_of(folder, f"a.{type}", type)
    assert len(small[0]) == len(records)


@settings(max_examples=150)
@given(st.binary(max_size=300), st.sampled_from(list(PlaceType)))
def test_any_bytes_end_in_a_coverage(folder, content, type):
    (folder / "any").write_bytes(content)
    rows, coverage = rows_of(folder, "any", type)
    assert coverage.rows == len(rows)
    assert rows or not coverage.is_complete
