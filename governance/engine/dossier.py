"""What a workspace knows of its assets beyond a run document: records, permissions, uses, flows.

Records and permissions come from the policy files as they are when the report is made; the
report tells their digest. Uses and flows come from the measurements of the newest scan.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from importlib.resources import files

from pydantic import BaseModel

from governance.engine.snapshot import Snapshot, load_snapshot
from governance.engine.workspace import Workspace
from governance.facts.store import FactStore
from governance.model.clock import in_force
from governance.model.documents import Dataset, ModelRecord
from governance.model.facts import AccessUse, LineageUse
from governance.model.parts import Organisation
from governance.model.placeholders import is_blank
from governance.model.policy import EffectivePolicy
from governance.model.rules import Rule
from governance.reporting.method import Accuracy
from governance.reporting.subject import FlowRow, PermitRow, Told, UseRow

Pairs = tuple[tuple[str, str], ...]

_FIGURE = re.compile(r"^\| (?P<what>[^|]+) \| (?P<header>[\d.]+%) \| (?P<alone>[\d.]+%) \|$")
_FIGURES = 12


def measured_accuracy() -> tuple[Accuracy, ...]:
    """Return the figures of the shipped name model, from its model card."""
    card = files("governance") / "detectors" / "name_model" / "MODEL_CARD.md"
    part = card.read_text("utf-8").partition("## Single cells")[2].partition("\n## ")[0]
    found = (_FIGURE.match(line) for line in part.splitlines())
    rows = [Accuracy(m["what"].strip(), m["header"], m["alone"]) for m in found if m]
    return tuple(rows[:_FIGURES])


def tell(workspace: Workspace, as_of: datetime) -> Told:
    """Return what the workspace knows of its assets as of an instant."""
    policy, today = workspace.policy, as_of.date()
    snapshot = _newest(workspace, as_of)
    record = {name: tuple(_dataset(one, policy)) for name, one in policy.datasets.items()}
    record |= {name: tuple(_model(one)) for name, one in policy.models.items()}
    return Told(
        record=record,
        uses=tuple(_uses(snapshot.accesses)) if snapshot else (),
        permits=tuple(_permits(policy, today)),
        organisation=tuple(_organisation(policy.project.organisation)),
        flows=tuple(_flows(snapshot.lineage)) if snapshot else (),
        policy_digest=policy.digest,
        evidence=snapshot is not None,
    )


def _newest(workspace: Workspace, as_of: datetime) -> Snapshot | None:
    """The measurements of the newest scan of everything that had ended."""
    if not workspace.facts.exists():
        return None
    with FactStore.open(workspace.facts) as store:
        for stored in store.snapshots(until=as_of):
            snapshot = load_snapshot(stored)
            if not snapshot.targets:
                return snapshot
    return None


def _organisation(declared: Organisation | None) -> Iterator[tuple[str, str]]:
    """Yield who answers for the processing; what nobody wrote is left out."""
    if declared is None:
        return
    joint = "; ".join(f"{each.name}, {each.contact}" for each in declared.joint_controllers)
    told = {
        "name": declared.name,
        "address": declared.address,
        "contact": declared.contact,
        "joint controllers": joint,
    }
    named = {
        "representative": declared.representative,
        "data protection officer": declared.data_protection_officer,
    }
    told |= {role: f"{who.name}, {who.contact}" for role, who in named.items() if who}
    yield from ((name, text) for name, text in told.items() if text and not is_blank(text))


def _dataset(dataset: Dataset, policy: EffectivePolicy) -> Iterator[tuple[str, str]]:
    retention, collected = dataset.retention, dataset.collected
    columns = (f"{name}: {spec.category}" for name, spec in dataset.fields.items() if spec.category)
    places = (
        f"{name}: {place.region or 'region not declared'}"
        for name, place in dataset.locations.items()
    )
    readers = sorted(
        {pipe.id for pipe in policy.pipelines.values() if f"dataset:{dataset.id}" in pipe.reads}
    )
    told = {
        "title": dataset.title,
        "description": dataset.description,
        "owner": dataset.owner,
        "steward": dataset.steward,
        "contact": _contact(dataset.owner, policy),
        "subjects": ", ".join(dataset.subjects),
        "columns": "; ".join(columns),
        "purposes": ", ".join(dataset.purposes or ()),
        "lawful ground": dataset.legal_basis,
        "special ground": dataset.special_ground,
        "source": collected.source if collected else None,
        "notice": collected.notice if collected else None,
        "recipients": ", ".join(readers),
        "places": "; ".join(places),
        "residency": ", ".join(dataset.residency or ()),
        "retention": f"{retention.max_age}, then {retention.then}" if retention else None,
        "classification": dataset.classification,
        "impact assessment": f"{dataset.dpia.id}, {dataset.dpia.on}" if dataset.dpia else None,
        "last review": max((str(review.on) for review in dataset.reviews), default=None),
    }
    yield from (
        (name, str(text))
        for name, text in told.items()
        if not is_blank(str(text) if text else None)
    )


def _model(model: ModelRecord) -> Iterator[tuple[str, str]]:
    oversight, assessed = model.oversight, model.risk_assessment
    told = {
        "title": model.title,
        "owner": model.owner,
        "steward": model.steward,
        "risk class": model.risk_class,
        "intended use": model.intended_use,
        "out of scope": model.out_of_scope,
        "version": model.version,
        "training data": "; ".join(f"{name} {at}" for name, at in sorted(model.training.items())),
        "trained on": model.trained_on,
        "deployed on": model.deployed_on,
        "retired on": model.retired_on,
        "risk assessment": f"{assessed.id}, {assessed.on}" if assessed else None,
        "oversight": "; ".join(f"{k}: {v}" for k, v in oversight if v) if oversight else None,
        "instructions": model.instructions,
        "notice": model.notice,
        "logs": ", ".join(model.logs),
    }
    yield from ((name, str(text)) for name, text in told.items() if text)
    for kind, test in sorted(model.tests.items()):
        yield f"test {kind}", f"{test.on}, {test.kind}: {test.result}"


def _contact(owner: str | None, policy: EffectivePolicy) -> str | None:
    team = policy.teams.get((owner or "").removeprefix("team:"))
    if team is None:
        return None
    return "; ".join(f"{kind}: {text}" for kind, text in team.contacts.items()) or None


def _permits(policy: EffectivePolicy, today: date) -> Iterator[PermitRow]:
    """Yield who may use each dataset by rule or by grant, in a fixed order."""
    for name, dataset in sorted(policy.datasets.items()):
        confirmed = max((str(one.on) for one in dataset.recertifications), default=None)
        for ref in policy.access_rules(dataset):
            if ref.rule.allow:
                yield PermitRow(
                    dataset=name,
                    who=_selected(ref.rule.to) or "anybody",
                    actions=tuple(action.value for action in ref.rule.allow),
                    purpose=_purposes(ref.rule, dataset),
                    by=ref.id,
                    until=None,
                    confirmed=confirmed,
                )
        for grant in policy.grants_of(name):
            if in_force(since=grant.starts, until=grant.ends, day=today):
                last = max((str(one.on) for one in grant.recertifications), default=None)
                yield PermitRow(
                    dataset=name,
                    who=grant.to,
                    actions=tuple(action.value for action in grant.actions),
                    purpose=grant.purpose,
                    by=f"grant {grant.id}",
                    until=str(grant.ends),
                    confirmed=max(filter(None, (last, confirmed)), default=None),
                )


def _purposes(rule: Rule, dataset: Dataset) -> str | None:
    """The purposes of a rule in words; those that the dataset declares, where it leans on them."""
    chosen = _selected(rule.purpose)
    return ", ".join(dataset.purposes or ()) if chosen == "dataset.purposes" else chosen


def _selected(chosen: object) -> str | None:
    """Return what a rule selects as text; it may be a word, a list, or a condition."""
    if chosen is None or isinstance(chosen, str):
        return chosen
    if isinstance(chosen, tuple | list | frozenset):
        return ", ".join(sorted(str(_selected(each)) for each in chosen))
    if isinstance(chosen, BaseModel):
        parts = chosen.model_dump(exclude_none=True, exclude_defaults=True)
        if set(parts) == {"any_of"}:
            return _selected(parts["any_of"])
        return "; ".join(
            f"{name.strip('_').replace('_', ' ')} {_selected(each)}" for name, each in parts.items()
        )
    return str(chosen)


def _uses(accesses: Iterable[AccessUse]) -> Iterator[UseRow]:
    groups: dict[tuple[str, str, str, str], list[AccessUse]] = defaultdict(list)
    for use in accesses:
        groups[use.dataset, use.actor, use.action, use.purpose or ""].append(use)
    for (dataset, actor, action, purpose), uses in sorted(groups.items()):
        yield UseRow(
            dataset=dataset,
            actor=actor,
            action=action,
            purpose=purpose or None,
            count=sum(use.count for use in uses),
            first=min(use.minute for use in uses).isoformat(),
            last=max(use.until for use in uses).isoformat(),
            networks=tuple(sorted({use.network for use in uses if use.network})),
        )


def _flows(lineage: Iterable[LineageUse]) -> Iterator[FlowRow]:
    """Yield each pair of a dataset that a job read and one that it wrote."""
    read: dict[str, list[LineageUse]] = defaultdict(list)
    written: dict[str, list[LineageUse]] = defaultdict(list)
    for use in lineage:
        (read if use.role == "input" else written)[use.job].append(use)
    for job in sorted(read.keys() & written.keys()):
        pairs = {
            (source.dataset, target.dataset): (source, target)
            for source in read[job]
            for target in written[job]
        }
        for (source_id, target_id), (source, target) in sorted(pairs.items()):
            yield FlowRow(
                job=job,
                source=source_id,
                target=target_id,
                count=min(source.count, target.count),
                last=max(source.last, target.last).isoformat(),
            )
