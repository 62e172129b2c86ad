"""Which fields of a place are looked at more closely than others, because the policy says so."""

from __future__ import annotations

from collections.abc import Mapping

from governance.model.asset import Asset, Place, PlaceType
from governance.model.ladders import State
from governance.model.policy import EffectivePolicy
from governance.model.rules import Shape
from governance.model.selectors import Selectable, declared_state, matches


def protected_fields(
    policy: EffectivePolicy, asset: Asset, place: Place
) -> Mapping[str, tuple[Shape, ...]]:
    """Return the fields that must not be in clear at a place, by their own word or a rule's.

    Each comes with the forms that rules ask its values to have. Where lineage is logged, personal
    fields too: a job may claim that it masks them.
    """
    dataset = policy.datasets.get(asset.id)
    if dataset is None:
        return {}
    rules = [
        ref
        for ref in policy.rules()
        if ref.rule.require_state
        and (not ref.rule.within or {place.name, place.environment} & set(ref.rule.within))
    ]
    logs = (log for pipeline in policy.pipelines.values() for log in pipeline.logs.values())
    claims = any(log.type is PlaceType.OPENLINEAGE for log in logs)
    found = {}
    for name, spec in dataset.fields.items():
        candidate = Selectable(dataset, name, place)
        asking = [ref.rule for ref in rules if matches(ref.policy.applies_to, candidate)]
        promised = (declared_state(spec, place) or State.IDENTIFIED) is not State.IDENTIFIED
        if asking or promised or (claims and policy.taxonomy.is_personal(spec.category)):
            found[name] = tuple(sorted({rule.shape for rule in asking if rule.shape}))
    return found


def singled_out(policy: EffectivePolicy, asset: Asset, place: Place) -> tuple[object, ...]:
    """Return the fields of a place at which is looked more closely than at the others."""
    protected = protected_fields(policy, asset, place)
    return sorted(protected.items()), sorted(dated_fields(policy, asset))


def dated_fields(policy: EffectivePolicy, asset: Asset) -> frozenset[str]:
    """Return the column that the retention of a dataset is measured by, if it has one."""
    dataset = policy.datasets.get(asset.id)
    measured_by = dataset.retention.measured_by if dataset and dataset.retention else None
    return frozenset({measured_by} if measured_by else ())
