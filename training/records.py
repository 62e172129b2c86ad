"""The real texts, and copies of them under other names, in upper and in lower case."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from training.words import Words

Record = dict[str, Any]

TRAIN = ("wnut_train", "btc_train", "gum_ccby_train", "litbank_train", "multiner_train")
DEV = ("wnut_dev", "btc_dev", "gum_ccby_dev")
# Shares of the records that come again under other names, and in another case.
SWAPPED = {"litbank_train": 0.4}
CASED = {"litbank_train": 0.08, "multiner_train": 0.0}
UNTOUCHED = "multiner_train"
DEFAULT_SWAPPED, DEFAULT_CASED = 0.6, 0.12


def read(folder: Path, name: str) -> list[Record]:
    """Return the records of one file: ``text``, ``ents`` as [start, end, label], ``src``."""
    lines = (folder / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def digest(folder: Path, name: str) -> str:
    """Return the SHA-256 of one file."""
    return hashlib.sha256((folder / f"{name}.jsonl").read_bytes()).hexdigest()


def training_records(folder: Path, words: Words, seed: int) -> Iterator[Record]:
    """Yield every real record and its copies."""
    draw = random.Random(seed)
    for name in TRAIN:
        for record in read(folder, name):
            yield record
            if name != UNTOUCHED and draw.random() < SWAPPED.get(name, DEFAULT_SWAPPED):
                yield swapped(record, words, draw)
            if draw.random() < CASED.get(name, DEFAULT_CASED):
                yield cased(record, upper=draw.random() < 0.5)


def swapped(record: Record, words: Words, draw: random.Random) -> Record:
    """Return a record with other names and places in the same spots."""
    text, ents, at = "", [], 0
    for start, end, label in sorted(record["ents"]):
        old = record["text"][start:end]
        text += record["text"][at:start]
        new = _other(old, label, words, draw)
        ents.append([len(text), len(text) + len(new), label])
        text += new
        at = end
    return {**record, "text": text + record["text"][at:], "ents": ents}


def cased(record: Record, *, upper: bool) -> Record:
    """Return a record in upper or lower case, or unchanged where that moves its characters."""
    text = record["text"].upper() if upper else record["text"].lower()
    return {**record, "text": text} if len(text) == len(record["text"]) else record


def shuffled(records: Iterable[Record], seed: int) -> list[Record]:
    """Return the records in an order that the seed decides."""
    listed = list(records)
    random.Random(seed).shuffle(listed)
    return listed


def _other(old: str, label: str, words: Words, draw: random.Random) -> str:
    if label == "LOC":
        new = draw.choice(words.cities)
    elif label == "PERSON":
        first, last = draw.choice(words.names)
        count = len(old.split())
        new = f"{first} {last}" if count > 1 else draw.choice((first, last))
    else:
        return old
    return new.upper() if old.isupper() and len(old) > 3 else new.lower() if old.islower() else new
