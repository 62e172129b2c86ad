"""What is found in labelled texts and columns, against the labels and against Presidio.

Prints counts and shares, never a text. Run by ``make accuracy``; the data lies beside the project.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from governance.detectors.base import Detector  # noqa: E402
from governance.detectors.examine import usual_detectors  # noqa: E402
from governance.detectors.library.phone_number import PhoneNumber  # noqa: E402
from governance.detectors.names import MODEL, bundled  # noqa: E402
from governance.detectors.patterns import yaml_detectors  # noqa: E402
from governance.detectors.presidio import presidio_detectors, silence_presidio  # noqa: E402
from governance.detectors.registry import DETECTORS  # noqa: E402
from governance.model.evidence import Grade  # noqa: E402
from governance.model.rules import PatternDetector  # noqa: E402
from governance.policy.workspace import load_builtin  # noqa: E402
from tests.benchmarks import columns  # noqa: E402
from tests.benchmarks.spans import Span, find_spans  # noqa: E402

TEXTS = ROOT.parent / "shared" / "data" / "text"
# What both tools look for in text; addresses are labelled apart and are places to both.
SHARED = ("CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "LOCATION", "PERSON",
          "PHONE_NUMBER", "US_DRIVER_LICENSE", "US_SSN")  # fmt: skip
SAME = {"ADDRESS": "LOCATION"}
DATAFOG = {"EMAIL": "EMAIL_ADDRESS", "PHONE": "PHONE_NUMBER", "SSN": "US_SSN",
           "ZIP_CODE": "POSTAL_CODE", "DE_IBAN": "IBAN_CODE"}  # fmt: skip
# Presidio's regions in its own cases.
REGIONS = ("US", "GB", "DE", "FR", "IL", "IN", "CA", "BR")
NOT_LOOKED_FOR = {
    "date_recognizer": "a date by itself is not personal; a date of birth is",
    "url_recognizer": "an address of a page is not personal; one with a person's parameters is",
    "pattern_recognizer": "tests of the recognizer's machinery with patterns of their own",
    "spacy_recognizer": "needs a model that is downloaded",
    "stanza_recognizer": "needs a model that is downloaded",
    "transformers_recognizer": "needs a model that is downloaded",
    "certificate_number_recognizer": "not among the predefined recognizers of this version",
    "ph_mobile_number_recognizer": "not among the predefined recognizers of this version",
    "tr_phone_number_recognizer": "not among the predefined recognizers of this version",
}
DIFFERENT = {
    "de_vat_id_recognizer": "no check digit is asked for; a number of that shape is told as one",
    "in_pan_recognizer": "the pattern of any ten letters and digits is not looked for",
    "us_driver_license_recognizer": "bare runs of digits say nothing without a header",
    "phone_recognizer": "a number glued to a word or digits is none; told once, not twice",
}
OTHER_NAMES = {
    "mac_recognizer": "MAC_ADDRESS",
    "us_driver_license_recognizer": "US_DRIVER_LICENSE",
    "uk_nhs_recognizer": "UK_NHS",
}


class Score(NamedTuple):
    """Spans that meet a labelled one and labelled ones that are met; half of the shorter counts."""

    right: int
    told: int
    met: int
    labelled: int

    @property
    def precision(self) -> float:
        return self.right / self.told if self.told else 0.0

    @property
    def recall(self) -> float:
        return self.met / self.labelled if self.labelled else 0.0

    def f(self, beta: int) -> float:
        weight = beta * beta
        below = weight * self.precision + self.recall
        return (1 + weight) * self.precision * self.recall / below if below else 0.0


def main() -> None:
    """Measure each thing and print one block for it."""
    silence_presidio()
    logging.getLogger("tldextract").setLevel(logging.CRITICAL)
    cases()
    spans()
    structured()
    print()
    columns.measure(TEXTS.parent, _patterns())


def cases() -> None:
    """Presidio's own cases: as many matches as its tests expect of each recognizer."""
    ours = {each.entity: each for each in presidio_detectors()}
    library = {each.entity: each for each in (make() for make in DETECTORS)}
    same, different = 0, Counter[str]()
    left_out = Counter[str]()
    for case in json.loads((TEXTS / "presidio_recognizer_cases.json").read_text("utf-8")):
        name = case["recognizer"]
        if name in NOT_LOOKED_FOR or case["expected_matches"] is None:
            left_out[name] += 1
            continue
        entity = OTHER_NAMES.get(name) or _entities()[name]
        detector = ours.get(entity) or library[entity]
        if entity == "PHONE_NUMBER":
            detector = PhoneNumber(REGIONS)
        if _count(detector, case["text"]) == case["expected_matches"]:
            same += 1
        else:
            different[name] += 1
    looked = same + different.total()
    print(f"Presidio's cases: {same} of {looked} the same count, {same / looked:.1%} (target 99 %)")
    for name, count in sorted(different.items()):
        print(f"  {name}: {count}, {DIFFERENT.get(name, 'NO REASON GIVEN')}")
    for name, count in sorted(left_out.items()):
        print(f"  not looked for, {name}: {count}, {NOT_LOOKED_FOR.get(name, 'no count stated')}")


def spans() -> None:
    """Labelled spans in generated texts, by entity, beside Presidio with the same name model."""
    records = json.loads((TEXTS / "presidio_research_generated_large.json").read_text("utf-8"))
    texts = [record["full_text"] for record in records]
    labelled = [[_labelled(span) for span in record["spans"]] for record in records]
    ours = find_spans(texts, _detectors(("US",)), bundled())
    theirs = _presidio(texts)
    print(f"\n{'entity':20}{'labelled':>9}{'F1':>7}{'F2':>7}{'Presidio F1':>13}{'F2':>7}")
    for entity in (*SHARED, "all"):
        wanted = SHARED if entity == "all" else (entity,)
        mine, other = (_score(labelled, found, wanted) for found in (ours, theirs))
        print(f"{entity:20}{mine.labelled:>9}{mine.f(1):>7.3f}{mine.f(2):>7.3f}"
              f"{other.f(1):>13.3f}{other.f(2):>7.3f}")  # fmt: skip


def structured() -> None:
    """Spans of structured data in short texts, and traps that hold none."""
    print()
    for name in ("structured_pii", "negative_cases", "edge_cases", "mixed_pii"):
        records = json.loads((TEXTS / f"datafog_{name}.json").read_text("utf-8"))
        texts = [record["input"] for record in records]
        found = find_spans(texts, _detectors(("US", "DE")), bundled())
        hit, lost = 0, Counter[str]()
        for record, spans in zip(records, found, strict=True):
            for span in record["expected_entities"]:
                entity = DATAFOG.get(span["type"], span["type"])
                if any(_meet(each, Span(span["start"], span["end"], entity)) for each in spans):
                    hit += 1
                else:
                    lost[span["type"]] += 1
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(lost.items())) or "none"
        print(f"datafog {name}: {hit} of {hit + lost.total()} spans; not found: {told}")
        if name == "negative_cases":
            print(f"  false alarms: {sum(map(len, found))}")


def _count(detector: Detector, text: str) -> int:
    found = {(match.start - match.end, match.start, match.end) for match in detector.find(text)
             if match.grade is not Grade.INVALID}  # fmt: skip
    kept: list[tuple[int, int]] = []
    for _, start, end in sorted(found):
        if all(end <= other[0] or start >= other[1] for other in kept):
            kept.append((start, end))
    return len(kept)


def _entities() -> dict[str, str]:
    from presidio_analyzer import predefined_recognizers

    snake = re.compile(r"(?<!^)(?=[A-Z])")
    names = {snake.sub("_", name).lower(): name for name in dir(predefined_recognizers)}
    made = {"EmailRecognizer": "EMAIL_ADDRESS", "IbanRecognizer": "IBAN_CODE",
            "PhoneRecognizer": "PHONE_NUMBER"}  # fmt: skip
    made |= {type(each._recognizer).__name__: each.entity for each in presidio_detectors()}
    return {snake_name: made[name] for snake_name, name in names.items() if name in made}


def _patterns() -> Mapping[str, PatternDetector]:
    return load_builtin().detectors


def _detectors(countries: tuple[str, ...]) -> Sequence[Detector]:
    return usual_detectors(countries, yaml_detectors(_patterns()))


def _presidio(texts: Iterable[str]) -> list[list[Span]]:
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    class Offline(SpacyNlpEngine):
        def load(self) -> None:
            self.nlp = {"en": spacy.load(MODEL)}

    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    mapping = {"PERSON": "PERSON", "LOC": "LOCATION"}
    engine = Offline(
        models=[{"lang_code": "en", "model_name": str(MODEL)}],
        ner_model_configuration=NerModelConfiguration(
            model_to_presidio_entity_mapping=mapping, labels_to_ignore=["ORG"]
        ),
    )
    engine.load()
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    return [[Span(found.start, found.end, found.entity_type)
             for found in analyzer.analyze(text, "en", score_threshold=0.35)]
            for text in texts]  # fmt: skip


def _labelled(span: dict[str, Any]) -> Span:
    entity = SAME.get(span["entity_type"], span["entity_type"])
    return Span(span["start_position"], span["end_position"], entity)


def _score(
    labelled: Sequence[Sequence[Span]], found: Sequence[Sequence[Span]], wanted: Sequence[str]
) -> Score:
    right = told = met = count = 0
    keep: Callable[[Iterable[Span]], list[Span]]
    keep = lambda spans: [span for span in spans if span.entity in wanted]  # noqa: E731
    for labels, spans in zip(map(keep, labelled), map(keep, found), strict=True):
        told, count = told + len(spans), count + len(labels)
        right += sum(any(_meet(span, label) for label in labels) for span in spans)
        met += sum(any(_meet(span, label) for span in spans) for label in labels)
    return Score(right, told, met, count)


def _meet(one: Span, other: Span) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    shorter = min(one.end - one.start, other.end - other.start)
    return one.entity == other.entity and shared > 0 and 2 * shared >= shorter


if __name__ == "__main__":
    main()
