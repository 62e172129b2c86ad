"""The values that two effective policies do not share.

What has no meaning is gone before they are compared: the order of lists, which of two spellings
a selector has, what a field or a rule only inherits, where files lie, the shipped packs' own text.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from governance.model.policy import EffectivePolicy
from governance.model.position import Origin, Position
from governance.policy.comparison.change import Difference
from governance.policy.comparison.folders import KIND as FOLDER
from governance.policy.comparison.folders import folder_differences
from governance.policy.meaning import meaning, said

Document = dict[str, Any]
VOCABULARY = ""
"""The id of what all documents of a kind say together, and of the one Project."""

_CHOICE = frozenset({"any_of", "all_of", "none_of"})
_HANDED_DOWN = ("defaults", "dataset")
# Maps of named parts: what is added or removed is the part, not the keys in it.
_PARTS = {
    "Policy": ("rules",), "Dataset": ("fields", "locations", "filters"), "Project": ("schedules",),
    "Team": ("members",), "Pipeline": ("logs",), "Model": ("tests",), "Detectors": ("patterns",),
    "Taxonomy": ("categories",), "PolicyTest": ("principals", "access", "data", "changes"),
}  # fmt: skip


def differences(base: EffectivePolicy, head: EffectivePolicy) -> Iterator[Difference]:
    """Yield every value that differs, sorted by document and path."""
    before, after = _models(base), _models(head)
    for kind, name in sorted(before.keys() | after.keys()):
        # NOTE: most documents are the same; only those that are not are written out.
        models = (before.get((kind, name)), after.get((kind, name)))
        if models[0] != models[1]:
            old, new = (
                _document(policy, kind, name, model)
                for policy, model in zip((base, head), models, strict=True)
            )
            if old is None or new is None:
                if old is not new:
                    yield Difference(kind, name, (), old, new)
            elif old != new:
                yield from _differing(Difference(kind, name, (), old, new))
    yield from _handed_down(base, head)
    for difference in folder_differences(base, head):
        yield from _differing(difference) if _has_parts(difference) else [difference]


def _models(policy: EffectivePolicy) -> dict[tuple[str, str], Any]:
    models: dict[tuple[str, str], Any] = {
        (kind, name): model
        for kind, known in _kinds(policy).items()
        for name, model in known.items()
    }
    models["Taxonomy", VOCABULARY] = policy.taxonomy
    # NOTE: what a pack cites comes and goes with it; that the pack does is told once.
    models["References", VOCABULARY] = _own_references(policy)
    return models


def _own_references(policy: EffectivePolicy) -> Document:
    files = {kind: origins for kind, origins in policy.origins.items() if kind[0] == "References"}
    own = {
        path.removeprefix("controls.")
        for origins in files.values()
        for path, origin in origins.items()
        if path.count(".") == 1 and not _is_packed(origin.position)
    }
    return {name: sorted(policy.references[name]) for name in own if name in policy.references}


def _document(
    policy: EffectivePolicy,
    kind: str,
    name: str,
    model: Any,  # noqa: ANN401
) -> Document | None:
    """Return what a document says in the end, as JSON; None for one of a shipped pack."""
    if kind == "References" or model is None:
        found: Document | None = model
        return found
    if kind == "Taxonomy":
        specs = {name: said(spec) for name, spec in model.categories.items()}
        regions = {name: sorted(known) for name, known in model.regions.items()}
        return {
            "categories": specs, "entities": dict(model.entities), "regions": regions,
            "purposes": dict(model.purposes), "subjects": dict(model.subjects),
        }  # fmt: skip
    if _is_packed(locate(policy, kind, name, "")):
        return None
    return meaning(kind, model)


def locate(policy: EffectivePolicy, kind: str, name: str, path: str) -> Position | None:
    """Return the line that wrote a value, or the nearest one above it."""
    if kind == "Project":
        return policy.position(kind, policy.project.id, path)
    if kind == FOLDER:
        return policy.position(kind, name, f"dataset.{path}")
    if kind not in ("Detectors", "Taxonomy", "References"):
        return policy.position(kind, name, path)
    inner = {"Detectors": f"detectors.{name}", "References": "controls"}.get(kind, "")
    wanted = ".".join(part for part in (inner, path) if part)
    for (known, _), origins in policy.origins.items():
        found = _nearest(origins, wanted) if known == kind else None
        if found is not None:
            return found
    return None


def _nearest(origins: Mapping[str, Origin], path: str) -> Position | None:
    """Return the position of a path or of what holds it, two keys down at least."""
    while path.count("."):
        if path in origins:
            return origins[path].position
        path = path.rpartition(".")[0]
    return None


def _kinds(policy: EffectivePolicy) -> dict[str, Mapping[str, BaseModel]]:
    return {
        "Dataset": policy.datasets, "Detectors": policy.detectors, "Grant": policy.grants,
        "Model": policy.models, "Pipeline": policy.pipelines, "Policy": policy.policies,
        "PolicyTest": policy.tests, "Project": {VOCABULARY: policy.project}, "Team": policy.teams,
        "Waiver": policy.waivers,
    }  # fmt: skip


def _is_packed(position: Position | None) -> bool:
    return position is not None and position.file.startswith("pack:")


def _differing(whole: Difference) -> Iterator[Difference]:
    before, after = whole.before or {}, whole.after or {}
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        inner = Difference(whole.kind, whole.document, (*whole.path, key), old, new)
        yield from _differing(inner) if _has_parts(inner) else [inner]


def _has_parts(difference: Difference) -> bool:
    before, after = difference.before, difference.after
    if len(difference.path) == 1 and difference.path[0] in _PARTS.get(difference.kind, ()):
        return True
    if not isinstance(before, dict) or not isinstance(after, dict):
        return False
    return not (_is_choice(before) and _is_choice(after))


def _is_choice(value: Document) -> bool:
    return bool(value) and value.keys() <= _CHOICE


def _handed_down(base: EffectivePolicy, head: EffectivePolicy) -> Iterator[Difference]:
    """Yield defaults that a dataset declared one day would lose, and no dataset of today shows."""
    before, after = (
        said(policy.project.defaults.dataset) for policy in (base, head)
    )  # a new dataset gets these where no folder says otherwise
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old != new and not _is_moved(base, head, key):
            yield Difference("Project", VOCABULARY, (*_HANDED_DOWN, key), old, new)


def _is_moved(base: EffectivePolicy, head: EffectivePolicy, key: str) -> bool:
    """Whether what the Project handed down comes from the folders now, or the other way round."""
    heirs = functools.partial(_heirs, key=key)
    for one, other in ((base, head), (head, base)):
        project = f"inherited from Project {one.project.id}"
        known = heirs(one, project)
        folders = {name for name in known if name in other.datasets} & heirs(
            other, "inherited from "
        )
        same = all(
            getattr(base.datasets[name], key) == getattr(head.datasets[name], key)
            for name in folders
        )
        if known and folders == known and same:
            return True
    return False


def _heirs(policy: EffectivePolicy, start: str, *, key: str) -> set[str]:
    """Return the datasets that have a key from a level whose name begins so."""
    found = ((name, policy.origin("Dataset", name, key)) for name in policy.datasets)
    return {name for name, origin in found if origin and origin.via.startswith(start)}
