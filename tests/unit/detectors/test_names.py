"""Names in text: what the bundled model finds, and what is made of it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from governance.detectors.conclude import conclude
from governance.detectors.examine import EMPTY, Examiner
from governance.detectors.names import MODEL, bundled
from governance.model.evidence import NAMED_SIZE

KEY = b"a workspace's secret of 32 bytes"
FIRST = [
    "Anna",
    "Bruno",
    "Carla",
    "David",
    "Elena",
    "Felix",
    "Greta",
    "Hugo",
    "Irene",
    "Jonas",
    "Karin",
    "Luis",
    "Maria",
    "Nils",
    "Olga",
]
LAST = [
    "Weber",
    "Rossi",
    "Kowalski",
    "Moreau",
    "Jensen",
    "Novak",
    "Fischer",
    "Garcia",
    "Lindqvist",
    "Baker",
    "Yilmaz",
    "Horvat",
]
PEOPLE = [f"{first} {last}" for first in FIRST for last in LAST]
ORDERS = [f"the {what} of order {n} arrived late and the box was wet" for n in range(60)
          for what in ("parcel", "lamp", "table")]  # fmt: skip


def facts(columns: dict[str, list[str | None]], cuts: tuple[int, ...] = ()):
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    edges = [0, *cuts, table.num_rows]
    examiner = Examiner(countries=("DE",), patterns={}, key=KEY, names=bundled)
    evidence = EMPTY
    for start, end in pairwise(edges):
        for batch in table.slice(start, end - start).combine_chunks().to_batches():
            evidence = evidence.merge(examiner.examine(batch, start + 1))
    evidence = evidence.merge(examiner.finish())
    return {field.name: field for field in conclude(evidence)}


def told(texts: list[str], header: str) -> list[set[tuple[str, str]]]:
    return [
        {(name.entity, text[name.start : name.end]) for name in found}
        for text, found in zip(texts, bundled().find(texts, header), strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Spoke to Maria Gonzalez about the invoice, she will call back", "Maria Gonzalez"),
        ("SPOKE TO MARIA GONZALEZ ABOUT THE INVOICE", "MARIA GONZALEZ"),
        ("spoke to maria gonzalez about the invoice", "maria gonzalez"),
        (
            "x" * 3990 + ". Spoke to Maria Gonzalez about the invoice. " + "y " * 3000,
            "Maria Gonzalez",
        ),
    ],
)
def test_a_name_is_found_in_running_text_in_any_case_and_at_any_place(text, name):
    assert ("PERSON", name) in told([text], "note")[0]


def test_addresses_keys_and_log_stamps_are_no_names():
    lines = [
        "2026-01-02 10:00:00,120 ERROR [web-01] com.Anna.WeberService - retry 3 of 5",
        "GET /people/Anna/Weber?sort=Anna 200 12ms",
        "user=Anna_Weber host=db-07",
    ]
    assert told(lines, "message") == [set(), set(), set()]


def test_a_column_of_names_is_told_without_its_header():
    field = facts({"c1": list(PEOPLE)})["c1"]
    assert field.verdict.entity == "PERSON"
    assert field.verdict.because[0].endswith("are recognised as names")


def test_cities_products_and_jobs_are_not_persons():
    columns = {
        "city": ["Berlin", "Paris", "Madrid", "Rome", "Oslo", "Vienna", "Prague", "Warsaw",
                 "Lisbon", "Dublin"],
        "product": ["Oak Table", "Linen Curtain", "Galaxy S21", "Harry's Razor", "Mac Mini", "Desk",
                    "Corolla Hybrid", "Earl Grey", "Office Chair", "Lamp"],
        "job_title": ["Senior Accountant", "Nurse", "Data Engineer", "Driver", "Head of Sales",
                      "Teacher", "Plumber", "Lawyer", "Clerk", "Buyer"],
    }  # fmt: skip
    found = facts(columns)
    assert {name: field.verdict for name, field in found.items()} == dict.fromkeys(columns)
    assert not any(field.contains for field in found.values())


def test_texts_that_name_several_persons_contain_persons_and_say_where():
    notes = list(ORDERS)
    for place in range(0, len(notes), 10):
        notes[place] = f"Spoke to {PEOPLE[place]} about a refund, will call back on Monday"
    (person,) = facts({"note": notes})["note"].contains
    assert (person.entity, person.deterministic) == ("PERSON", False)
    assert person.rows >= 15
    assert set(person.lines) <= {place + 1 for place in range(0, len(notes), 10)}
    assert not any(name.split()[0] in person.preview for name in PEOPLE)


def test_one_repeated_name_like_word_is_not_a_person():
    notes = [f"{text}, says Martin Luther" for text in ORDERS]
    assert facts({"note": notes})["note"].contains == ()


def test_named_evidence_is_the_same_for_any_cut_into_batches():
    notes = [f"Spoke to {PEOPLE[n % len(PEOPLE)]} about order {n}, no answer" for n in range(3000)]
    whole = facts({"note": notes})
    cut = facts({"note": notes}, cuts=(7, 1100, 2999))
    assert whole == cut
    (person,) = whole["note"].contains
    assert person.distinct <= NAMED_SIZE


def test_the_model_is_small_and_holds_no_word_of_its_training():
    sizes = [path.stat().st_size for path in MODEL.rglob("*") if path.is_file()]
    assert sum(sizes) < 10_000_000
    words = (MODEL / "vocab" / "strings.json").read_text("utf-8")
    assert len(words) < 50_000
    assert not any(f'"{name}"' in words for name in ("Maria", "Obama", "Smith", "Hamburg"))


def test_a_model_is_read_from_the_package_alone(monkeypatch, tmp_path: Path):
    """The network is refused in every test; nothing but the package's own folder is opened."""
    bundled.cache_clear()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert told(["Spoke to Maria Gonzalez yesterday about it"], "note")[0]
    assert list(tmp_path.iterdir()) == []
