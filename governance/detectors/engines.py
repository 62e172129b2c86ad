"""Which model looks for names: the one that ships with the tool, or one that is installed here.

The setting ``nlp`` of governance.yaml switches to a model of spaCy, Stanza, Transformers or GLiNER
through Presidio's own engines. Nothing is ever downloaded: a model that is missing is an error that
names the command which installs it, before anything is scanned.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from governance.detectors.names import MODEL, Labelled, ModelNames, NameFinder, bundled
from governance.errors import DetectionError
from governance.model.parts import Nlp, NlpEngine

if TYPE_CHECKING:
    from presidio_analyzer.nlp_engine import NerModelConfiguration

_LABELS = {"PERSON": "PERSON", "PER": "PERSON", "LOC": "LOCATION", "GPE": "LOCATION"}
_BATCH = 32


def check_model(nlp: Nlp, root: Path) -> None:
    """Do nothing if the model can be loaded.

    Args:
        root: The workspace; a path of a model is relative to it.

    Raises:
        DetectionError: If its library or the model itself is not installed, or none is named.
    """
    ships = nlp.engine in (NlpEngine.BUNDLED, NlpEngine.NONE)
    if ships == bool(nlp.model):
        raise DetectionError(
            where="governance.yaml, nlp",
            problem=f"engine {nlp.engine.value} "
            + ("takes no model" if ships else "needs a model"),
            remedy="remove 'model'" if ships else "add 'model', its name or the path of its folder",
        )
    for present, missing, command in _needs(nlp, root):
        if not present:
            raise DetectionError(
                where="governance.yaml, nlp",
                problem=f"{missing} is not installed",
                remedy=f"run: {command}",
            )


def told(nlp: Nlp) -> str:
    """Return how a note names the model."""
    if nlp.engine is NlpEngine.BUNDLED:
        return "the compact model"
    return f"{nlp.engine.value} with {nlp.model}"


@lru_cache(maxsize=4)
def load(nlp: Nlp, root: Path) -> NameFinder:
    """Return what finds names; ``check_model`` has found it installed."""
    # NOTE: these libraries would ask their hub for news of a model that they hold already.
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    if nlp.engine is NlpEngine.BUNDLED:
        return bundled()
    if nlp.engine is NlpEngine.GLINER:
        return _Gliner(_located(nlp, root))
    return _Engine(nlp, _located(nlp, root))


class _Engine(ModelNames):
    """A model behind one of Presidio's engines."""

    def __init__(self, nlp: Nlp, model: str) -> None:
        self._language = nlp.language
        self._engine = _presidio_engine(nlp, model)
        self._engine.load()

    def labelled(self, texts: Iterable[str]) -> Iterator[Sequence[Labelled]]:
        read = self._engine.process_batch(list(texts), self._language, batch_size=_BATCH)
        for _, artifacts in read:
            yield [
                (entity.label_, entity.start_char, entity.end_char) for entity in artifacts.entities
            ]


class _Gliner(ModelNames):
    """A GLiNER model behind Presidio's recognizer."""

    def __init__(self, model: str) -> None:
        from presidio_analyzer.predefined_recognizers import GLiNERRecognizer

        self._recognizer = GLiNERRecognizer(
            model_name=model, entity_mapping={"person": "PERSON", "location": "LOCATION"}
        )
        self._recognizer.load()

    def labelled(self, texts: Iterable[str]) -> Iterator[Sequence[Labelled]]:
        for text in texts:
            found = self._recognizer.analyze(text, ["PERSON", "LOCATION"], None)
            yield [(each.entity_type, each.start, each.end) for each in found]


def _presidio_engine(nlp: Nlp, model: str) -> Any:  # noqa: ANN401 (Presidio ships no types)
    from presidio_analyzer import nlp_engine as engines

    named: Any = model
    if nlp.engine is NlpEngine.TRANSFORMERS:
        # NOTE: spaCy only cuts the text into words there, for which the bundled pipeline will do.
        named = {"spacy": str(MODEL), "transformers": model}
    models: list[Any] = [{"lang_code": nlp.language, "model_name": named}]
    if nlp.engine is NlpEngine.STANZA:
        return engines.StanzaNlpEngine(models, _configuration(), download_if_missing=False)
    if nlp.engine is NlpEngine.TRANSFORMERS:
        return engines.TransformersNlpEngine(models, _configuration())
    return engines.SpacyNlpEngine(models, _configuration())


def _configuration() -> NerModelConfiguration:
    from presidio_analyzer.nlp_engine import NerModelConfiguration

    return NerModelConfiguration(
        model_to_presidio_entity_mapping=_LABELS,
        labels_to_ignore=["ORG", "ORGANIZATION", "MISC", "NORP", "DATE", "CARDINAL", "ORDINAL"],
    )


def _located(nlp: Nlp, root: Path) -> str:
    here = root / (nlp.model or "")
    return str(here) if nlp.model and here.is_dir() else str(nlp.model)


def _needs(nlp: Nlp, root: Path) -> Iterator[tuple[bool, str, str]]:
    """Yield whether something is there, what it is, and the command that installs it."""
    if nlp.engine in (NlpEngine.BUNDLED, NlpEngine.NONE):
        return
    here = Path(_located(nlp, root)).is_dir()
    if nlp.engine is NlpEngine.SPACY:
        is_package = bool(nlp.model and nlp.model.isidentifier() and find_spec(nlp.model))
        yield here or is_package, f"model {nlp.model}", f"python -m spacy download {nlp.model}"
    elif nlp.engine is NlpEngine.STANZA:
        yield _has("stanza"), "library stanza", "pip install stanza"
        folder = Path(os.environ.get("STANZA_RESOURCES_DIR", Path.home() / "stanza_resources"))
        command = f"python -c \"import stanza; stanza.download('{nlp.model}')\""
        yield (folder / str(nlp.model)).is_dir(), f"model {nlp.model}", command
    else:
        for library in _LIBRARIES[nlp.engine]:
            yield _has(library.replace("-", "_")), f"library {library}", f"pip install {library}"
        hub = Path(os.environ.get("HF_HOME", Path.home() / ".cache/huggingface")) / "hub"
        kept = hub / f"models--{str(nlp.model).replace('/', '--')}"
        yield here or kept.is_dir(), f"model {nlp.model}", f"hf download {nlp.model}"


_LIBRARIES = {
    NlpEngine.TRANSFORMERS: ("torch", "transformers", "spacy-huggingface-pipelines"),
    NlpEngine.GLINER: ("gliner",),
}


def _has(library: str) -> bool:
    return find_spec(library) is not None
