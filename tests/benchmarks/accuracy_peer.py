"""Presidio's analyzer with the name model that ships with the tool."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import NamedTuple

from governance.detectors.names import MODEL
from tests.benchmarks.spans import Span


class Told(NamedTuple):
    """A span that Presidio tells, and how sure it is, 0 to 1."""

    span: Span
    score: float


def tell(texts: Iterable[str]) -> list[list[Told]]:
    """Return what Presidio tells of each text, whatever its score."""
    analyzer = _analyzer()
    return [
        [
            Told(Span(found.start, found.end, found.entity_type), found.score)
            for found in analyzer.analyze(text, "en", score_threshold=0)
        ]
        for text in texts
    ]


def _analyzer():
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
    from spacy.language import Language

    @Language.component("lower_forms")
    def lower_forms(doc):
        for token in doc:
            token.lemma_ = token.lower_
        return doc

    class Offline(SpacyNlpEngine):
        """NOTE: Presidio looks for context words among lemmas, and the model makes none."""

        def load(self) -> None:
            pipeline = spacy.load(MODEL)
            pipeline.add_pipe("lower_forms", last=True)
            self.nlp = {"en": pipeline}

    logging.getLogger("tldextract").setLevel(logging.CRITICAL)
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    engine = Offline(
        models=[{"lang_code": "en", "model_name": str(MODEL)}],
        ner_model_configuration=NerModelConfiguration(
            model_to_presidio_entity_mapping={"PERSON": "PERSON", "LOC": "LOCATION"},
            labels_to_ignore=["ORG"],
        ),
    )
    engine.load()
    return AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
