"""Verdicts on labelled columns, with their headers and without; alarms on clean tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from governance.detectors.conclude import conclude
from governance.detectors.examine import EMPTY, Examiner
from governance.detectors.names import bundled
from governance.model.facts import FieldFacts
from governance.model.rules import PatternDetector

IDENTIFIERS = {
    "Credit_Debit_Card_Number": "CREDIT_CARD",
    "IBAN": "IBAN_CODE",
    "Email_Address": "EMAIL_ADDRESS",
    "Phone_Number": "PHONE_NUMBER",
    "IP_Address_v4": "IP_ADDRESS",
    "IP_Address_v6": "IP_ADDRESS",
}
# What a clean table may hold without an alarm being false.
NO_ALARM = {"AGE", "DATE_OF_BIRTH", "GENDER", "PERSON"}


def measure(data: Path, patterns: Mapping[str, PatternDetector]) -> None:
    """Print what was reached on the columns and on the clean tables of a folder."""
    labels = json.loads((data / "columns/labels.json").read_text("utf-8"))
    for with_header in (True, False):
        right = told = wanted = 0
        for name, columns in labels.items():
            header, facts = _facts(data / "columns" / name, patterns, with_header=with_header)
            expected = {(header.index(column), IDENTIFIERS[label])
                        for column, label in columns.items() if label in IDENTIFIERS}  # fmt: skip
            found = {(place, each.verdict.entity) for place, each in enumerate(facts)
                     if each.verdict and each.verdict.entity in IDENTIFIERS.values()}  # fmt: skip
            right, told = right + len(expected & found), told + len(found)
            wanted += len(expected)
        reached = 2 * right / (told + wanted)
        shown = "headers on" if with_header else "headers c1 to cn"
        print(f"identifiers, {shown}: F1 {reached:.3f}, {right} of {wanted}, {told} told")
    verdicts = contents = count = 0
    for path in sorted((data / "negatives").glob("*.csv")):
        _, facts = _facts(path, patterns, with_header=True)
        count += len(facts)
        for field in facts:
            verdicts += bool(field.verdict and field.verdict.entity not in NO_ALARM)
            contents += bool({item.entity for item in field.contains} - NO_ALARM)
    print(f"clean tables, {count} columns: {verdicts} false verdicts, {contents} false contents")


def _facts(
    path: Path, patterns: Mapping[str, PatternDetector], *, with_header: bool
) -> tuple[Sequence[str], Sequence[FieldFacts]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        header, *rows = csv.reader(lines)
    names = [name if with_header and name not in header[:place] else f"c{place + 1}"
             for place, name in enumerate(header)]  # fmt: skip
    columns = [[row[place] if place < len(row) else None for row in rows]
               for place in range(len(names))]  # fmt: skip
    batch = pa.record_batch([pa.array(each, pa.string()) for each in columns], names=names)
    key = b"a secret for measuring"
    examiner = Examiner(countries=("DE", "US"), patterns=patterns, key=key, names=bundled)
    evidence = EMPTY.merge(examiner.examine(batch, 1)).merge(examiner.finish())
    return header, conclude(evidence)
