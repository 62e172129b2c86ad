"""How good the name model is on what it was not trained on; writes the model card."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import spacy
from faker import Faker
from spacy.language import Language

from governance.detectors.names import MODEL, CompactModel
from training.records import DEV, TRAIN, Record, digest, read
from training.templates import PRODUCTS
from training.words import gather

SEED = 4711
CELLS = 400
ORIGINS = {
    "Germany": "de_DE", "France": "fr_FR", "Poland": "pl_PL", "Turkey": "tr_TR", "Spain": "es_ES",
    "United States": "en_US", "India": "en_IN", "Nigeria": "yo_NG", "Ghana": "tw_GH",
    "Indonesia": "id_ID", "Vietnam": "vi_VN", "Philippines": "fil_PH", "Brazil": "pt_BR",
    "Finland": "fi_FI", "Kenya": "en_KE",
}  # fmt: skip
CARD = """\
# Model card: names of persons and places, compact

A spaCy `ner` pipeline ({size:.1f} MB) trained from scratch by this project on openly licensed and
synthetic text. It ships with the tool so that names are looked for on a machine that reaches no
network.

**Use.** To tell that a column holds names of persons, or that its texts name some. Decisions are
made for a column over its distinct values, never for one cell. It is a basic model: what it does
not find may still be there, and a clean result never means that there is no personal data.
**Not for** redaction, nor for decisions about single persons.

**Licence.** The weights are under CC BY 4.0. Text: WNUT 2017 (Derczynski et al. 2017), Broad
Twitter Corpus (Derczynski et al. 2016), GUM: news, interview, academic and court texts (Zeldes),
LitBank (Bamman et al.), all CC BY 4.0; multiNER English (Ranathunga et al. 2025), CC0; names and
places from Faker (MIT); templates of this project.

## Figures on held-out text (F1 of exact spans, of overlapping spans in brackets)

| set | PERSON | LOCATION |
|---|---|---|
{sets}

## Single cells

| what | behind its header | alone |
|---|---|---|
{cells}

## By origin of the name: share of "First Last" cells that are recognised

| names from | behind a header that tells nothing | alone |
|---|---|---|
{origins}

The names are Faker's; they say nothing about how common a name is. Names in another script than
Latin were not trained on and are mostly missed.

## Data

| file | SHA-256 |
|---|---|
{data}
"""


def main() -> None:
    """Measure the bundled model and write its card beside it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("data", type=Path, help="the folder of the .jsonl files")
    data = asked.parse_args().data
    nlp = spacy.load(MODEL)
    size = sum(path.stat().st_size for path in MODEL.rglob("*") if path.is_file()) / 1e6
    card = CARD.format(
        size=size,
        sets="\n".join(_set_row(nlp, name, read(data, name)) for name in DEV),
        cells="\n".join(_cell_rows(nlp)),
        origins="\n".join(_origin_rows(nlp)),
        data="\n".join(f"| {name} | {digest(data, name)} |" for name in (*TRAIN, *DEV)),
    )
    (MODEL / "MODEL_CARD.md").write_text(card, "utf-8")
    print(card)


def overlap_and_exact(
    nlp: Language, records: Sequence[Record], label: str | None = None
) -> tuple[float, float]:
    """Return the F1 of spans that agree exactly, and of those that overlap, both 0 to 1.

    Args:
        label: PERSON or LOC; None is both together. Organisations are never scored.
    """
    wanted = {label} if label else {"PERSON", "LOC"}
    true = told = exact = near_told = near_true = 0
    docs = nlp.pipe((each["text"] for each in records), batch_size=256)
    for doc, record in zip(docs, records, strict=True):
        gold = {(s, e, name) for s, e, name in record["ents"] if name in wanted}
        found = {(e.start_char, e.end_char, e.label_) for e in doc.ents if e.label_ in wanted}
        true, told = true + len(gold), told + len(found)
        exact += len(gold & found)
        near_told += sum(any(_touch(each, other) for other in gold) for each in found)
        near_true += sum(any(_touch(each, other) for other in found) for each in gold)
    return _f1(exact, told, exact, true), _f1(near_told, told, near_true, true)


def _set_row(nlp: Language, name: str, records: Sequence[Record]) -> str:
    figures = [overlap_and_exact(nlp, records, label) for label in ("PERSON", "LOC")]
    return f"| {name} | " + " | ".join(f"{a:.1%} [{b:.1%}]" for a, b in figures) + " |"


def _cell_rows(nlp: Language) -> list[str]:
    words = gather(SEED)
    names = words.names[:: max(1, len(words.names) // CELLS)]
    full = [f"{first} {last}" for first, last in names]
    cases: list[tuple[str, str, Sequence[str], str]] = [
        ("First Last: recognised", "name", full, "PERSON"),
        ("Last, First: recognised", "name", [f"{b}, {a}" for a, b in names], "PERSON"),
        ("upper case: recognised", "name", [each.upper() for each in full], "PERSON"),
        ("lower case: recognised", "name", [each.lower() for each in full], "PERSON"),
        ("surname alone: recognised", "last name", [last for _, last in names], "PERSON"),
        ("product: taken for a person, header name", "name", PRODUCTS, "PERSON"),
        ("company: taken for a person, header name", "name", _some(words.companies), "PERSON"),
        ("city: taken for a person, header c1", "c1", _some(words.cities), "PERSON"),
        ("city: taken for a person", "city", _some(words.cities), "PERSON"),
        ("product: taken for a person", "product", PRODUCTS, "PERSON"),
        ("job title: taken for a person", "job title", _some(words.jobs), "PERSON"),
        ("company: taken for a person", "company", _some(words.companies), "PERSON"),
    ]
    rows = []
    for what, header, cells, entity in cases:
        behind, alone = (_share(nlp, cells, head, entity) for head in (header, ""))
        rows.append(f"| {what} | {behind:.1%} | {alone:.1%} |")
    return rows


def _origin_rows(nlp: Language) -> list[str]:
    rows = []
    for origin, locale in ORIGINS.items():
        fake = Faker(locale)
        fake.seed_instance(SEED)
        draw: Callable[[], str] = lambda fake=fake: f"{fake.first_name()} {fake.last_name()}"  # noqa: E731
        cells = [draw() for _ in range(CELLS)]
        vague, alone = (_share(nlp, cells, header, "PERSON") for header in ("c1", ""))
        rows.append(f"| {origin} | {vague:.1%} | {alone:.1%} |")
    return rows


def _share(nlp: Language, cells: Sequence[str], header: str, entity: str) -> float:
    found = CompactModel(nlp).find(cells, header)
    hits = sum(any(name.entity == entity for name in each) for each in found)
    return hits / len(cells)


def _some(words: Sequence[str]) -> Sequence[str]:
    return words[:: max(1, len(words) // CELLS)]


def _touch(left: tuple[int, int, str], right: tuple[int, int, str]) -> bool:
    return left[2] == right[2] and left[0] < right[1] and right[0] < left[1]


def _f1(hits: int, told: int, recalled: int, true: int) -> float:
    precision, recall = hits / told if told else 0.0, recalled / true if true else 0.0
    total = precision + recall
    return 2 * precision * recall / total if total else 0.0


if __name__ == "__main__":
    main()
