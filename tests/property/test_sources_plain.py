"""The fast reader of plain tables gives what the exact one gives, whatever is odd about a table."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from governance.model.asset import Place, PlaceType
from governance.sources import delimited, plain, textlog
from governance.sources.reading import ReadLimits, read_place

CELL = st.sampled_from(
    ["a", "", " ", "007", "1.50", "é", '"x"', '"x,y"', '"l1\nl2"', '"a""b"', 'q"q', '"open', '""',
     "NULL", "nan", "x" * 40, "\t", "\0", "a\rb", "\N{NO-BREAK SPACE}", '"x" '],
)  # fmt: skip
PLAIN_CELL = st.sampled_from(
    ["a", "", "007", "é", '"x,y"', '"l1\nl2"', '"a""b"', '""', "two words"]
)
ROW = st.lists(CELL, min_size=1, max_size=4) | st.just([""])
PLAIN_ROW = st.lists(PLAIN_CELL, min_size=3, max_size=3)
ENDS = st.sampled_from(["\n", "\r\n"])


def read(folder: Path, fast: bool) -> tuple[list[dict[str, object]], object]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain, "BLOCK_BYTES", 64)
        if not fast:
            patch.setattr(delimited, "_is_simple", lambda *_: False)
        reading = read_place(Place("p", "t.csv", PlaceType.CSV), folder, ReadLimits(field_chars=30))
        rows = [row for chunk in reading for row in chunk.batch.to_pylist()]
    # A batch lacks the columns that nobody had met yet: they are null in it.
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name) for name in names} for row in rows], reading.coverage


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plain")


@settings(max_examples=300)
@given(st.lists(PLAIN_ROW, max_size=20), st.lists(ROW, max_size=4), st.lists(PLAIN_ROW, max_size=9),
       ENDS, st.booleans())  # fmt: skip
@example([["a", "b", "c"]] * 9, [], [], "\r\n", False)
def test_fast_and_exact_reading_agree(folder, before, odd, after, end, ends_with_line) -> None:
    lines = [["id", "name", "note"], *before, *odd, *after]
    text = end.join(",".join(row) for row in lines) + (end if ends_with_line else "")
    (folder / "t.csv").write_bytes(text.encode())
    assert read(folder, fast=True) == read(folder, fast=False)


@pytest.mark.parametrize("content", ["id,n\n", "id,n", "", "\n\nid,n\n1,2\n", "1,2\n3,4\n5,6\n"])
def test_edges_agree(folder, content) -> None:
    (folder / "t.csv").write_text(content)
    assert read(folder, fast=True) == read(folder, fast=False)


def test_a_plain_table_is_read_fast_to_its_end(folder, monkeypatch) -> None:
    (folder / "t.csv").write_text("id,n\n" + '"a,b",2\n' * 500)

    def never(*_: object) -> None:
        raise AssertionError("the exact reader was asked for a row")

    monkeypatch.setattr("governance.sources.batches.BatchBuilder.add", never)
    rows, _ = read(folder, fast=True)
    assert len(rows) == 500


LINE = st.sampled_from(["", "a line", "é", " ", "x" * 29, "x" * 40, "\0", "a\rb", "\x85", "\u2028"])


@settings(max_examples=200)
@given(st.lists(LINE, max_size=30), ENDS, st.booleans(), st.sampled_from(["utf-8", "latin-1"]))
def test_lines_read_fast_are_the_lines_read_one_by_one(folder, lines, end, is_ended, codec) -> None:
    text = end.join(lines) + (end if is_ended else "")
    (folder / "t.log").write_bytes(text.encode(codec, "replace"))
    results = []
    for fast in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(plain, "BLOCK_BYTES", 32)
            if not fast:
                patch.setattr(textlog, "ASCII_LIKE", frozenset())
            place = Place("p", "t.log", PlaceType.TEXT)
            reading = read_place(place, folder, ReadLimits(field_chars=30, line_chars=35))
            rows = [row for chunk in reading for row in chunk.batch.to_pylist()]
        results.append((rows, reading.coverage))
    assert results[0] == results[1]
