"""Labelled spans in generated texts beside Presidio; structured data and traps in short ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from governance.detectors.examine import usual_detectors
from governance.detectors.names import bundled
from governance.detectors.patterns import yaml_detectors
from governance.model.rules import PatternDetector
from tests.benchmarks import accuracy_peer
from tests.benchmarks.accuracy_figures import Figure, Part, counted
from tests.benchmarks.spans import Span, find_spans

# What both tools look for in text; addresses are labelled apart and are places to both.
SHARED = ("CREDIT_CARD", "DATE_TIME", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "LOCATION",
          "PERSON", "PHONE_NUMBER", "US_DRIVER_LICENSE", "US_SSN")  # fmt: skip
SAME = {"ADDRESS": "LOCATION"}
# The scores from which Presidio's finds may count: its default, and two that its users choose.
# It is taken at the one that suits it best here.
THRESHOLDS = (0.0, 0.35, 0.5)
DATAFOG = {"EMAIL": "EMAIL_ADDRESS", "PHONE": "PHONE_NUMBER", "SSN": "US_SSN",
           "ZIP_CODE": "POSTAL_CODE", "DE_IBAN": "IBAN_CODE", "DATE": "DATE_TIME",
           "ADDRESS": "STREET_ADDRESS"}  # fmt: skip
# These labels do not tell a place from its address, nor a day of birth from any other.
COARSE = {"STREET_ADDRESS": "LOCATION", "DATE_OF_BIRTH": "DATE_TIME"}
DATES = {"DATE_OF_BIRTH": "DATE_TIME"}
# Organisations are no persons.
NOT_LOOKED_FOR = ("ORGANIZATION",)
TARGET = 0.95

Spans = Sequence[Sequence[Span]]


class Score(NamedTuple):
    """Told spans that meet a labelled one, and labelled ones that are met."""

    right: int
    told: int
    met: int
    labelled: int

    def f(self, beta: int) -> float:
        """Return the F measure, in which recall weighs ``beta`` times as much as precision."""
        if not (self.right and self.met):
            return 0.0
        precision, recall = self.right / self.told, self.met / self.labelled
        weight = beta * beta
        return (1 + weight) * precision * recall / (weight * precision + recall)


def generated(texts: Path, patterns: Mapping[str, PatternDetector]) -> Part:
    """Measure spans by entity, beside Presidio with the same name model."""
    records = json.loads((texts / "presidio_research_generated_large.json").read_text("utf-8"))
    sentences = [record["full_text"] for record in records]
    labelled = [[_labelled(span) for span in record["spans"]] for record in records]
    told = find_spans(sentences, usual_detectors(("US",), yaml_detectors(patterns)), bundled())
    ours = [_coarse(spans, COARSE) for spans in told]
    threshold, theirs = _at_its_best(labelled, accuracy_peer.tell(sentences))
    lines = [f"Presidio counted from a score of {threshold}, which suits it best"]
    lines.append(f"{'entity':20}{'labelled':>9}{'F1':>8}{'F2':>8}{'Presidio F1':>13}{'F2':>8}")
    for entity in (*SHARED, "all"):
        wanted = SHARED if entity == "all" else (entity,)
        mine, other = (score(labelled, found, wanted) for found in (ours, theirs))
        ours_told = f"{mine.labelled:>9}{mine.f(1):>8.3f}{mine.f(2):>8.3f}"
        told = f"{other.f(1):>13.3f}{other.f(2):>8.3f}  {_compared(mine, other)}"
        lines.append(f"{entity:20}{ours_told}{told}")
    mine, other = (score(labelled, found, SHARED) for found in (ours, theirs))
    figures = [Figure(f"spans in generated texts, F{beta}", f"{mine.f(beta):.3f}",
                      f"above Presidio, {other.f(beta):.3f}", mine.f(beta) > other.f(beta))
               for beta in (1, 2)]  # fmt: skip
    lines += _mistaken(labelled, ours)
    return Part("Spans in generated texts, met where half of what both cover is shared",
                figures, lines)  # fmt: skip


def structured(texts: Path, patterns: Mapping[str, PatternDetector]) -> Part:
    """Measure structured data in short texts, and silence on traps."""
    detectors = usual_detectors(("US", "DE"), yaml_detectors(patterns))
    figures, lines = [], []
    for name in ("structured_pii", "negative_cases", "edge_cases", "mixed_pii"):
        records = json.loads((texts / f"datafog_{name}.json").read_text("utf-8"))
        found = find_spans([record["input"] for record in records], detectors, bundled())
        hit, lost, others = Counter[str](), Counter[str](), Counter[str]()
        for record, spans in zip(records, found, strict=True):
            labels = [(span["type"], _datafog(span)) for span in record["expected_entities"]]
            for kind, label in labels:
                named = _coarse(spans, DATES)
                (hit if any(meet(each, label) for each in named) else lost)[kind] += 1
            others.update(span.entity for span in spans if not _touches(span, labels))
        lines += _reached(name, hit, lost, others)
        labelled = hit.total() + lost.total()
        if name == "structured_pii":
            figures.append(Figure("structured spans", f"{hit.total()} of {labelled}, "
                                  f"{hit.total() / labelled:.1%}", "≥ 95 %",
                                  hit.total() >= TARGET * labelled))  # fmt: skip
        elif name == "negative_cases":
            figures.append(Figure("false alarms in traps", str(others.total()), "0",
                                  not others))  # fmt: skip
    return Part("Structured data and traps", figures, lines)


def score(labelled: Spans, found: Spans, wanted: Sequence[str]) -> Score:
    """Count for the wanted entities what is met, over all texts."""
    right = told = met = count = 0
    for all_labels, all_spans in zip(labelled, found, strict=True):
        labels = [span for span in all_labels if span.entity in wanted]
        spans = [span for span in all_spans if span.entity in wanted]
        told, count = told + len(spans), count + len(labels)
        right += sum(any(meet(span, label) for label in labels) for span in spans)
        met += sum(any(meet(span, label) for span in spans) for label in labels)
    return Score(right, told, met, count)


def meet(one: Span, other: Span) -> bool:
    """Return whether both say the same of at least half of what they cover together."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    together = max(one.end, other.end) - min(one.start, other.start)
    return one.entity == other.entity and 2 * shared >= together > 0


def _at_its_best(
    labelled: Spans, told: Sequence[Sequence[accuracy_peer.Told]]
) -> tuple[float, Spans]:
    choices = [(threshold, [[each.span for each in spans if each.score >= threshold]
                            for spans in told]) for threshold in THRESHOLDS]  # fmt: skip
    return max(choices, key=lambda choice: score(labelled, choice[1], SHARED).f(1))


def _compared(mine: Score, other: Score) -> str:
    differences = [round(mine.f(beta) - other.f(beta), 3) for beta in (1, 2)]
    if min(differences) < 0:
        return "BELOW"
    return "above" if max(differences) > 0 else "the same"


def _mistaken(labelled: Spans, ours: Spans) -> list[str]:
    """Return what labelled spans were told as instead, and what was told where nothing is."""
    missed, alarms = Counter[str](), Counter[str]()
    for labels, spans in zip(labelled, ours, strict=True):
        for label in labels:
            if label.entity in SHARED and not any(meet(span, label) for span in spans):
                instead = {span.entity for span in spans if _overlap(span, label)}
                missed[f"{label.entity} as {'+'.join(sorted(instead)) or 'nothing'}"] += 1
        for span in spans:
            if span.entity in SHARED and not any(_overlap(span, label) for label in labels):
                alarms[span.entity] += 1
    return [
        f"not met: {counted(missed.items())}",
        f"told beside any label: {counted(alarms.items())}",
    ]


def _reached(name: str, hit: Counter[str], lost: Counter[str], others: Counter[str]) -> list[str]:
    looked, missed = (
        sum(count for kind, count in kinds.items() if kind not in NOT_LOOKED_FOR)
        for kinds in (hit + lost, lost)
    )
    return [f"{name}: {hit.total()} of {(hit + lost).total()} spans; "
            f"of what is looked for {looked - missed} of {looked}",
            f"  not found: {counted(lost.items())}",
            f"  told beside any label: {counted(others.items())}"]  # fmt: skip


def _labelled(span: Mapping[str, Any]) -> Span:
    entity = SAME.get(span["entity_type"], span["entity_type"])
    return Span(span["start_position"], span["end_position"], entity)


def _coarse(spans: Sequence[Span], names: Mapping[str, str]) -> list[Span]:
    return [span._replace(entity=names.get(span.entity, span.entity)) for span in spans]


def _datafog(span: Mapping[str, Any]) -> Span:
    return Span(span["start"], span["end"], DATAFOG.get(span["type"], span["type"]))


def _touches(span: Span, labels: Sequence[tuple[str, Span]]) -> bool:
    return any(_overlap(span, label) for _, label in labels)


def _overlap(one: Span, other: Span) -> bool:
    return min(one.end, other.end) > max(one.start, other.start)
