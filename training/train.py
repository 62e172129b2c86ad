"""Train the compact name model: ``make ner``. About twenty minutes on one core."""

from __future__ import annotations

import argparse
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Adam, warmup_linear

from training.evaluate import overlap_and_exact
from training.records import DEV, Record, cased, read, shuffled, training_records
from training.synthetic import Maker
from training.words import gather

LABELS = ("LOC", "ORG", "PERSON")
STEPS = 5000
WARM_UP_STEPS = 250
LEARN_RATE = 2e-3
FIRST_BATCH, LAST_BATCH = 600, 1500  # words
DROPOUT = 0.2
CHECK_EVERY = 500
SYNTHETIC = {"sentences": 32_000, "cells": 28_000, "negatives": 30_000, "other_cells": 30_000}
SYNTHETIC_DEV = {"sentences": 300, "cells": 300, "negatives": 300, "other_cells": 300}
CASED_SHARE = 0.15

NER = {
    "model": {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
        "tok2vec": {
            "@architectures": "spacy.Tok2Vec.v2",
            "embed": {
                "@architectures": "spacy.MultiHashEmbed.v2",
                "width": 96,
                "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
                "rows": [5000, 1000, 2500, 2500],
                "include_static_vectors": False,
            },
            "encode": {
                "@architectures": "spacy.MaxoutWindowEncoder.v2",
                "width": 96,
                "window_size": 1,
                "maxout_pieces": 3,
                "depth": 4,
            },
        },
    }
}


def main() -> None:
    """Train, keep the best of the checked steps, and write the stripped pipeline."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("data", type=Path, help="the folder of the .jsonl files")
    asked.add_argument("out", type=Path, help="where the pipeline goes")
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--steps", type=int, default=STEPS)
    asked.add_argument("--minutes", type=float, default=40.0)
    options = asked.parse_args()
    nlp, score = train(options.data, options.seed, options.steps, options.minutes * 60)
    save(nlp, options.out)
    print(f"best score on the dev sets {score:.4f}, written to {options.out.name}")


def train(data: Path, seed: int, steps: int, seconds: float) -> tuple[Language, float]:
    """Return the best pipeline of a training, and its score on the dev sets."""
    fix_random_seed(seed)
    nlp = blank()
    words = gather(seed)
    maker, cases = Maker(words, seed), random.Random(seed + 1)
    made = [each for kind, count in SYNTHETIC.items() for each in getattr(maker, kind)(count)]
    made = [
        cased(each, upper=cases.random() < 0.5) if cases.random() < CASED_SHARE else each
        for each in made
    ]
    records = shuffled([*training_records(data, words, seed), *made], seed)
    dev = dev_sets(data, seed)
    print(f"{len(records):,} records", flush=True)
    optimizer = Adam(warmup_linear(LEARN_RATE, WARM_UP_STEPS, steps), use_averages=True)
    sample = [_example(nlp, each) for each in records[:300]]
    nlp.initialize(lambda: sample)
    best, kept, began = 0.0, nlp.to_bytes(), time.monotonic()
    batches = _batches(records, steps, seed)
    for step, batch in enumerate(itertools.islice(batches, steps), start=1):
        examples = [_example(nlp, each) for each in batch]
        nlp.update(examples, sgd=optimizer, drop=DROPOUT)
        optimizer.step_schedules()
        is_late = time.monotonic() - began > seconds
        if step % CHECK_EVERY == 0 or step == steps or is_late:
            with nlp.use_params(optimizer.averages):
                figures = {name: overlap_and_exact(nlp, each)[0] for name, each in dev.items()}
                score = sum(figures.values()) / len(figures)
                print(step, round(time.monotonic() - began), f"{score:.4f}", figures, flush=True)
                if score > best:
                    best, kept = score, nlp.to_bytes()
        if is_late:
            break
    nlp.from_bytes(kept)
    return nlp, best


def dev_sets(data: Path, seed: int) -> dict[str, list[Record]]:
    """Return the sets that choose the best step; the synthetic one from words never trained on."""
    maker = Maker(gather(seed + 1), seed + 1)
    made = [each for kind, count in SYNTHETIC_DEV.items() for each in getattr(maker, kind)(count)]
    return {**{name: read(data, name) for name in DEV}, "synthetic": made}


def blank() -> Language:
    """Return the untrained pipeline."""
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("ner", config=NER)
    for label in LABELS:
        ner.add_label(label)  # type: ignore[attr-defined]  # the pipe is an EntityRecognizer
    return nlp


def save(nlp: Language, out: Path) -> None:
    """Write the pipeline without the words that it was trained on."""
    trained = nlp.get_pipe("ner")
    bare = spacy.blank("en")
    bare.add_pipe("ner", config=NER)
    # NOTE: the vocabulary holds every word of the training texts; the weights need none of them.
    weights = trained.to_bytes(exclude=["vocab"])  # type: ignore[attr-defined]
    bare.get_pipe("ner").from_bytes(weights, exclude=["vocab"])  # type: ignore[attr-defined]
    bare.meta.update(
        {
            "name": "names",
            "description": "Names of persons and places, compact; see MODEL_CARD.md",
            "license": "CC BY 4.0",
        }
    )
    bare.to_disk(out)


def _batches(records: Sequence[Record], steps: int, seed: int) -> Iterator[list[Record]]:
    """Yield batches whose number of words grows, over the records again and again."""
    draw = random.Random(seed)
    position, order = 0, list(range(len(records)))
    for step in itertools.count():
        wanted = FIRST_BATCH + (LAST_BATCH - FIRST_BATCH) * min(1.0, 2 * step / steps)
        batch, size = [], 0
        while size < wanted:
            if position == len(order):
                draw.shuffle(order)
                position = 0
            batch.append(records[order[position]])
            size += batch[-1]["text"].count(" ") + 1
            position += 1
        yield batch


def _example(nlp: Language, record: Record) -> Example:
    doc = nlp.make_doc(record["text"])
    reference = Doc(
        nlp.vocab, words=[t.text for t in doc], spaces=[bool(t.whitespace_) for t in doc]
    )
    spans = [
        reference.char_span(start, end, label=label, alignment_mode="expand")
        for start, end, label in record["ents"]
    ]
    reference.ents = spacy.util.filter_spans([span for span in spans if span is not None])
    return Example(doc, reference)


if __name__ == "__main__":
    main()
