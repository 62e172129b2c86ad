"""By which steps a document can be loosened; the rules of a policy are in ``laxer_rules``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from governance.model.documents import Dataset, Grant, ModelRecord, Project
from governance.model.ladders import Classification, Duration, RiskClass, State
from governance.model.policy import EffectivePolicy
from governance.model.rules import Action
from governance.model.taxonomy import is_within

_MONTH = Duration(months=1, days=0)
_EVERYWHERE = "ALL"
_RECORDED = ("legal_basis", "special_ground", "dpia", "person_key")


@dataclass(frozen=True)
class Step:
    """One loosening of a document.

    Args:
        path: The key that is loosened; empty for the document itself.
        sentence: What it does, the same for its variants. variant: Which of them this is.
        values: Key path to its new value. gone: Keys that go.
        limit: Which accesses alone it can decide: their ``action``, ``who`` or ``purpose``, and
            what that is.
    """

    path: str
    sentence: str
    variant: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    limit: tuple[str, str] | None = None


def dataset_steps(policy: EffectivePolicy, dataset: Dataset) -> Iterator[Step]:
    """Yield what a dataset's file could promise less."""
    if dataset.owner not in (None, "none"):
        yield Step("owner", "has no owner", values={"owner": "none"})
    level = dataset.classification
    if level is not None and (lower := _below(level)) is not None:
        fields = [name for name in dataset.fields if _is_inherited(policy, dataset, name)]
        values: dict[str, Any] = {f"fields.{name}.classification": lower for name in fields}
        step = f"is classified {lower} instead of {level}"
        yield Step("classification", step, values={"classification": lower, **values})
    yield from _retention(dataset)
    if dataset.residency and _EVERYWHERE not in dataset.residency:
        regions = [*dataset.residency, _EVERYWHERE]
        yield Step("residency", "may lie anywhere", values={"residency": regions})
    if dataset.purposes is not None:
        for purpose in purposes_of(policy):
            if not any(is_within(purpose, own) for own in dataset.purposes):
                more = [*dataset.purposes, purpose]
                values = {"purposes": more}
                limit = ("purpose", purpose)
                yield Step("purposes", "serves one more purpose", purpose, values, limit=limit)
    for key in _RECORDED:
        if getattr(dataset, key) is not None:
            yield Step(key, f"says no {key}", gone=(key,))
    for name in sorted(dataset.fields):
        yield from _field(policy, dataset, name)


def model_steps(model: ModelRecord) -> Iterator[Step]:
    """Yield what a model's file could promise less."""
    if model.owner != "none":
        yield Step("owner", "has no owner", values={"owner": "none"})
    if model.risk_class.rank:
        lower = list(RiskClass)[model.risk_class.rank - 1]
        what = f"is of risk class {lower} instead of {model.risk_class}"
        yield Step("risk_class", what, values={"risk_class": lower})


def grant_steps(policy: EffectivePolicy, grant: Grant) -> Iterator[Step]:
    """Yield what a grant could permit more."""
    later = str(_MONTH.after(grant.ends))
    yield Step("ends", "runs a month longer", values={"ends": later})
    for action in Action:
        if action not in grant.actions:
            values = {"actions": [*grant.actions, action]}
            limit = ("action", action.value)
            yield Step("actions", "permits one more action", action.value, values, limit=limit)
    dataset = policy.datasets.get(grant.dataset)
    own = dataset.purposes if dataset else None
    # NOTE: a grant without a purpose is for those of its dataset; often that is no more.
    if grant.purpose and not all(is_within(each, grant.purpose) for each in own or ("any",)):
        yield Step("purpose", "holds for any purpose", gone=("purpose",))


def project_steps(project: Project) -> Iterator[Step]:
    """Yield how the project's own defaults and approvals could be laxer."""
    if project.defaults.access == "deny":
        what = "allows what no rule speaks of"
        yield Step("defaults.access", what, values={"defaults.access": "allow"})
    for approver in project.approval.weakening:
        rest = [each for each in project.approval.weakening if each != approver]
        what = "lets a weakening pass with one approver less"
        yield Step("approval.weakening", what, approver, {"approval.weakening": rest})


def purposes_of(policy: EffectivePolicy) -> tuple[str, ...]:
    """Return the purposes for which the organisation uses data, by its own files, sorted."""
    declared = {each for dataset in policy.datasets.values() for each in dataset.purposes or ()}
    return tuple(sorted(declared | {each.purpose for each in policy.pipelines.values()}))


def principals_of(policy: EffectivePolicy) -> tuple[str, ...]:
    """Return every team and every role that the policy files name, sorted."""
    members = [member for team in policy.teams.values() for member in team.members.values()]
    roles = {f"role:{role}" for member in members for role in member.roles}
    return tuple(sorted(roles | {f"team:{name}" for name in policy.teams}))


def _retention(dataset: Dataset) -> Iterator[Step]:
    retention = dataset.retention
    if retention is None:
        return
    yield Step("retention", "says no retention", gone=("retention",))
    age = retention.max_age
    double = str(Duration(months=2 * age.months, days=2 * age.days))
    what = f"is kept {double} instead of {age}"
    yield Step("retention.max_age", what, values={"retention.max_age": double})


def _field(policy: EffectivePolicy, dataset: Dataset, name: str) -> Iterator[Step]:
    spec, path = dataset.fields[name], f"fields.{name}"
    if spec.category is not None:
        yield Step(f"{path}.category", "says no category of a field", name,
                   gone=(f"{path}.category",))  # fmt: skip
    if spec.state not in (None, State.IDENTIFIED):
        yield Step(f"{path}.state", "promises no state of a field", name, gone=(f"{path}.state",))
    level = spec.classification
    if level is not None and not _is_inherited(policy, dataset, name):
        lower = _below(level)
        if lower is not None and lower.rank >= (dataset.classification or lower).rank:
            values = {f"{path}.classification": lower}
            yield Step(f"{path}.classification", "classifies a field lower", name, values)


def _is_inherited(policy: EffectivePolicy, dataset: Dataset, name: str) -> bool:
    origin = policy.origin("Dataset", dataset.id, f"fields.{name}.classification")
    return origin is not None and origin.via.startswith("inherited")


def _below(level: Classification) -> Classification | None:
    return list(Classification)[level.rank - 1] if level.rank else None
