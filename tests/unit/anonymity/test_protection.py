"""What the shapes of values say, and that evidence keeps no value."""

import base64
import random
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from governance.anonymity.forms import unfit
from governance.anonymity.kinds import MASKED
from governance.anonymity.protection import EMPTY, SKETCH_SIZE, conclude, observe
from governance.anonymity.shapes import shapes_of
from governance.model.facts import ProtectionFacts
from governance.model.ladders import Form

_FOLDER = Path(__file__).parents[2] / "cases" / "anonymity"
_CASES = yaml.safe_load((_FOLDER / "shapes.yaml").read_text("utf-8"))
_FORMS = yaml.safe_load((_FOLDER / "forms.yaml").read_text("utf-8"))


def _batch(**columns: object) -> pa.RecordBatch:
    arrays = [each if isinstance(each, pa.Array) else pa.array(each) for each in columns.values()]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _facts(column: object) -> ProtectionFacts:
    return conclude(observe(_batch(c=column), frozenset({"c"})))["c"]


@pytest.mark.parametrize(
    ("shape", "value"), [(shape, value) for shape, values in _CASES.items() for value in values]
)
def test_a_value_has_the_shape_that_the_case_file_says(shape: str, value: str) -> None:
    assert shapes_of(pa.array([value])) == [shape]


@pytest.mark.parametrize(
    ("form", "side", "value"),
    [
        (form, side, value)
        for form, sides in _FORMS.items()
        for side, values in sides.items()
        for value in values
    ],
)
def test_a_value_has_or_lacks_a_form_as_the_case_file_says(form: str, side: str, value: str):
    assert unfit(pa.array([value]), Form(form), ()).to_pylist() == [side == "lacks"]


def test_every_form_has_cases():
    assert set(_FORMS) == {form.value for form in Form}


def test_a_barred_beginning_is_found_though_the_column_is_a_number():
    numbers = pa.array([36, 123, 59])
    assert unfit(numbers.cast(pa.string()), Form.ZIP3, ("036", "059")).to_pylist() == [1, 0, 1]


def test_one_full_date_among_many_years_is_counted_in_any_order_of_merging():
    years = [str(1900 + number % 100) for number in range(5_000)]
    asked = {"c": ((Form.YEAR, ()),)}
    parts = [
        observe(_batch(c=values), frozenset({"c"}), asked)
        for values in (years, ["1984-03-05", None, "[REDACTED]"], [])
    ]
    for order in ((0, 1, 2), (2, 1, 0)):
        merged = EMPTY
        for index in order:
            merged = merged.merge(parts[index])
        facts = conclude(merged)["c"]
        assert facts.unfit == (("year", 1),)
        assert facts.distinct == facts.redacted + facts.masked + facts.hashed + facts.other


def test_what_fits_is_told_apart_from_what_nobody_asked():
    asked = {"c": ((Form.YEAR, ()),)}
    assert conclude(observe(_batch(c=["1984"]), frozenset({"c"}), asked))["c"].unfit == (
        ("year", 0),
    )
    assert _facts(["1984"]).unfit == ()


@pytest.mark.parametrize(
    ("value", "is_masked"),
    [
        ("j***@example.org", True), ("ana@ex***.org", True), ("************1111", True),
        ("411111******1111", True), ("+49 30 555****", True), ("A*** S******", True),
        ("192.168.1.xxx", True), ("John D***", True),
        ("person1@mail1.example.org****", False), ("4111111111111111****", False),
        ("+49 30 55511000XXX", False), ("Ana Example ****", False),
        ("****person1@mail1.example.org", False),
    ],
)  # fmt: skip
def test_stars_beside_a_whole_value_mask_nothing(value: str, is_masked: bool) -> None:
    assert (shapes_of(pa.array([value])) == [MASKED]) == is_masked


def test_another_spelling_of_a_text_is_told_and_a_token_is_none() -> None:
    clear = [f"person{number}@example.org" for number in range(30)]
    spelled = (
        [base64.b64encode(value.encode()).decode() for value in clear],
        [base64.urlsafe_b64encode(value.encode()).decode().rstrip("=") for value in clear],
        [value.encode().hex() for value in clear],
        [value.replace("@", "%40") for value in clear],
    )
    draw = random.Random(7)
    tokens = [draw.randbytes(size).hex() for size in (10, 12, 16, 32) for _ in range(5_000)]
    tokens += [
        base64.b64encode(draw.randbytes(size)).decode() for size in (10, 12, 16, 32)
        for _ in range(5_000)
    ]  # fmt: skip
    tokens += [f"tok_{number:06d}" for number in range(99)] + ["[REDACTED]", "ana@example.org"]
    assert _facts(tokens).coded == 0
    for values in spelled:
        assert _facts(values).coded == len(values)
        assert _facts([*tokens, values[0]]).coded == 1


def test_one_clear_value_among_many_digests_is_counted() -> None:
    digests = [f"{number:064x}".replace("0", "a") for number in range(10_000)]
    facts = _facts([*digests, "ana@example.org"])
    assert facts.other == 1
    assert facts.hashed > SKETCH_SIZE
    assert facts.hash_bits == 256


def test_counts_add_up_to_distinct_and_nulls_are_left_out() -> None:
    facts = _facts(["a***b", "a***b", None, "n/a", "clear", "0" * 31 + "a"])
    assert facts == ProtectionFacts(
        distinct=4, redacted=1, masked=1, hashed=1, hash_bits=128, other=1
    )


def test_estimates_beyond_the_sketch_are_near_the_truth() -> None:
    facts = _facts([f"value {number}" for number in range(50_000)])
    assert facts.other == pytest.approx(50_000, rel=0.08)


def test_a_constant_column_of_several_rows_is_redacted_but_a_single_row_is_not() -> None:
    assert _facts(["same", "same"]).redacted == 1
    assert _facts(["same"]).other == 1


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, 2, 2]),
        pa.array([1.5, None]),
        pa.array([[1], [2]]),
        pa.array([{"a": 1}, {"a": 2}]),
        pa.array(["a", "b"]).dictionary_encode(),
        pa.array(["a", "b"], pa.large_string()),
        pa.array([True, False]),
        pa.array([None, None]),
        pa.array([], pa.string()),
    ],
)
def test_every_column_type_is_counted_without_an_error(column: pa.Array) -> None:
    facts = _facts(column)
    assert facts.distinct == len(set(map(str, column.drop_null().to_pylist())))


def test_raw_bytes_of_a_digests_length_are_a_digest() -> None:
    facts = _facts(pa.array([bytes(range(32)), bytes(range(1, 33))]))
    assert (facts.hashed, facts.hash_bits) == (2, 256)


def test_only_the_columns_asked_for_are_looked_at() -> None:
    batch = _batch(a=["x"], b=["y"])
    assert set(conclude(observe(batch, frozenset({"a", "missing"})))) == {"a"}


def test_evidence_holds_no_value() -> None:
    evidence = observe(_batch(c=["ana@example.org"]), frozenset({"c"}))
    assert "ana" not in repr(evidence)
    assert all(
        isinstance(kept, int)
        for column in evidence.fields.values()
        for hashes in column.sketches.values()
        for kept in hashes
    )


def test_two_columns_of_one_name_are_both_seen() -> None:
    batch = pa.RecordBatch.from_arrays([pa.array(["x y"]), pa.array(["z"])], names=["c", "c"])
    assert conclude(observe(batch, frozenset({"c"})))["c"].other == 2


def test_nothing_seen_concludes_nothing() -> None:
    assert conclude(EMPTY) == {}
