"""An effective policy with one document changed, in memory: what a test's ``changes`` suppose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from governance.model.cases import ChangeCase, DataCase
from governance.model.policy import EffectivePolicy
from governance.policy.faults import quoted, suggest
from governance.policy.validation import KINDS

_D = TypeVar("_D", bound=BaseModel)

HOLDERS: Mapping[str, str] = {
    "Dataset": "datasets",
    "Grant": "grants",
    "Model": "models",
    "Pipeline": "pipelines",
    "Policy": "policies",
    "Team": "teams",
    "Waiver": "waivers",
}
"""Kind to the attribute of ``EffectivePolicy`` that holds its documents by id."""


class PatchError(ValueError):
    """A change that cannot be made: what is wrong, and what to do about it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


def patched(policy: EffectivePolicy, case: ChangeCase) -> EffectivePolicy:
    """Return the policy after a change. What others inherit from the document stays as it is.

    Raises:
        PatchError: If the change names what is not there, or what its kind does not take.
    """
    documents, name = documents_of(policy, case.kind), changed_document(policy, case)
    known = documents.get(name)
    if known is None and (case.head is None or case.kind == "Project"):
        remedy = suggest(name, documents, otherwise="declare it, or write it as 'head'")
        raise PatchError(f"no {case.kind} is called {quoted(name)}", remedy)
    if case.deleted:
        return without(policy, case.kind, name)
    if known is None or case.head is not None:
        header = {"apiVersion": "governance/v1", "kind": case.kind, "id": name}
        return with_document(policy, _valid(case.kind, {**(case.head or {}), **header}))
    return with_document(policy, laid_over(known, case.set, case.remove))


def supposed(policy: EffectivePolicy, case: DataCase) -> EffectivePolicy:
    """Return the policy with the document of a data case as the case supposes it.

    Raises:
        PatchError: If the case names what is not there, or what its kind does not take.
    """
    kind, name = case.about
    document = documents_of(policy, kind).get(name)
    if document is None or not (case.set or case.remove):
        return policy
    return with_document(policy, laid_over(document, case.set, case.remove))


def laid_over(document: _D, values: Mapping[str, Any], gone: Iterable[str] = ()) -> _D:
    """Return a document without some keys and with others at new values.

    Args:
        values: Key path, as ``retention.max_age``, to what it says; maps are merged.

    Raises:
        PatchError: If a key is not there to go, or a value is none that the kind takes.
    """
    said = document.model_dump(mode="json", by_alias=True, exclude_none=True)
    for path in gone:
        _remove(said, path)
    for path, value in values.items():
        _set(said, path, value)
    return _validated(type(document), said)


def changed_document(policy: EffectivePolicy, case: ChangeCase) -> str:
    """Return the id of the document that a case changes; the Project is the only one."""
    return case.document or (policy.project.id if case.kind == "Project" else "")


def documents_of(policy: EffectivePolicy, kind: str) -> Mapping[str, BaseModel]:
    """Return the documents of a kind by id."""
    if kind == "Project":
        return {policy.project.id: policy.project}
    found: Mapping[str, BaseModel] = getattr(policy, HOLDERS[kind])
    return found


def with_document(policy: EffectivePolicy, document: Any) -> EffectivePolicy:  # noqa: ANN401
    """Return the policy with a document added, or in the place of the one with its id."""
    if document.kind == "Project":
        return replace(policy, project=document)
    holder = HOLDERS[document.kind]
    changed: dict[str, Any] = {holder: {**getattr(policy, holder), document.id: document}}
    return replace(policy, **changed)


def without(policy: EffectivePolicy, kind: str, id: str) -> EffectivePolicy:
    """Return the policy without a document.

    Raises:
        PatchError: For the Project, without which there is no workspace.
    """
    if kind == "Project":
        raise PatchError("the Project cannot be deleted", "change its values instead")
    rest = {name: each for name, each in documents_of(policy, kind).items() if name != id}
    changed: dict[str, Any] = {HOLDERS[kind]: rest}
    return replace(policy, **changed)


def _valid(kind: str, said: dict[str, Any]) -> BaseModel:
    return _validated(KINDS[kind], said)


def _validated(model: type[_D], said: dict[str, Any]) -> _D:
    try:
        return model.model_validate(said)
    except ValidationError as cause:
        first = cause.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or str(said.get("id"))
        problem = f"the changed {said.get('kind')} is not valid at {quoted(where)}"
        raise PatchError(problem, _remedy(str(first["msg"]))) from None


def _remedy(message: str) -> str:
    return message.lower().removeprefix("value error, ").rstrip(".")


def _set(said: dict[str, Any], path: str, value: Any) -> None:  # noqa: ANN401
    parent, key = _walk(said, path, make=True)
    before = parent.get(key)
    parent[key] = _merged(before, value) if isinstance(value, dict) else value


def _merged(before: Any, after: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """Return a map with another laid over it, level by level."""
    under = before if isinstance(before, dict) else {}
    laid = {
        key: _merged(under.get(key), value) if isinstance(value, dict) else value
        for key, value in after.items()
    }
    return {**under, **laid}


def _remove(said: dict[str, Any], path: str) -> None:
    parent, key = _walk(said, path, make=False)
    if key not in parent:
        remedy = suggest(key, parent, otherwise="name a key that is written")
        raise PatchError(f"there is no {quoted(path)} to remove", remedy)
    del parent[key]


def _walk(said: dict[str, Any], path: str, *, make: bool) -> tuple[dict[str, Any], str]:
    """Return the map that holds a path's last key, and that key.

    Keys of the language may hold dots (``members.user:ana.keller``): the longest key that is
    written wins, and only what is not written yet is split at its dots.
    """
    at, rest = said, path
    while True:
        steps = rest.split(".")
        for count in range(len(steps), 0, -1):
            key = ".".join(steps[:count])
            if key in at:
                break
        else:
            key, count = steps[0], 1
        if count == len(steps):
            return at, key
        below = at.get(key)
        if below is None and make:
            below = at[key] = {}
        if not isinstance(below, dict):
            raise PatchError(f"{quoted(path)} leads nowhere", f"{quoted(key)} is no map")
        at, rest = below, ".".join(steps[count:])
