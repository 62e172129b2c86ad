"""Load a workspace: its files to one effective policy, or every fault at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from governance.errors import InvalidPolicyError, PolicyError
from governance.model.documents import Dataset, Project
from governance.model.policy import DocumentKey, EffectivePolicy
from governance.model.position import Origin, Position
from governance.model.taxonomy import TaxonomyIndex
from governance.policy.checks import check_documents
from governance.policy.corpus import Corpus, Memory, misplaced
from governance.policy.digest import policy_digest
from governance.policy.faults import Fault, as_errors
from governance.policy.files import PROJECT_FILE, included, packed, read_source
from governance.policy.inheritance import Inheritance
from governance.policy.nodes import Scalar, Sequence, find
from governance.policy.origins import Origins
from governance.policy.regions import with_countries
from governance.policy.validation import Written
from governance.policy.vocabulary import (
    join_detectors,
    join_references,
    join_taxonomies,
    said_twice,
)

_BY_ID = ("Team", "Pipeline", "Model", "Policy", "Grant", "Waiver", "PolicyTest")


def find_workspace(start: Path) -> Path | None:
    """Return the nearest folder at or above ``start`` with a ``governance.yaml``, or None."""
    start = start.resolve()
    return next(
        (folder for folder in (start, *start.parents) if (folder / PROJECT_FILE).is_file()), None
    )


def load_workspace(
    root: Path, *, known_controls: frozenset[str] | None = None, memory: Memory | None = None
) -> EffectivePolicy:
    """Return the effective policy of a workspace.

    Args:
        root: The folder of ``governance.yaml``.
        known_controls: The slugs that a waiver's ``control`` may name; None leaves it unchecked.
        memory: Given to several loads in turn, what has not changed is read once.

    Raises:
        InvalidPolicyError: With every fault of every file, sorted by position.
    """
    if not (root / PROJECT_FILE).is_file():
        remedy = "run 'governance init', or name the workspace with --workspace"
        where = str(Position(PROJECT_FILE, 1, 1))
        raise InvalidPolicyError([PolicyError(where, f"not found in {root}", remedy)])
    memory = memory or Memory()
    try:
        with _without_collections():
            return _effective(read_workspace(root, memory=memory), known_controls)
    finally:
        memory.flush()


@contextmanager
def _without_collections() -> Iterator[None]:
    """Put off the collection of garbage: loading makes a million objects, and all of them stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # NOTE: puts all of them among the old objects at once, without looking at each.
            gc.freeze()
            gc.unfreeze()
            gc.enable()


def read_workspace(
    root: Path, *, without: str | None = None, memory: Memory | None = None
) -> Corpus:
    """Return the documents of a workspace as written, with what is wrong with each.

    Args:
        without: A file to leave out, relative to the root.
    """
    corpus = Corpus(memory=memory or Memory())
    corpus.add([read_source(root / PROJECT_FILE, PROJECT_FILE)])
    corpus.faults += _without_project(corpus)
    project = next(corpus.of("Project"), None)
    written_include = project is not None and "include" in project.node.entries
    patterns = _texts(project, "include")
    if not written_include:
        default = Project.model_fields["include"].default
        patterns = [(pattern, Position(PROJECT_FILE, 1, 1)) for pattern in default]
    corpus.add(packed(_texts(project, "packs")))
    found = included(root, patterns, written=written_include)
    corpus.add(each for each in found if isinstance(each, Fault) or each.shown != without)
    return corpus


def load_builtin() -> EffectivePolicy:
    """Return the policy of an ad hoc scan: the baseline pack alone, project ``adhoc``.

    Raises:
        InvalidPolicyError: If the shipped pack is damaged.
    """
    corpus = Corpus()
    corpus.add(packed([]))
    return _effective(corpus, None)


def _effective(corpus: Corpus, known_controls: frozenset[str] | None) -> EffectivePolicy:
    policy = examine(corpus, known_controls)
    if corpus.faults:
        raise InvalidPolicyError(as_errors(corpus.faults, corpus.lines()))
    return policy


def examine(corpus: Corpus, known_controls: frozenset[str] | None = None) -> EffectivePolicy:
    """Return what documents mean together, and add what is wrong between them to their faults."""
    taxonomy, detectors = join_taxonomies(corpus), join_detectors(corpus)
    corpus.faults += [*misplaced(corpus), *said_twice(corpus)]
    datasets, origins = _inherit(corpus, taxonomy)
    models: dict[str, dict[str, Any]] = {kind: corpus.models(kind) for kind in _BY_ID}
    models["Policy"] = {
        name: with_countries(policy, taxonomy) for name, policy in models["Policy"].items()
    }
    project = corpus.project
    documents = models | {"Dataset": datasets, "Project": {project.id: project}}
    policy = EffectivePolicy(
        project=project,
        taxonomy=taxonomy,
        teams=models["Team"],
        datasets=datasets,
        pipelines=models["Pipeline"],
        models=models["Model"],
        policies=models["Policy"],
        grants=models["Grant"],
        waivers=models["Waiver"],
        detectors=detectors,
        origins=origins,
        files=tuple(sorted(corpus.files, key=lambda file: file.path)),
        digest=policy_digest(documents, taxonomy, detectors),
        references=join_references(corpus),
        tests=models["PolicyTest"],
        folders={each.file: each.model.dataset for each in corpus.valid("Defaults")},
    )
    corpus.faults += check_documents(corpus, policy, known_controls)
    return policy


def _inherit(
    corpus: Corpus, taxonomy: TaxonomyIndex
) -> tuple[dict[str, Dataset], dict[DocumentKey, Mapping[str, Origin]]]:
    inheritance = Inheritance(corpus, taxonomy)
    origins: dict[DocumentKey, Mapping[str, Origin]] = {
        # NOTE: the Defaults of a folder have no id; their file tells them apart.
        (written.kind, written.id or written.file): Origins(written)
        for written in corpus.documents
    }
    datasets: dict[str, Dataset] = {}
    for written in corpus.valid("Dataset"):
        inherited = inheritance.apply(written)
        corpus.faults += inherited.faults
        datasets[written.id] = inherited.dataset
        origins[("Dataset", written.id)] = Origins(written, inherited.origins)
    return datasets, origins


def _without_project(corpus: Corpus) -> Iterator[Fault]:
    if corpus.complete and not any(corpus.of("Project")):
        problem = f"{PROJECT_FILE} holds no Project"
        yield Fault(Position(PROJECT_FILE, 1, 1), problem, "add a document with 'kind: Project'")


def _texts(project: Written | None, key: str) -> list[tuple[str, Position]]:
    """Return the texts of a list in the project file, each with its place."""
    if project is None:
        return []
    spot = find(project.node, (key,))
    if spot.rest or not isinstance(spot.node, Sequence):
        return []
    return [(node.text, node.position) for node in spot.node.items if isinstance(node, Scalar)]
