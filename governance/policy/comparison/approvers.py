"""Who must approve a change, as of the base: the owners of what it touches."""

from __future__ import annotations

from collections.abc import Iterator

from governance.model.parts import Approval
from governance.model.policy import EffectivePolicy
from governance.policy.comparison.change import Difference, Effect, Value
from governance.policy.comparison.folders import KIND as FOLDER
from governance.policy.comparison.folders import heirs

_ROLES = ("asset_owner", "policy_owner")
_ASSETS = ("datasets", "models", "pipelines")
_ASSET_KINDS = ("Dataset", "Model", "Pipeline")


def approvers(base: EffectivePolicy, difference: Difference, effect: Effect) -> tuple[str, ...]:
    """Return the parties that must all approve a change; empty where nobody can.

    ``approval.weakening`` of the base says whether the owners of the assets or of the policies
    are asked (``approval.waiver`` for a waiver); where it says nothing, both are. What concerns
    neither, as the settings of the gate, is the project owner's, or else every policy owner's.
    """
    parties = {
        "asset_owner": list(_asset_owners(base, assets_of(base, difference, effect))),
        "policy_owner": list(_policy_owners(base, difference, effect)),
    }
    folder = base.folders.get(difference.document) if difference.kind == FOLDER else None
    if folder is not None and folder.owner:
        parties["asset_owner"].append(folder.owner)
    if difference.kind == "Team":
        # NOTE: whoever joins a team may act and approve in its name.
        parties["asset_owner"].append(f"team:{difference.document}")
    wanted = _roles(base.project.approval, difference.kind)
    found = [party for role in wanted for party in parties[role]]
    found = found or [party for role in _ROLES for party in parties[role]]
    found += [str(each) for each in _new_owner(difference)] if found else []
    known = tuple(dict.fromkeys(party for party in found if _is_party(base, party, difference)))
    return known or settings_owners(base)


def assets_of(base: EffectivePolicy, difference: Difference, effect: Effect) -> tuple[str, ...]:
    """Return the assets that a change touches: those it is about, and those it has an effect on."""
    inherited = heirs(base, difference.document) if difference.kind == FOLDER else ()
    found = [*_named(base, difference), *inherited, *effect.assets]
    return tuple(dict.fromkeys(found))


def settings_owners(base: EffectivePolicy) -> tuple[str, ...]:
    """Return who answers for the settings of a project."""
    owner = getattr(base.project, "owner", None)
    if owner not in (None, "none"):
        return (str(owner),)
    owners = {policy.owner for policy in base.policies.values()} - {"none"}
    if not owners:
        owners = {each.owner for each in base.datasets.values() if each.owner} - {"none"}
    return tuple(sorted(owners))


def _roles(approval: Approval, kind: str) -> tuple[str, ...]:
    asked = approval.waiver if kind == "Waiver" else ()
    return tuple(asked or approval.weakening or _ROLES)


def _named(base: EffectivePolicy, difference: Difference) -> Iterator[str]:
    """Yield the assets that a document is about."""
    both = [value for value in (difference.before, difference.after) if isinstance(value, dict)]
    name = difference.document
    if difference.kind in _ASSET_KINDS:
        yield name
    if difference.kind == "Model" and difference.path[:1] == ("training",):
        yield difference.path[1].removeprefix("dataset:")
    if difference.kind == "Pipeline":
        pipeline = base.pipelines.get(name)
        uses = [*pipeline.reads, *pipeline.writes] if pipeline and difference.path else []
        for value in both:
            uses += [*value.get("reads", ()), *value.get("writes", ())]
        if difference.path in (("reads",), ("writes",)):
            uses += [*(difference.before or ()), *(difference.after or ())]
        yield from sorted({each.removeprefix("dataset:") for each in uses})
    elif difference.kind == "Grant":
        yield from _one_of(base.grants.get(name), both, "dataset", difference)
    elif difference.kind == "Waiver":
        waiver = base.waivers.get(name)
        yield from [waiver.target.dataset] if waiver else []
        yield from [value["target"]["dataset"] for value in both if "target" in value]
        if difference.path == ("target", "dataset"):
            yield str(difference.after)
    elif difference.kind == "PolicyTest":
        yield from sorted(_tested(base, difference, "asset"))


def _one_of(
    known: object, both: list[dict[str, Value]], key: str, difference: Difference
) -> Iterator[str]:
    if known is not None:
        yield getattr(known, key)
    yield from [value[key] for value in both if key in value]
    if difference.path == (key,) and difference.after:
        yield str(difference.after)


def _asset_owners(base: EffectivePolicy, assets: tuple[str, ...]) -> Iterator[str]:
    for asset in assets:
        # NOTE: a log is its pipeline's; its id is the pipeline's, a slash and its name.
        for name in (asset, asset.rpartition("/")[0]):
            for kind in _ASSETS:
                found = getattr(base, kind).get(name)
                if found is not None and found.owner:
                    yield found.owner


def _policy_owners(base: EffectivePolicy, difference: Difference, effect: Effect) -> Iterator[str]:
    if difference.kind in ("Project", "Taxonomy", "Detectors"):
        yield from settings_owners(base)
    if difference.kind == "Policy":
        known = base.policies.get(difference.document)
        if known is not None:
            yield known.owner
        elif difference.after:
            # A policy that the base does not have weakens what other policies keep.
            yield from settings_owners(base)
    rules = list(effect.rules)
    if difference.kind == "Waiver":
        waiver = base.waivers.get(difference.document)
        rules += [waiver.rule] if waiver and waiver.rule else []
        rules += [
            value["rule"]
            for value in (difference.before, difference.after)
            if isinstance(value, dict) and value.get("rule")
        ]
        if not any(rules):
            yield from settings_owners(base)
    elif difference.kind == "PolicyTest":
        rules += sorted(_tested(base, difference, "rule"))
    owners = {ref.id: ref.policy.owner for ref in base.rules()}
    yield from [owners[rule] for rule in dict.fromkeys(rules) if rule in owners]


def _new_owner(difference: Difference) -> Iterator[str]:
    """Yield who takes over: a transfer is approved by both."""
    if difference.path == ("owner",) and difference.before and difference.after:
        yield str(difference.after)


def _is_party(base: EffectivePolicy, party: str, difference: Difference) -> bool:
    if party == "none":
        return False
    is_new = difference.kind == "Team" and not difference.path and difference.before is None
    team = party.removeprefix("team:")
    return not (is_new and party.startswith("team:") and team not in base.teams)


def _tested(base: EffectivePolicy, difference: Difference, what: str) -> set[str]:
    """Return the assets or the rules that a policy test names, in either version."""
    test = base.tests.get(difference.document)
    found: set[str] = set()
    if test is not None:
        cases = [case for matrix in test.access.values() for _, _, case in matrix.listed()]
        expected = [
            each for case in test.data.values()
            for each in (*case.findings.values(), *case.absent.values())
        ]  # fmt: skip
        if what == "asset":
            found |= {*test.assets, *(each for case in cases for each in case.assets)}
            found |= {case.about[1] for case in test.data.values()}
            found |= {case.document for case in test.changes.values() if case.document}
        else:
            found |= {case.by for case in cases if case.by}
            found |= {each.rule for each in expected if each.rule}
    return found
