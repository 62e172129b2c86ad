"""CSV and its relatives: found-out dialects, and files that break the rules."""

import pytest

from governance.sources.reading import ReadLimits


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_whatever_the_file_is_called(read, write, delimiter):
    rows = [["id", "note", "city"], ["007", "a, b; c | d\te", "Bonn"], ["008", "x", ""]]
    quoted = [[f'"{cell}"' if " " in cell else cell for cell in row] for row in rows]
    write("a.csv", "\n".join(delimiter.join(row) for row in quoted))
    result = read("a.csv")
    assert result.rows == [
        {"id": "007", "note": "a, b; c | d\te", "city": "Bonn"},
        {"id": "008", "note": "x", "city": None},
    ]
    assert result.status == "complete"


def test_quoted_newlines_and_doubled_quotes_stay_in_their_cell(read, write):
    write("a.csv", 'id,note\n1,"one\ntwo, ""three"""\n2,"5"" pipe"\n')
    assert read("a.csv").column("note") == ['one\ntwo, "three"', '5" pipe']


def test_quotes_inside_plain_cells_do_not_swallow_the_following_rows(read, write):
    write("a.csv", 'id,size,note\n1,5" pipe,x\n2,6",y\n3,7,"z"\n')
    result = read("a.csv")
    assert result.column("id") == ["1", "2", "3"]
    assert result.status == "complete"


def test_backslash_quotes_and_single_quotes_are_found(read, write):
    write("a.csv", 'id,note\n1,"say \\"hi\\", twice"\n2,"b"\n')
    write("b.csv", "id,note\n1,'a, b'\n2,'c'\n")
    assert read("a.csv").column("note") == ['say "hi", twice', "b"]
    assert read("b.csv").column("note") == ["a, b", "c"]


def test_blank_between_delimiter_and_quote_does_not_hide_the_quote(read, write):
    write("a.csv", 'id, note\n1, "a, b"\n2, "c"\n')
    assert [list(row.values()) for row in read("a.csv").rows] == [["1", "a, b"], ["2", "c"]]


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_encoding_is_found(read, write, encoding):
    text = "name,city\n" + "Jörg Müller,Köln\nZoë Größe,Düsseldorf\n" * 20
    write("a.csv", text.encode(encoding))
    result = read("a.csv")
    assert result.names == ["name", "city"]
    assert result.rows[-1] == {"name": "Zoë Größe", "city": "Düsseldorf"}
    assert result.status == "complete"


def test_stray_byte_in_utf8_keeps_the_text_around_it_and_is_partial(read, write):
    write("a.csv", b"name,city\n" + "Zoë,Köln\n".encode() * 50 + b"Ren\xe9 X,Bonn\n")
    result = read("a.csv")
    assert result.rows[-1] == {"name": "René X", "city": "Bonn"}
    assert result.status == "partial"
    assert result.reason == "1 byte that does not fit the encoding, replaced"


def test_table_without_header_shows_no_value_as_a_column_name(read, write):
    write("a.csv", "1,ada@example.org\n2,bob@example.org\n")
    result = read("a.csv")
    assert result.names == ["column_1", "column_2"]
    assert result.coverage.rows == 2


def test_years_may_name_columns(read, write):
    write("a.csv", "country,region,2019,2020\nDE,west,1,2\nFR,east,3,4\n")
    assert read("a.csv").names == ["country", "region", "2019", "2020"]


def test_duplicate_and_empty_names_become_unique(read, write):
    write("a.csv", "email,,email,email_2\na,b,c,d\n")
    assert read("a.csv").names == ["email", "column_2", "email_2", "email_2_2"]


def test_ragged_rows_are_read_whole_and_partial(read, write):
    write("a.csv", "id,name\n1,a,secret\n2\n3,c\n")
    result = read("a.csv")
    assert result.rows[0] == {"id": "1", "name": "a", "column_3": "secret"}
    assert result.rows[1] == {"id": "2", "name": None, "column_3": None}
    assert result.reason == "2 rows with more or fewer cells than the header (first at 1)"


def test_unterminated_quote_hides_nothing_behind_it(read, write):
    write("a.csv", 'id,note\n1,x\n2,"open\n3,ada@example.org\n4,z\n')
    result = read("a.csv")
    assert "ada@example.org" in result.column("note")
    assert result.column("id") == ["1", "2", "3", "4"]
    assert result.status == "partial"
    assert result.reason == "1 quote that is never closed, read as plain text (first at 3)"


def test_nul_characters_do_not_break_a_value_apart(read, write):
    write("a.csv", b"id,mail\n" + b"1,x\n" * 50 + b"2,a\x00da@example.org\n")
    result = read("a.csv")
    assert result.rows[-1]["mail"] == "ada@example.org"
    assert "NUL" in result.reason


def test_overlong_cell_is_read_to_the_limit(read, write):
    write("a.csv", "id,note\n1," + "x" * 500 + "\n2,y\n")
    result = read("a.csv", limits=ReadLimits(field_chars=100))
    assert result.column("note") == ["x" * 100, "y"]
    assert result.reason == "1 cell longer than the limit, cut (first at 1)"


def test_line_without_end_is_read_to_the_limit_in_bounded_memory(read, write):
    write("a.csv", "id,note\n1," + "x" * 3_000_000)
    result = read("a.csv", limits=ReadLimits(line_chars=1000, field_chars=500))
    assert result.column("note") == ["x" * 500]
    assert "1 line longer than the limit" in result.reason


def test_columns_beyond_the_limit_are_told(read, write):
    write("a.csv", ",".join(f"c{n}" for n in range(50)) + "\n" + ",".join(["x"] * 50) + "\n")
    result = read("a.csv", limits=ReadLimits(columns=10))
    assert len(result.names) == 10
    assert "beyond the column limit" in result.reason


def test_no_batch_is_larger_than_the_limits(read, write):
    write("a.csv", "id,note\n" + "".join(f"{n},{'ä' * 200}\n" for n in range(5000)))
    limits = ReadLimits(batch_rows=700, batch_bytes=64 * 1024)
    result = read("a.csv", limits=limits)
    assert result.coverage.rows == 5000
    assert max(result.batch_bytes) <= limits.batch_bytes
    assert len(result.batch_bytes) > 10
    assert result.first_rows == sorted(result.first_rows)
    assert result.first_rows[0] == 1


@pytest.mark.parametrize("content", ["", "\n\n", "id,name\n", "\ufeff"])
def test_file_without_rows_is_never_clean(read, write, content):
    write("a.csv", content)
    result = read("a.csv", "csv")
    assert (result.status, result.reason) == ("skipped", "no rows")
