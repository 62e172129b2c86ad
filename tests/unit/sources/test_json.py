"""JSON lines and JSON documents: flat rows, and input that is out to break a parser."""

import json

import pytest

from governance.sources.reading import ReadLimits


def test_nested_keys_become_dotted_fields_and_lists_are_joined(read, write):
    line = {"user": {"mail": "a@example.org"}, "tags": ["x", "y"], "items": [{"n": 1}, {"n": 2}]}
    write("a.jsonl", json.dumps(line) + "\n")
    write("a.json", json.dumps([line]))
    expected = {"user.mail": "a@example.org", "tags[]": "x; y", "items[].n": "1; 2"}
    assert read("a.jsonl").rows == read("a.json").rows == [expected]


def test_numbers_keep_their_digits(read, write):
    write("a.jsonl", '{"a": 4111111111111111111111, "b": 1.10, "c": true, "d": null}\n')
    assert read("a.jsonl").rows == [
        {"a": "4111111111111111111111", "b": "1.10", "c": "true", "d": None}
    ]


def test_line_that_is_not_json_is_read_as_text_and_counted(read, write):
    write("a.jsonl", '{"a": "1"}\nmail ada@example.org\n\n{"a": "4"}\n')
    result = read("a.jsonl")
    assert result.column("a") == ["1", None, None, "4"]
    assert result.column("unparsed")[1] == "mail ada@example.org"
    assert result.status == "partial"
    assert result.reason == "1 line that is not valid JSON, read as plain text (first at 2)"


def test_field_that_appears_late_is_a_column(read, write):
    write("a.jsonl", '{"a": "1"}\n' * 30 + '{"b": "2"}\n')
    result = read("a.jsonl", limits=ReadLimits(batch_rows=10))
    assert result.names == ["a", "b"]
    assert result.rows[-1] == {"a": None, "b": "2"}


def test_object_keyed_by_addresses_shows_none_of_them_as_a_name(read, write):
    write("a.json", json.dumps({"users": {"ada@example.org": {"age": 3}}}))
    result = read("a.json")
    assert result.rows == [{"users.{key}": "ada@example.org", "users.*.age": "3"}]


def test_repeated_key_hides_no_value(read, write):
    write("a.jsonl", '{"mail": "ada@example.org", "mail": "none"}\n')
    write("a.json", '[{"mail": "ada@example.org", "mail": "none"}]')
    for name in ("a.jsonl", "a.json"):
        result = read(name)
        assert result.rows == [{"mail": "ada@example.org; none"}]
        assert "repeats a key" in result.reason


def test_records_under_an_outer_object_are_rows(read, write):
    write("a.json", json.dumps({"page": 1, "users": [{"n": "a"}, {"n": "b"}], "tags": ["x"]}))
    result = read("a.json")
    assert result.column("users[].n") == ["a", "b", None]
    assert result.rows[-1] == {"users[].n": None, "page": "1", "tags[]": "x"}


@pytest.mark.parametrize("content", ['{"a": "1"}', '{\n "a": "1"\n}', '{"a":\n"1"}\n{"a":\n"1"}'])
def test_single_and_concatenated_objects_are_rows(read, write, content):
    write("a.json", content)
    result = read("a.json")
    assert set(result.column("a")) == {"1"}
    assert result.status == "complete"


def test_array_of_scalars_is_a_column(read, write):
    write("a.json", '["a", 2, null]')
    assert read("a.json").column("value") == ["a", "2", None]


@pytest.mark.parametrize("type", ["json", "jsonl", "openlineage", "auto"])
@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '{"a": ' + "9" * 1_000_000 + "}",
        '[{"a": 1}, {"a": ',
        '{"a": "\\ud800 half a pair"}',
        "{" * 500,
        "nul",
    ],
    ids=["lists", "objects", "digits", "cut", "surrogate", "open", "word"],
)
def test_hostile_json_never_raises_and_says_what_was_read(read, write, content, type):
    write("a.json", content)
    result = read("a.json", type)
    assert result.coverage.rows == len(result.rows)
    assert "999" not in result.reason
    if type != "jsonl":
        assert result.rows or result.status == "skipped"


def test_damaged_document_keeps_the_rows_before_the_damage(read, write):
    records = ",".join(json.dumps({"n": number}) for number in range(10_000))
    write("a.json", f"[{records}, oops ada@example.org]")
    result = read("a.json")
    assert result.status == "partial"
    assert result.coverage.rows > 5_000
    assert "not valid JSON behind row" in result.reason
    assert "ada" not in result.reason


def test_levels_beyond_the_limit_are_told(read, write):
    write("a.jsonl", '{"a": {"b": {"c": {"d": 1}}}, "e": 2}\n')
    write("a.json", '[{"a": {"b": {"c": {"d": 1}}}, "e": 2}]')
    for name in ("a.jsonl", "a.json"):
        result = read(name, limits=ReadLimits(depth=3))
        assert result.column("e") == ["2"]
        assert "nested deeper" in result.reason


def test_json_in_utf16_is_read(read, write):
    write("a.json", '[{"name": "Zoë"}]'.encode("utf-16"))
    assert read("a.json").rows == [{"name": "Zoë"}]
